"""What helps to read a long letter: its headings, and how long it takes."""

import re
from collections.abc import Iterable

from commentsite.text.scripts import UNSPACED

WORDS_A_MINUTE = 220  # of serious text; scripts without spaces are counted in characters
CHARACTERS_A_MINUTE = 400
FEWEST_HEADINGS = 3
_UNSPACED = re.compile(f"[{UNSPACED}]")


def reading_minutes(texts: Iterable[str]) -> int:
    """Return how many minutes a calm reader takes, at least one."""
    minutes = 0.0
    for text in texts:
        minutes += len(_UNSPACED.findall(text)) / CHARACTERS_A_MINUTE
        minutes += len(_UNSPACED.sub(" ", text).split()) / WORDS_A_MINUTE
    return max(1, round(minutes))
