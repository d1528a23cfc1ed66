"""Write letters and comments as CSV files for spreadsheet programs."""

import csv
from typing import IO

from commentsite.exchange.own_format.records import Comment, Letter
from commentsite.text.csv_cells import escape_csv_cell

LETTER_COLUMNS = (
    *("id", "slug", "state", "title", "authors", "language", "topics", "date_written"),
    *("published_at", "comments"),
)
COMMENT_COLUMNS = (
    *("id", "letter", "state", "name", "group", "organisation", "capacity", "kind", "stance"),
    *("paragraphs", "parent", "language", "submitted_at", "published_at", "quote_as", "body"),
)


class LetterTable:
    """The file letters.csv."""

    def __init__(self, file: IO[str]) -> None:
        self._write = csv.writer(file).writerow
        self._write(LETTER_COLUMNS)

    def add(self, letter: Letter, comment_count: int) -> None:
        authors = "; ".join(author.name for author in letter.authors)
        self._write(
            [
                letter.id,
                letter.slug,
                letter.state,
                escape_csv_cell(letter.title),
                escape_csv_cell(authors),
                letter.language,
                escape_csv_cell("; ".join(letter.topics)),
                letter.date_written or "",
                letter.published_at.isoformat() if letter.published_at else "",
                comment_count,
            ]
        )


class CommentTable:
    """The file comments.csv. `slugs` are those of the letters by id."""

    def __init__(self, file: IO[str], slugs: dict[int, str], *, has_email: bool) -> None:
        self._write = csv.writer(file).writerow
        self._slugs, self._has_email = slugs, has_email
        self._write((*COMMENT_COLUMNS, "email") if has_email else COMMENT_COLUMNS)

    def add(self, comment: Comment) -> None:
        cells = [
            comment.id,
            self._slugs.get(comment.letter, ""),
            comment.state,
            escape_csv_cell(comment.name),
            escape_csv_cell(comment.group),
            escape_csv_cell(comment.organisation),
            comment.capacity,
            comment.kind,
            comment.stance,
            " ".join([target.pid for target in comment.targets]) if comment.targets else "",
            comment.parent or "",
            comment.language,
            comment.submitted_at.isoformat(),
            comment.published_at.isoformat() if comment.published_at else "",
            comment.quote_as,
            escape_csv_cell(comment.body),
        ]
        if self._has_email:
            cells.append(escape_csv_cell(comment.email))
        self._write(cells)
