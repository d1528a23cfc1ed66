"""What helps to read a long letter: its headings, and how long it takes."""

import re
from collections.abc import Iterable

WORDS_A_MINUTE = 220  # of serious text; scripts without spaces are counted in characters
CHARACTERS_A_MINUTE = 400
FEWEST_HEADINGS = 3
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0eff]")


def reading_minutes(texts: Iterable[str]) -> int:
    """Return how many minutes a calm reader takes, at least one."""
    minutes = 0.0
    for text in texts:
        minutes += len(_UNSPACED.findall(text)) / CHARACTERS_A_MINUTE
        minutes += len(_UNSPACED.sub(" ", text).split()) / WORDS_A_MINUTE
    return max(1, round(minutes))
