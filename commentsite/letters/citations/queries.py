"""Read the documents that letters cite."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from commentsite.db.session import session
from commentsite.letters.models import Citation, Letter
from commentsite.letters.states import LetterState

_CITATIONS = select(Citation).where(Citation.letter_id == bindparam("letter")).order_by(Citation.id)


@dataclass(frozen=True)
class CitedDocument:
    symbol: str
    letter_count: int  # of published letters that cite it


def list_cited_documents() -> list[CitedDocument]:
    """List the documents that published letters cite, the most cited first, at most 500."""
    letter_count = func.count(func.distinct(Citation.letter_id))
    query = (
        select(Citation.symbol, letter_count)
        .join(Letter, Letter.id == Citation.letter_id)
        .where(Letter.state == LetterState.PUBLISHED, Letter.is_page.is_(False))
        .group_by(Citation.symbol)
        .order_by(letter_count.desc(), Citation.symbol)
        .limit(500)
    )
    return [CitedDocument(*row) for row in session().execute(query)]


def list_citing_letters(symbol: str) -> list[tuple[Citation, Letter]]:
    """List the citations of a document in published letters, at most 2,000.

    They are sorted by the cited paragraph. Its number is text such as “61” or “61a”, so shorter
    numbers come first.
    """
    query = (
        select(Citation, Letter)
        .join(Letter, Letter.id == Citation.letter_id)
        .where(
            Citation.symbol == symbol,
            Letter.state == LetterState.PUBLISHED,
            Letter.is_page.is_(False),
        )
        .order_by(
            func.length(Citation.cited_paragraph),
            Citation.cited_paragraph,
            Letter.published_at,
            Citation.number,
        )
        .limit(2000)
    )
    return [(citation, letter) for citation, letter in session().execute(query)]


def list_citations(letter: Letter) -> list[Citation]:
    """List the citations of a letter in the order of its text."""
    return list(session().scalars(_CITATIONS, {"letter": letter.id}))
