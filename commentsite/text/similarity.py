"""How alike two texts are, by the runs of words they share; texts without spaces by runs of letters.

Broder, "On the resemblance and containment of documents" (1997): the resemblance of two texts is
the Jaccard index of their sets of shingles, and a few of the smallest hashes of a set are enough to
find candidates.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from commentsite.text.scripts import UNSPACED_IN_SKETCHES

SAME_TEXT_THRESHOLD = 0.9  # from here on two texts count as one
VARIANT_THRESHOLD = 0.5  # from here on a person is shown both and decides
MIN_UNITS = 12  # shorter texts are alike by chance
MAX_CHARACTERS = 12_000
WORDS_PER_SHINGLE, LETTERS_PER_SHINGLE = 3, 5  # in a shingle
SKETCH_SIZE = (
    6  # two texts that are half alike share none of theirs in 1 case of 64, near copies never
)

_WORD = re.compile(r"\w+")
_UNSPACED_LETTER = re.compile(f"[{UNSPACED_IN_SKETCHES}]")
_MAX_UNSPACED_SHARE = (
    0.3  # share of letters of scripts without spaces from which letters are compared
)


def extract_shingles(text: str) -> frozenset[str]:
    """Return the runs of three words (or five letters) of a text, case, punctuation and spaces aside.

    A run that comes again counts again. A text too short to say anything gives none; of one that
    is very long, or grows so when normalised, only the beginning counts.
    """
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold()[:MAX_CHARACTERS])
    letters = "".join(words)
    if len(_UNSPACED_LETTER.findall(letters)) > _MAX_UNSPACED_SHARE * max(1, len(letters)):
        count = len(letters) - LETTERS_PER_SHINGLE + 1
        if count < MIN_UNITS:
            return frozenset()
        return _number_repeats(letters[n : n + LETTERS_PER_SHINGLE] for n in range(count))
    if len(words) < MIN_UNITS:
        return frozenset()
    return _number_repeats(
        " ".join(words[n : n + WORDS_PER_SHINGLE])
        for n in range(len(words) - WORDS_PER_SHINGLE + 1)
    )


def jaccard_similarity(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the share of shingles in common, 0 to 1 (Jaccard, of multisets); 0 where one has none."""
    return len(a & b) / len(a | b) if a and b else 0.0


def build_sketch(shingles: frozenset[str]) -> list[int]:
    """Return the smallest hashes of a text's shingles: what alike texts most probably share."""
    hashes = (blake2b(shingle.encode(), digest_size=7).digest() for shingle in shingles)
    return sorted(int.from_bytes(h) for h in hashes)[:SKETCH_SIZE]


def _number_repeats(runs: Iterable[str]) -> frozenset[str]:
    seen: Counter[str] = Counter()
    found = set()
    for run in runs:
        seen[run] += 1
        found.add(run if seen[run] == 1 else f"{run} {seen[run]}")
    return frozenset(found)
