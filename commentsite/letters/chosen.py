"""Read the letters that somebody at the desk chooses one from."""

from sqlalchemy import Row, select

from commentsite.db import session
from commentsite.letters.models import Letter


def newest_by_name(
    limit: int, *, besides: str = "", only: frozenset[int] | None = None
) -> list[Row[tuple[str, str, str]]]:
    """Return slug, title and language of the letters published last, of all or some; `besides` is one more, however old."""
    query = select(Letter.slug, Letter.title, Letter.language)
    query = query.where(Letter.published_at.is_not(None)).order_by(Letter.published_at.desc())
    if only is not None:
        query = query.where(Letter.id.in_(only))
    found: list[Row[tuple[str, str, str]]] = list(session().execute(query.limit(limit)))
    if besides and all(row.slug != besides for row in found):
        found += session().execute(query.where(Letter.slug == besides))
    return found


def published_languages(only: frozenset[int] | None = None) -> set[str]:
    """Return the languages of the letters that were ever published, of all or some."""
    query = select(Letter.language).distinct().where(Letter.published_at.is_not(None))
    if only is not None:
        query = query.where(Letter.id.in_(only))
    return set(session().scalars(query))
