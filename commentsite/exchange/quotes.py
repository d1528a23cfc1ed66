"""Find the paragraphs of a letter that quotations are from.

A quotation is first looked for word for word. If several paragraphs hold it, the text around it decides. Otherwise
the paragraph that shares most of its pairs of characters wins, if it shares nearly all of them: the letter may have
been corrected since. Pairs of characters work in every script. A quotation of several paragraphs finds each of them.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from commentsite.exchange.importers.records import Quote

MIN_SIMILAR_LENGTH = 16  # characters; a shorter quotation is found word for word or not at all
MIN_SHARED = 0.85  # of the pairs of a quotation
_SAME_SIGNS = str.maketrans("‘’‚‛“”„‟«»–—‐‑\u00ad", '\'\'\'\'""""""----\u00ad')


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the current version."""

    pid: str
    text: str


class QuoteFinder:
    """The paragraphs of one letter, prepared for many quotations."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        self._texts = [(paragraph.pid, normalise(paragraph.text)) for paragraph in paragraphs]
        self._pairs = [_count_pairs(text) for _, text in self._texts]

    def find(self, quote: Quote) -> list[str]:
        """Return the ids of the paragraphs that a quotation is from, in the order of the letter."""
        exact = normalise(quote.exact)
        if not exact:
            return []
        holders = [(pid, text) for pid, text in self._texts if exact in text]
        if holders:
            return [max(holders, key=lambda holder: _score_context(holder[1], exact, quote))[0]]
        inside = [
            pid for pid, text in self._texts if len(text) >= MIN_SIMILAR_LENGTH and text in exact
        ]
        return inside or self._find_similar(exact)

    def _find_similar(self, exact: str) -> list[str]:
        pairs = _count_pairs(exact)
        if len(exact) < MIN_SIMILAR_LENGTH or not self._texts:
            return []
        shares = [(pairs & other).total() / pairs.total() for other in self._pairs]
        best = max(range(len(shares)), key=shares.__getitem__)
        return [self._texts[best][0]] if shares[best] >= MIN_SHARED else []


def normalise(text: str) -> str:
    """Return a text as it is compared: without differences of case, spaces, quotation marks and dashes."""
    plain = unicodedata.normalize("NFKC", text).translate(_SAME_SIGNS).replace("\u00ad", "")
    return " ".join(plain.casefold().split())


def _score_context(text: str, exact: str, quote: Quote) -> int:
    """Return how many characters before and after a quotation are as the annotation says."""
    before, after = normalise(quote.prefix), normalise(quote.suffix)
    start, best = text.find(exact), 0
    while start >= 0:
        head, rest = text[:start].rstrip(), text[start + len(exact) :].lstrip()
        same = _count_same(head[::-1], before[::-1]) + _count_same(rest, after)
        best, start = max(best, same), text.find(exact, start + 1)
    return best


def _count_same(one: str, other: str) -> int:
    """Return with how many equal characters two texts begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _count_pairs(text: str) -> Counter[str]:
    letters = "".join(text.split())
    return Counter(map("".join, pairwise(letters)))
