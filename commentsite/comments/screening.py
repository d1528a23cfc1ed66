"""Say why a comment waits for a person: an ordered table of checks, each naming what it found."""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

TRAP = "trap"
SANCTION = "sanction"
FIRST_READING = {"rule": "first_reading", "detail": ""}
FASTEST_READER = 10.0  # seconds in which nobody types more than LONG_TEXT characters
LONG_TEXT = 200

_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,80}>")
# Whatever shows nothing: controls but white space, fillers, joiners, directions, selectors, tags.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_WORD = re.compile(r"\w+")
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕһԁԛԝмтвкнαοερτυνικχ" + "013457",
    "aeopcyxijshdqwmtbkhaoepruvikx" + "oieast",
)


@dataclass(frozen=True)
class Facts:
    """What is known when a comment arrives."""

    name: str
    body: str
    nickname: str
    form_age: float
    is_repeat: bool
    near: str  # how much of it an earlier comment shares, and the number of that comment
    is_burst: bool
    reserved_names: tuple[str, ...]
    banned_words: tuple[str, ...]
    hold_links: int
    is_sanctioned: bool = False  # a moderator wants to read whatever comes from this address


def screen(facts: Facts) -> list[dict[str, str]]:
    """Return the reasons a comment is held for, gravest first; every comment has at least one."""
    held: list[dict[str, str]] = []
    if facts.nickname:
        held.append({"rule": TRAP, "detail": ""})
    if facts.is_sanctioned:
        held.append({"rule": SANCTION, "detail": ""})
    if found := screen_words(f"{facts.name} {facts.body}", facts.banned_words):
        held.append({"rule": "banned_word", "detail": found[0]})
    links = len(_LINK.findall(facts.body))
    if facts.hold_links and links >= facts.hold_links:
        held.append({"rule": "links", "detail": str(links)})
    if twin := _lookalike(facts.name, facts.reserved_names):
        held.append({"rule": "name_like", "detail": twin})
    if facts.is_repeat:
        held.append({"rule": "repeat", "detail": ""})
    elif facts.near:
        held.append({"rule": "near_repeat", "detail": facts.near})
    if facts.form_age < FASTEST_READER and len(facts.body) > LONG_TEXT:
        held.append({"rule": "too_fast", "detail": str(int(facts.form_age))})
    if facts.is_burst:
        held.append({"rule": "burst", "detail": ""})
    return held or [FIRST_READING]


def screen_words(text: str, banned: tuple[str, ...]) -> list[str]:
    """Return the banned words and phrases that stand in a text as whole words, disguised or not.

    Time grows with the length of the text plus the length of the list, not their product.
    """
    by_first: dict[str, list[tuple[list[str], str]]] = defaultdict(list)
    for entry in banned:
        if parts := _words(entry):
            by_first[parts[0]].append((parts, entry))
    found: dict[str, None] = {}
    for words in (_words(text), _words(_TAG.sub("", text))):
        for index, word in enumerate(words):
            for parts, entry in by_first.get(word, ()):
                if words[index : index + len(parts)] == parts:
                    found[entry] = None
    return list(found)


def skeleton(name: str) -> str:
    """Return what a name looks like to a hurried eye: two with the same skeleton can be confused."""
    return "".join(_words(name.replace("|", "l"))).replace(
        "l", "i"
    )  # capital i and small L look the same


def _lookalike(name: str, reserved: tuple[str, ...]) -> str:
    mine = skeleton(name)
    return next((other for other in reserved if mine and skeleton(other) == mine), "")


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    )
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return _WORD.findall(bare.translate(_LOOKALIKES))
