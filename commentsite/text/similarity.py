"""Measure the similarity of texts by the shingles that they share.

A shingle is a run of three words, or of five letters in scripts without spaces. Broder, "On the
resemblance and containment of documents" (1997): the similarity of two texts is the Jaccard index
of their sets of shingles. A few of the smallest hashes of a set, its sketch, are enough to find the
candidates for a comparison.
"""

import re
import unicodedata
from collections import Counter
from hashlib import blake2b

from commentsite.text.scripts import UNSPACED_IN_SKETCHES

SAME_TEXT_THRESHOLD = 0.9  # from this similarity on, two texts count as the same
VARIANT_THRESHOLD = 0.5  # from this similarity on, a moderator compares two texts
MIN_UNITS = 12  # words or letters; shorter texts are similar by chance
MAX_CHARACTERS = 12_000
WORDS_PER_SHINGLE = 3
LETTERS_PER_SHINGLE = 5
# Two texts with a similarity of one half have no hash in common in 1 case of 64 (2 to the power of
# 6). Near copies practically always have one.
SKETCH_SIZE = 6

_WORD = re.compile(r"\w+")
_UNSPACED_LETTER = re.compile(f"[{UNSPACED_IN_SKETCHES}]")
# With a larger share of letters from scripts without spaces, a text is compared by letters.
_MAX_UNSPACED_SHARE = 0.3


def extract_shingles(text: str) -> frozenset[str]:
    """Return the shingles of a text. Case, punctuation and spaces make no difference.

    A repeated shingle counts each time. A text of fewer than MIN_UNITS words or letters has none.
    Only the first MAX_CHARACTERS of the normalised text count.
    """
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold()[:MAX_CHARACTERS])
    letters = "" if text.isascii() else "".join(words)
    if len(_UNSPACED_LETTER.findall(letters)) > _MAX_UNSPACED_SHARE * max(1, len(letters)):
        count = len(letters) - LETTERS_PER_SHINGLE + 1
        if count < MIN_UNITS:
            return frozenset()
        return _number_repeats([letters[n : n + LETTERS_PER_SHINGLE] for n in range(count)])
    if len(words) < MIN_UNITS:
        return frozenset()
    runs = zip(*(words[n:] for n in range(WORDS_PER_SHINGLE)), strict=False)
    return _number_repeats([" ".join(run) for run in runs])


def jaccard_similarity(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the Jaccard index of two sets of shingles, from 0 to 1. It is 0 if one of them is empty."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if a and b else 0.0


def build_sketch(shingles: frozenset[str]) -> list[int]:
    """Return the SKETCH_SIZE smallest hashes of a text's shingles."""
    hashes = (blake2b(shingle.encode(), digest_size=7).digest() for shingle in shingles)
    return [int.from_bytes(digest) for digest in sorted(hashes)[:SKETCH_SIZE]]


def _number_repeats(shingles: list[str]) -> frozenset[str]:
    """Make a multiset a set: the second occurrence of a shingle gets the suffix 2, and so on."""
    different = frozenset(shingles)
    if len(different) == len(shingles):  # most texts
        return different
    occurrences: Counter[str] = Counter()
    numbered = set()
    for shingle in shingles:
        occurrences[shingle] += 1
        count = occurrences[shingle]
        numbered.add(shingle if count == 1 else f"{shingle} {count}")
    return frozenset(numbered)
