"""Read letters, loaded for the page that shows them."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import joinedload, selectinload

from commentsite.db.session import for_update, session
from commentsite.errors import NotFound, require_found
from commentsite.letters.models import Block, Letter, LetterPermission, LetterSlug, WorkingCopy
from commentsite.letters.states import PUBLIC_STATES, LetterState, PermissionScope
from commentsite.letters.text.queries import list_current_blocks
from commentsite.site.models import SiteSettings


def list_newest_letters(
    limit: int, *, include_slug: str = "", letter_ids: frozenset[int] | None = None
) -> list[Row[tuple[str, str, str]]]:
    """Return slug, title and language of the letters published last, of all or some; `besides` is one more, however old."""
    query = select(Letter.slug, Letter.title, Letter.language)
    query = query.where(Letter.published_at.is_not(None)).order_by(Letter.published_at.desc())
    if letter_ids is not None:
        query = query.where(Letter.id.in_(letter_ids))
    found: list[Row[tuple[str, str, str]]] = list(session().execute(query.limit(limit)))
    if include_slug and all(row.slug != include_slug for row in found):
        found += session().execute(query.where(Letter.slug == include_slug))
    return found


def list_published_languages(letter_ids: frozenset[int] | None = None) -> set[str]:
    """Return the languages of the letters that were ever published, of all or some."""
    query = select(Letter.language).distinct().where(Letter.published_at.is_not(None))
    if letter_ids is not None:
        query = query.where(Letter.id.in_(letter_ids))
    return set(session().scalars(query))


_PERMISSIONS = (
    select(LetterPermission)
    .where(LetterPermission.letter_id == bindparam("letter"))
    .order_by(LetterPermission.id)
)


def find_working_copy(letter: Letter) -> WorkingCopy | None:
    """Return what editors write on, as it is now, if anybody has begun."""
    query = select(WorkingCopy).where(WorkingCopy.letter_id == letter.id)
    return session().scalars(query.execution_options(populate_existing=True)).first()


def list_permissions(letter: Letter) -> list[LetterPermission]:
    """Return every permission recorded for a letter, the newest last."""
    return list(session().scalars(_PERMISSIONS, {"letter": letter.id}))


def get_permission(letter: Letter, permission_id: int) -> LetterPermission:
    """Return one of a letter's permissions. Raises NotFound."""
    found = session().get(LetterPermission, permission_id)
    if found is None or found.letter_id != letter.id:
        msg = "There is no such permission."
        raise NotFound(msg)
    return found


def has_publication_permission(letter: Letter) -> bool:
    """Say whether somebody's leave to publish is recorded and not taken back."""
    return any(
        PermissionScope.PUBLISH in p.scopes and p.revoked_at is None
        for p in list_permissions(letter)
    )


def lock_letter_row(letter_id: int) -> None:
    """Let nobody else change a letter's row until the transaction ends."""
    session().execute(select(Letter.id).where(Letter.id == letter_id).with_for_update())


# Asked with each page and each comment, so composed once.
_PUBLIC_LETTER = (
    select(Letter)
    .where(Letter.slug == bindparam("slug"), Letter.state.in_(PUBLIC_STATES))
    .options(joinedload(Letter.authors))
)
_PAGE_VERSIONS = (
    select(Letter.page_version, SiteSettings.related_version, SiteSettings.version)
    .join(SiteSettings, SiteSettings.id == 1)
    .where(Letter.slug == bindparam("slug"), Letter.state.in_(PUBLIC_STATES))
)


@dataclass(frozen=True)
class LetterPage:
    """One page of letters, and how many there are in all."""

    letters: list[Letter]
    total: int


def get_public_letter(slug: str) -> Letter:
    """Return a public letter with its authors; NotFound for drafts too, so that none can be guessed."""
    return _require_letter(session().scalars(_PUBLIC_LETTER, {"slug": slug}).unique().first())


def get_any_letter(slug: str) -> Letter:
    """Return a letter of any state, for the desk."""
    return _require_letter(
        session()
        .scalars(select(Letter).where(Letter.slug == slug).options(selectinload(Letter.authors)))
        .first()
    )


def get_letter(letter_id: int) -> Letter:
    """Return a letter of any state."""
    return _require_letter(
        session()
        .scalars(select(Letter).where(Letter.id == letter_id).options(selectinload(Letter.authors)))
        .first()
    )


def get_page_versions(slug: str) -> tuple[int, int, int] | None:
    """Return the versions of a public letter's page, of what stands around it, and of the site, in one small query."""
    row = session().execute(_PAGE_VERSIONS, {"slug": slug}).first()
    return (row[0], row[1], row[2]) if row else None


def letter_list_version() -> str:
    """Return what lists of letters are cached under: it differs after every change a list shows."""
    count, changes = (
        session()
        .execute(
            select(func.count(), func.coalesce(func.sum(Letter.page_version), 0)).where(
                Letter.state.in_(PUBLIC_STATES)
            ),
        )
        .one()
    )
    return f"{count}.{changes}"


def list_published_letters(
    *, page: int = 1, per_page: int = 20, topic: str = "", year: int | None = None
) -> LetterPage:
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
    return LetterPage(list(session().scalars(query)), total)


def list_publication_years() -> list[int]:
    """Return the years in which letters that stand were published, the newest first."""
    query = select(Letter.published_at).where(Letter.state == LetterState.PUBLISHED)
    first = session().scalars(query.order_by(Letter.published_at).limit(1)).first()
    last = session().scalars(query.order_by(Letter.published_at.desc()).limit(1)).first()
    return list(range(last.year, first.year - 1, -1)) if first and last else []


def list_topics() -> list[str]:
    """Return the topics of published letters, the most frequent first."""
    query = select(Letter.topics).where(Letter.state == LetterState.PUBLISHED).limit(10_000)
    counted = Counter(topic for found in session().scalars(query) for topic in found)
    return [topic for topic, _ in counted.most_common(24)]


def iter_searchable_letters() -> Iterator[tuple[Letter, list[Block]]]:
    """Yield every letter that can be read, with the blocks of its current version."""
    states = (LetterState.PUBLISHED, LetterState.SUPERSEDED)
    query = select(Letter).where(Letter.state.in_(states)).options(selectinload(Letter.authors))
    for letter in session().scalars(query):
        yield letter, list_current_blocks(letter)


def list_letters(letter_ids: frozenset[int] | None = None) -> list[Letter]:
    """Return letters of every state for the desk, newest first: all, or some."""
    query = select(Letter).options(selectinload(Letter.authors)).order_by(Letter.created_at.desc())
    if letter_ids is not None:
        query = query.where(Letter.id.in_(letter_ids))
    return list(session().scalars(query))


def get_letter_for_update(slug: str) -> Letter:
    """Return a letter of any state as it is now, locked until the transaction ends."""
    query = select(Letter).where(Letter.slug == slug).options(selectinload(Letter.authors))
    query = for_update(query)
    return _require_letter(session().scalars(query).first())


def find_by_current_slug(slug: str) -> Letter | None:
    """Return the letter of any state with this address, or None."""
    return session().scalars(select(Letter).where(Letter.slug == slug)).first()


def is_slug_taken(slug: str) -> bool:
    """Say whether a letter has or had this address."""
    return find_slug_owner(slug) is not None


def find_slug_owner(slug: str) -> int | None:
    """Return the id of the letter that has, or once had, this address."""
    now = select(Letter.id).where(Letter.slug == slug)
    once = select(LetterSlug.letter_id).where(LetterSlug.slug == slug)
    return session().scalars(now.union_all(once)).first()


def find_former_slug(slug: str) -> LetterSlug | None:
    """Return the entry of an address that a letter no longer has."""
    return session().get(LetterSlug, slug)


def find_current_slug(former: str) -> str | None:
    """Return where the public letter is now that once had this address."""
    query = select(Letter.slug).join(LetterSlug, LetterSlug.letter_id == Letter.id)
    return (
        session()
        .scalars(query.where(LetterSlug.slug == former, Letter.state.in_(PUBLIC_STATES)))
        .first()
    )


def list_slugs_due_for_publication(now: datetime) -> list[str]:
    """Return the addresses of the letters whose minute has come."""
    where = (Letter.state == LetterState.SCHEDULED, Letter.scheduled_for <= now)
    return list(session().scalars(select(Letter.slug).where(*where).order_by(Letter.scheduled_for)))


def lock_letters_due_to_close(now: datetime) -> list[Letter]:
    """Return open letters whose closing time has come, locked."""
    where = (Letter.comments_open.is_(True), Letter.comments_close_at <= now)
    return list(session().scalars(select(Letter).where(*where).with_for_update(skip_locked=True)))


def lock_letters_due_to_open(now: datetime) -> list[Letter]:
    """Return letters whose opening time has come, locked."""
    where = (Letter.comments_open.is_(True), Letter.state == LetterState.PUBLISHED)
    query = select(Letter).where(*where, Letter.comments_open_at <= now)
    return list(session().scalars(query.with_for_update(skip_locked=True)))


def find_by_any_slug(slug: str) -> Letter | None:
    """Return the public letter that has or once had this address."""
    try:
        return get_public_letter(slug)
    except NotFound:
        now = find_current_slug(slug)
        return get_public_letter(now) if now else None


def get_title(letter_id: int) -> str:
    """Return the title of a letter; one that is at hand is not read again."""
    return _require_letter(session().get(Letter, letter_id)).title


def get_titles(letter_ids: set[int]) -> dict[int, str]:
    """Return the titles of letters by their ids."""
    query = select(Letter.id, Letter.title).where(Letter.id.in_(letter_ids))
    return {letter_id: title for letter_id, title in session().execute(query)}  # noqa: C416


def count_letters() -> int:
    """Return how many letters of any state there are."""
    return session().scalars(select(func.count()).select_from(Letter)).one()


def _require_letter(letter: Letter | None) -> Letter:
    return require_found(letter, "There is no letter at this address.")


@dataclass(frozen=True)
class RelatedLetter:
    """A letter as others point to it."""

    relation: str  # original, translation, newer, older, successor
    slug: str
    title: str
    language: str


def _build_related_letters_query() -> CompoundSelect[Any]:
    is_public, standing = Letter.state.in_(PUBLIC_STATES), Letter.state == LetterState.PUBLISHED
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
_RELATED_LETTERS = _build_related_letters_query()


def find_related_letters(letter: Letter) -> list[RelatedLetter]:
    """Return the original, translations, successor, and the letters published before and after, in one query."""
    asked = {
        "letter": letter.id,
        "root": letter.translation_of_id or letter.id,
        "original": letter.translation_of_id,
        "successor": letter.superseded_by_id,
        "moment": letter.published_at,
    }
    return [RelatedLetter(*row) for row in session().execute(_RELATED_LETTERS, asked)]
