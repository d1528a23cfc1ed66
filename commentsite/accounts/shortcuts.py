"""The keyboard shortcuts of the moderation desk: one key for each action, which staff can change."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from commentsite.errors import Invalid


class ShortcutAction(StrEnum):
    NEXT = "next"
    PREVIOUS = "previous"
    SELECT = "select"
    PUBLISH = "publish"
    REFUSE = "refuse"
    RETURN = "return"
    SPAM = "spam"
    UNDO = "undo"
    FIND = "find"
    HELP = "help"


# A verdict is on a letter of its verb: Publish, Return, reFuse, Spam. J, K and X are as in many mail programs.
DEFAULT_SHORTCUTS: dict[str, str] = {
    ShortcutAction.NEXT: "j",
    ShortcutAction.PREVIOUS: "k",
    ShortcutAction.SELECT: "x",
    ShortcutAction.PUBLISH: "p",
    ShortcutAction.REFUSE: "f",
    ShortcutAction.RETURN: "r",
    ShortcutAction.SPAM: "s",
    ShortcutAction.UNDO: "z",
    ShortcutAction.FIND: "/",
    ShortcutAction.HELP: "?",
}


@dataclass(frozen=True)
class Shortcuts:
    """The keys of one member of staff, by action."""

    by_action: Mapping[str, str]
    is_off: bool = False


def validate_shortcuts(keys: Mapping[str, str]) -> dict[str, str]:
    """Return one key for each action, in lower case.

    Raises Invalid with the action as its field if a key is not one character, or serves two actions.
    """
    validated: dict[str, str] = {}
    for action in ShortcutAction:
        key = keys.get(action, "").strip().lower()
        if len(key) != 1 or not key.isprintable():
            msg = "Enter one letter, digit or sign."
            raise Invalid(msg, field=action.value)
        if key in validated.values():
            msg = "Two actions cannot have the same key."
            raise Invalid(msg, field=action.value)
        validated[action.value] = key
    return validated
