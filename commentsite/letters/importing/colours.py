"""The rule by which text cannot be read on its page: its colour, its transparency and its size.

Readers of all formats state colours as `#rrggbb`. The empty string is a colour that the file does not
state, such as the automatic one, which always contrasts with its background.
"""

import re

WHITE = "#ffffff"
BLACK = "#000000"
TRANSPARENT = "transparent"
MAX_HIDDEN_SIZE = 1  # points: smaller text cannot be read
MAX_HIDDEN_DIFFERENCE = 8  # of 255, in each of red, green and blue
_HEXADECIMAL = re.compile(r"#?([0-9a-f]{6})", re.IGNORECASE)


def read_hexadecimal(value: str | None) -> str:
    """Return a colour of six digits, with or without `#`, or '' for another value."""
    match = _HEXADECIMAL.fullmatch((value or "").strip())
    return f"#{match[1].lower()}" if match else ""


def is_unreadable(colour: str, background: str, size: float | None = None) -> bool:
    """Return whether text of a colour and a size in points cannot be seen on its background."""
    if colour == TRANSPARENT or (size is not None and size <= MAX_HIDDEN_SIZE):
        return True
    if not colour or not background:
        return False
    return all(
        abs(int(colour[index : index + 2], 16) - int(background[index : index + 2], 16))
        <= MAX_HIDDEN_DIFFERENCE
        for index in (1, 3, 5)
    )
