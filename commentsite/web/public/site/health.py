"""Health checks for process managers and load balancers."""

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from commentsite.db import schema_version
from commentsite.db.disk_space import find_space_problem
from commentsite.db.session import session
from commentsite.site.secret_key import find_key_problem
from commentsite.web.context import runtime

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def liveness() -> Response:
    """Answer that the process runs. It does not ask the database."""
    return _plain_text("ok\n")


@bp.get("/readyz")
def readiness() -> Response:
    """Answer 200 if the site can serve readers and take their comments, else 503 with the reason.

    The database answers, has the schema that the code expects, belongs to the secret key, and can be written to.
    """
    problem = schema_version.find_schema_problem() or _find_write_problem()
    return _plain_text(f"{problem}\n", 503) if problem else _plain_text("ready\n")


def _find_write_problem() -> str:
    try:
        problem = find_key_problem(runtime().encryption)
        session().rollback()
        return problem or find_space_problem()
    except SQLAlchemyError:
        return schema_version.NO_ANSWER
    finally:
        session().rollback()


def _plain_text(text: str, status: int = 200) -> Response:
    response = Response(text, status=status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
