"""Hide a stretch of a comment behind a mark that everybody sees: what is left, as text and as HTML."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from commentsite.comments.sanitizer import comment_html
from commentsite.errors import Invalid

_HERE = "\ue000"  # stands for a mark while Markdown is read; of no language, and taken out of what people wrote
_LOST = re.compile(f"%EE%80%80|<[^>]*{_HERE}", re.IGNORECASE)  # a mark that became part of a link


@dataclass(frozen=True)
class Place:
    """What a moderator asks to hide: from one character to before another, or words that stand there once."""

    start: int | None = None
    end: int | None = None
    words: str = ""


@dataclass(frozen=True, order=True)
class Span:
    """A hidden stretch of the words as they were sent, and the number of the rule it breaks."""

    start: int
    end: int
    number: int

    @property
    def mark(self) -> str:
        """Return what stands in its place."""
        return f"[removed under rule {self.number}]"


@dataclass(frozen=True)
class Piece:
    """A stretch of a text, hidden from the public or not."""

    text: str
    is_hidden: bool


def spans_in(stored: Iterable[dict[str, Any]]) -> list[Span]:
    """Return the hidden stretches of a comment, in order."""
    return sorted(Span(row["start"], row["end"], row["number"]) for row in stored)


def found(original: str, place: Place, taken: Sequence[Span]) -> tuple[int, int]:
    """Return where the place begins and ends in the words as they were sent. Raises Invalid, saying what to do instead."""
    start, end = _edges(original, place)
    if not original[start:end].strip():
        msg = "Choose the words to hide."
        raise Invalid(msg, field="redact_words")
    if any(start < span.end and span.start < end for span in taken):
        msg = "Some of these words are hidden already."
        raise Invalid(msg, field="redact_words")
    left = "".join(
        piece.text
        for piece in pieces(original, [*taken, Span(start, end, 0)])
        if not piece.is_hidden
    )
    if not left.strip():
        msg = "Nothing would be left. Refuse or remove the comment instead."
        raise Invalid(msg, field="redact_words")
    return start, end


def pieces(original: str, spans: Iterable[Span]) -> list[Piece]:
    """Return the whole text in pieces, in order; joined they are the text."""
    cut: list[Piece] = []
    at = 0
    for span in sorted(spans):
        cut += [
            Piece(original[at : span.start], is_hidden=False),
            Piece(original[span.start : span.end], is_hidden=True),
        ]
        at = span.end
    cut.append(Piece(original[at:], is_hidden=False))
    return [piece for piece in cut if piece.text]


def text_of(original: str, spans: Sequence[Span]) -> str:
    """Return the text that everybody may read, with a mark in place of each hidden stretch."""
    return _joined(original, spans, [span.mark for span in sorted(spans)])


def html_of(original: str, spans: Sequence[Span]) -> str:
    """Return the HTML that everybody may read; where a mark would vanish in markup, the text as it was written."""
    marks = [
        f'<span class="removed" lang="en" dir="ltr">{html.escape(span.mark)}</span>'
        for span in sorted(spans)
    ]
    plain = original.replace(_HERE, " ")  # as long as before, so that places stay places
    drawn = comment_html(_joined(plain, spans, [_HERE] * len(marks)))
    if drawn.count(_HERE) != len(marks) or _LOST.search(drawn):
        drawn = _as_written(_joined(plain, spans, [_HERE] * len(marks)))
    before, *after = drawn.split(_HERE)
    return before + "".join(mark + rest for mark, rest in zip(marks, after, strict=True))


def _edges(original: str, place: Place) -> tuple[int, int]:
    if place.start is not None and place.end is not None:
        if not 0 <= place.start < place.end <= len(original):
            msg = "These are no characters of the comment. Choose the words again."
            raise Invalid(msg, field="redact_words")
        return place.start, place.end
    if not place.words:
        msg = "Choose the words to hide."
        raise Invalid(msg, field="redact_words")
    start = original.find(place.words)
    if start < 0:
        msg = "These words do not stand in the comment. Copy them exactly as they are."
        raise Invalid(msg, field="redact_words")
    if original.find(place.words, start + 1) >= 0:
        msg = "These words stand there more than once. Take in the words around them, so that one place is meant."
        raise Invalid(msg, field="redact_words")
    return start, start + len(place.words)


def _joined(original: str, spans: Sequence[Span], marks: Sequence[str]) -> str:
    left = iter(marks)
    return "".join(
        next(left) if piece.is_hidden else piece.text for piece in pieces(original, spans)
    )


def _as_written(text: str) -> str:
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return "".join(
        f"<p>{html.escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs
    )
