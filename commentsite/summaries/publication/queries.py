"""Read published versions of records of positions."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BindParameter, Select, bindparam, exists, func, or_, select, union
from sqlalchemy.orm import aliased, defer

from commentsite.comments.models import Comment
from commentsite.db.session import for_update, session
from commentsite.letters.models import Letter
from commentsite.letters.queries import IS_PUBLIC
from commentsite.summaries.compilation.queries import list_redacted_texts
from commentsite.summaries.compilation.removals import hash_redactions
from commentsite.summaries.models import Summary, SummaryLetter, SummaryVersion
from commentsite.summaries.queries import LISTED_STATES
from commentsite.summaries.states import Outcome

MAX_WITHHELD = 20  # versions in one pass


class PublishedRecord(NamedTuple):
    """The last published version of a record, without its content."""

    summary_id: int
    slug: str  # of the letter that gives the record its address
    number: int
    published_at: datetime
    outcome: Outcome


class ListedRecord(NamedTuple):
    """The last published version of a record with its letter, as lists of the site name it."""

    letter_id: int
    slug: str
    title: str
    topics: list[str]
    published_at: datetime
    outcome: Outcome
    language: str


# The columns of the tables and not of the classes: rows of these are less work for SQLAlchemy.
_SUMMARY, _FURTHER, _LETTER, _VERSION = (
    table.__mapper__.c for table in (Summary, SummaryLetter, Letter, SummaryVersion)
)


def _select_records(letter_ids_name: str) -> Select[int, int, str, int, datetime, str]:
    ids: BindParameter[int] = bindparam(letter_ids_name, expanding=True)
    own = select(_SUMMARY.id, _SUMMARY.letter_id.label("of_letter")).where(
        _SUMMARY.letter_id.in_(ids)
    )
    further = select(_FURTHER.summary_id, _FURTHER.letter_id).where(_FURTHER.letter_id.in_(ids))
    found = union(own, further).subquery()
    return (
        select(
            found.c.of_letter,
            _SUMMARY.id,
            _LETTER.slug,
            _VERSION.number,
            _VERSION.published_at,
            _VERSION.outcome,
        )
        .select_from(found)
        .join(Summary.__table__, _SUMMARY.id == found.c.id)
        .join(Letter.__table__, _LETTER.id == _SUMMARY.letter_id)
        .join(
            SummaryVersion.__table__,
            (_VERSION.summary_id == _SUMMARY.id) & (_VERSION.number == _SUMMARY.published_version),
        )
        .where(IS_PUBLIC)
        .order_by(found.c.of_letter, _SUMMARY.id.desc())
    )


# Built once, because it runs for every page of a letter.
_RECORDS = _select_records("letters")


def map_published_records(letter_ids: Collection[int]) -> dict[int, PublishedRecord]:
    """Return the published records by the ids of all letters that they are about.

    A letter that several consultations include has the record that began first, and its own
    before that of another letter.
    """
    records: dict[int, PublishedRecord] = {}
    if not letter_ids:
        return records
    for row in session().execute(_RECORDS, {"letters": sorted(letter_ids)}):
        letter_id, summary_id, slug, number, published_at, outcome = row
        records[letter_id] = PublishedRecord(
            summary_id, slug, number, published_at, Outcome(outcome)
        )
    return records


def find_published_record(letter_id: int) -> PublishedRecord | None:
    """Return the published record that is about a letter, also that of another letter."""
    return map_published_records([letter_id]).get(letter_id)


def find_version(letter_id: int, number: int | None = None) -> SummaryVersion | None:
    """Return a published version of the record with the address of this letter, or the last one."""
    query = select(SummaryVersion).join(Summary, Summary.id == SummaryVersion.summary_id)
    wanted = Summary.published_version if number is None else number
    query = query.where(Summary.letter_id == letter_id, SummaryVersion.number == wanted)
    return session().scalars(query).first()


def list_page_versions_of_further_letters(slug: str) -> list[int]:
    """Return the page versions of the letters of a record beside the first, whose slug it is."""
    first = aliased(Letter)
    query = (
        select(Letter.page_version)
        .join(SummaryLetter, SummaryLetter.letter_id == Letter.id)
        .join(Summary, Summary.id == SummaryLetter.summary_id)
        .join(first, first.id == Summary.letter_id)
        .where(first.slug == slug)
        .order_by(Letter.id)
    )
    return list(session().scalars(query))


def list_versions(summary_id: int) -> list[SummaryVersion]:
    """List the published versions of a record without their content, the newest first."""
    query = (
        select(SummaryVersion)
        .where(SummaryVersion.summary_id == summary_id)
        .options(
            defer(SummaryVersion.content, raiseload=True),
            defer(SummaryVersion.contributors, raiseload=True),
        )
        .order_by(SummaryVersion.number.desc())
    )
    return list(session().scalars(query))


def list_published_records(*, limit: int) -> list[ListedRecord]:
    """List the last version of each record, the newest first, for feeds and sitemaps."""
    query = (
        select(
            Letter.id,
            Letter.slug,
            Letter.title,
            Letter.topics,
            SummaryVersion.published_at,
            SummaryVersion.outcome,
            SummaryVersion.language,
        )
        .join(Summary, Summary.letter_id == Letter.id)
        .join(
            SummaryVersion,
            (SummaryVersion.summary_id == Summary.id)
            & (SummaryVersion.number == Summary.published_version),
        )
        .where(Letter.state.in_(LISTED_STATES), Letter.is_page.is_(False))
        .order_by(SummaryVersion.published_at.desc(), SummaryVersion.id.desc())
        .limit(limit)
    )
    return [ListedRecord._make(row) for row in session().execute(query)]


def list_versions_to_withhold(_now: datetime) -> list[int]:
    """List the ids of versions that may have words which were erased or redacted since, or lifted."""
    of_record = select(SummaryLetter.letter_id).where(
        SummaryLetter.summary_id == SummaryVersion.summary_id
    )
    on_record = or_(Comment.letter_id == Summary.letter_id, Comment.letter_id.in_(of_record))
    checked_at = func.coalesce(SummaryVersion.erased_at, SummaryVersion.published_at)
    candidates = (
        select(
            SummaryVersion.id,
            SummaryVersion.published_at,
            SummaryVersion.erased_at,
            SummaryVersion.redactions_hash,
            SummaryVersion.content["letters"],
        )
        .join(Summary, Summary.id == SummaryVersion.summary_id)
        .where(
            or_(
                SummaryVersion.redactions_hash != "",
                exists().where(Comment.unredacted_sealed.is_not(None), on_record),
                exists().where(Comment.erased_at > checked_at, on_record),
            )
        )
        .order_by(SummaryVersion.id)
    )
    found = [
        (version_id, erased_at or published_at, redactions_hash, [one["id"] for one in letters])
        for version_id, published_at, erased_at, redactions_hash, letters in session().execute(
            candidates
        )
    ]
    # The record may have got a letter since, of which the version knows nothing.
    last = _map_last_erasures({letter_id for row in found for letter_id in row[3]})
    ids = [
        version_id
        for version_id, checked_at, redactions_hash, letter_ids in found
        if any(last.get(letter_id, checked_at) > checked_at for letter_id in letter_ids)
        or hash_redactions(list_redacted_texts(letter_ids)) != redactions_hash
    ]
    return ids[:MAX_WITHHELD]


def lock_version(version_id: int) -> SummaryVersion:
    """Return a version, locked until the transaction ends."""
    query = select(SummaryVersion).where(SummaryVersion.id == version_id)
    return session().scalars(for_update(query)).one()


def _map_last_erasures(letter_ids: Collection[int]) -> dict[int, datetime]:
    """Return when a comment of each letter was last erased."""
    query = (
        select(Comment.letter_id, func.max(Comment.erased_at))
        .where(Comment.letter_id.in_(letter_ids), Comment.erased_at.is_not(None))
        .group_by(Comment.letter_id)
    )
    return {letter_id: moment for letter_id, moment in session().execute(query) if moment}


def map_erased_comments(letter_ids: Collection[int]) -> dict[int, datetime]:
    """Return when comments of letters were erased, by their ids."""
    query = select(Comment.id, Comment.erased_at).where(
        Comment.letter_id.in_(letter_ids), Comment.erased_at.is_not(None)
    )
    return {
        comment_id: erased_at for comment_id, erased_at in session().execute(query) if erased_at
    }


def iterate_versions_by_letter() -> Iterator[tuple[int, Iterator[SummaryVersion]]]:
    """Yield the id of the letter of each record with its versions, which are read one at a time."""
    records = session().execute(select(Summary.letter_id, Summary.id).order_by(Summary.id)).all()
    for letter_id, summary_id in records:
        query = select(SummaryVersion.id).where(SummaryVersion.summary_id == summary_id)
        ids = session().scalars(query.order_by(SummaryVersion.number)).all()
        yield letter_id, (session().get_one(SummaryVersion, version_id) for version_id in ids)
