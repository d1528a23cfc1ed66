"""Detect the language of a text.

The script decides where only one common language is written in it. For other scripts py3langid
compares the text with 97 languages. An answer counts only if it is sure. py3langid and NumPy take
more than 100 MB, so a child process runs them.
"""

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress

from commentsite.errors import Busy
from commentsite.letters.importing.bounded import run_bounded
from commentsite.letters.importing.errors import UnreadableFile

MAX_LETTERS = 4_000  # of the text that are read
MIN_LETTERS = 20  # a shorter text says too little
MIN_LATIN_LETTERS = 50  # likewise, in the script that most languages share
MAX_PARAGRAPHS = 20  # of a text that are compared alone, so that many texts take seconds
MIN_PROBABILITY = 0.9
MIN_SCRIPT_SHARE = 0.7  # of the letters of a short text; otherwise it mixes languages
MAX_ATTEMPTS = 24  # child processes for the texts of one call; nine halvings find one text of 500
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
_SAMPLE = ("LATIN", "the committee thanks all members for the comments that they sent in spring")
_NO_LANGUAGE = "zxx"  # the answer of py3langid for a text that is in no language
_MIN_KANA_SHARE = 0.05  # of a Japanese text; Chinese quotes fewer
_QUOTED_LINE = re.compile(r"^\s*>.*$", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n\s*\n")
logger = logging.getLogger("commentsite")


class DetectionUnavailable(Exception):
    """The child process fails with a simple sentence too, so no text is the reason."""


def detect_language(text: str) -> str:
    """Return a BCP 47 tag, or '' if the text does not say enough.

    Use it for letters, which are long. In a script of several languages, the most common one is the fallback.
    """
    script, count, _share = _find_main_script(text)
    if script in _LANGUAGE_OF_SCRIPT:
        return _LANGUAGE_OF_SCRIPT[script] if count >= MIN_LETTERS // 2 else ""
    candidates = _LANGUAGES_OF_SCRIPT.get(script, ())
    if not _has_enough_letters(script, count):
        return candidates[0] if candidates else ""
    found, probability = "", 0.0
    with suppress(UnreadableFile, Busy):
        ((found, probability),) = run_bounded(
            classify, (script, _strip_addresses(text[: 2 * MAX_LETTERS]))
        )
    if candidates:
        return found or candidates[0]
    return found if probability >= MIN_PROBABILITY else ""


def detect_languages(texts: Sequence[str], *, by_script_only: bool = False) -> list[str | None]:
    """Return a BCP 47 tag for each of several short texts, such as comments, with one child process if all goes well.

    The tag is '' for a text that says too little, that mixes scripts, or whose paragraphs are in several languages,
    and for one that ends the child process even alone. Quoted lines do not count. The tag is None for a text that could
    not be classified now, or that needs the child process, which `by_script_only` forbids. Raises DetectionUnavailable.
    """
    found: list[str | None] = [None] * len(texts)
    evidence: dict[int, list[tuple[str, str]]] = {}  # by number of the text: script and paragraph
    for number, text in enumerate(texts):
        own = _strip_addresses(_QUOTED_LINE.sub("", text[: 3 * MAX_LETTERS]))
        script, count, share = _find_main_script(own)
        if share < MIN_SCRIPT_SHARE:
            found[number] = ""
        elif script in _LANGUAGE_OF_SCRIPT:
            found[number] = _LANGUAGE_OF_SCRIPT[script] if count >= MIN_LETTERS // 2 else ""
        elif _has_enough_letters(script, count):
            evidence[number] = [(script, part) for part in _split_evidence(own, script)]
        else:
            found[number] = ""
    if evidence and not by_script_only:
        for number, tags in _classify_by_halves(evidence).items():
            found[number] = next(iter(tags)) if len(tags) == 1 else ""
    return found


def check_detection() -> None:
    """Classify a simple sentence in a child process. Raises DetectionUnavailable if that fails, and Busy."""
    try:
        run_bounded(classify, _SAMPLE)
    except UnreadableFile as problem:
        raise DetectionUnavailable from problem


def _find_main_script(text: str) -> tuple[str, int, float]:
    """Return the script of most letters, their number, and their share of all letters, from 0 to 1."""
    letters = [letter for letter in text[: 3 * MAX_LETTERS] if letter.isalpha()][:MAX_LETTERS]
    scripts = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in letters)
    if not scripts:
        return "", 0, 0.0
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    if kana > _MIN_KANA_SHARE * (kana + scripts["CJK"]):
        scripts["HIRAGANA"] += scripts.pop("CJK", 0) + scripts.pop("KATAKANA", 0)
    for script in ("CJK", "HIRAGANA", "HANGUL"):  # one sign is about as much as a word of letters
        scripts[script] *= 2
    script, count = scripts.most_common(1)[0]
    return script, count, count / scripts.total()


def _has_enough_letters(script: str, count: int) -> bool:
    """Return whether a text is long enough to compare it with the languages of its script."""
    minimum = MIN_LETTERS if script in _LANGUAGES_OF_SCRIPT else MIN_LATIN_LETTERS
    return count >= minimum and (script == "LATIN" or script in _LANGUAGES_OF_SCRIPT)


def _split_evidence(text: str, script: str) -> list[str]:
    """Return the whole text, and the first paragraphs that alone would be long enough."""
    parts = [part for part in _BLANK_LINE.split(text) if part.strip()]
    long = [part for part in parts if _has_enough_letters(script, sum(map(str.isalpha, part)))]
    return [text, *long[:MAX_PARAGRAPHS]] if len(parts) > 1 else [text]


def _strip_addresses(text: str) -> str:
    return re.sub(r"\S+(?:://|@)\S+", " ", text)


def _classify_by_halves(evidence: Mapping[int, list[tuple[str, str]]]) -> dict[int, set[str]]:
    """Return the languages of the paragraphs of each text, by its number, '' for none that is sure.

    If a child process fails, each half of its texts gets one of its own, so that a text that ends the process keeps
    no other from its language. Texts that are left after MAX_ATTEMPTS are left out. Raises DetectionUnavailable.
    """
    found: dict[int, set[str]] = {}
    waiting = [list(evidence)]
    is_checked = False
    with suppress(Busy):
        for _ in range(MAX_ATTEMPTS):
            if not waiting:
                break
            numbers = waiting.pop()
            try:
                found |= _classify_together({number: evidence[number] for number in numbers})
            except UnreadableFile:
                if not is_checked:
                    check_detection()
                    is_checked = True
                if len(numbers) == 1:
                    logger.warning(
                        "a text ends the detection of languages, so it stays undetermined"
                    )
                    found[numbers[0]] = {""}
                else:
                    middle = len(numbers) // 2
                    waiting += [numbers[middle:], numbers[:middle]]
    return found


def _classify_together(evidence: Mapping[int, list[tuple[str, str]]]) -> dict[int, set[str]]:
    numbers = [number for number, paragraphs in evidence.items() for _ in paragraphs]
    answers = run_bounded(classify, *(part for parts in evidence.values() for part in parts))
    found: dict[int, set[str]] = {}
    for number, (language, probability) in zip(numbers, answers, strict=True):
        found.setdefault(number, set()).add(language if probability >= MIN_PROBABILITY else "")
    return found


def classify(*texts: tuple[str, str]) -> tuple[tuple[str, float], ...]:
    """Return the most probable language of each text, '' for none, and its probability from 0 to 1.

    A text comes with its script, which narrows the languages that are compared.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    every_language = set(identifier.nb_classes)
    results = []
    current = None
    for script, text in texts:
        possible = _LANGUAGES_OF_SCRIPT.get(script)
        if possible != current:
            current = possible
            identifier.set_languages(
                sorted(every_language.intersection(possible)) if possible else None
            )
        language, probability = identifier.classify(text)
        is_language = language != _NO_LANGUAGE
        results.append((str(language) if is_language else "", float(probability)))
    return tuple(results)
