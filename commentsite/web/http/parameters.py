"""Parse values of addresses, query strings and forms."""

from flask import has_request_context, request

#: Fields that a form sends though its user typed nothing: hidden ones, and lists with a first choice.
_SENT_ANYWAY = frozenset(
    {
        *("csrf_token", "form_token", "receipt_form", "text_hash", "revision", "record_version"),
        *("act", "open", "page", "intent"),
        *("version", "back", "comment", "position", "quote", "direction", "keep"),
        *("kind", "group", "paragraph", "status", "outcome", "order_rule", "language"),
    }
)
MAX_ID = 2**31 - 1  # the largest integer of an id column in PostgreSQL


def parse_id(text: str) -> int | None:
    """Return the number that ASCII digits spell, or None for other text and for numbers above MAX_ID."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    number = int(text)
    return number if number <= MAX_ID else None


def has_input() -> bool:
    """Return whether the form of this request has a text or a choice of its user.

    A page that refuses a form says that the input is still there only if there is any.
    """
    return has_request_context() and any(
        value.strip()
        for name, value in request.form.items()
        if name not in _SENT_ANYWAY and not name.startswith("f-")
    )
