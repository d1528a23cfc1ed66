"""The pictures of published letters."""

from flask import Blueprint, Response

from commentsite.errors import NotFound
from commentsite.letters.media.files import FILE_NAME
from commentsite.letters.media.queries import is_public_media
from commentsite.web.http.pictures import build_picture_response

bp = Blueprint("pictures", __name__)
# A file never changes, so a browser keeps it. A proxy asks again, because a letter can be withdrawn.
CACHE_CONTROL = "public, max-age=31536000, s-maxage=60, immutable"


@bp.get("/media/<name>")
def show(name: str) -> Response:
    """Answer with a picture that the published text of a letter has."""
    match = FILE_NAME.fullmatch(name)
    if match is None or not is_public_media(match[1], match[2]):
        msg = "There is no such picture."
        raise NotFound(msg)
    response = build_picture_response(name)
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response
