"""Serve the script by which other sites show comments."""

from pathlib import Path

from flask import Blueprint, Response, current_app, request

bp = Blueprint("embed_script", __name__)
MAX_AGE = 3600  # seconds; its address has no version, because other sites write it into their pages


@bp.get("/embed.js")
def show() -> Response:
    """Answer with the script. Any site may load it, and the frame that it makes decides who may show it."""
    path = Path(str(current_app.static_folder)) / "js" / "embed.js"
    response = Response(path.read_bytes(), mimetype="text/javascript")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
    response.add_etag()
    response.make_conditional(request)
    return response
