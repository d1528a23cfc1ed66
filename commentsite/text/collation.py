"""The order of names and titles in several scripts.

The rule follows the root collation of CLDR in what readers notice. Letters are compared without accents, marks and
case, so that É stands beside E and Ё beside Е. Accents and then case decide between words that are otherwise equal.
The scripts stand in the order of their blocks in Unicode, as in CLDR: Latin, Greek, Cyrillic, Armenian, Hebrew,
Arabic, the scripts of India, Georgian, Hangul, kana and Han. Chinese characters stand in the order of their code
points, which is that of radicals and strokes for the usual ones. No language changes the order of its own letters.
"""

import unicodedata

_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
#: The voicing marks of kana, which turn one into another.
_KEPT_MARKS = frozenset("\u3099\u309a")
#: A letter of its own, which decomposes into и and a breve.
_SHORT_I = "\u0438\u0306"


def collation_key(text: str) -> tuple[str, str, str]:
    """Return the key by which `sorted` puts names in order."""
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    with_short_i = decomposed.replace(_SHORT_I, "й")
    letters = "".join(
        char for char in with_short_i if char in _KEPT_MARKS or not unicodedata.combining(char)
    )
    words = "".join(char if char.isalnum() or char in _KEPT_MARKS else " " for char in letters)
    return " ".join(words.split()), decomposed, text
