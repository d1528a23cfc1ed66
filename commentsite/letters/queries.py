"""Read letters: one by its address, lists, permissions, working copies, due dates, related letters.

The text of a letter is read by text.queries, and the documents it cites by citations.queries.
"""

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from commentsite.db.session import for_update, read_first, session
from commentsite.errors import NotFound, require_found
from commentsite.letters.models import (
    Letter,
    LetterAuthor,
    LetterPermission,
    LetterSlug,
    WorkingCopy,
)
from commentsite.letters.states import PUBLIC_STATES, LetterRelation, LetterState, PermissionScope
from commentsite.site.models import SiteSettings


class CommentableLetter(NamedTuple):
    """The columns of a public letter that decide whether it takes a comment, and the version of the site.

    Sending a comment reads them in one query. The whole letter would take several times as long.
    """

    id: int
    slug: str
    version_number: int
    state: LetterState
    comments_open: bool
    comments_open_at: datetime | None
    comments_close_at: datetime | None
    grace_hours: int
    site_version: int


class PublishingPermission(NamedTuple):
    """The columns of a permission to publish that the page of its letter shows."""

    given_by: str
    given_on: date | None
    statement: str


Columns = TypeVarTuple("Columns")
MAX_SEARCH_WORDS = 8
_NO_LETTER = "There is no letter at this address."
_WITH_AUTHORS = selectinload(Letter.authors)
#: Published letters of this site. The comments of pages elsewhere have letters that no list shows.
_IS_LISTED = (Letter.state == LetterState.PUBLISHED, Letter.is_page.is_(False))

# The columns of the tables and not of the classes: rows of these are less work for SQLAlchemy.
_LETTER, _SETTINGS = Letter.__mapper__.c, SiteSettings.__mapper__.c
_PERMISSION = LetterPermission.__mapper__.c
# One parameter for each state: SQLAlchemy writes the list of an IN into the statement anew each time.
IS_PUBLIC = or_(*(_LETTER.state == state for state in sorted(PUBLIC_STATES)))

# Composing a statement costs more than running these small ones, and every page view and
# every submission runs them. They are therefore composed once, with bound parameters.
_PUBLIC_LETTER = (
    select(Letter)
    .where(Letter.slug == bindparam("slug"), IS_PUBLIC)
    .options(joinedload(Letter.authors))
)
_PAGE_VERSIONS = (
    select(_LETTER.page_version, _SETTINGS.related_version, _SETTINGS.version)
    .join(SiteSettings.__table__, _SETTINGS.id == 1)
    .where(_LETTER.slug == bindparam("slug"), IS_PUBLIC)
)
_COMMENTABLE_LETTER = (
    select(*(_LETTER[name] for name in CommentableLetter._fields[:-1]), _SETTINGS.version)
    .join(SiteSettings.__table__, _SETTINGS.id == 1)
    .where(_LETTER.slug == bindparam("slug"), IS_PUBLIC)
)
_PERMISSIONS = (
    select(LetterPermission)
    .where(LetterPermission.letter_id == bindparam("letter"))
    .order_by(LetterPermission.id)
)
_STANDING_PERMISSIONS = (
    select(_PERMISSION.scopes, *(_PERMISSION[name] for name in PublishingPermission._fields))
    .where(_PERMISSION.letter_id == bindparam("letter"), _PERMISSION.revoked_at.is_(None))
    .order_by(_PERMISSION.id)
)
_SEARCHABLE_LETTERS = (
    select(Letter)
    .where(
        Letter.state.in_((LetterState.PUBLISHED, LetterState.SUPERSEDED)), Letter.is_page.is_(False)
    )
    .options(_WITH_AUTHORS)
)


# One letter


def get_public_letter(slug: str) -> Letter:
    """Return a letter in a public state, with its authors.

    Raises NotFound for drafts too, so that readers cannot find out their addresses.
    """
    return _require_letter(session().scalars(_PUBLIC_LETTER, {"slug": slug}).unique().first())


def get_any_letter(slug: str) -> Letter:
    """Return a letter in any state, with its authors. Raises NotFound."""
    query = select(Letter).where(Letter.slug == slug).options(_WITH_AUTHORS)
    return _require_letter(session().scalars(query).first())


def get_letter(letter_id: int) -> Letter:
    """Return a letter in any state, with its authors. Raises NotFound."""
    query = select(Letter).where(Letter.id == letter_id).options(_WITH_AUTHORS)
    return _require_letter(session().scalars(query).first())


def get_letter_for_update(slug: str) -> Letter:
    """Read a letter in any state afresh and lock its row until the transaction ends."""
    query = select(Letter).where(Letter.slug == slug).options(_WITH_AUTHORS)
    return _require_letter(session().scalars(for_update(query)).first())


def lock_letter_row(letter_id: int) -> None:
    """Make other writers of the row wait until the transaction ends."""
    session().execute(select(Letter.id).where(Letter.id == letter_id).with_for_update())


def get_title(letter_id: int) -> str:
    """Return a title, without a query when the session has loaded the letter."""
    return _require_letter(session().get(Letter, letter_id)).title


def get_titles(letter_ids: set[int]) -> dict[int, str]:
    """Return titles by letter id."""
    query = select(Letter.id, Letter.title).where(Letter.id.in_(letter_ids))
    return dict(session().execute(query).all())


def _require_letter(letter: Letter | None) -> Letter:
    return require_found(letter, _NO_LETTER)


# Current and former addresses


def find_by_current_slug(slug: str) -> Letter | None:
    """Return the letter in any state that has this slug now. Its authors are not loaded."""
    return session().scalars(select(Letter).where(Letter.slug == slug)).first()


def find_by_any_slug(slug: str) -> Letter | None:
    """Return the public letter that has or had this slug."""
    try:
        return get_public_letter(slug)
    except NotFound:
        current_slug = find_current_slug(slug)
        return get_public_letter(current_slug) if current_slug else None


def get_commentable_letter(slug: str) -> CommentableLetter:
    """Return the public letter that has or had this slug. Raises NotFound."""
    row = read_first(_COMMENTABLE_LETTER, {"slug": slug})
    if row is None and (current_slug := find_current_slug(slug)):
        row = read_first(_COMMENTABLE_LETTER, {"slug": current_slug})
    return CommentableLetter._make(require_found(row, _NO_LETTER))


def find_current_slug(former_slug: str) -> str | None:
    """Return the present slug of the public letter that had this one."""
    query = (
        select(Letter.slug)
        .join(LetterSlug, LetterSlug.letter_id == Letter.id)
        .where(LetterSlug.slug == former_slug, Letter.state.in_(PUBLIC_STATES))
    )
    return session().scalars(query).first()


def find_former_slug(slug: str) -> LetterSlug | None:
    return session().get(LetterSlug, slug)


def find_slug_owner(slug: str) -> int | None:
    """Return the id of the letter that has or had this slug."""
    current = select(Letter.id).where(Letter.slug == slug)
    former = select(LetterSlug.letter_id).where(LetterSlug.slug == slug)
    return session().scalars(current.union_all(former)).first()


def is_slug_taken(slug: str) -> bool:
    """Return whether a letter has or had this slug."""
    return find_slug_owner(slug) is not None


# Cache stamps (see page_versions)


def get_page_versions(slug: str) -> tuple[int, int, int] | None:
    """Return page version, related version and site version for a public letter, in one query."""
    row = session().execute(_PAGE_VERSIONS, {"slug": slug}).first()
    return (row[0], row[1], row[2]) if row else None


def find_latest_update() -> datetime | None:
    """Return when a public letter was last published, corrected or withdrawn, or its details changed."""
    query = select(func.max(Letter.updated_at)).where(Letter.state.in_(PUBLIC_STATES))
    return session().scalars(query).one()


def list_public_page_versions(letter_ids: Collection[int]) -> dict[int, int]:
    """Return the page versions of those of the letters that are public, by letter id."""
    query = select(Letter.id, Letter.page_version).where(
        Letter.id.in_(letter_ids), Letter.state.in_(PUBLIC_STATES)
    )
    return {row.id: row.page_version for row in session().execute(query)}


def filter_readable_letters(letter_ids: Collection[int]) -> set[int]:
    """Return the ids of those of the letters that anyone can read."""
    query = select(Letter.id).where(
        Letter.id.in_(letter_ids),
        Letter.state.in_((LetterState.PUBLISHED, LetterState.SUPERSEDED)),
    )
    return set(session().scalars(query))


def get_letter_list_version() -> str:
    """Return the stamp under which lists of letters are cached.

    It differs after each publication, each new page version, and each change to what letters show of each
    other, such as a withdrawal or another address. A public letter stays public, so both numbers only grow.
    """
    page_versions = (
        select(func.coalesce(func.sum(Letter.page_version), 0))
        .where(Letter.state.in_(PUBLIC_STATES))
        .scalar_subquery()
    )
    versions = session().execute(select(page_versions, SiteSettings.related_version)).one()
    return ".".join(map(str, versions))


def get_related_version() -> int:
    """Return the number of changes to what letters show of each other, topics included."""
    return session().scalars(select(SiteSettings.related_version)).one()


# Lists


@dataclass(frozen=True)
class LetterPage:
    letters: list[Letter]
    total: int  # on all pages


def list_filter_conditions(
    *, topic: str, year: int | None, published_at: InstrumentedAttribute[datetime | None]
) -> list[ColumnElement[bool]]:
    """Return the conditions for letters on a topic, and for texts published in a year. "" and None match any."""
    where: list[ColumnElement[bool]] = []
    if year is not None:
        start, end = (datetime(y, 1, 1, tzinfo=UTC) for y in (year, year + 1))
        where += [published_at >= start, published_at < end]
    if topic:
        where.append(_has_topic(topic))
    return where


def list_published_letters(
    *, page: int = 1, per_page: int = 20, topic: str = "", year: int | None = None
) -> LetterPage:
    """List published letters with their authors, newest first. Pages are counted from 1."""
    where = [
        *_IS_LISTED,
        *list_filter_conditions(topic=topic, year=year, published_at=Letter.published_at),
    ]
    total = session().scalars(select(func.count()).select_from(Letter).where(*where)).one()
    query = (
        select(Letter)
        .where(*where)
        .options(_WITH_AUTHORS)
        .order_by(Letter.published_at.desc(), Letter.id.desc())
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return LetterPage(list(session().scalars(query)), total)


def _has_topic(topic: str) -> ColumnElement[bool]:
    # Topics are a JSON array. The quotes of the encoded topic keep “art” from finding “party”.
    encoded_topic = json.dumps(topic.lower())
    return func.lower(cast(Letter.topics, Text)).contains(encoded_topic, autoescape=True)


def list_published_letters_after(
    after: tuple[datetime, int] | None, *, topic: str = "", language: str = "", limit: int
) -> list[Letter]:
    """List published letters with their authors, newest first, from the one after `after`.

    `after` is the time of publication and the id of a letter.
    """
    query = select(Letter).where(*_IS_LISTED).options(_WITH_AUTHORS)
    if topic:
        query = query.where(_has_topic(topic))
    if language:
        query = query.where(Letter.language == language)
    if after is not None:
        query = query.where(tuple_(Letter.published_at, Letter.id) < after)
    order = (Letter.published_at.desc(), Letter.id.desc())
    return list(session().scalars(query.order_by(*order).limit(limit)))


def get_slugs(letter_ids: Collection[int]) -> dict[int, str]:
    """Return the slugs of letters in any state by letter id."""
    query = select(Letter.id, Letter.slug).where(Letter.id.in_(letter_ids))
    return dict(session().execute(query).all())


def list_letters_by_author(name: str, limit: int = 500) -> list[Letter]:
    """List the published letters with an author of exactly this name, newest first, with their authors."""
    query = (
        select(Letter)
        .where(
            Letter.id.in_(select(LetterAuthor.letter_id).where(LetterAuthor.name == name)),
            Letter.state.in_((LetterState.PUBLISHED, LetterState.SUPERSEDED)),
            Letter.is_page.is_(False),
        )
        .options(_WITH_AUTHORS)
        .order_by(Letter.published_at.desc(), Letter.id.desc())
    )
    return list(session().scalars(query.limit(limit)))


def count_published_letters() -> int:
    query = select(func.count()).select_from(Letter).where(*_IS_LISTED)
    return session().scalars(query).one()


def list_sitemap_entries(*, offset: int, limit: int) -> list[Row[tuple[str, datetime]]]:
    """List slug and time of publication of published letters, the oldest first."""
    query = (
        select(Letter.slug, Letter.published_at)
        .where(*_IS_LISTED)
        .order_by(Letter.published_at, Letter.id)
    )
    return list(session().execute(query.offset(offset).limit(limit)))


def list_newest_letters(
    limit: int, *, include_slug: str = "", letter_ids: frozenset[int] | None = None
) -> list[Row[tuple[str, str, str]]]:
    """List slug, title and language of the newest letters that were ever published.

    `letter_ids` restricts the list. The letter `include_slug` is added if it is older.
    """
    query = select(Letter.slug, Letter.title, Letter.language)
    query = query.where(Letter.published_at.is_not(None)).order_by(Letter.published_at.desc())
    if letter_ids is not None:
        query = query.where(Letter.id.in_(letter_ids))
    newest = query.where(Letter.is_page.is_(False)).limit(limit)
    rows: list[Row[tuple[str, str, str]]] = list(session().execute(newest))
    if include_slug and all(row.slug != include_slug for row in rows):
        rows += session().execute(query.where(Letter.slug == include_slug))
    return rows


_CHOICE_COLUMNS = (Letter.id, Letter.slug, Letter.title, Letter.language)


class LetterChoice(NamedTuple):
    """A letter of any state, as forms at the desk offer it."""

    id: int
    slug: str
    title: str
    language: str


def list_letters(
    letter_ids: frozenset[int] | None, *, q: str = "", before_id: int | None = None, limit: int
) -> list[Letter]:
    """List letters in every state with their authors, the newest first, restricted to `letter_ids`.

    `q` holds words of the title, of the address or of an author's name. The list begins before
    the letter `before_id`.
    """
    query = _narrow_letters(select(Letter), letter_ids, q).options(_WITH_AUTHORS)
    query = query.where(Letter.is_page.is_(False))
    if before_id is not None:
        query = query.where(Letter.id < before_id)
    return list(session().scalars(query.limit(limit)))


def find_letter_choices(
    letter_ids: frozenset[int] | None, *, q: str = "", limit: int
) -> list[LetterChoice]:
    """List letters as `list_letters` does, without their other columns."""
    query = _narrow_letters(select(*_CHOICE_COLUMNS), letter_ids, q)
    if letter_ids is None and not q:
        query = query.where(Letter.is_page.is_(False))
    return [LetterChoice(*row) for row in session().execute(query.limit(limit))]


def list_letter_choices(letter_ids: Collection[int]) -> list[LetterChoice]:
    """List these letters, the newest first."""
    return find_letter_choices(frozenset(letter_ids), limit=len(letter_ids)) if letter_ids else []


def _narrow_letters(
    query: Select[*Columns], letter_ids: frozenset[int] | None, q: str
) -> Select[*Columns]:
    query = query.order_by(Letter.id.desc())
    if letter_ids is not None:
        query = query.where(Letter.id.in_(letter_ids))
    for word in q.split()[:MAX_SEARCH_WORDS]:
        has_author = select(LetterAuthor.id).where(
            LetterAuthor.letter_id == Letter.id, _contains(LetterAuthor.name, word)
        )
        query = query.where(
            or_(_contains(Letter.title, word), _contains(Letter.slug, word), has_author.exists())
        )
    return query


def _contains(text: SQLColumnExpression[str], word: str) -> ColumnElement[bool]:
    # SQLite ignores the case of ASCII letters only.
    spellings = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
    return or_(*(text.icontains(spelling, autoescape=True) for spelling in sorted(spellings)))


SEARCHABLE_STATES = (LetterState.PUBLISHED, LetterState.SUPERSEDED)
_IS_SEARCHABLE = (Letter.state.in_(SEARCHABLE_STATES), Letter.is_page.is_(False))


def count_searchable_letters() -> int:
    query = select(func.count()).select_from(Letter).where(*_IS_SEARCHABLE)
    return session().scalars(query).one()


def list_searchable_letter_ids() -> list[int]:
    query = select(Letter.id).where(*_IS_SEARCHABLE).order_by(Letter.id)
    return list(session().scalars(query))


def list_searchable_letters(*, after_id: int, limit: int) -> list[Letter]:
    """List published and superseded letters with their authors, by id."""
    query = _SEARCHABLE_LETTERS.where(Letter.id > after_id).order_by(Letter.id).limit(limit)
    return list(session().scalars(query))


def list_published_languages(letter_ids: frozenset[int] | None = None) -> set[str]:
    """Return the languages of letters that were ever published, restricted to `letter_ids`."""
    query = select(Letter.language).distinct().where(Letter.published_at.is_not(None))
    if letter_ids is not None:
        query = query.where(Letter.id.in_(letter_ids))
    return set(session().scalars(query))


def list_publication_years() -> list[int]:
    """List all years from the newest published letter back to the oldest."""
    query = select(Letter.published_at).where(*_IS_LISTED)
    first = session().scalars(query.order_by(Letter.published_at).limit(1)).first()
    last = session().scalars(query.order_by(Letter.published_at.desc()).limit(1)).first()
    return list(range(last.year, first.year - 1, -1)) if first and last else []


def list_all_topics() -> frozenset[str]:
    """Return the topics of published letters in lower case."""
    query = select(Letter.topics).where(*_IS_LISTED)
    return frozenset(topic.lower() for topics in session().scalars(query) for topic in topics)


def list_topics() -> list[str]:
    """List the 24 most frequent topics of published letters."""
    query = select(Letter.topics).where(*_IS_LISTED).limit(10_000)
    counts = Counter(topic for topics in session().scalars(query) for topic in topics)
    return [topic for topic, _ in counts.most_common(24)]


def count_letters() -> int:
    """Count letters in any state."""
    return session().scalars(select(func.count()).select_from(Letter)).one()


# Letters due for the worker. skip_locked leaves rows that another worker is changing.


def list_slugs_due_for_publication(now: datetime) -> list[str]:
    """List scheduled letters whose time has come, the earliest first."""
    is_due = (Letter.state == LetterState.SCHEDULED, Letter.scheduled_for <= now)
    query = select(Letter.slug).where(*is_due).order_by(Letter.scheduled_for)
    return list(session().scalars(query))


def lock_letters_due_to_close(now: datetime) -> list[Letter]:
    """Lock open letters whose closing time has passed. Their grace period may still run."""
    is_due = (Letter.comments_open.is_(True), Letter.comments_close_at <= now)
    query = select(Letter).where(*is_due).with_for_update(skip_locked=True)
    return list(session().scalars(query))


def lock_letters_due_to_open(now: datetime) -> list[Letter]:
    """Lock published letters whose opening time has passed and was not yet announced."""
    is_due = (
        Letter.comments_open.is_(True),
        Letter.state == LetterState.PUBLISHED,
        Letter.comments_open_at <= now,
    )
    query = select(Letter).where(*is_due).with_for_update(skip_locked=True)
    return list(session().scalars(query))


# Permissions and working copies


def list_permissions(letter: Letter) -> list[LetterPermission]:
    """List permissions in the order they were recorded, revoked ones included."""
    return list(session().scalars(_PERMISSIONS, {"letter": letter.id}))


def find_publishing_permission(letter: Letter) -> PublishingPermission | None:
    """Return the first permission to publish that is not revoked."""
    rows = session().execute(_STANDING_PERMISSIONS, {"letter": letter.id})
    standing = (
        PublishingPermission(*shown) for scopes, *shown in rows if PermissionScope.PUBLISH in scopes
    )
    return next(standing, None)


def get_permission(letter: Letter, permission_id: int) -> LetterPermission:
    """Return a permission of this letter. Raises NotFound."""
    permission = session().get(LetterPermission, permission_id)
    if permission is None or permission.letter_id != letter.id:
        msg = "This letter has no such permission."
        raise NotFound(msg)
    return permission


def has_publication_permission(letter: Letter) -> bool:
    """Return whether a permission to publish is recorded and not revoked."""
    return find_publishing_permission(letter) is not None


def find_working_copy(letter: Letter) -> WorkingCopy | None:
    """Read the working copy afresh, even where the session has loaded it."""
    query = select(WorkingCopy).where(WorkingCopy.letter_id == letter.id)
    return session().scalars(query.execution_options(populate_existing=True)).first()


# Related letters


@dataclass(frozen=True)
class RelatedLetter:
    relation: LetterRelation
    slug: str
    title: str
    language: str
    is_withdrawn: bool = False


def _build_related_letters_query() -> CompoundSelect[Any]:
    is_published = and_(_LETTER.state == LetterState.PUBLISHED, _LETTER.is_page.is_(False))
    columns = (_LETTER.slug, _LETTER.title, _LETTER.language, _LETTER.state)
    # All translations of one original are translations of each other.
    translations = select(literal(LetterRelation.TRANSLATION.value), *columns).where(
        _LETTER.translation_of_id == bindparam("root"),
        _LETTER.id != bindparam("letter"),
        IS_PUBLIC,
    )
    original, successor = (
        select(literal(relation.value), *columns).where(
            _LETTER.id == bindparam(relation.value), IS_PUBLIC
        )
        for relation in (LetterRelation.ORIGINAL, LetterRelation.SUCCESSOR)
    )
    newer = (
        select(literal(LetterRelation.NEWER.value), *columns)
        .where(is_published, _LETTER.published_at > bindparam("published_at"))
        .order_by(_LETTER.published_at)
        .limit(1)
        .subquery()
    )
    older = (
        select(literal(LetterRelation.OLDER.value), *columns)
        .where(is_published, _LETTER.published_at < bindparam("published_at"))
        .order_by(_LETTER.published_at.desc())
        .limit(1)
        .subquery()
    )
    return union_all(original, translations, successor, select(newer), select(older))


_RELATED_LETTERS = _build_related_letters_query()


def find_related_letters(letter: Letter) -> list[RelatedLetter]:
    """Find original, translations, successor and the two neighbours by date, in one query."""
    parameters = {
        "letter": letter.id,
        "root": letter.translation_of_id or letter.id,
        "original": letter.translation_of_id,
        "successor": letter.superseded_by_id,
        "published_at": letter.published_at,
    }
    rows = session().execute(_RELATED_LETTERS, parameters)
    return [
        RelatedLetter(
            LetterRelation(relation), slug, title, language, state == LetterState.WITHDRAWN
        )
        for relation, slug, title, language, state in rows
    ]
