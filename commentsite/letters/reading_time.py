"""What helps to read a long letter: its headings, and how long it takes."""

import re
from collections.abc import Iterable

from commentsite.text.scripts import UNSPACED

WORDS_PER_MINUTE = 220  # of serious text; scripts without spaces are counted in characters
CHARACTERS_PER_MINUTE = 400
_SCRIPTS_WITHOUT_SPACES = re.compile(f"[{UNSPACED}]")


def estimate_reading_minutes(texts: Iterable[str]) -> int:
    """Return how many minutes a calm reader takes, at least one."""
    minutes = 0.0
    for text in texts:
        minutes += len(_SCRIPTS_WITHOUT_SPACES.findall(text)) / CHARACTERS_PER_MINUTE
        minutes += len(_SCRIPTS_WITHOUT_SPACES.sub(" ", text).split()) / WORDS_PER_MINUTE
    return max(1, round(minutes))
