"""Read dates, times and files from the forms about a letter, and answer with a file."""

import re
from datetime import UTC, date, datetime

from flask import Response, request

from commentsite.errors import Invalid


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


def read_utc_time(field: str) -> datetime | None:
    """Return the time in a field, None when it is empty. A time without a zone is in UTC.

    Raises Invalid when it is not a time.
    """
    text = request.form.get(field, "").strip()
    try:
        time = datetime.fromisoformat(text) if text else None
    except ValueError:
        msg = "Choose a date and a time (UTC)."
        raise Invalid(msg, field=field) from None
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


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
