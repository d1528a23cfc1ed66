"""Redact spans of a text: find the span that a moderator means, and render the rest with placeholders."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from commentsite.comments.sanitizer import render_comment_html, render_plain_text
from commentsite.errors import Invalid

# A private-use character that stands for a redacted span while Markdown is rendered. It is removed
# from the text of the author first.
_PLACEHOLDER = "\ue000"
# A placeholder that became part of a link's address or of a tag.
_BROKEN_PLACEHOLDER = re.compile(f"%EE%80%80|<[^>]*{_PLACEHOLDER}", re.IGNORECASE)


@dataclass(frozen=True)
class RedactionRequest:
    """The span to redact: a range of characters, or a text that occurs once."""

    start: int | None = None
    end: int | None = None  # exclusive
    text: str = ""


@dataclass(frozen=True, order=True)
class Span:
    """A redacted range of the original text, and the number of the moderation rule it breaks."""

    start: int
    end: int  # exclusive
    clause_number: int

    @property
    def placeholder(self) -> str:
        return f"[removed under rule {self.clause_number}]"


@dataclass(frozen=True)
class RedactionSegment:
    text: str
    is_hidden: bool


def parse_spans(stored: Iterable[dict[str, Any]]) -> list[Span]:
    """Return the spans of `Comment.redactions` in the order of the text."""
    return sorted(Span(row["start"], row["end"], row["number"]) for row in stored)


def locate_span(
    original: str, request: RedactionRequest, existing_spans: Sequence[Span]
) -> tuple[int, int]:
    """Return the start and the end of the requested span.

    Raises Invalid when the span does not exist, is ambiguous or empty, overlaps an existing span,
    or leaves no text.
    """
    start, end = _resolve_range(original, request)
    if not original[start:end].strip():
        msg = "Choose the text to hide."
        raise Invalid(msg, field="redact_words")
    if any(start < span.end and span.start < end for span in existing_spans):
        msg = "Part of this text is hidden already."
        raise Invalid(msg, field="redact_words")
    remaining_text = "".join(
        segment.text
        for segment in split_at_spans(original, [*existing_spans, Span(start, end, 0)])
        if not segment.is_hidden
    )
    if not remaining_text.strip():
        msg = "This would hide the whole comment. Refuse or remove the comment instead."
        raise Invalid(msg, field="redact_words")
    return start, end


def split_at_spans(original: str, spans: Iterable[Span]) -> list[RedactionSegment]:
    """Split a text into segments. Joined, they are the whole text."""
    segments: list[RedactionSegment] = []
    position = 0
    for span in sorted(spans):
        segments += [
            RedactionSegment(original[position : span.start], is_hidden=False),
            RedactionSegment(original[span.start : span.end], is_hidden=True),
        ]
        position = span.end
    segments.append(RedactionSegment(original[position:], is_hidden=False))
    return [segment for segment in segments if segment.text]


def render_redacted_text(original: str, spans: Sequence[Span]) -> str:
    """Return the text with a readable placeholder in place of each span."""
    return _replace_spans(original, spans, [span.placeholder for span in sorted(spans)])


def render_redacted_html(original: str, spans: Sequence[Span]) -> str:
    """Return the HTML with a readable placeholder in place of each span.

    The Markdown is rendered with a single character in place of each span, which is then replaced
    with the placeholder's element. If Markdown swallows such a character, for example in the
    address of a link, the whole text is shown as plain paragraphs instead.
    """
    placeholders = [
        f'<span class="removed" lang="en" dir="ltr">{html.escape(span.placeholder)}</span>'
        for span in sorted(spans)
    ]
    # Replaced by a space, so that the positions of the spans stay right.
    cleaned = original.replace(_PLACEHOLDER, " ")
    marked = _replace_spans(cleaned, spans, [_PLACEHOLDER] * len(placeholders))
    rendered = render_comment_html(marked)
    if rendered.count(_PLACEHOLDER) != len(placeholders) or _BROKEN_PLACEHOLDER.search(rendered):
        rendered = render_plain_text(marked)
    first, *rest = rendered.split(_PLACEHOLDER)
    return first + "".join(
        placeholder + part for placeholder, part in zip(placeholders, rest, strict=True)
    )


def _resolve_range(original: str, request: RedactionRequest) -> tuple[int, int]:
    if request.start is not None and request.end is not None:
        if not 0 <= request.start < request.end <= len(original):
            msg = "The chosen range is outside the comment. Choose the text again."
            raise Invalid(msg, field="redact_words")
        return request.start, request.end
    if not request.text:
        msg = "Choose the text to hide."
        raise Invalid(msg, field="redact_words")
    start = original.find(request.text)
    if start < 0:
        msg = "The comment does not contain this text. Copy it exactly as it appears."
        raise Invalid(msg, field="redact_words")
    if original.find(request.text, start + 1) >= 0:
        msg = (
            "The comment contains this text more than once. "
            "Include some of the text around it, so that only one place matches."
        )
        raise Invalid(msg, field="redact_words")
    return start, start + len(request.text)


def _replace_spans(original: str, spans: Sequence[Span], replacements: Sequence[str]) -> str:
    remaining = iter(replacements)
    return "".join(
        next(remaining) if segment.is_hidden else segment.text
        for segment in split_at_spans(original, spans)
    )
