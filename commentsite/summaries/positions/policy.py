"""Rules for positions: equal space, the printed order, and quotations in the words of their authors."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from html import unescape

from commentsite.comments.sanitizer import text_of_html
from commentsite.letters.text.paragraphs import render_document
from commentsite.summaries.states import OrderRule
from commentsite.text.scripts import UNSPACED

#: Stands in a draft for a quotation of which a moderator has redacted words. It is never printed.
WITHHELD_QUOTATION = "[…]"
#: The shortest position of a question has at least this share of the length of the longest.
MIN_LENGTH_RATIO = 0.9

_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
# Not \w: vowel signs and other marks within words are not part of it in Python.
_BETWEEN_WORDS = re.compile(r"[\s/–—]+")
_TAG = re.compile(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
# Letters without a shape, which fonts draw as nothing.
_INVISIBLE = re.compile("[\u115f\u1160\u3164\uffa0]")
_GAP = re.compile(r"\s*\[(?:…|\.\.\.)\]\s*")


@dataclass(frozen=True)
class OrderFacts:
    """The values of a position that its place among the others depends on."""

    id: int
    title: str
    first_stated_at: datetime | None  # by the earliest comment that it rests on


def count_words(text: str) -> int:
    """Count the words of a Markdown text. Each character of a script without spaces counts as one.

    Only text that readers see counts, so that a position gains no length by the addresses of links,
    by comments in HTML or by invisible characters.
    """
    seen = unescape(_TAG.sub("", render_document(text)))
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", seen))
    without_unspaced, characters = _UNSPACED_CHARACTER.subn(" ", text)
    words = _BETWEEN_WORDS.split(without_unspaced)
    return characters + sum(1 for word in words if any(char.isalnum() for char in word))


def length_ratio(texts: Sequence[str]) -> float | None:
    """Return the length of the shortest text over that of the longest, from 0 to 1.

    None for fewer than two texts: there is nothing to compare. 0 if all of them are empty.
    """
    if len(texts) < 2:
        return None
    lengths = [count_words(text) for text in texts]
    return min(lengths) / max(lengths) if max(lengths) else 0.0


def has_equal_space(ratio: float | None) -> bool:
    """Return whether positions with this ratio of lengths may be printed side by side."""
    return ratio is None or ratio >= MIN_LENGTH_RATIO


def order_positions(rule: OrderRule, lot: str, positions: Iterable[OrderFacts]) -> list[int]:
    """Return the ids of the positions of a question in the order in which they are printed.

    A position that rests on no comment stands last in the order by first statement. The lot is
    printed, so that readers can check an order by lot: it is that of the SHA-256 of the lot, a
    colon and the id of the position.
    """
    listed = sorted(positions, key=lambda position: position.id)
    match rule:
        case OrderRule.TITLE:
            listed.sort(key=lambda position: _fold(position.title))
        case OrderRule.LOT:
            listed.sort(key=lambda position: sha256(f"{lot}:{position.id}".encode()).hexdigest())
        case OrderRule.FIRST_STATED:
            listed.sort(
                key=lambda position: (
                    position.first_stated_at is None,
                    position.first_stated_at.timestamp() if position.first_stated_at else 0.0,
                )
            )
    return [position.id for position in listed]


def is_quotation_of(quotation: str, text: str) -> bool:
    """Return whether a quotation consists of whole words of the text, unchanged and in their order.

    Only line breaks and repeated spaces may differ. “[…]” stands for words that are left out.
    """
    rest = _collapse(text)
    parts = [part for part in _GAP.split(_collapse(quotation)) if part]
    for part in parts:
        end = _find_whole_words(part, rest)
        if end is None:
            return False
        rest = rest[end:]
    return bool(parts)


def is_quotation_of_comment(quotation: str, body: str, body_html: str) -> bool:
    """Return whether a quotation consists of words of a comment, as written or as readers see it."""
    return is_quotation_of(quotation, text_of_html(body_html)) or is_quotation_of(quotation, body)


def _find_whole_words(part: str, text: str) -> int | None:
    """Return the end of the first place where the text has the part, not within a word."""
    start = text.find(part)
    while start >= 0:
        end = start + len(part)
        if not _is_within_word(text, start) and not _is_within_word(text, end):
            return end
        start = text.find(part, start + 1)
    return None


def _is_within_word(text: str, index: int) -> bool:
    if index in {0, len(text)}:
        return False
    around = text[index - 1 : index + 1]
    if unicodedata.category(around[1])[0] == "M":  # it belongs to the letter before it
        return True
    return all(_is_of_word(char) for char in around) and not _UNSPACED_CHARACTER.search(around)


def _is_of_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def _collapse(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _fold(title: str) -> str:
    return unicodedata.normalize("NFKD", title).casefold()
