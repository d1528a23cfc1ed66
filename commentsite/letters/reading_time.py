"""Estimate the reading time of a letter."""

import re
from collections.abc import Iterable

from commentsite.text.scripts import UNSPACED

WORDS_PER_MINUTE = 220  # for demanding prose
CHARACTERS_PER_MINUTE = 400  # for scripts without spaces between words
_SCRIPTS_WITHOUT_SPACES = re.compile(f"[{UNSPACED}]")


def estimate_reading_minutes(texts: Iterable[str]) -> int:
    """Return whole minutes, at least 1."""
    minutes = 0.0
    for text in texts:
        minutes += len(_SCRIPTS_WITHOUT_SPACES.findall(text)) / CHARACTERS_PER_MINUTE
        minutes += len(_SCRIPTS_WITHOUT_SPACES.sub(" ", text).split()) / WORDS_PER_MINUTE
    return max(1, round(minutes))
