"""Read records of positions for editing, and the comments of their letters for the workbench."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased, selectinload

from commentsite.comments.affiliation.queries import is_of_group
from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.states import (
    CommentKind,
    CommentState,
    QuoteConsent,
    Stance,
)
from commentsite.comments.threads.queries import TargetRow
from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.letters.models import Letter
from commentsite.search.queries import select_comment_matches
from commentsite.search.tokenizer import parse_query
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.models import (
    CommentUseRecord,
    Position,
    PositionComment,
    PositionHolder,
    Question,
    Summary,
    SummaryLetter,
)
from commentsite.summaries.positions.policy import WITHHELD_QUOTATION, is_quotation_of_comment

COMMENTS_PER_PAGE = 50
MAX_SEARCH_MATCHES = 5_000  # comments with the words of a search that other filters look at
MAX_ERASURES = 200  # quotations that one transaction deletes
#: Values of `CommentChoice.paragraph` that name no paragraph.
WHOLE_LETTER, OMISSIONS = "whole", "omissions"
#: Value of `CommentChoice.use`: in no position, and not marked.
UNUSED = "unused"


# --- The record


def map_records(letter_ids: Collection[int]) -> dict[int, int | None]:
    """Return, by the letter that has it, the number of the last version of each record.

    None stands for a record that was never published.
    """
    query = select(Summary.letter_id, Summary.published_version)
    rows = session().execute(query.where(Summary.letter_id.in_(letter_ids)))
    return dict(rows.all())


def list_further_letters(summary: Summary) -> list[SummaryLetter]:
    """List the rows of the letters beside the first."""
    query = select(SummaryLetter).where(SummaryLetter.summary_id == summary.id)
    return list(session().scalars(query))


def list_letters(summary: Summary) -> list[Letter]:
    """List the letters of the consultation in their order, without their authors."""
    ids = summary_queries.list_letter_ids(summary)
    letters = {
        letter.id: letter for letter in session().scalars(select(Letter).where(Letter.id.in_(ids)))
    }
    return [letters[letter_id] for letter_id in ids if letter_id in letters]


def list_questions(summary: Summary) -> list[Question]:
    """List the questions with their positions and the holders of these."""
    query = (
        select(Question)
        .where(Question.summary_id == summary.id)
        .order_by(Question.position, Question.id)
        .options(selectinload(Question.positions).selectinload(Position.holders))
    )
    return list(session().scalars(query))


def get_question(summary: Summary, question_id: int) -> Question:
    """Return a question of this record with its positions, locked. Raises NotFound."""
    query = select(Question).where(Question.id == question_id, Question.summary_id == summary.id)
    found = session().scalars(for_update(query.options(selectinload(Question.positions)))).first()
    return require_found(found, "This record has no such question.")


def get_position(summary: Summary, position_id: int) -> Position:
    """Return a position of this record, locked. Raises NotFound."""
    query = (
        select(Position)
        .join(Question, Question.id == Position.question_id)
        .where(Position.id == position_id, Question.summary_id == summary.id)
    )
    found = session().scalars(query.with_for_update(of=Position)).first()
    return require_found(found, "This record has no such position.")


def list_rows_of_position(position: Position) -> list[PositionHolder | PositionComment]:
    """List the holders of a position and the comments that it rests on."""
    holders = select(PositionHolder).where(PositionHolder.position_id == position.id)
    comments = select(PositionComment).where(PositionComment.position_id == position.id)
    return [*session().scalars(holders), *session().scalars(comments)]


def get_holder(position: Position, holder_id: int) -> PositionHolder:
    """Return a holder of this position. Raises NotFound."""
    query = select(PositionHolder).where(
        PositionHolder.id == holder_id, PositionHolder.position_id == position.id
    )
    return require_found(session().scalars(query).first(), "This position has no such holder.")


def has_holder(position: Position, kind: str, *, group: str, name: str) -> bool:
    """Return whether a position has this holder already."""
    query = select(PositionHolder.id).where(
        PositionHolder.position_id == position.id,
        PositionHolder.kind == kind,
        PositionHolder.stakeholder_group == group,
        PositionHolder.name == name,
    )
    return session().scalars(query).first() is not None


def find_evidence(position_id: int, comment_id: int) -> PositionComment | None:
    return session().get(PositionComment, (position_id, comment_id))


# --- The comments that positions rest on


class EvidenceRow(NamedTuple):
    """A comment that a position rests on, with the values of its author that the desk shows."""

    position_id: int
    comment_id: int
    comment_version: int
    quotation: str
    letter_id: int
    name: str
    is_pseudonym: bool
    stakeholder_group: str
    organisation: str
    quote_as: QuoteConsent
    state: CommentState
    current_version: int  # of the comment
    submitted_at: datetime


@dataclass(frozen=True)
class EvidenceFacts:
    """Figures about the comments that a position rests on, of those that are still published."""

    comments: int = 0
    people: int = 0  # different email addresses; a comment without one counts as a person
    first_stated_at: datetime | None = None


NO_EVIDENCE = EvidenceFacts()


def list_evidence(summary: Summary) -> list[EvidenceRow]:
    """List the comments of all positions in the order of posting."""
    query = (
        select(
            PositionComment.position_id,
            PositionComment.comment_id,
            PositionComment.comment_version,
            PositionComment.quotation,
            Comment.letter_id,
            Comment.name,
            Comment.is_pseudonym,
            Comment.stakeholder_group,
            Comment.organisation,
            Comment.quote_as,
            Comment.state,
            Comment.version,
            Comment.submitted_at,
        )
        .join(Comment, Comment.id == PositionComment.comment_id)
        .where(PositionComment.position_id.in_(_select_position_ids(summary.id)))
        .order_by(PositionComment.position_id, PositionComment.comment_id)
    )
    return [EvidenceRow._make(row) for row in session().execute(query)]


def load_evidence_facts(summary_id: int) -> dict[int, EvidenceFacts]:
    """Return the figures of each position that rests on comments, by its id."""
    query = (
        select(
            PositionComment.position_id,
            func.count(),
            func.count(Comment.email_hash.distinct()),
            func.count() - func.count(Comment.email_hash),
            func.min(Comment.submitted_at),
        )
        .join(Comment, Comment.id == PositionComment.comment_id)
        .where(
            PositionComment.position_id.in_(_select_position_ids(summary_id)),
            Comment.state == CommentState.PUBLISHED,
        )
        .group_by(PositionComment.position_id)
    )
    return {
        position_id: EvidenceFacts(comments, addresses + without_address, first)
        for position_id, comments, addresses, without_address, first in session().execute(query)
    }


def _select_position_ids(summary_id: int) -> Any:
    return (
        select(Position.id)
        .join(Question, Question.id == Position.question_id)
        .where(Question.summary_id == summary_id)
    )


def list_quotations_of_erased(_before: datetime) -> list[PositionComment]:
    """List quotations whose comment is erased."""
    query = (
        select(PositionComment)
        .join(Comment, Comment.id == PositionComment.comment_id)
        .where(Comment.erased_at.is_not(None), PositionComment.quotation != "")
        .limit(MAX_ERASURES)
    )
    return list(session().scalars(query))


def list_quotations_of_redacted(_before: datetime) -> list[PositionComment]:
    """List quotations with words of their comments that are redacted."""
    query = (
        select(PositionComment, Comment.body, Comment.body_html)
        .join(Comment, Comment.id == PositionComment.comment_id)
        .where(
            Comment.unredacted_sealed.is_not(None),
            PositionComment.quotation.not_in(("", WITHHELD_QUOTATION)),
        )
    )
    return [
        row
        for row, body, body_html in session().execute(query)
        if not is_quotation_of_comment(row.quotation, body, body_html)
    ]


# --- The comments of the letters, for the workbench


@dataclass(frozen=True)
class CommentChoice:
    """The filters of the workbench. An empty string does not narrow the list."""

    paragraph: str = ""  # an id, WHOLE_LETTER or OMISSIONS
    group: str = ""
    stance: str = ""  # of the comment, or on one of its paragraphs
    use: str = ""  # a CommentUse, or UNUSED
    q: str = ""  # words of the text

    def __bool__(self) -> bool:
        return any((self.paragraph, self.group, self.stance, self.use, self.q))


class WorkbenchComment(NamedTuple):
    """The columns of a published comment that the workbench shows."""

    id: int
    version: int
    letter_id: int
    letter_version: int
    name: str
    is_pseudonym: bool
    stakeholder_group: str
    organisation: str
    capacity: str
    kind: str
    stance: str
    quote_as: QuoteConsent
    language: str
    is_late: bool
    body_html: str
    submitted_at: datetime
    targets: tuple[TargetRow, ...] = ()


@dataclass(frozen=True)
class CommentPage:
    """One page of comments. `next_after` is the id to pass for the next page, None on the last."""

    comments: list[WorkbenchComment]
    next_after: int | None


_COLUMNS = (
    Comment.id,
    Comment.version,
    Comment.letter_id,
    Comment.letter_version,
    Comment.name,
    Comment.is_pseudonym,
    Comment.stakeholder_group,
    Comment.organisation,
    Comment.capacity,
    Comment.kind,
    Comment.stance,
    Comment.quote_as,
    Comment.language,
    Comment.is_late,
    Comment.body_html,
    Comment.submitted_at,
)


def load_comment_page(
    summary: Summary,
    letter_ids: Sequence[int],
    chosen: CommentChoice,
    *,
    after: int | None = None,
    limit: int = COMMENTS_PER_PAGE,
) -> CommentPage:
    """Return one page of the published comments, letter by letter in the order of publication.

    A text that several people sent is there once. `after` is the id of the last comment on the
    page before. A page costs the same however many pages stand before it.
    """
    last = _find_place(after) if after is not None else None
    if last is not None and last[0] in letter_ids:
        letter_ids = letter_ids[letter_ids.index(last[0]) :]
    ids: list[int] = []
    for letter_id in letter_ids:
        query = (
            select(Comment.id)
            .where(*_matches(summary, (letter_id,), chosen))
            .order_by(Comment.published_at, Comment.id)
            .limit(limit + 1 - len(ids))
        )
        if last is not None and last[0] == letter_id:
            query = query.where(tuple_(Comment.published_at, Comment.id) > last[1:])
        ids += session().scalars(query)
        if len(ids) > limit:
            break
    return CommentPage(load_comments(ids[:limit]), ids[limit - 1] if len(ids) > limit else None)


def count_comments(summary: Summary, letter_ids: Sequence[int], chosen: CommentChoice) -> int:
    """Count the texts that `load_comment_page` lists, up to MAX_COUNT + 1."""
    found = select(Comment.id).where(*_matches(summary, letter_ids, chosen)).limit(MAX_COUNT + 1)
    return session().scalars(select(func.count()).select_from(found.subquery())).one()


def count_by_group(letter_ids: Collection[int]) -> dict[str, int]:
    """Count the published comments of each stakeholder group."""
    query = (
        select(Comment.stakeholder_group, func.count())
        .where(
            Comment.letter_id.in_(letter_ids),
            Comment.state == CommentState.PUBLISHED,
            is_of_group(),
        )
        .group_by(Comment.stakeholder_group)
    )
    return dict(session().execute(query).all())


def count_by_paragraph(letter_ids: Collection[int]) -> dict[str, int]:
    """Count the published comments about each paragraph, by its id."""
    query = (
        select(CommentTarget.pid, func.count())
        .join(Comment, Comment.id == CommentTarget.comment_id)
        .where(
            Comment.letter_id.in_(letter_ids),
            Comment.state == CommentState.PUBLISHED,
            is_of_group(),
        )
        .group_by(CommentTarget.pid)
    )
    return dict(session().execute(query).all())


@dataclass(frozen=True)
class Uses:
    """The use that a record makes of some comments."""

    positions: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # by comment id
    marks: Mapping[int, CommentUseRecord] = field(default_factory=dict)


def load_uses(summary: Summary, comment_ids: Collection[int]) -> Uses:
    """Return the positions that these comments stand in, and the marks of the editors on them."""
    in_positions = select(PositionComment.comment_id, PositionComment.position_id).where(
        PositionComment.comment_id.in_(comment_ids),
        PositionComment.position_id.in_(_select_position_ids(summary.id)),
    )
    positions: dict[int, tuple[int, ...]] = {}
    for comment_id, position_id in session().execute(
        in_positions.order_by(PositionComment.position_id)
    ):
        positions[comment_id] = (*positions.get(comment_id, ()), position_id)
    marks = select(CommentUseRecord).where(
        CommentUseRecord.summary_id == summary.id,
        CommentUseRecord.comment_id.in_(comment_ids),
        summary_queries.is_mark(),
    )
    return Uses(positions, {mark.comment_id: mark for mark in session().scalars(marks)})


def _find_place(comment_id: int) -> tuple[int, datetime | None, int] | None:
    query = select(Comment.letter_id, Comment.published_at, Comment.id)
    row = session().execute(query.where(Comment.id == comment_id)).first()
    return (row[0], row[1], row[2]) if row else None


def load_comments(ids: Sequence[int]) -> list[WorkbenchComment]:
    """Return these comments in this order. One that does not exist is left out."""
    targets: dict[int, tuple[TargetRow, ...]] = {}
    query = select(CommentTarget.comment_id, CommentTarget.pid, CommentTarget.stance)
    query = query.where(CommentTarget.comment_id.in_(ids)).order_by(CommentTarget.position)
    for comment_id, pid, stance in session().execute(query):
        targets[comment_id] = (*targets.get(comment_id, ()), TargetRow(pid, stance))
    rows = session().execute(select(*_COLUMNS).where(Comment.id.in_(ids)))
    found = {row[0]: WorkbenchComment._make((*row, targets.get(row[0], ()))) for row in rows}
    return [found[comment_id] for comment_id in ids if comment_id in found]


def _matches(
    summary: Summary,
    letter_ids: Collection[int],
    chosen: CommentChoice,
) -> tuple[ColumnElement[bool], ...]:
    """Select each text once: its representative, or the first duplicate if that does not match."""
    representative, earlier = aliased(Comment), aliased(Comment)
    conditions = (
        *_is_chosen(summary, chosen, Comment),
        Comment.letter_id.in_(letter_ids),
        Comment.state == CommentState.PUBLISHED,
        Comment.published_at.is_not(None),
    )
    if not chosen:
        return (*conditions, Comment.representative_id.is_(None))
    is_first_duplicate = and_(
        ~exists().where(
            representative.id == Comment.representative_id,
            *_is_chosen(summary, chosen, representative),
        ),
        ~exists().where(
            earlier.representative_id == Comment.representative_id,
            earlier.id < Comment.id,
            earlier.state == CommentState.PUBLISHED,
            *_is_chosen(summary, chosen, earlier),
        ),
    )
    return (*conditions, or_(Comment.representative_id.is_(None), is_first_duplicate))


def _is_chosen(
    summary: Summary, chosen: CommentChoice, comment: type[Comment]
) -> tuple[ColumnElement[bool], ...]:
    conditions: list[ColumnElement[bool]] = [is_of_group(comment)]
    if chosen.group:
        conditions.append(comment.stakeholder_group == chosen.group)
    if chosen.paragraph == OMISSIONS:
        conditions.append(comment.kind == CommentKind.OMISSION)
    elif chosen.paragraph == WHOLE_LETTER:
        conditions += [
            comment.kind != CommentKind.OMISSION,
            ~exists().where(CommentTarget.comment_id == comment.id),
        ]
    elif chosen.paragraph:
        on_paragraph = select(CommentTarget.comment_id).where(CommentTarget.pid == chosen.paragraph)
        if chosen.stance:
            on_paragraph = on_paragraph.where(_has_stance(comment, chosen.stance))
        conditions.append(comment.id.in_(on_paragraph))
    if chosen.stance and chosen.paragraph in {"", OMISSIONS, WHOLE_LETTER}:
        on_some_paragraph = exists().where(
            CommentTarget.comment_id == comment.id, CommentTarget.stance == chosen.stance
        )
        conditions.append(or_(comment.stance == chosen.stance, on_some_paragraph))
    if chosen.use:
        use = "" if chosen.use == UNUSED else chosen.use
        conditions.append(summary_queries.select_use(summary.id, comment.id) == use)
    if phrases := parse_query(chosen.q):
        matches = select_comment_matches(phrases, limit=MAX_SEARCH_MATCHES)
        conditions.append(comment.id.in_(select(matches.c.rowid)))
    return tuple(conditions)


def _has_stance(comment: type[Comment], stance: str) -> ColumnElement[bool]:
    """Select the targets with a stance, which is usually that of the whole comment."""
    is_of_comment = and_(CommentTarget.stance == Stance.NONE, comment.stance == stance)
    return or_(CommentTarget.stance == stance, is_of_comment)
