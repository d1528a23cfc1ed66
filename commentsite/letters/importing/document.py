"""The common form to which the reader of each file format brings a document."""

from dataclasses import dataclass
from datetime import date

from commentsite.letters.importing.remarks import ImportRemark


@dataclass(frozen=True)
class Picture:
    """A picture of the document. `marker` is the text that stands in its place in the Markdown."""

    marker: str
    content: bytes
    description: str = ""  # the text alternative; empty if the document has none


@dataclass(frozen=True)
class ParsedDocument:
    """A document as Markdown. Each block is one unit of the letter: a paragraph, a heading, a table and so on.

    A paragraph that the author numbered begins with its label as typed: `11. `, `11 bis. `, `(b) `.
    Text that only looks like a label or like markup is escaped with a backslash.
    """

    blocks: tuple[str, ...]
    title: str = ""
    remarks: tuple[ImportRemark, ...] = ()
    pictures: tuple[Picture, ...] = ()
    language: str = ""  # BCP 47, as the document states it; empty if it does not
    date_written: date | None = None
