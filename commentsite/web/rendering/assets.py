"""Serve two stylesheets, one for readers and one for the desk, each joined from several source files."""

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Response, current_app, request, url_for

bp = Blueprint("assets", __name__)
READER_SOURCES = ("tokens", "base", "layout", "components", "print")
STYLESHEETS = {"site": READER_SOURCES, "desk-all": (*READER_SOURCES, "desk")}


class Stylesheet(NamedTuple):
    """A joined stylesheet. `version` is a hash of its content."""

    plain: bytes
    packed: bytes
    version: str


@bp.get("/static/css/<any(site, 'desk-all'):name>.css")
def stylesheet(name: str) -> Response:
    """Answer with a joined stylesheet. Its address contains a hash, so browsers may cache it for ever."""
    joined = _join_sources(str(current_app.static_folder), name)
    is_packed = request.accept_encodings.quality("gzip") > 0
    response = Response(joined.packed if is_packed else joined.plain, mimetype="text/css")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def stylesheet_url(name: str) -> str:
    """Return the address of a joined stylesheet, "site" or "desk-all"."""
    version = _join_sources(str(current_app.static_folder), name).version
    return url_for("assets.stylesheet", name=name, v=version)


@cache
def _join_sources(folder: str, name: str) -> Stylesheet:
    sources = [
        (Path(folder) / "css" / f"{source}.css").read_bytes() for source in STYLESHEETS[name]
    ]
    text = b"\n".join(sources)
    # Without a time in the header, every process and machine makes the same bytes.
    return Stylesheet(text, gzip.compress(text, 9, mtime=0), sha256(text).hexdigest()[:10])
