"""Read what stands around a letter: its neighbours, its translations, the documents it cites."""

from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all

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


def neighbours(letter: Letter) -> list[Neighbour]:
    """Return the original, translations, successor, and the letters published before and after, in one query."""
    is_public = Letter.state.in_(PUBLIC)
    columns = (Letter.slug, Letter.title, Letter.language)
    root = letter.translation_of_id or letter.id
    family = select(literal("translation"), *columns).where(
        Letter.translation_of_id == root, Letter.id != letter.id, is_public
    )
    original = select(literal("original"), *columns).where(
        Letter.id == letter.translation_of_id, is_public
    )
    successor = select(literal("successor"), *columns).where(
        Letter.id == letter.superseded_by_id, is_public
    )
    standing = Letter.state == LetterState.PUBLISHED
    newer = (
        select(literal("newer"), *columns)
        .where(standing, Letter.published_at > letter.published_at)
        .order_by(Letter.published_at)
        .limit(1)
        .subquery()
    )
    older = (
        select(literal("older"), *columns)
        .where(standing, Letter.published_at < letter.published_at)
        .order_by(Letter.published_at.desc())
        .limit(1)
        .subquery()
    )
    parts = (original, family, successor, select(newer), select(older))
    return [Neighbour(*row) for row in session().execute(union_all(*parts))]


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
    query = select(Citation).where(Citation.letter_id == letter.id).order_by(Citation.id)
    return list(session().scalars(query))
