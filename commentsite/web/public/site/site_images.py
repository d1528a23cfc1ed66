"""The logo and the icons of the site."""

from flask import Blueprint, Response, request

from commentsite.errors import NotFound
from commentsite.letters.media.files import MIME_TYPES
from commentsite.site.queries import find_image
from commentsite.web.context import current_site

bp = Blueprint("site_images", __name__)
# The address that pages use contains a hash of the picture.
CACHE_CONTROL = "public, max-age=31536000, immutable"
SHORT_CACHE_CONTROL = "public, max-age=3600"


@bp.get("/site-images/<name>.png")
def show(name: str) -> Response:
    """Answer with a picture by its name: logo, icon or touch_icon."""
    stored = current_site().images.get(name)
    image = find_image(name) if stored else None
    if image is None:
        msg = "There is no such picture."
        raise NotFound(msg)
    response = Response(image.content, mimetype=MIME_TYPES[image.extension])
    response.set_etag(image.sha256[:32])
    is_named = request.args.get("v") == image.sha256[:10]
    response.headers["Cache-Control"] = CACHE_CONTROL if is_named else SHORT_CACHE_CONTROL
    # A picture opened by itself is a page too. It has nothing to load or to run.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.make_conditional(request)
    return response
