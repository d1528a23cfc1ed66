"""Recognise texts that look alike: case, accents, invisible characters and look-alike letters are folded away."""

import re
import unicodedata

from commentsite.text.scripts import UNSPACED

MAX_FOLDED = 70_000  # characters whose folding is cached; all that people write fits
_INDIC_MARKS = "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u0dff"
_LETTER = rf"(?:[^\W{UNSPACED}]|[{_INDIC_MARKS}])"
# What ends a sentence ends a phrase, and is a token that no list holds.
_END = rf"[!?;。、]|\.(?=\s|$)|[,:](?=[{UNSPACED}])"
_ENDS = frozenset("!?;。、.,:")
TOKEN = re.compile(rf"{_LETTER}+|[{UNSPACED}]|{_END}")
# Whatever shows nothing, or only stretches a word: controls but white space, fillers, joiners, directions, selectors, tags.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕһԁԛԝмтвкнӏαοερτυνικχɑɡıɩɪʏᴀʙᴄᴅᴇꜰɢʜᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡᴢօսհց" + "013457",
    "aeopcyxijshdqwmtbkhlaoepruvikxagiiiyabcdefghjklmnoprstuvwzouhg" + "oieast",
)
# Marks that make another letter and not an accent: of Indic vowels, of kana, of Thai and its neighbours.
_KEPT_CLASSES = frozenset({0, 7, 8, 9, 84, 91, 103, 107, 118, 122, 129, 130, 132})


class _Folding(dict[int, str]):
    """What each character is taken for; worked out once for each."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = "" if INVISIBLE.match(char) else _fold(char)
        if len(self) < MAX_FOLDED:
            self[code] = folded
        return folded


def _fold(char: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    bare = "".join(c for c in plain if unicodedata.combining(c) in _KEPT_CLASSES)
    return bare.translate(_LOOKALIKES)


FOLDING = _Folding()


def folded_words(text: str) -> list[str]:
    """Return the words of a text as they are compared; in scripts without spaces, its characters."""
    return [word for word in TOKEN.findall(text.translate(FOLDING)) if word not in _ENDS]


def skeleton(name: str) -> str:
    """Return how a name looks at a glance. Two names with the same skeleton can be confused."""
    folded = "".join(folded_words(name.replace("|", "l")))
    return folded.replace("l", "i")  # capital i and small L look the same
