"""Check the languages that a file states for its pieces of text against their script."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from commentsite.text.direction import EAST_ASIAN_LANGUAGES, is_right_to_left

_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
_OTHER_SCRIPTS = frozenset(
    [
        "ru",
        "uk",
        "be",
        "bg",
        "sr",
        "mk",
        "el",
        "hy",
        "ka",
        "hi",
        "mr",
        "ne",
        "bn",
        "pa",
        "gu",
        "or",
        "ta",
        "te",
        "kn",
        "ml",
        "si",
        "th",
        "lo",
        "my",
        "km",
        "am",
        "ti",
        "bo",
        "dz",
    ]
)

_TWO_SCRIPTS = frozenset({"az", "bs", "ha", "kk", "ku", "ky", "mn", "ms", "sr", "tg", "tk", "uz"})


@lru_cache(maxsize=4096)
def find_script(text: str) -> str:
    """Return the kind of script of most letters: “latin”, “rtl”, “east asian” or “other”."""
    kinds: Counter[str] = Counter()
    for letter in text[:400]:
        if not letter.isalpha():
            continue
        if unicodedata.bidirectional(letter) in {"R", "AL"}:
            kinds["rtl"] += 1
        elif 0x2E80 <= ord(letter) <= 0xD7FF or 0x20000 <= ord(letter) <= 0x3FFFF:
            kinds["east asian"] += 3  # one sign is about a word
        elif "LATIN" in unicodedata.name(letter, ""):
            kinds["latin"] += 1
        else:
            kinds["other"] += 1
    return max(kinds, key=lambda kind: kinds[kind]) if kinds else "latin"


def is_language_tag(tag: str) -> bool:
    return bool(_TAG.match(tag))


def fits_script(tag: str, script: str) -> bool:
    """Return whether a language is written in the kind of script."""
    language = tag.partition("-")[0].lower()
    if language in _TWO_SCRIPTS:
        return script != "east asian"
    if is_right_to_left(tag):
        return script == "rtl"
    if language in EAST_ASIAN_LANGUAGES:
        return script == "east asian"
    return script == ("other" if language in _OTHER_SCRIPTS else "latin")
