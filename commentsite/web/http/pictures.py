"""Answer with the file of a picture."""

from flask import Response, request

from commentsite.errors import NotFound
from commentsite.letters.media.files import FILE_NAME, MIME_TYPES, read_file
from commentsite.web.context import runtime


def build_picture_response(name: str) -> Response:
    """Return a picture by its file name. Raises NotFound on any other name and a missing file.

    The caller has checked that the requesting person may see it.
    """
    match = FILE_NAME.fullmatch(name)
    content = read_file(runtime().settings.media_path, name) if match else None
    if match is None or content is None:
        msg = "There is no such picture."
        raise NotFound(msg)
    response = Response(content, mimetype=MIME_TYPES[match[2]])
    response.set_etag(match[1])
    # A picture opened by itself is a page too. It has nothing to load or to run.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.make_conditional(request)
    return response
