"""Parse values of addresses, query strings and forms."""

MAX_ID = 2**31 - 1  # the largest integer of an id column in PostgreSQL


def parse_id(text: str) -> int | None:
    """Return the number that ASCII digits spell, or None for other text and for numbers above MAX_ID."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    number = int(text)
    return number if number <= MAX_ID else None
