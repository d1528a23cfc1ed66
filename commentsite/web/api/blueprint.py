"""The blueprint of the API: what every request and every answer have in common.

Readers need no account. Their answers are the same for all, may be kept by any cache, and may be read by
scripts of other sites. A request with a token is answered for its holder alone, and no script of another
site may read the answer. No request to the API has a session, so none needs a CSRF token.
"""

import json
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from werkzeug.exceptions import HTTPException

from commentsite.web.api.schemas import ProblemSchema
from commentsite.web.http.extensions import csrf
from commentsite.web.http.problems import PROBLEM_TYPE, build_problem, describe_status
from commentsite.web.rendering.i18n import gettext as _

VERSION_PREFIX = "/api/v1"
STAFF_PATH = f"{VERSION_PREFIX}/moderation/"
JSON_TYPES = frozenset({"application/json", "application/merge-patch+json"})
WRITING_METHODS = frozenset({"POST", "PATCH"})
EXPOSED_HEADERS = "ETag, Retry-After, X-Request-ID"

bp = Blueprint("api", __name__, url_prefix=VERSION_PREFIX)
csrf.exempt(bp)


def respond(payload: dict[str, Any], status: int = 200) -> Response:
    """Return an answer as JSON. Letters of all scripts stay readable in it."""
    return Response(json.dumps(payload, ensure_ascii=False), status, mimetype="application/json")


def document_problem(status: int, description: str) -> Any:
    """Return a decorator that describes an error in the document."""
    return bp.alt_response(
        status, schema=ProblemSchema, content_type=PROBLEM_TYPE, description=description
    )


@bp.before_request
def _check_body() -> Response | None:
    """Refuse a body that is no JSON before a view reads it."""
    if request.method not in WRITING_METHODS:
        return None
    if request.mimetype not in JSON_TYPES:
        return build_problem(415, _("Send JSON, with the Content-Type application/json."))
    try:
        body = json.loads(request.get_data(cache=True))
    except (ValueError, RecursionError):
        return build_problem(400, _("The body of this request is no JSON that can be read."))
    if not isinstance(body, dict):
        return build_problem(422, _("Send a JSON object."))
    return None


@bp.errorhandler(400)
@bp.errorhandler(422)
def _handle_invalid(error: HTTPException) -> Response:
    """Name the members and parameters that a schema refuses."""
    status = error.code or 400
    messages = getattr(error, "data", {}).get("messages", {})
    errors = [
        {"field": field, "detail": detail}
        for by_name in messages.values()
        if isinstance(by_name, dict)
        for field, detail in _flatten(by_name)
    ]
    sentence = describe_status(status) or _("Some members of this request are not valid.")
    return build_problem(status, sentence, errors=errors)


def _flatten(messages: dict[Any, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return field and sentence for nested messages, with fields such as `authors.0.name`."""
    found = []
    for name, value in messages.items():
        field = f"{prefix}{name}"
        if isinstance(value, dict):
            found += _flatten(value, f"{field}.")
        else:
            found.append((field, " ".join(str(item) for item in value)))
    return found


@bp.after_app_request
def _add_cross_origin_headers(response: Response) -> Response:
    """Let scripts of other sites read what any reader may read, and nothing else."""
    if not request.path.startswith("/api/"):
        return response
    response.vary.add("Authorization")
    is_anonymous = "Authorization" not in request.headers
    if not is_anonymous:
        response.headers["Cache-Control"] = "private, no-store"
    if request.method in {"GET", "HEAD", "OPTIONS"} and is_anonymous and not _is_for_staff():
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
            response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
            response.headers["Access-Control-Max-Age"] = "86400"
    return response


def _is_for_staff() -> bool:
    return request.path.startswith(STAFF_PATH)
