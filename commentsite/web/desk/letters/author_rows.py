"""The rows for the authors in the forms about a letter. Buttons add and remove rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from commentsite.letters.draft import AuthorDraft
from commentsite.letters.models import LetterAuthor
from commentsite.letters.states import AuthorCapacity

ROW_BUTTON = "row"  # its value is "add", or "remove-" and the number of a row, from 1
MAX_AUTHORS = 40


@dataclass(frozen=True)
class AuthorRow:
    """An author as typed, or an empty row."""

    name: str = ""
    stakeholder_group: str = "UND"
    capacity: str = AuthorCapacity.PERSONAL
    organisation: str = ""


def build_author_rows(authors: Sequence[LetterAuthor]) -> list[AuthorRow]:
    """Return a row for each author of a letter, or one empty row."""
    rows = [
        AuthorRow(author.name, author.stakeholder_group, author.capacity, author.organisation)
        for author in authors
    ]
    return rows or [AuthorRow()]


def read_author_rows() -> list[AuthorRow]:
    """Return the rows of the form, empty ones included, at least one."""
    fields = ("author_name", "author_group", "author_capacity", "author_organisation")
    columns = [request.form.getlist(field) for field in fields]
    return [AuthorRow(*row) for row in zip(*columns, strict=False)][:MAX_AUTHORS] or [AuthorRow()]


def is_row_change() -> bool:
    """Return whether the form was sent to add or to remove a row."""
    return ROW_BUTTON in request.form


def change_rows(rows: list[AuthorRow]) -> list[AuthorRow]:
    """Return the rows as the pressed button changes them."""
    button = request.form.get(ROW_BUTTON, "")
    if button == "add":
        return [*rows, AuthorRow()][:MAX_AUTHORS]
    number = button.removeprefix("remove-")
    if number.isdecimal() and len(number) < 4:
        rows = [row for n, row in enumerate(rows, 1) if n != int(number)]
    return rows or [AuthorRow()]


def list_authors(rows: Sequence[AuthorRow]) -> tuple[AuthorDraft, ...]:
    """Return the authors of the rows. A row without a name is left out."""
    return tuple(
        AuthorDraft(
            name=row.name.strip(),
            group=row.stakeholder_group,
            capacity=row.capacity,
            organisation=row.organisation.strip(),
        )
        for row in rows
        if row.name.strip()
    )
