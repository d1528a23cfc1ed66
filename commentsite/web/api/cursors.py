"""Cursors: the place in a list after which the next page begins, as one opaque word."""

import base64
import binascii
from datetime import datetime

from commentsite.errors import Invalid
from commentsite.web.http.parameters import parse_id

MAX_LENGTH = 100  # characters
MIN_YEAR, MAX_YEAR = 1970, 9000  # far from the ends of the calendar, where time zones overflow


def encode_position(moment: datetime, row_id: int) -> str:
    return _encode(f"{moment.isoformat()} {row_id}")


def decode_position(cursor: str) -> tuple[datetime, int] | None:
    """Return the time and the id in a cursor, None for "". Raises Invalid for another text."""
    if not cursor:
        return None
    moment_text, _space, id_text = _decode(cursor).partition(" ")
    try:
        moment = datetime.fromisoformat(moment_text)
    except ValueError:
        raise _build_error() from None
    row_id = parse_id(id_text)
    if moment.tzinfo is None or not MIN_YEAR <= moment.year <= MAX_YEAR or row_id is None:
        raise _build_error()
    return moment, row_id


def encode_id(row_id: int) -> str:
    return _encode(str(row_id))


def decode_id(cursor: str) -> int | None:
    """Return the id in a cursor, None for "". Raises Invalid for another text."""
    if not cursor:
        return None
    row_id = parse_id(_decode(cursor))
    if row_id is None:
        raise _build_error()
    return row_id


def _encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str) -> str:
    if len(cursor) > MAX_LENGTH or not cursor.isascii():
        raise _build_error()
    try:
        return base64.b64decode(
            f"{cursor}{'=' * (-len(cursor) % 4)}", b"-_", validate=True
        ).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _build_error() from None


def _build_error() -> Invalid:
    msg = "This cursor cannot be read. Take it from “next” of the page before."
    return Invalid(msg, field="cursor")
