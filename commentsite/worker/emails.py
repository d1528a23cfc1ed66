"""TODO docstring of commentsite.worker.emails."""

from collections.abc import Callable
from typing import Any

from flask import render_template

from commentsite.config import Settings
from commentsite.text.links import defang_links
from commentsite.text.plain_text import clean_single_line

# Of what a message is made of, this alone is no words of people.
TRUSTED_CONTEXT_NAMES = frozenset(
    {"receipt_token", "code", "slug", "answer_ids", "answer_id", "unsubscribe", "subject", "body"}
)


def build_email_renderer(settings: Settings) -> Callable[[str, dict[str, Any]], tuple[str, str]]:
    def render(kind: str, context: dict[str, Any]) -> tuple[str, str]:
        words = {name: _defang_value(name, value) for name, value in context.items()}
        text = render_template(f"mail/{kind}.txt", base_url=settings.base_url, **words)
        subject, _, body = text.strip().partition("\n")
        return " ".join("".join(c if c.isprintable() else " " for c in subject).split())[
            :200
        ], body.strip() + "\n"

    return render


def _defang_value(name: str, value: Any) -> Any:
    """Return a value for a message without live links, but for those that are ours."""
    if isinstance(value, dict):
        return {key: _defang_value(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_defang_value(name, inner) for inner in value]
    if name in TRUSTED_CONTEXT_NAMES:
        return value
    return defang_links(value if name in {"note", "facts"} else clean_single_line(value))
