"""Read what stands around a letter: its neighbours, its translations, the documents it cites."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, bindparam, func, literal, select, union_all

from commentsite.db import session
from commentsite.letters.models import Citation, Letter
from commentsite.letters.states import PUBLIC, LetterState


@dataclass(frozen=True)
class Neighbour:
    """A letter as others point to it."""

    relation: str  # original, translation, newer, older, successor
    slug: str
    title: str
    language: str


def _compose_neighbours() -> CompoundSelect[Any]:
    is_public, standing = Letter.state.in_(PUBLIC), Letter.state == LetterState.PUBLISHED
    columns = (Letter.slug, Letter.title, Letter.language)
    family = select(literal("translation"), *columns).where(
        Letter.translation_of_id == bindparam("root"), Letter.id != bindparam("letter"), is_public
    )
    original, successor = (
        select(literal(relation), *columns).where(Letter.id == bindparam(relation), is_public)
        for relation in ("original", "successor")
    )
    newer = (
        select(literal("newer"), *columns)
        .where(standing, Letter.published_at > bindparam("moment"))
        .order_by(Letter.published_at)
        .limit(1)
        .subquery()
    )
    older = (
        select(literal("older"), *columns)
        .where(standing, Letter.published_at < bindparam("moment"))
        .order_by(Letter.published_at.desc())
        .limit(1)
        .subquery()
    )
    return union_all(original, family, successor, select(newer), select(older))


# Asked with each page that is drawn, so composed once.
_NEIGHBOURS = _compose_neighbours()
_CITATIONS = select(Citation).where(Citation.letter_id == bindparam("letter")).order_by(Citation.id)


def neighbours(letter: Letter) -> list[Neighbour]:
    """Return the original, translations, successor, and the letters published before and after, in one query."""
    asked = {
        "letter": letter.id,
        "root": letter.translation_of_id or letter.id,
        "original": letter.translation_of_id,
        "successor": letter.superseded_by_id,
        "moment": letter.published_at,
    }
    return [Neighbour(*row) for row in session().execute(_NEIGHBOURS, asked)]


@dataclass(frozen=True)
class CitedDocument:
    """A document and how many public letters cite it."""

    symbol: str
    letters: int


def cited_documents() -> list[CitedDocument]:
    """Return the documents that published letters cite, the most cited first."""
    number = func.count(func.distinct(Citation.letter_id))
    query = select(Citation.symbol, number).join(Letter, Letter.id == Citation.letter_id)
    query = query.where(Letter.state == LetterState.PUBLISHED).group_by(Citation.symbol)
    rows = session().execute(query.order_by(number.desc(), Citation.symbol).limit(500))
    return [CitedDocument(*row) for row in rows]


def citing_letters(symbol: str) -> list[tuple[Citation, Letter]]:
    """Return where published letters cite a document, by its paragraphs."""
    query = (
        select(Citation, Letter)
        .join(Letter, Letter.id == Citation.letter_id)
        .where(Citation.symbol == symbol, Letter.state == LetterState.PUBLISHED)
        .order_by(func.length(Citation.place), Citation.place, Letter.published_at, Citation.number)
        .limit(2000)
    )
    return [(citation, letter) for citation, letter in session().execute(query)]


def citations_of(letter: Letter) -> list[Citation]:
    """Return what a letter cites, in order."""
    return list(session().scalars(_CITATIONS, {"letter": letter.id}))
