"""What somebody looks at in the queue, as an address says it, and what they ticked there."""

from dataclasses import asdict
from typing import Any

from flask import request

from commentsite.comments.hashing import hash_email
from commentsite.comments.states import CommentState
from commentsite.errors import Invalid
from commentsite.moderation.queue.queries import AWAITING_FILTERS, DEFAULT_FILTERS, QueueFilters
from commentsite.web.context import runtime
from commentsite.web.http.parameters import parse_id


def asked_view() -> QueueFilters:
    """Return the view that the address asks for; what it cannot mean is as usual."""
    usual = asdict(DEFAULT_FILTERS)
    asked = {name: request.args.get(name, text)[:200] for name, text in usual.items()}
    if asked["state"] not in set(CommentState):
        asked["state"] = usual["state"]
    if asked["waiting"] not in AWAITING_FILTERS:
        asked["waiting"] = ""
    return QueueFilters(**asked)


def said_of(view: QueueFilters) -> dict[str, Any]:
    """Return what an address has to say of a view, the usual left out."""
    usual = asdict(DEFAULT_FILTERS)
    return {name: text for name, text in asdict(view).items() if text != usual[name]}


def email_hash_of(view: QueueFilters) -> str:
    """Return the keyed hash of the address somebody looks for, "" where it is no address."""
    asked = view.q.strip()
    is_address = "@" in asked and " " not in asked
    return hash_email(runtime().encryption, asked) if is_address else ""


def chosen_items() -> list[tuple[int, int]]:
    """Return the comments that were ticked, with the version each was shown at. Raises Invalid."""
    return [_named(item) for item in request.form.getlist("comment")]


def _named(item: str) -> tuple[int, int]:
    comment_id, _at, version = item.partition("@")
    number, shown = parse_id(comment_id), parse_id(version)
    if number is None or shown is None:
        raise Invalid("The page was damaged on its way. Load it again and repeat.", field="comment")
    return number, shown
