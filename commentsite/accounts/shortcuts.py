"""The keys of the desk: one for each act, as they come or as somebody chose them."""

from collections.abc import Mapping
from dataclasses import dataclass

from commentsite.errors import Invalid

#: As in the desks that people know: WordPress moves with J and K, ticks with X, approves with A.
DEFAULT_SHORTCUTS = {
    "next": "j",
    "previous": "k",
    "select": "x",
    "publish": "a",
    "refuse": "r",
    "return": "u",
    "spam": "s",
    "undo": "z",
    "find": "/",
    "help": "?",
}


@dataclass(frozen=True)
class Shortcuts:
    """The keys of one person by act, and whether they are off."""

    by_action: Mapping[str, str]
    is_off: bool = False


def validate_shortcuts(keys: Mapping[str, str]) -> dict[str, str]:
    """Return a key for each act, one letter, digit or sign, no two alike.

    Raises Invalid, naming the act in its field, so that what was typed can be shown again.
    """
    chosen: dict[str, str] = {}
    for act in DEFAULT_SHORTCUTS:
        key = keys.get(act, "").strip().lower()
        if len(key) != 1 or not key.isprintable():
            msg = "A key is one letter, digit or sign."
            raise Invalid(msg, field=act)
        if key in chosen.values():
            msg = "Two acts cannot have the same key."
            raise Invalid(msg, field=act)
        chosen[act] = key
    return chosen
