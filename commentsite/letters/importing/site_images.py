"""Draw the logo and the icons of a site from uploaded pictures.

It runs in the child process of `bounded`, as the pictures of letters do (see `images`).
"""

import io
from typing import Any

from commentsite.letters.importing.images import MAX_INPUT_BYTES, MAX_PIXELS, ImageProblem

LOGO_SIZE = (640, 192)  # pixels, four times the height at which it is shown
ICON_SIZES = {"icon": 32, "touch_icon": 180}
_FORMATS = ("PNG", "JPEG", "WEBP")
_TOUCH_BACKGROUND = (255, 255, 255, 255)  # phones show transparent parts in black


def draw_logo(content: bytes) -> dict[str, Any]:
    """Return the logo and the icons drawn from one picture, by name, or an ImageProblem as `problem`."""
    return _draw(content, with_logo=True)


def draw_icons(content: bytes) -> dict[str, Any]:
    """Return the two icons drawn from one picture, by name, or an ImageProblem as `problem`."""
    return _draw(content, with_logo=False)


def _draw(content: bytes, *, with_logo: bool) -> dict[str, Any]:
    if len(content) > MAX_INPUT_BYTES:
        return {"problem": ImageProblem.TOO_LARGE.value}
    from PIL import Image, ImageOps  # noqa: PLC0415  # only for uploads

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as source:
            if source.width * source.height > MAX_PIXELS:  # as the header says, before decoding
                return {"problem": ImageProblem.TOO_MANY_PIXELS.value}
            picture = ImageOps.exif_transpose(source).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return {"problem": ImageProblem.TOO_MANY_PIXELS.value}
    except Exception:  # noqa: BLE001  # decoders raise errors of any type on a damaged file
        return {"problem": ImageProblem.NOT_A_PICTURE.value}
    drawn = {name: _save(_fit_square(picture, side, name)) for name, side in ICON_SIZES.items()}
    if with_logo:
        logo = picture.copy()
        logo.thumbnail(LOGO_SIZE, Image.Resampling.LANCZOS)
        drawn["logo"] = _save(logo)
    return drawn


def _fit_square(picture: Any, side: int, name: str) -> Any:
    """Return the whole picture in the middle of a square of this side."""
    from PIL import Image, ImageOps  # noqa: PLC0415  # as above

    fitted = ImageOps.contain(picture, (side, side), Image.Resampling.LANCZOS)
    background = _TOUCH_BACKGROUND if name == "touch_icon" else (0, 0, 0, 0)
    square = Image.new("RGBA", (side, side), background)
    square.alpha_composite(fitted, ((side - fitted.width) // 2, (side - fitted.height) // 2))
    return square


def _save(picture: Any) -> dict[str, Any]:
    # A new picture has the pixels alone: no EXIF, no profile, no comment.
    from PIL import Image  # noqa: PLC0415  # as above

    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    out = io.BytesIO()
    bare.save(out, "PNG", optimize=True)
    return {
        "content": out.getvalue(),
        "extension": "png",
        "width": picture.width,
        "height": picture.height,
    }
