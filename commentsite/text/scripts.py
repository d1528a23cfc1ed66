"""Character ranges of the scripts that are written without spaces between words.

The constants are ranges for a character class of a regular expression.

A program that counts, compares or indexes words has to take a text in these scripts character by
character. The set follows the Script property of Unicode 16 for Han, Hiragana, Katakana, Bopomofo,
Thai, Lao, Tibetan, Myanmar and Khmer. A block counts whole, so that the marks and signs of a script
stay with its letters. Planes 2 and 3 are reserved for Han, so later extensions are in the set too.

Tibetan is in the set: its tsheg separates syllables, and nothing separates words. Hangul is not:
Korean puts a space after each word. The search alone also takes Hangul syllables one by one,
because particles are written on to a noun, and a reader who looks for the noun types no particle.
"""

import unicodedata

_TIBETAN = "\u0f00-\u0fff"
_THAI_AND_LAO = "\u0e00-\u0eff"
_MYANMAR = "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"
_KHMER = "\u1780-\u17ff\u19e0-\u19ff"
_KANA = "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f\U0001aff0-\U0001b16f"
_BOPOMOFO = "\u3100-\u312f\u31a0-\u31bf"
_HAN = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)

#: The set for sketches of comments. Sketches are stored, and a text whose letters turn from words
#: into characters gets other hashes. Tibetan texts were sketched by words from the start, so Tibetan
#: stays out, or their earlier copies would not be found. No stored sketch depends on the other ranges
#: that came later: a text that consists of such characters was one long word, and had no sketch.
UNSPACED_IN_SKETCHES = f"{_THAI_AND_LAO}{_MYANMAR}{_KHMER}{_KANA}{_BOPOMOFO}{_HAN}"
#: Every script without spaces.
UNSPACED = f"{UNSPACED_IN_SKETCHES}{_TIBETAN}"
HANGUL_SYLLABLES = "\uac00-\ud7af"


def find_direction(text: str) -> str:
    """Return "rtl" or "ltr" by the first letter with a direction, as `dir="auto"` does in browsers.

    Programs that print pages do not know `auto`. A text without such a letter runs left to right.
    """
    classes = (unicodedata.bidirectional(character) for character in text)
    return "rtl" if next((c for c in classes if c in {"L", "R", "AL"}), "L") != "L" else "ltr"
