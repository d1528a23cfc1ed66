"""Make pictures, and letters that have them."""

import io
import struct
import zlib

from PIL import Image

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.letters.draft import LetterDraft, Picture
from commentsite.letters.importing.pictures import store_pictures
from commentsite.letters.importing.services import import_letter
from commentsite.letters.remarks import ImportRemark

TEXT = "Dear all\n\nThe first paragraph says what happened, in a sentence.\n\n⟦picture 1⟧\n\nThe second says why.\n\nWith regards\n"


def make_picture(size=(60, 40), file_format="PNG", colour="seagreen", **options) -> bytes:
    """Return the content of a picture file with one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, file_format, **options)
    return out.getvalue()


def make_png_with_size(width: int, height: int) -> bytes:
    """Return a tiny PNG file whose header states a size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def media_folder(app):
    return app.extensions["commentsite"].settings.media_path


def import_with_picture(
    app, *, slug="pictured", description="", remarks=(), content=None, language="en"
) -> str:
    """Store a draft letter with one picture, and return the name of the picture's file."""
    picture = Picture("⟦picture 1⟧", content or make_picture(), description)
    draft = LetterDraft(
        title="A letter with a picture",
        slug=slug,
        source_text=TEXT,
        language=language,
        original=b"The file as received.",
        original_name="letter.docx",
        remarks=tuple(ImportRemark(*remark) for remark in remarks),
        pictures=(picture,),
    )
    with app.app_context():
        draft, pictures = store_pictures(draft, media_folder(app))
        with transaction():
            import_letter(draft, by=SYSTEM, pictures=pictures)
    return pictures[0].file_name
