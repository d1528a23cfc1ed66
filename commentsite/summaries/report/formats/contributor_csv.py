"""Write the contributors of a record as CSV, a row for each comment, in constant memory."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from commentsite.summaries.report.content import Contributor
from commentsite.text.csv_cells import escape_csv_cell

COLUMNS = (
    *("comment", "letter", "posted_at", "name", "group", "organisation", "capacity"),
    *("affiliation", "quote_as", "kind", "stance", "is_late", "use", "reason", "url"),
)
ROWS_AT_ONCE = 500
BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheet programs recognise UTF-8


class _Echo:
    """A file that returns what is written to it."""

    @staticmethod
    def write(line: str) -> str:
        return line


def write_contributor_csv(
    contributors: Iterable[Contributor], addresses: Mapping[str, str]
) -> Iterator[str]:
    """Yield the file in parts. `addresses` are those of the comments of each letter, without the id.

    Comments that may only be counted are rows without id, name and address. Cells that a
    spreadsheet program would run as a formula begin with an apostrophe.
    """
    write = csv.writer(_Echo()).writerow
    yield BYTE_ORDER_MARK + write(COLUMNS)
    rows = (write(_build_row(row, addresses)) for row in contributors)
    while part := "".join(islice(rows, ROWS_AT_ONCE)):
        yield part


def _build_row(row: Contributor, addresses: Mapping[str, str]) -> list[object]:
    author = row.author
    return [
        row.comment_id or "",
        row.letter_slug,
        row.posted_at.isoformat() if row.posted_at else "",
        escape_csv_cell(author.name),
        escape_csv_cell(author.stakeholder_group),
        escape_csv_cell(author.organisation),
        author.capacity,
        row.affiliation,
        row.consent,
        row.kind,
        row.stance,
        "yes" if row.is_late else "no",
        row.use or "",
        escape_csv_cell(row.use_reason),
        f"{addresses[row.letter_slug]}{row.comment_id}" if row.comment_id else "",
    ]
