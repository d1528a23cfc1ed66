"""Read the filters of the queue and the selected comments from a request, and write filters into addresses."""

from dataclasses import asdict
from typing import Any

from flask import request

from commentsite.comments.hashing import hash_email
from commentsite.comments.states import CommentState
from commentsite.errors import Invalid
from commentsite.moderation.queue.queries import (
    ALL_STATES,
    AWAITING_FILTERS,
    DEFAULT_FILTERS,
    QueueFilters,
)
from commentsite.web.context import runtime
from commentsite.web.http.parameters import parse_id

MAX_VALUE_LENGTH = 200  # characters of one filter


def parse_filters() -> QueueFilters:
    """Read the filters from the query string. A value that no filter has counts as absent."""
    defaults = asdict(DEFAULT_FILTERS)
    values = {
        name: request.args.get(name, default)[:MAX_VALUE_LENGTH]
        for name, default in defaults.items()
    }
    if values["state"] not in {*CommentState, ALL_STATES}:
        values["state"] = defaults["state"]
    if values["waiting"] not in AWAITING_FILTERS:
        values["waiting"] = ""
    return QueueFilters(**values)


def to_query_args(filters: QueueFilters) -> dict[str, Any]:
    """Return the query arguments that lead to the same view. Default values are left out."""
    defaults = asdict(DEFAULT_FILTERS)
    return {name: value for name, value in asdict(filters).items() if value != defaults[name]}


def hash_searched_email(filters: QueueFilters) -> str:
    """Return the keyed hash of the email address in the search field, or "" when it holds other text."""
    text = filters.q.strip()
    is_email = "@" in text and " " not in text
    return hash_email(runtime().encryption, text) if is_email else ""


def parse_selected_comments() -> list[tuple[int, int]]:
    """Return the id and the version of each selected comment, as the page showed it.

    The form sends each comment as `<id>@<version>`. Raises Invalid for anything else.
    """
    return [_parse_selected_comment(value) for value in request.form.getlist("comment")]


def _parse_selected_comment(value: str) -> tuple[int, int]:
    id_text, _at, version_text = value.partition("@")
    comment_id, version = parse_id(id_text), parse_id(version_text)
    if comment_id is None or version is None:
        msg = "This form cannot be read. Load the page again and repeat your decision."
        raise Invalid(msg, field="comment")
    return comment_id, version
