"""Health checks for process managers and load balancers."""

from flask import Blueprint, Response

from commentsite.db import schema_version

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def liveness() -> Response:
    """Answer that the process runs. It does not ask the database."""
    return _plain_text("ok\n")


@bp.get("/readyz")
def readiness() -> Response:
    """Answer 200 if the database can be reached and has the schema that the code expects, else 503."""
    problem = schema_version.find_schema_problem()
    return _plain_text(f"{problem}\n", 503) if problem else _plain_text("ready\n")


def _plain_text(text: str, status: int = 200) -> Response:
    response = Response(text, status=status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
