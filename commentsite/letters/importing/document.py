"""The common form to which the reader of each file format brings a document."""

from dataclasses import dataclass
from datetime import date

from commentsite.letters.draft import Picture
from commentsite.letters.remarks import ImportRemark

__all__ = ["ParsedDocument", "Picture"]


@dataclass(frozen=True)
class ParsedDocument:
    """A document as Markdown.

    Each block is one unit of the letter, such as a paragraph, a heading, a list or a table.
    A paragraph that the author numbered begins with its label as typed: `11. `, `11 bis. `, `(b) `.
    Text that only looks like a label or like markup is escaped with a backslash.
    """

    blocks: tuple[str, ...]
    title: str = ""
    remarks: tuple[ImportRemark, ...] = ()
    pictures: tuple[Picture, ...] = ()
    language: str = ""  # BCP 47, as the document states it; empty if it does not
    date_written: date | None = None
