"""TODO docstring of commentsite.web.http.parameters."""

MAX_ID = 2**31 - 1  # what an id can be in any database here


def parse_id(text: str) -> int | None:
    """Return a number as ASCII digits write it, None for anything else or more than an id can be."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    number = int(text)
    return number if number <= MAX_ID else None
