"""Detect the language of a text.

The script decides where only one common language is written in it. For other scripts py3langid
compares the text with 97 languages. An answer counts only if it is sure. py3langid and NumPy take
more than 100 MB, so a child process runs them.
"""

import re
import unicodedata
from collections import Counter

from commentsite.errors import Busy
from commentsite.letters.importing.bounded import run_bounded
from commentsite.letters.importing.errors import UnreadableFile

MAX_LETTERS = 4_000  # of the text that are read
MIN_LETTERS = 20  # a shorter text says too little
MIN_LATIN_LETTERS = 50  # likewise, in the script that most languages share
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
    candidates = _LANGUAGES_OF_SCRIPT.get(script, ())
    if count < (MIN_LETTERS if candidates else MIN_LATIN_LETTERS) or not (
        candidates or script == "LATIN"
    ):
        return candidates[0] if candidates else ""
    found, probability = _classify_in_child(_strip_addresses(text[: 2 * MAX_LETTERS]))
    if candidates:
        return found if found in candidates else candidates[0]
    return found if probability >= MIN_PROBABILITY else ""


def _strip_addresses(text: str) -> str:
    return re.sub(r"\S+(?:://|@)\S+", " ", text)


def _classify_in_child(text: str) -> tuple[str, float]:
    try:
        return run_bounded(classify, text)
    except (UnreadableFile, Busy):
        return "", 0.0


def classify(text: str) -> tuple[str, float]:
    """Return the most probable language, and its probability."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    language, probability = identifier.classify(text)
    return str(language), float(probability)
