"""Render the emails in the outbox: subject and text from the template of the message kind."""

from collections.abc import Callable
from typing import Any

from flask import render_template

from commentsite.config import Settings
from commentsite.text.links import defang_links
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_site

#: The values under these names come from the site. All others may contain text that people typed.
TRUSTED_CONTEXT_NAMES = frozenset(
    {"receipt_token", "code", "slug", "answer_ids", "answer_id", "unsubscribe", "subject", "body"}
)
MULTILINE_CONTEXT_NAMES = frozenset({"note", "facts"})
MAX_SUBJECT_LENGTH = 200


def build_email_renderer(settings: Settings) -> Callable[[str, dict[str, Any]], tuple[str, str]]:
    """Return a function that renders a message kind and its context to a subject and a text.

    The first line of a template is the subject. Links in text that people typed are defanged, so that no mail
    program makes them clickable.
    """

    def render(kind: str, context: dict[str, Any]) -> tuple[str, str]:
        text = render_template(
            f"mail/{kind}.txt",
            base_url=settings.base_url,
            site_title=clean_single_line(current_site().title),
            **{name: _defang_value(name, value) for name, value in context.items()},
        )
        subject, _, body = text.strip().partition("\n")
        return _clean_subject(subject), body.strip() + "\n"

    return render


def _clean_subject(subject: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in subject)
    return " ".join(printable.split())[:MAX_SUBJECT_LENGTH]


def _defang_value(name: str, value: Any) -> Any:
    """Defang a value of the context, including the values in its lists and dictionaries."""
    if isinstance(value, dict):
        return {key: _defang_value(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_defang_value(name, inner) for inner in value]
    if name in TRUSTED_CONTEXT_NAMES:
        return value
    return defang_links(value if name in MULTILINE_CONTEXT_NAMES else clean_single_line(value))
