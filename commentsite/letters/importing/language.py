"""Detect the language of a text.

The script decides where only one common language is written in it. For other scripts py3langid
compares the text with 97 languages. An answer counts only if it is sure.
"""

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import Any

MAX_LETTERS = 4_000  # of the text that are read
MIN_LETTERS = 20  # a shorter text says too little
MIN_PROBABILITY = 0.9
# By the first word of a letter's name in Unicode.
_LANGUAGE_OF_SCRIPT = {
    "HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "THAI": "th", "GREEK": "el",
    "HEBREW": "he", "ARMENIAN": "hy", "GEORGIAN": "ka", "ETHIOPIC": "am", "KHMER": "km",
    "LAO": "lo", "MYANMAR": "my", "SINHALA": "si", "TAMIL": "ta", "TELUGU": "te",
    "KANNADA": "kn", "MALAYALAM": "ml", "GUJARATI": "gu", "GURMUKHI": "pa", "ORIYA": "or",
    "TIBETAN": "bo", "THAANA": "dv", "CJK": "zh",
}  # fmt: skip
# Languages of the other scripts. The first is taken if the detection is not sure.
_LANGUAGES_OF_SCRIPT = {
    "ARABIC": ("ar", "fa", "ur", "ps", "ug", "ku"),
    "CYRILLIC": ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn"),
    "DEVANAGARI": ("hi", "mr", "ne"),
    "BENGALI": ("bn", "as"),
}
_MIN_KANA_SHARE = 0.05  # of a Japanese text; Chinese quotes fewer


def detect_language(text: str) -> str:
    """Return a BCP 47 tag, or '' if the text does not say enough."""
    letters = [letter for letter in text[: 3 * MAX_LETTERS] if letter.isalpha()][:MAX_LETTERS]
    scripts = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in letters)
    if not scripts:
        return ""
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    if kana > _MIN_KANA_SHARE * (kana + scripts["CJK"]):
        scripts["HIRAGANA"] += scripts.pop("CJK", 0)
    for script in ("CJK", "HIRAGANA", "HANGUL"):  # one sign is about as much as a word of letters
        scripts[script] *= 2
    script, count = scripts.most_common(1)[0]
    if script in _LANGUAGE_OF_SCRIPT:
        return _LANGUAGE_OF_SCRIPT[script] if count >= MIN_LETTERS // 2 else ""
    found, probability = _classify(_strip_addresses(text[: 2 * MAX_LETTERS]))
    candidates = _LANGUAGES_OF_SCRIPT.get(script)
    if candidates:
        is_sure = found in candidates and (probability >= MIN_PROBABILITY or count >= MIN_LETTERS)
        return found if is_sure else candidates[0]
    is_sure = probability >= MIN_PROBABILITY and count >= MIN_LETTERS
    return found if is_sure and script == "LATIN" else ""


def _strip_addresses(text: str) -> str:
    return re.sub(r"\S+(?:://|@)\S+", " ", text)


@cache
def _get_identifier() -> Any:
    from py3langid.langid import (  # noqa: PLC0415  # the model takes 0.3 s, which only importers need
        MODEL_FILE,
        LanguageIdentifier,
    )

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _classify(text: str) -> tuple[str, float]:
    language, probability = _get_identifier().classify(text)
    return str(language), float(probability)
