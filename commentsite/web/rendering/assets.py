"""One stylesheet for readers and one for the desk, joined from their parts when first asked for."""

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, current_app, request, url_for

bp = Blueprint("assets", __name__)
SITE = ("tokens", "base", "layout", "components", "print")
SHEETS = {"site": SITE, "desk-all": (*SITE, "desk")}


@bp.get("/static/css/<any(site, 'desk-all'):name>.css")
def stylesheet(name: str) -> Response:
    """Answer with a joined stylesheet; its address changes with its content, so it may be kept for ever."""
    plain, packed, _ = _joined(str(current_app.static_folder), name)
    is_packed = request.accept_encodings.quality("gzip") > 0
    response = Response(packed if is_packed else plain, mimetype="text/css")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def stylesheet_address(name: str) -> str:
    """Return where a joined stylesheet is."""
    return url_for(
        "assets.stylesheet", name=name, v=_joined(str(current_app.static_folder), name)[2]
    )


@cache
def _joined(folder: str, name: str) -> tuple[bytes, bytes, str]:
    text = b"\n".join((Path(folder) / "css" / f"{part}.css").read_bytes() for part in SHEETS[name])
    return text, gzip.compress(text, 9, mtime=0), sha256(text).hexdigest()[:10]
