"""Headers of the pages that other sites may show in a frame, and of the script that does it."""

from flask import Response, request

from commentsite.web.context import current_site
from commentsite.web.http.headers import CONTENT_SECURITY_POLICY, EMBEDDABLE

_NO_FRAMES = "frame-ancestors 'none'"


def allow_named_origins(response: Response) -> Response:
    """Let the origins that the settings name show this page in a frame. It is the same header for every reader."""
    origins = " ".join(current_site().embed_origins)
    if origins:
        policy = CONTENT_SECURITY_POLICY.replace(_NO_FRAMES, f"frame-ancestors 'self' {origins}")
        response.headers["Content-Security-Policy"] = policy
        request.environ[EMBEDDABLE] = True
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def list_origins_for_script() -> str:
    """Return the origins with which the script of the frame exchanges messages."""
    return " ".join(current_site().embed_origins)
