"""Fold texts so that those which look alike become equal.

Folding removes case, accents, invisible characters, compatibility forms and the difference between
look-alike letters, such as Cyrillic and Latin "a". Word lists and reserved names are compared in
this form.
"""

import re
import unicodedata

from commentsite.text.scripts import UNSPACED

MAX_FOLDED = 70_000  # characters in the cache, more than all living languages use
_INDIC_MARKS = "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u0dff"
_LETTER = rf"(?:[^\W{UNSPACED}]|[{_INDIC_MARKS}])"
# The end of a sentence is a token of its own, so that an entry of several words does not match across
# sentences.
_END = rf"[!?;。、]|\.(?=\s|$)|[,:](?=[{UNSPACED}])"
_ENDS = frozenset("!?;。、.,:")
TOKEN = re.compile(rf"{_LETTER}+|[{UNSPACED}]|{_END}")
# Characters that show nothing or only stretch a word: controls except white space, fillers, joiners,
# the Arabic tatweel, directional marks, variation selectors and tags.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕһԁԛԝмтвкнӏαοερτυνικχɑɡıɩɪʏᴀʙᴄᴅᴇꜰɢʜᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡᴢօսհց" + "013457",
    "aeopcyxijshdqwmtbkhlaoepruvikxagiiiyabcdefghjklmnoprstuvwzouhg" + "oieast",
)
# Combining classes of marks that make another letter and not an accent: Indic vowels, kana voicing,
# vowels and tones of Thai, Lao and Tibetan.
_LETTER_MARK_CLASSES = frozenset({0, 7, 8, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132})


class _Folding(dict[int, str]):
    """A table for `str.translate` that computes the folding of each character once."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = "" if INVISIBLE.match(char) else _fold(char)
        if len(self) < MAX_FOLDED:
            self[code] = folded
        return folded


def _fold(char: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    without_accents = "".join(
        part for part in decomposed if unicodedata.combining(part) in _LETTER_MARK_CLASSES
    )
    return without_accents.translate(_LOOKALIKES)


FOLDING = _Folding()


def folded_words(text: str) -> list[str]:
    """Return the folded words of a text. In scripts without spaces, each character is a word."""
    return [word for word in TOKEN.findall(text.translate(FOLDING)) if word not in _ENDS]


def skeleton(name: str) -> str:
    """Return a form that two names share when a reader may confuse them."""
    folded = "".join(folded_words(name.replace("|", "l")))
    return folded.replace("l", "i")  # capital i and small L look the same
