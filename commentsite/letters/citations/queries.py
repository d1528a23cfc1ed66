"""Read the documents that letters cite."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from commentsite.db.pagination import page_within
from commentsite.db.session import session
from commentsite.letters.models import Citation, Letter
from commentsite.letters.states import LetterState

CITATIONS_PER_PAGE = 100
_CITATIONS = select(Citation).where(Citation.letter_id == bindparam("letter")).order_by(Citation.id)
_CITED_SYMBOLS = (
    select(Citation.__mapper__.c.symbol, Citation.__mapper__.c.label)
    .where(Citation.__mapper__.c.letter_id == bindparam("letter"))
    .order_by(Citation.__mapper__.c.id)
)
_IS_LISTED = (Letter.state == LetterState.PUBLISHED, Letter.is_page.is_(False))
# The number of a cited paragraph is text such as “61” or “61a”, so shorter numbers come first.
_PARAGRAPH_ORDER = (func.length(Citation.cited_paragraph), Citation.cited_paragraph)


@dataclass(frozen=True)
class CitedDocument:
    symbol: str
    letter_count: int  # of published letters that cite it
    citation_count: int  # in these letters

    @property
    def page_count(self) -> int:
        """The number of pages that list its citations."""
        return page_within(1, self.citation_count, CITATIONS_PER_PAGE)[1]


class CitedSymbol(NamedTuple):
    """The symbol of a document, and the label of a paragraph of the letter that cites it."""

    symbol: str
    label: str


class CitingParagraph(NamedTuple):
    """A paragraph of a published letter that cites a document."""

    cited_paragraph: str  # empty: the document as a whole
    slug: str
    title: str
    language: str
    pid: str
    label: str
    citing_text: str


def list_cited_documents() -> list[CitedDocument]:
    """List the documents that published letters cite, the most cited first, at most 500."""
    letter_count = func.count(func.distinct(Citation.letter_id))
    query = (
        select(Citation.symbol, letter_count, func.count())
        .join(Letter, Letter.id == Citation.letter_id)
        .where(*_IS_LISTED)
        .group_by(Citation.symbol)
        .order_by(letter_count.desc(), Citation.symbol)
        .limit(500)
    )
    return [CitedDocument(*row) for row in session().execute(query)]


def count_citations(symbol: str) -> dict[str, int]:
    """Count the citations of each paragraph of a document in published letters, in the order of the paragraphs.

    The document as a whole comes first, with the key "".
    """
    query = (
        select(Citation.cited_paragraph, func.count())
        .join(Letter, Letter.id == Citation.letter_id)
        .where(Citation.symbol == symbol, *_IS_LISTED)
        .group_by(Citation.cited_paragraph)
        .order_by(*_PARAGRAPH_ORDER)
    )
    return {row[0]: row[1] for row in session().execute(query)}


def list_citing_paragraphs(
    symbol: str, counts: Mapping[str, int], page: int
) -> list[CitingParagraph]:
    """List one page of the citations of a document, by the cited paragraph and then the oldest letter first.

    `counts` is what `count_citations` returns. Only the citations of the paragraphs on the page are read.
    """
    first = (page - 1) * CITATIONS_PER_PAGE
    paragraphs, offset, position = [], 0, 0
    for paragraph, count in counts.items():
        if position < first + CITATIONS_PER_PAGE and position + count > first:
            paragraphs.append(paragraph)
            offset = max(offset, first - position)
        position += count
    query = (
        select(
            Citation.cited_paragraph,
            Letter.slug,
            Letter.title,
            Letter.language,
            Citation.pid,
            Citation.label,
            Citation.citing_text,
        )
        .join(Letter, Letter.id == Citation.letter_id)
        .where(Citation.symbol == symbol, Citation.cited_paragraph.in_(paragraphs), *_IS_LISTED)
        .order_by(*_PARAGRAPH_ORDER, Letter.published_at, Citation.number, Citation.id)
        .limit(CITATIONS_PER_PAGE)
        .offset(offset)
    )
    return [CitingParagraph._make(row) for row in session().execute(query)]


def list_cited_symbols(letter: Letter) -> list[CitedSymbol]:
    """List what the page of a letter shows of its citations, in the order of its text."""
    rows = session().execute(_CITED_SYMBOLS, {"letter": letter.id})
    return [CitedSymbol._make(row) for row in rows]


def list_citations(letter: Letter) -> list[Citation]:
    """List the citations of a letter in the order of its text."""
    return list(session().scalars(_CITATIONS, {"letter": letter.id}))
