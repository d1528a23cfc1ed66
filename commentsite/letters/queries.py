"""Read letters, loaded for the page that shows them."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Text, Update, bindparam, cast, func, select, update
from sqlalchemy.orm import joinedload, selectinload

from commentsite.db import for_update, session
from commentsite.errors import NotFound, require_found
from commentsite.letters.models import (
    Block,
    Letter,
    LetterSlug,
    LetterVersion,
)
from commentsite.letters.states import PUBLIC, LetterState
from commentsite.site.models import SiteSettings

# Asked with each page and each comment, so composed once.
_PUBLIC_AT = (
    select(Letter)
    .where(Letter.slug == bindparam("slug"), Letter.state.in_(PUBLIC))
    .options(joinedload(Letter.authors))
)
_STAMP = (
    select(Letter.page_version, SiteSettings.surroundings, SiteSettings.version)
    .join(SiteSettings, SiteSettings.id == 1)
    .where(Letter.slug == bindparam("slug"), Letter.state.in_(PUBLIC))
)
_BLOCKS = (
    select(Block)
    .join(LetterVersion, LetterVersion.id == Block.version_id)
    .where(
        LetterVersion.letter_id == bindparam("letter"),
        LetterVersion.number == bindparam("number"),
    )
    .order_by(Block.position)
)


@dataclass(frozen=True)
class LetterList:
    """One page of letters, and how many there are in all."""

    letters: list[Letter]
    total: int


def letter_by_slug(slug: str) -> Letter:
    """Return a public letter with its authors; NotFound for drafts too, so that none can be guessed."""
    return _one(session().scalars(_PUBLIC_AT, {"slug": slug}).unique().first())


def any_letter_by_slug(slug: str) -> Letter:
    """Return a letter of any state, for the desk."""
    return _one(
        session()
        .scalars(select(Letter).where(Letter.slug == slug).options(selectinload(Letter.authors)))
        .first()
    )


def letter_by_id(letter_id: int) -> Letter:
    """Return a letter of any state."""
    return _one(
        session()
        .scalars(select(Letter).where(Letter.id == letter_id).options(selectinload(Letter.authors)))
        .first()
    )


def page_stamp(slug: str) -> tuple[int, int, int] | None:
    """Return the versions of a public letter's page, of what stands around it, and of the site, in one small query."""
    row = session().execute(_STAMP, {"slug": slug}).first()
    return (row[0], row[1], row[2]) if row else None


def letters_version() -> str:
    """Return what lists of letters are cached under: it differs after every change a list shows."""
    count, changes = (
        session()
        .execute(
            select(func.count(), func.coalesce(func.sum(Letter.page_version), 0)).where(
                Letter.state.in_(PUBLIC)
            ),
        )
        .one()
    )
    return f"{count}.{changes}"


def current_blocks(letter: Letter) -> list[Block]:
    """Return the blocks of a letter's current version in order."""
    asked = {"letter": letter.id, "number": letter.version_number}
    return list(session().scalars(_BLOCKS, asked))


def published_letters(
    *, page: int = 1, per_page: int = 20, topic: str = "", year: int | None = None
) -> LetterList:
    """Return published letters, newest first, of a topic or a year where asked."""
    where: list[ColumnElement[bool]] = [Letter.state == LetterState.PUBLISHED]
    if year is not None:
        first, next_first = (datetime(y, 1, 1, tzinfo=UTC) for y in (year, year + 1))
        where += [Letter.published_at >= first, Letter.published_at < next_first]
    if topic:
        where.append(
            func.lower(cast(Letter.topics, Text)).contains(
                json.dumps(topic.lower()), autoescape=True
            )
        )
    total = session().scalars(select(func.count()).select_from(Letter).where(*where)).one()
    query = select(Letter).where(*where).options(selectinload(Letter.authors))
    query = (
        query.order_by(Letter.published_at.desc(), Letter.id.desc())
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return LetterList(list(session().scalars(query)), total)


def years() -> list[int]:
    """Return the years in which letters that stand were published, the newest first."""
    query = select(Letter.published_at).where(Letter.state == LetterState.PUBLISHED)
    first = session().scalars(query.order_by(Letter.published_at).limit(1)).first()
    last = session().scalars(query.order_by(Letter.published_at.desc()).limit(1)).first()
    return list(range(last.year, first.year - 1, -1)) if first and last else []


def topics() -> list[str]:
    """Return the topics of published letters, the most frequent first."""
    query = select(Letter.topics).where(Letter.state == LetterState.PUBLISHED).limit(10_000)
    counted = Counter(topic for found in session().scalars(query) for topic in found)
    return [topic for topic, _ in counted.most_common(24)]


def public_letters_with_words() -> Iterator[tuple[Letter, list[Block]]]:
    """Yield every letter that can be read, with the blocks of its current version."""
    states = (LetterState.PUBLISHED, LetterState.SUPERSEDED)
    query = select(Letter).where(Letter.state.in_(states)).options(selectinload(Letter.authors))
    for letter in session().scalars(query):
        yield letter, current_blocks(letter)


def all_letters(only: frozenset[int] | None = None) -> list[Letter]:
    """Return letters of every state for the desk, newest first: all, or some."""
    query = select(Letter).options(selectinload(Letter.authors)).order_by(Letter.created_at.desc())
    if only is not None:
        query = query.where(Letter.id.in_(only))
    return list(session().scalars(query))


def letter_for_update(slug: str) -> Letter:
    """Return a letter of any state as it is now, locked until the transaction ends."""
    query = select(Letter).where(Letter.slug == slug).options(selectinload(Letter.authors))
    query = for_update(query)
    return _one(session().scalars(query).first())


def letter_now_at(slug: str) -> Letter | None:
    """Return the letter of any state with this address, or None."""
    return session().scalars(select(Letter).where(Letter.slug == slug)).first()


def slug_is_taken(slug: str) -> bool:
    """Say whether a letter has or had this address."""
    return owner_of_slug(slug) is not None


def owner_of_slug(slug: str) -> int | None:
    """Return the id of the letter that has, or once had, this address."""
    now = select(Letter.id).where(Letter.slug == slug)
    once = select(LetterSlug.letter_id).where(LetterSlug.slug == slug)
    return session().scalars(now.union_all(once)).first()


def former_slug(slug: str) -> LetterSlug | None:
    """Return the entry of an address that a letter no longer has."""
    return session().get(LetterSlug, slug)


def present_slug(former: str) -> str | None:
    """Return where the public letter is now that once had this address."""
    query = select(Letter.slug).join(LetterSlug, LetterSlug.letter_id == Letter.id)
    return (
        session().scalars(query.where(LetterSlug.slug == former, Letter.state.in_(PUBLIC))).first()
    )


def scheduled_until(now: datetime) -> list[str]:
    """Return the addresses of the letters whose minute has come."""
    where = (Letter.state == LetterState.SCHEDULED, Letter.scheduled_for <= now)
    return list(session().scalars(select(Letter.slug).where(*where).order_by(Letter.scheduled_for)))


def closing_until(now: datetime) -> list[Letter]:
    """Return open letters whose closing time has come, locked."""
    where = (Letter.comments_open.is_(True), Letter.comments_close_at <= now)
    return list(session().scalars(select(Letter).where(*where).with_for_update(skip_locked=True)))


def opening_until(now: datetime) -> list[Letter]:
    """Return letters whose opening time has come, locked."""
    where = (Letter.comments_open.is_(True), Letter.state == LetterState.PUBLISHED)
    query = select(Letter).where(*where, Letter.comments_open_at <= now)
    return list(session().scalars(query.with_for_update(skip_locked=True)))


def touch_surroundings() -> Update:
    """Return the statement that makes every letter's page another."""
    return (
        update(SiteSettings)
        .values(surroundings=SiteSettings.surroundings + 1)
        .execution_options(synchronize_session=False)
    )


def letter_that_was_at(slug: str) -> Letter | None:
    """Return the public letter that has or once had this address."""
    try:
        return letter_by_slug(slug)
    except NotFound:
        now = present_slug(slug)
        return letter_by_slug(now) if now else None


def title_of(letter_id: int) -> str:
    """Return the title of a letter; one that is at hand is not read again."""
    return _one(session().get(Letter, letter_id)).title


def titles_of(letter_ids: set[int]) -> dict[int, str]:
    """Return the titles of letters by their ids."""
    query = select(Letter.id, Letter.title).where(Letter.id.in_(letter_ids))
    return {letter_id: title for letter_id, title in session().execute(query)}  # noqa: C416


def count_letters() -> int:
    """Return how many letters of any state there are."""
    return session().scalars(select(func.count()).select_from(Letter)).one()


def _one(letter: Letter | None) -> Letter:
    return require_found(letter, "There is no letter at this address.")
