"""Read the pictures of letters."""

from collections.abc import Iterable

from sqlalchemy import select

from commentsite.db.session import session
from commentsite.letters.models import Letter, Media
from commentsite.letters.states import LetterState

_READABLE_STATES = (LetterState.PUBLISHED, LetterState.SUPERSEDED)


def list_media(letter_id: int, hashes: Iterable[str] | None = None) -> list[Media]:
    """List the pictures of a letter, all or those with one of these hashes."""
    query = select(Media).where(Media.letter_id == letter_id).order_by(Media.id)
    if hashes is not None:
        query = query.where(Media.sha256.in_(set(hashes)))
    return list(session().scalars(query))


def is_public_media(sha256: str, extension: str) -> bool:
    """Return whether a published text that readers can open has this picture."""
    query = (
        select(Media.id)
        .join(Letter, Letter.id == Media.letter_id)
        .where(
            Media.sha256 == sha256,
            Media.extension == extension,
            Media.published_at.is_not(None),
            Letter.state.in_(_READABLE_STATES),
        )
        .limit(1)
    )
    return session().scalars(query).first() is not None


def list_media_names() -> list[tuple[str, str]]:
    """List the name of each picture's file, with the address of a letter that has it."""
    query = (
        select(Media.sha256, Media.extension, Letter.slug)
        .join(Letter, Letter.id == Media.letter_id)
        .order_by(Media.id)
    )
    return [(f"{sha}.{extension}", slug) for sha, extension, slug in session().execute(query)]
