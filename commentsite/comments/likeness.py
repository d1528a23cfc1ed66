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

SAME = 0.9  # from here on two texts count as one
VARIANT = 0.5  # from here on a person is shown both and decides
FEWEST_WORDS = 12  # shorter texts are alike by chance
MOST_CHARACTERS = 12_000
WORDS, LETTERS = 3, 5  # in a shingle
SKETCH = 6  # two texts that are half alike share none of theirs in 1 case of 64, near copies never

_WORD = re.compile(r"\w+")
_NO_SPACES = re.compile(f"[{UNSPACED_IN_SKETCHES}]")
_KIND_SPACES = 0.3  # share of letters of scripts without spaces from which letters are compared


def shingles(text: str) -> frozenset[str]:
    """Return the runs of three words (or five letters) of a text, case, punctuation and spaces aside.

    A run that comes again counts again. A text too short to say anything gives none; of one that
    is very long, or grows so when normalised, only the beginning counts.
    """
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold()[:MOST_CHARACTERS])
    letters = "".join(words)
    if len(_NO_SPACES.findall(letters)) > _KIND_SPACES * max(1, len(letters)):
        count = len(letters) - LETTERS + 1
        if count < FEWEST_WORDS:
            return frozenset()
        return _numbered(letters[n : n + LETTERS] for n in range(count))
    if len(words) < FEWEST_WORDS:
        return frozenset()
    return _numbered(" ".join(words[n : n + WORDS]) for n in range(len(words) - WORDS + 1))


def likeness(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the share of shingles in common, 0 to 1 (Jaccard, of multisets); 0 where one has none."""
    return len(a & b) / len(a | b) if a and b else 0.0


def sketch(found: frozenset[str]) -> list[int]:
    """Return the smallest hashes of a text's shingles: what alike texts most probably share."""
    hashes = (blake2b(shingle.encode(), digest_size=7).digest() for shingle in found)
    return sorted(int.from_bytes(h) for h in hashes)[:SKETCH]


def _numbered(runs: Iterable[str]) -> frozenset[str]:
    seen: Counter[str] = Counter()
    found = set()
    for run in runs:
        seen[run] += 1
        found.add(run if seen[run] == 1 else f"{run} {seen[run]}")
    return frozenset(found)
