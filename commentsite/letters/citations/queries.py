"""TODO docstring of commentsite.letters.citations.queries."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from commentsite.db.session import session
from commentsite.letters.models import Citation, Letter
from commentsite.letters.states import LetterState

_CITATIONS = select(Citation).where(Citation.letter_id == bindparam("letter")).order_by(Citation.id)


@dataclass(frozen=True)
class CitedDocument:
    """A document and how many public letters cite it."""

    symbol: str
    letter_count: int


def list_cited_documents() -> list[CitedDocument]:
    """Return the documents that published letters cite, the most cited first."""
    number = func.count(func.distinct(Citation.letter_id))
    query = select(Citation.symbol, number).join(Letter, Letter.id == Citation.letter_id)
    query = query.where(Letter.state == LetterState.PUBLISHED).group_by(Citation.symbol)
    rows = session().execute(query.order_by(number.desc(), Citation.symbol).limit(500))
    return [CitedDocument(*row) for row in rows]


def list_citing_letters(symbol: str) -> list[tuple[Citation, Letter]]:
    """Return where published letters cite a document, by its paragraphs."""
    query = (
        select(Citation, Letter)
        .join(Letter, Letter.id == Citation.letter_id)
        .where(Citation.symbol == symbol, Letter.state == LetterState.PUBLISHED)
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
    """Return what a letter cites, in order."""
    return list(session().scalars(_CITATIONS, {"letter": letter.id}))
