"""Errors of the API as problem details (RFC 9457), whatever part of the site finds them."""

import http
import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, request
from flask_babel import gettext as _

API_PREFIX = "/api/"
PROBLEM_TYPE = "application/problem+json"


def is_api_request() -> bool:
    return request.path.startswith(API_PREFIX)


def build_problem(
    status: int,
    detail: str,
    field: str = "",
    *,
    errors: Iterable[Mapping[str, str]] = (),
    **members: Any,
) -> Response:
    """Return an error. `detail` is a sentence, `field` the member of the request that it is about.

    `errors` lists several such members, each with `field` and `detail`. `members` are further facts.
    """
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **members,
    }
    listed = [*errors] or ([{"field": field, "detail": detail}] if field else [])
    if listed:
        problem["errors"] = listed
    response = Response(json.dumps(problem, ensure_ascii=False), status, mimetype=PROBLEM_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def describe_status(status: int) -> str:
    """Return the sentence for a status that has no other explanation, "" outside the API."""
    if not is_api_request():
        return ""
    sentences = {
        400: _("This request could not be read."),
        403: _("You do not have permission to do this."),
        404: _("There is nothing at this address."),
        405: _("This address does not accept this method."),
        413: _("This is too large to send."),
        429: _("You sent too many requests in a short time. Wait as long as Retry-After says."),
    }
    return str(sentences.get(status, ""))
