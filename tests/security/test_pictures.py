"""Pictures that attack the server or a reader, or that tell more than they show."""

import io

import pytest
from PIL import Image

from commentsite.errors import Invalid
from commentsite.letters.importing.pictures import store_picture
from commentsite.letters.media import files
from commentsite.letters.text.paragraphs import parse_blocks
from tests.support.clients import fetch_csrf_token
from tests.support.pictures import (
    import_with_picture,
    make_picture,
    make_png_with_size,
    media_folder,
)

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><title>x</title><script>alert(1)</script>"


def make_located_picture() -> bytes:
    """Return a JPEG file that names its photographer, its place and a turn of the camera."""
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x0112] = "Secret caption", "Quillon Photographer", 6
    exif.get_ifd(0x8825).update({1: "N", 2: (46.0, 12.0, 0.0), 3: "E", 4: (6.0, 9.0, 0.0)})
    picture = Image.new("RGB", (60, 40), "red")
    picture.putpixel((0, 0), (0, 0, 255))
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"Quillon's camera", icc_profile=b"Quillon" * 20)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (SVG, "not a picture"),
        (HTML, "not a picture"),
        (b"\x89PNG\r\n\x1a\n" + HTML, "not a picture"),
        (make_picture()[:80], "not a picture"),
        (make_picture(file_format="BMP"), "not a picture"),
        (make_picture(file_format="TIFF"), "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
        (make_png_with_size(60_000, 60_000), "20 million pixels"),
        (make_png_with_size(5_001, 4_000), "20 million pixels"),
        (make_png_with_size(2**31 - 1, 2**31 - 1), "20 million pixels"),
        (make_picture() + b"\0" * 2_000_000, "2 MB"),
        (b"", "not a picture"),
    ],
)
def test_a_file_that_is_no_small_picture_is_refused_and_not_stored(tmp_path, content, sentence):
    with pytest.raises(Invalid, match=sentence):
        store_picture(content, tmp_path / "media")
    assert not (tmp_path / "media").exists()


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF"])
def test_words_that_follow_a_picture_in_its_file_are_not_stored(tmp_path, file_format):
    picture = store_picture(make_picture(file_format=file_format) + HTML, tmp_path)
    stored = tmp_path / picture.file_name
    assert b"script" not in stored.read_bytes()
    assert stored.stat().st_mode & 0o077 == 0


def test_a_stored_picture_tells_neither_place_nor_photographer(tmp_path):
    content = make_located_picture()
    assert b"Quillon" in content
    picture = store_picture(content, tmp_path / "media")
    stored = (tmp_path / "media" / picture.file_name).read_bytes()
    assert b"Quillon" not in stored
    assert b"Secret" not in stored
    with Image.open(io.BytesIO(stored)) as shown:
        assert not shown.getexif()
        assert "icc_profile" not in shown.info
        assert "comment" not in shown.info
        assert shown.size == (40, 60)  # turned as the camera said
    assert (tmp_path / "media").stat().st_mode & 0o077 == 0


def test_a_large_picture_is_stored_smaller(tmp_path):
    noise = Image.effect_noise((1700, 1700), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "WEBP", quality=60)
    picture = store_picture(out.getvalue(), tmp_path)
    assert picture.width <= 1600
    assert (tmp_path / picture.file_name).stat().st_size <= 2_000_000


@pytest.mark.parametrize(
    "name",
    [
        "..%2fsecret_key",
        "../secret_key",
        "%2e%2e/secret_key",
        "..%5csecret_key",
        f"{'0' * 64}.png%2f..%2f..%2fsecret_key",
        f"{'0' * 64}.html",
        f"{'0' * 64}.png%0a",
        f"{'A' * 64}.png",
        f"{'0' * 64}.png",
        "%2fetc%2fpasswd",
        "",
    ],
)
def test_the_address_of_a_picture_reaches_no_other_file(app, client, editor, name):
    (media_folder(app).parent / "secret_key").write_text("top secret")
    import_with_picture(app, description="A map")
    for who, folder in ((client, "/media/"), (editor, "/desk/letters/pictured/media/")):
        answer = who.get(folder + name)
        assert answer.status_code in {303, 404}
        assert "top secret" not in answer.text


@pytest.mark.parametrize("name", ["../x.png", f"{'0' * 64}.svg", f"{'0' * 64}.png\n", "x.png"])
def test_no_file_is_written_or_read_under_another_name(tmp_path, name):
    with pytest.raises(ValueError, match="not the name of a picture"):
        files.write_file(tmp_path, name, b"x")
    with pytest.raises(ValueError, match="not the name of a picture"):
        files.read_file(tmp_path, name)


def test_a_picture_of_a_draft_is_for_staff_only(app, client, editor):
    name = import_with_picture(app, description="A map")
    assert client.get(f"/media/{name}").status_code == 404
    assert editor.get(f"/media/{name}").status_code == 404
    assert client.get(f"/desk/letters/pictured/media/{name}").status_code == 303
    answer = editor.get(f"/desk/letters/pictured/media/{name}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "address",
    [
        "https://tracker.example/pixel.png",
        "//tracker.example/pixel.png",
        "/static/img/favicon.svg",
        "/receipts/x",
        "javascript:alert(1)",
        "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=",
        "data:image/png;base64,AAAA",
        "media:../secret_key",
        f"media:{'0' * 64}",
        f"MEDIA:{'0' * 64}",
    ],
)
def test_a_letter_never_loads_another_image(address):
    for source in (
        f"![The words]({address})",
        f"Before ![The words]({address} 'more') after",
        f"![The words][1]\n\n[1]: {address}",
        f"::: signoff\n![The words]({address})\n:::\n\nA paragraph.",
        f"> - ![The words]({address})",
        f"Note[^1].\n\n[^1]: ![The words]({address})",
        f"| a |\n| - |\n| ![The words]({address}) |",
    ):
        html = "".join(block.html for block in parse_blocks(source))
        assert "<img" not in html
        assert "The words" in html


def test_a_picture_of_another_letter_is_not_shown(app, editor):
    name = import_with_picture(app, description="A map")
    sha256 = name.partition(".")[0]
    page = editor.post(
        "/desk/letters/hello/preview",
        data={
            "csrf_token": fetch_csrf_token(editor, "/desk/letters/hello/edit"),
            "source_text": f"Before.\n\n![A map](media:{sha256})\n\nAfter.",
        },
    )
    assert "<img" not in page.text
    assert "A map" in page.text
