"""Logo, icon and accent colour of a site: what a steward sees, and what reaches readers."""

import io
import re

import pytest
from PIL import Image

from tests.support.clients import csrf_token, fetch_page, post_form
from tests.support.pictures import make_picture, make_png_with_size

PAGE = "/desk/settings/appearance/"


def upload(steward, what, content, name="a.png"):
    token = csrf_token(fetch_page(steward, PAGE))
    data = {"csrf_token": token, what: (io.BytesIO(content), name)}
    return steward.post(f"{PAGE}{what}", data=data, content_type="multipart/form-data")


def fetch_image(client, page, pattern):
    address = re.search(pattern, page)[1].replace("&amp;", "&")
    answer = client.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    return Image.open(io.BytesIO(answer.data))


def find_stylesheet(client):
    return re.search(r'href="(/static/css/[^"]+)"', fetch_page(client, "/rules"))[1]


def test_a_logo_takes_the_place_of_the_title_and_gives_the_icons(client, steward):
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    picture = make_picture((800, 400), "JPEG", exif=exif.tobytes())
    assert upload(steward, "logo", picture).status_code == 303
    page = fetch_page(client, "/rules")
    assert re.search(r'<img src="[^"]+" width="96" height="48" alt="Letters on Internet', page)
    logo = fetch_image(client, page, r'<img src="([^"]+)" width="96"')
    assert (logo.format, logo.size) == ("PNG", (384, 192))
    assert not logo.getexif()
    assert fetch_image(client, page, r'rel="icon" href="([^"]+)"').size == (32, 32)
    assert fetch_image(client, page, r'apple-touch-icon" href="([^"]+)"').size == (180, 180)


def test_an_icon_of_its_own_stays_when_the_logo_changes_and_goes_when_it_is_removed(
    client, steward
):
    upload(steward, "icon", make_picture((64, 64), colour="red"))
    upload(steward, "logo", make_picture((64, 64), colour="blue"))
    icon = r'rel="icon" href="([^"]+)"'
    page = fetch_page(client, "/rules")
    assert fetch_image(client, page, icon).getpixel((16, 16)) == (255, 0, 0, 255)
    post_form(steward, f"{PAGE}icon/remove", PAGE)
    page = fetch_page(client, "/rules")
    assert fetch_image(client, page, icon).getpixel((16, 16)) == (0, 0, 255, 255)
    post_form(steward, f"{PAGE}logo/remove", PAGE)
    page = fetch_page(client, "/rules")
    assert "favicon.svg" in page
    assert 'class="site-name"' in page
    assert client.get("/site-images/logo.png").status_code == 404


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose a picture file first."),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG file can hold a script"),
        (b"GIF89a not a picture", "not a PNG, JPEG or WebP picture"),
        (make_png_with_size(9000, 9000), "more than 20 million pixels"),
        (b"x" * 2_000_001, "larger than 2 MB"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_with_the_reason(steward, content, sentence):
    answer = upload(steward, "logo", content)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_an_accent_colour_reaches_the_stylesheet_of_readers(client, steward):
    built_in = find_stylesheet(client)
    before = client.get(built_in)
    answer = post_form(
        steward, f"{PAGE}colours", PAGE, accent="#7a0019", dark="own", accent_dark="#ff9aa8"
    )
    assert answer.status_code == 303
    assert find_stylesheet(client) != built_in
    css = client.get(find_stylesheet(client))
    assert "--accent: #7a0019" in css.text
    assert "--accent: #ff9aa8" in css.text
    assert "immutable" in css.headers["Cache-Control"]
    assert client.get(built_in).headers["Cache-Control"] == "no-cache"
    post_form(steward, f"{PAGE}colours", PAGE, reset="1")
    assert find_stylesheet(client) == built_in
    assert client.get(built_in).data == before.data


@pytest.mark.parametrize(
    ("colours", "sentence"),
    [
        ({"accent": "#88ccff"}, "The nearest colour that works is #"),
        ({"accent": "#7a0019", "dark": "own", "accent_dark": "#220000"}, "the dark background"),
        ({"accent": "red; }"}, "is not a colour"),
    ],
)
def test_a_colour_that_is_hard_to_read_is_refused(steward, colours, sentence):
    answer = post_form(steward, f"{PAGE}colours", PAGE, **colours)
    assert answer.status_code == 422
    assert sentence in answer.text
