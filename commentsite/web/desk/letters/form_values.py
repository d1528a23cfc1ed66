"""Read dates, times and files from the forms about a letter, and answer with a file."""

import re
from datetime import date, datetime

from flask import Response, request

from commentsite.accounts.time_zones import resolve_local_time
from commentsite.errors import Invalid
from commentsite.web.rendering.time_zones import format_for_field, get_zone


def read_text_fields() -> dict[str, str]:
    """Return the stripped value of each field of the form. Only the first value of a repeated field counts."""
    return {name: request.form.get(name, "").strip() for name in request.form}


def read_date(field: str) -> date | None:
    """Return the date in a field, None when it is empty. Raises Invalid when it is not a date."""
    text = request.form.get(field, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        msg = "Enter the date as year, month and day, for example 2018-01-31."
        raise Invalid(msg, field=field) from None


def read_local_time(field: str, stored: datetime | None = None) -> datetime | None:
    """Return the time in a field, None when it is empty. A time without a zone is in that of the account.

    A field that still holds the `stored` time means exactly that moment, also when the clocks show
    it twice. Raises Invalid when the text is not a time, or a time that the clocks skip.
    """
    text = request.form.get(field, "").strip()
    if stored is not None and text == format_for_field(stored):
        return stored
    try:
        time = datetime.fromisoformat(text) if text else None
    except ValueError:
        msg = "Choose a date and a time."
        raise Invalid(msg, field=field) from None
    if time is None or time.tzinfo is not None:
        return time
    try:
        return resolve_local_time(time, get_zone(), field=field)
    except OverflowError:
        msg = "Choose a date and a time."
        raise Invalid(msg, field=field) from None


def read_upload(field: str) -> tuple[str, bytes]:
    """Return the name and the content of an uploaded file, both empty when no file was chosen."""
    file = request.files.get(field)
    return (file.filename or "", file.read()) if file else ("", b"")


def build_download(content: bytes, filename: str) -> Response:
    """Build an answer that saves a file to disk.

    The type is always application/octet-stream. A browser then never opens an uploaded file, which
    may hold a script, under the site's own address.
    """
    response = Response(content, mimetype="application/octet-stream")
    safe_name = re.sub(r"[^\w.-]+", "_", filename, flags=re.ASCII)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe_name}"'
    return response
