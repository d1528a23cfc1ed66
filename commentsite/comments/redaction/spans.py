"""Hide a stretch of a comment behind a mark that everybody sees: what is left, as text and as HTML."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from commentsite.comments.sanitizer import render_comment_html
from commentsite.errors import Invalid

_PLACEHOLDER = "\ue000"  # stands for a mark while Markdown is read; of no language, and taken out of what people wrote
_BROKEN_PLACEHOLDER = re.compile(
    f"%EE%80%80|<[^>]*{_PLACEHOLDER}", re.IGNORECASE
)  # a mark that became part of a link


@dataclass(frozen=True)
class RedactionRequest:
    """What a moderator asks to hide: from one character to before another, or words that stand there once."""

    start: int | None = None
    end: int | None = None
    text: str = ""


@dataclass(frozen=True, order=True)
class Span:
    """A hidden stretch of the words as they were sent, and the number of the rule it breaks."""

    start: int
    end: int
    clause_number: int

    @property
    def placeholder(self) -> str:
        """Return what stands in its place."""
        return f"[removed under rule {self.clause_number}]"


@dataclass(frozen=True)
class RedactionSegment:
    """A stretch of a text, hidden from the public or not."""

    text: str
    is_hidden: bool


def parse_spans(stored: Iterable[dict[str, Any]]) -> list[Span]:
    """Return the hidden stretches of a comment, in order."""
    return sorted(Span(row["start"], row["end"], row["number"]) for row in stored)


def locate_span(
    original: str, request: RedactionRequest, existing_spans: Sequence[Span]
) -> tuple[int, int]:
    """Return where the place begins and ends in the words as they were sent. Raises Invalid, saying what to do instead."""
    start, end = _resolve_range(original, request)
    if not original[start:end].strip():
        msg = "Choose the words to hide."
        raise Invalid(msg, field="redact_words")
    if any(start < span.end and span.start < end for span in existing_spans):
        msg = "Some of these words are hidden already."
        raise Invalid(msg, field="redact_words")
    left = "".join(
        piece.text
        for piece in split_at_spans(original, [*existing_spans, Span(start, end, 0)])
        if not piece.is_hidden
    )
    if not left.strip():
        msg = "Nothing would be left. Refuse or remove the comment instead."
        raise Invalid(msg, field="redact_words")
    return start, end


def split_at_spans(original: str, spans: Iterable[Span]) -> list[RedactionSegment]:
    """Return the whole text in pieces, in order; joined they are the text."""
    cut: list[RedactionSegment] = []
    at = 0
    for span in sorted(spans):
        cut += [
            RedactionSegment(original[at : span.start], is_hidden=False),
            RedactionSegment(original[span.start : span.end], is_hidden=True),
        ]
        at = span.end
    cut.append(RedactionSegment(original[at:], is_hidden=False))
    return [piece for piece in cut if piece.text]


def render_redacted_text(original: str, spans: Sequence[Span]) -> str:
    """Return the text that everybody may read, with a mark in place of each hidden stretch."""
    return _replace_spans(original, spans, [span.placeholder for span in sorted(spans)])


def render_redacted_html(original: str, spans: Sequence[Span]) -> str:
    """Return the HTML that everybody may read; where a mark would vanish in markup, the text as it was written."""
    marks = [
        f'<span class="removed" lang="en" dir="ltr">{html.escape(span.placeholder)}</span>'
        for span in sorted(spans)
    ]
    plain = original.replace(_PLACEHOLDER, " ")  # as long as before, so that places stay places
    drawn = render_comment_html(_replace_spans(plain, spans, [_PLACEHOLDER] * len(marks)))
    if drawn.count(_PLACEHOLDER) != len(marks) or _BROKEN_PLACEHOLDER.search(drawn):
        drawn = _escape_paragraphs(_replace_spans(plain, spans, [_PLACEHOLDER] * len(marks)))
    before, *after = drawn.split(_PLACEHOLDER)
    return before + "".join(mark + rest for mark, rest in zip(marks, after, strict=True))


def _resolve_range(original: str, place: RedactionRequest) -> tuple[int, int]:
    if place.start is not None and place.end is not None:
        if not 0 <= place.start < place.end <= len(original):
            msg = "These are no characters of the comment. Choose the words again."
            raise Invalid(msg, field="redact_words")
        return place.start, place.end
    if not place.text:
        msg = "Choose the words to hide."
        raise Invalid(msg, field="redact_words")
    start = original.find(place.text)
    if start < 0:
        msg = "These words do not stand in the comment. Copy them exactly as they are."
        raise Invalid(msg, field="redact_words")
    if original.find(place.text, start + 1) >= 0:
        msg = "These words stand there more than once. Take in the words around them, so that one place is meant."
        raise Invalid(msg, field="redact_words")
    return start, start + len(place.text)


def _replace_spans(original: str, spans: Sequence[Span], marks: Sequence[str]) -> str:
    left = iter(marks)
    return "".join(
        next(left) if piece.is_hidden else piece.text for piece in split_at_spans(original, spans)
    )


def _escape_paragraphs(text: str) -> str:
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return "".join(
        f"<p>{html.escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs
    )
