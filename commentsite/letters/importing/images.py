"""Decode pictures and encode them again, so that nothing but the picture itself is stored.

A picture file can carry a place, a name of its owner, or a script. Encoding it again leaves all of
that behind. `encode_image` runs in the child process of `bounded`, because a decoder is the part of
a site that a hostile file attacks.
"""

import io
from enum import StrEnum
from typing import Any

MAX_INPUT_BYTES = 2_000_000
MAX_OUTPUT_BYTES = 2_000_000
MAX_PIXELS = 20_000_000
MAX_WIDTH, MAX_HEIGHT = 1_600, 6_400  # pixels
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_SHRINK_FACTOR = 0.75


class ImageProblem(StrEnum):
    """The reason why a picture cannot be used."""

    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_A_PICTURE = "not_a_picture"


def encode_image(content: bytes) -> dict[str, Any]:
    """Encode a picture again.

    Return `content`, `extension`, `width` and `height`, or an ImageProblem as `problem`.
    """
    if len(content) > MAX_INPUT_BYTES:
        return {"problem": ImageProblem.TOO_LARGE.value}
    from PIL import Image  # noqa: PLC0415  # only for uploads

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:  # as the header says, before decoding
                return {"problem": ImageProblem.TOO_MANY_PIXELS.value}
            return _encode(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return {"problem": ImageProblem.TOO_MANY_PIXELS.value}
    except Exception:  # noqa: BLE001  # decoders raise errors of any type on a damaged file
        return {"problem": ImageProblem.NOT_A_PICTURE.value}


def _encode(source: Any) -> dict[str, Any]:
    """Encode the first frame, turned as a camera meant it, without metadata and not too wide."""
    from PIL import Image, ImageOps  # noqa: PLC0415  # as above

    source_format = source.format
    picture = ImageOps.exif_transpose(source)
    is_transparent = picture.has_transparency_data
    picture = picture.convert("RGBA" if is_transparent else "RGB")
    picture.thumbnail((MAX_WIDTH, MAX_HEIGHT), Image.Resampling.LANCZOS)
    extension = "jpg" if source_format == "JPEG" else "webp" if source_format == "WEBP" else "png"
    content = _save(picture, extension)
    if len(content) > MAX_OUTPUT_BYTES and extension == "png":
        extension = "webp"  # a photograph that was saved as PNG
        content = _save(picture, extension)
    while len(content) > MAX_OUTPUT_BYTES:
        size = [max(1, int(side * _SHRINK_FACTOR)) for side in picture.size]
        picture = picture.resize(size, Image.Resampling.LANCZOS)
        content = _save(picture, extension)
    return {
        "content": content,
        "extension": extension,
        "width": picture.width,
        "height": picture.height,
    }


def _save(picture: Any, extension: str) -> bytes:
    # A new picture has the pixels alone: no EXIF, no profile, no comment.
    from PIL import Image  # noqa: PLC0415  # as above

    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    out = io.BytesIO()
    if extension == "jpg":
        bare.convert("RGB").save(out, "JPEG", quality=85, progressive=True, optimize=True)
    elif extension == "webp":
        bare.save(out, "WEBP", quality=85, method=4)
    else:
        bare.save(out, "PNG", optimize=True)
    return out.getvalue()
