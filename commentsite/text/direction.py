"""The base direction of a text or language, and the language of a text where the script alone names it.

Browsers work out `dir="auto"` from the first letter with a direction. Other programs, among them the renderer of
PDFs and readers of feeds, do not know the value at all. Here the words are counted instead, so that an Arabic comment
that begins with the name of an English document is still set from right to left.
"""

import re
import unicodedata

#: Languages that are written with Chinese characters, kana or hangul, which need fonts of their own.
EAST_ASIAN_LANGUAGES = frozenset({"ja", "ko", "zh"})
_WORD = re.compile(r"\S+")
_RIGHT_TO_LEFT = {"R", "AL"}
_RTL_LANGUAGES = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)
_RTL_SCRIPTS = frozenset({"adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"})
_KANA = re.compile("[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def estimate_direction(text: str) -> str:
    """Return "rtl" if more words are written from right to left than from left to right, otherwise "ltr".

    A word has the direction of its first letter. Of two equal numbers, that of the first word decides.
    """
    directions = [found for word in _WORD.findall(text) if (found := _get_word_direction(word))]
    right_to_left = directions.count("rtl")
    left_to_right = len(directions) - right_to_left
    if right_to_left == left_to_right:
        return directions[0] if directions else "ltr"
    return "rtl" if right_to_left > left_to_right else "ltr"


def guess_east_asian_language(text: str) -> str:
    """Return "ja", "ko" or "zh" for a text mostly in Chinese characters, kana or hangul, and "" for any other.

    The three languages draw many characters differently, so a font can only be chosen by the language. A few
    characters quoted in a text do not name the language of the whole.
    """
    kana, hangul, han = (len(script.findall(text)) for script in (_KANA, _HANGUL, _HAN))
    found = kana + hangul + han
    if not found or 2 * found <= sum(map(str.isalpha, text)):
        return ""
    if kana or hangul:
        return "ja" if kana >= hangul else "ko"
    return "zh"


def get_direction(language: str) -> str:
    """Return "rtl" or "ltr" for a BCP 47 tag, as the HTML attribute `dir` needs it. An empty tag counts as "ltr"."""
    return "rtl" if is_right_to_left(language) else "ltr"


def is_right_to_left(language: str) -> bool:
    """Return whether a language is written from right to left. `language` is a BCP 47 tag.

    A script in the tag decides, as in `az-Arab` and `ar-Latn`. Otherwise it is the usual script of the language.
    """
    primary, *others = language.lower().split("-")
    script = next((subtag for subtag in others if len(subtag) == 4 and subtag.isalpha()), "")
    return script in _RTL_SCRIPTS if script else primary in _RTL_LANGUAGES


def _get_word_direction(word: str) -> str:
    for character in word:
        direction = unicodedata.bidirectional(character)
        if direction in _RIGHT_TO_LEFT:
            return "rtl"
        if direction == "L":
            return "ltr"
    return ""
