"""Read from the database what a record of positions holds, besides totals and the consensus map."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, select
from sqlalchemy.orm import selectinload

from commentsite.comments.affiliation.queries import is_of_group
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentKind, CommentState, QuoteConsent
from commentsite.db.session import session
from commentsite.letters.models import Letter
from commentsite.summaries.consensus.queries import list_paragraphs
from commentsite.summaries.models import (
    Alternative,
    CommentUseRecord,
    Objection,
    Position,
    PositionComment,
    Question,
    Summary,
)
from commentsite.summaries.queries import is_mark, list_letter_ids, select_use
from commentsite.summaries.states import AlternativeStatus, CommentUse

ROWS_AT_ONCE = 2_000


class CommentFacts(NamedTuple):
    """The columns of a comment that a record needs. The last three are empty where they are not read."""

    id: int
    letter_id: int
    version: int
    state: CommentState
    published_at: datetime
    name: str
    is_pseudonym: bool
    stakeholder_group: str
    organisation: str
    capacity: str
    quote_as: QuoteConsent
    kind: str
    stance: str
    is_late: bool
    is_confirmed: bool
    has_organisation_domain: bool
    is_delegation_verified: bool
    language: str
    body: str = ""
    body_html: str = ""
    person: str = ""  # the same for all comments of a person


class CampaignComment(NamedTuple):
    """A published comment that belongs to a campaign. `email_hash` tells people apart."""

    campaign_id: int
    comment_id: int
    email_hash: str | None
    stakeholder_group: str


_COLUMNS = (
    Comment.id,
    Comment.letter_id,
    Comment.version,
    Comment.state,
    Comment.published_at,
    Comment.name,
    Comment.is_pseudonym,
    Comment.stakeholder_group,
    Comment.organisation,
    Comment.capacity,
    Comment.quote_as,
    Comment.kind,
    Comment.stance,
    Comment.is_late,
    Comment.email_confirmed_at.is_not(None),
    Comment.has_organisation_domain,
    Comment.delegation_verified_at.is_not(None),
    Comment.language,
)


def load_summary(summary_id: int) -> Summary:
    """Return a record with its questions, their positions, holders and comments."""
    positions = selectinload(Summary.questions).selectinload(Question.positions)
    query = (
        select(Summary)
        .where(Summary.id == summary_id)
        .options(
            positions.selectinload(Position.holders), positions.selectinload(Position.comments)
        )
        .execution_options(populate_existing=True)
    )
    return session().scalars(query).one()


def lock_summary(summary_id: int) -> None:
    """Make other writers of the record wait until the transaction ends."""
    session().execute(select(Summary.id).where(Summary.id == summary_id).with_for_update())


def list_letters(summary: Summary) -> list[Letter]:
    """List the letters of a record with their authors, the one that gives it its address first."""
    ids = list_letter_ids(summary)
    query = select(Letter).where(Letter.id.in_(ids)).options(selectinload(Letter.authors))
    letters = {letter.id: letter for letter in session().scalars(query)}
    return [letters[letter_id] for letter_id in dict.fromkeys(ids)]


def map_paragraph_labels(letter_ids: Collection[int]) -> dict[str, str]:
    """Return the numbers that readers see of the paragraphs of the current versions, by paragraph id."""
    return {row.pid: row.label for row in list_paragraphs(letter_ids)}


def stream_published_comments(
    letter_ids: Collection[int], cut_off: datetime
) -> Iterator[CommentFacts]:
    """Yield the published comments of letters in the order of posting, without their texts."""
    query = (
        select(*_COLUMNS)
        .where(*_published(letter_ids, cut_off))
        .order_by(Comment.published_at, Comment.id)
    )
    # Without yield_per, which needs a cursor on the server, and so a transaction on PostgreSQL.
    for rows in session().execute(query).partitions(ROWS_AT_ONCE):
        for row in rows:
            yield _read_facts(row)


def load_comments(comment_ids: Collection[int]) -> dict[int, CommentFacts]:
    """Return comments in any state with their texts, by id."""
    if not comment_ids:
        return {}
    query = select(*_COLUMNS, Comment.body, Comment.body_html, _person()).where(
        Comment.id.in_(sorted(comment_ids))
    )
    return {row[0]: _read_facts(row) for row in session().execute(query)}


def list_omissions(letter_ids: Collection[int], cut_off: datetime) -> list[CommentFacts]:
    """List the published comments on what the letters leave out, with their texts, the oldest first.

    One that repeats the text of another is left out: the campaign counts it.
    """
    query = (
        select(*_COLUMNS, Comment.body)
        .where(
            *_published(letter_ids, cut_off),
            Comment.kind == CommentKind.OMISSION,
            Comment.is_late.is_(False),
            Comment.representative_id.is_(None),
        )
        .order_by(Comment.published_at, Comment.id)
    )
    return [_read_facts(row) for row in session().execute(query)]


def count_pseudonymous_people(letter_ids: Collection[int], cut_off: datetime) -> dict[str, int]:
    """Count the pseudonymous people of each stakeholder group with a published comment."""
    person = _person()
    query = (
        select(Comment.stakeholder_group, func.count(func.distinct(person)))
        .where(*_published(letter_ids, cut_off), Comment.is_pseudonym.is_(True))
        .group_by(Comment.stakeholder_group)
    )
    return dict(session().execute(query).all())


def list_campaign_comments(letter_ids: Collection[int], cut_off: datetime) -> list[CampaignComment]:
    """List the published comments of campaigns, without late ones, by id."""
    query = (
        select(Comment.campaign_id, Comment.id, Comment.email_hash, Comment.stakeholder_group)
        .where(
            *_published(letter_ids, cut_off),
            Comment.campaign_id.is_not(None),
            Comment.is_late.is_(False),
        )
        .order_by(Comment.id)
    )
    return [CampaignComment._make(row) for row in session().execute(query)]


def list_campaign_texts(campaign_ids: Collection[int], cut_off: datetime) -> list[CommentFacts]:
    """List for each campaign the first published comment that may be quoted, with its text."""
    first = (
        select(func.min(Comment.id))
        .where(
            Comment.campaign_id.in_(sorted(campaign_ids)),
            Comment.state == CommentState.PUBLISHED,
            Comment.published_at <= cut_off,
            Comment.is_late.is_(False),
            Comment.quote_as != QuoteConsent.COUNT,
        )
        .group_by(Comment.campaign_id)
    )
    query = select(*_COLUMNS, Comment.body).where(Comment.id.in_(first)).order_by(Comment.id)
    return [_read_facts(row) for row in session().execute(query)]


def map_campaigns(comment_ids: Collection[int]) -> dict[int, int]:
    """Return the campaigns of comments by comment id."""
    query = select(Comment.id, Comment.campaign_id).where(Comment.id.in_(sorted(comment_ids)))
    return {comment_id: campaign for comment_id, campaign in session().execute(query) if campaign}


def map_uses(summary_id: int) -> dict[int, tuple[CommentUse, str]]:
    """Return the use of each comment that has one, with its reason, by comment id."""
    in_positions = (
        select(PositionComment.comment_id)
        .join(Position, Position.id == PositionComment.position_id)
        .join(Question, Question.id == Position.question_id)
        .where(Question.summary_id == summary_id)
    )
    marked = select(CommentUseRecord.comment_id).where(
        CommentUseRecord.summary_id == summary_id, is_mark()
    )
    is_record = and_(
        CommentUseRecord.comment_id == Comment.id, CommentUseRecord.summary_id == summary_id
    )
    query = (
        select(
            Comment.id,
            select_use(summary_id, Comment.id),
            func.coalesce(CommentUseRecord.reason, ""),
        )
        .outerjoin(CommentUseRecord, is_record)
        .where(Comment.id.in_(in_positions.union(marked)))
    )
    return {
        comment_id: (CommentUse(use), reason)
        for comment_id, use, reason in session().execute(query)
    }


def list_counted_ids(letter_ids: Collection[int], cut_off: datetime) -> list[int]:
    """List the ids of the published comments that are not late."""
    query = select(Comment.id).where(*_published(letter_ids, cut_off), Comment.is_late.is_(False))
    return list(session().scalars(query))


def list_removed_ids(letter_ids: Collection[int], cut_off: datetime) -> list[int]:
    """List the comments that could be published by `cut_off` and are not published.

    One whose publication was undone has no time of publication any more.
    """
    query = select(Comment.id).where(
        Comment.letter_id.in_(sorted(letter_ids)),
        Comment.submitted_at <= cut_off,
        Comment.published_at.is_(None) | (Comment.published_at <= cut_off),
        Comment.state != CommentState.PUBLISHED,
    )
    return list(session().scalars(query))


def list_redacted_texts(letter_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return text and HTML of the comments of which parts are redacted, in any state, by id."""
    query = select(Comment.id, Comment.body, Comment.body_html).where(
        Comment.letter_id.in_(sorted(letter_ids)), Comment.unredacted_sealed.is_not(None)
    )
    return {comment_id: (body, html) for comment_id, body, html in session().execute(query)}


def list_objections(letter_ids: Collection[int], cut_off: datetime) -> list[Objection]:
    """List the objections to letters, the oldest first.

    One whose comment is no longer published is not part of the register.
    """
    query = (
        select(Objection)
        .join(Comment, Comment.id == Objection.comment_id)
        .where(
            Objection.letter_id.in_(sorted(letter_ids)),
            Objection.recorded_at <= cut_off,
            Comment.state == CommentState.PUBLISHED,
        )
        .order_by(Objection.recorded_at, Objection.id)
    )
    return list(session().scalars(query))


def list_alternatives(summary_id: int) -> list[Alternative]:
    """List the alternative wordings that stand, those that were withdrawn excepted."""
    query = (
        select(Alternative)
        .where(
            Alternative.summary_id == summary_id,
            Alternative.status != AlternativeStatus.WITHDRAWN,
        )
        .order_by(Alternative.letter_id, Alternative.pid, Alternative.label, Alternative.id)
    )
    return list(session().scalars(query))


def _read_facts(row: Iterable[Any]) -> CommentFacts:
    return CommentFacts(*row)


def _published(letter_ids: Collection[int], cut_off: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Comment.letter_id.in_(sorted(letter_ids)),
        Comment.state == CommentState.PUBLISHED,
        Comment.published_at <= cut_off,
        is_of_group(),
    )


def _person() -> ColumnElement[str]:
    """Return the value that tells people apart. A comment without an address is a person of its own."""
    own = literal("comment ").concat(cast(Comment.id, String))
    return func.coalesce(Comment.email_hash, own)
