"""Read what the consensus map and the totals are counted from.

Rows of comments are plain tuples, because there are many. Named tuples would take twice as long, also
because the garbage collector looks at each of them again and again.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Result, and_, case, func, or_, select

from commentsite.comments.affiliation.queries import is_of_group, is_staff_reply
from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.states import CommentState, QuoteConsent, Stance
from commentsite.db.session import session
from commentsite.letters.models import Block, Letter, LetterVersion, ParagraphLink

ROWS_PER_FETCH = 100  # so few that they stay in the cache of the processor
# Columns of the tables, because the ORM would look at each row.
_comment, _target = Comment.__table__.c, CommentTarget.__table__.c

#: Comment id, letter id, version of the letter, hash of the email address, stakeholder group, hash of the text,
#: campaign, whether the comment may be listed, organisation, whether the address is confirmed, paragraph id, and the
#: stance on the paragraph or else that of the comment. The paragraph id is None for a comment that names none.
StanceRow = tuple[int, int, int, str | None, str, str, int | None, bool, str, bool, str | None, str]


class ParagraphRow(NamedTuple):
    """A paragraph of the current version of a letter."""

    letter_id: int
    pid: str
    label: str
    text: str


class ParagraphFate(NamedTuple):
    """The fate of a paragraph in a version of its letter."""

    letter_id: int
    version: int
    change: str  # a ChangeKind
    pid: str
    relation: str  # a ParagraphRelation
    target_pid: str | None


def iterate_stances(letter_ids: Collection[int], cut_off: datetime | None) -> Iterator[StanceRow]:
    """Yield the published comments with each of their paragraphs, in the order of posting.

    Late comments and staff replies are left out, and so are those published after `cut_off`.
    """
    has_no_own_stance = or_(_target.stance.is_(None), _target.stance == Stance.NONE)
    query = (
        select(
            _comment.id,
            _comment.letter_id,
            _comment.letter_version,
            _comment.email_hash,
            _comment.stakeholder_group,
            _comment.body_hash,
            _comment.campaign_id,
            _comment.quote_as != QuoteConsent.COUNT,
            _comment.organisation,
            _comment.email_confirmed_at.is_not(None),
            _target.pid,
            case((has_no_own_stance, _comment.stance), else_=_target.stance),
        )
        .join(CommentTarget.__table__, _target.comment_id == _comment.id, isouter=True)
        .where(*_is_counted(letter_ids, cut_off))
        .order_by(_comment.submitted_at, _comment.id)
    )
    return _stream(session().execute(query))


def count_by_state(letter_ids: Collection[int]) -> dict[CommentState, int]:
    """Count the comments of the letters by state. Staff replies are left out.

    All comments are counted from an index. Rows are read only of what the staff wrote, and of comments
    that were never published, which are few on a letter with many.
    """
    counts = _count_states(letter_ids)
    for is_published in (Comment.published_at.is_not(None), _is_unpublished()):
        for state, count in _count_states(letter_ids, is_published, is_staff_reply()).items():
            counts[state] -= count
    return {state: count for state, count in counts.items() if count}


def _is_unpublished() -> ColumnElement[bool]:
    # With all states, so that SQLite without statistics looks the rows up in an index.
    return and_(Comment.state.in_(list(CommentState)), Comment.published_at.is_(None))


def _count_states(
    letter_ids: Collection[int], *conditions: ColumnElement[bool]
) -> dict[CommentState, int]:
    query = (
        select(Comment.state, func.count())
        .where(Comment.letter_id.in_(letter_ids), *conditions)
        .group_by(Comment.state)
        .order_by(Comment.state)
    )
    return {CommentState(state): count for state, count in session().execute(query)}


def count_sent_by(
    letter_ids: Collection[int], cut_off: datetime
) -> tuple[dict[CommentState, int], int]:
    """Count the comments of the letters by state, and the published ones among them that were late.

    Staff replies are left out, and comments that were sent or published after `cut_off`.
    """
    is_late = and_(Comment.state == CommentState.PUBLISHED, Comment.is_late.is_(True))
    query = (
        select(Comment.state, func.count(), func.sum(case((is_late, 1), else_=0)))
        .where(
            Comment.letter_id.in_(letter_ids),
            is_of_group(),
            Comment.submitted_at <= cut_off,
            _is_published_by(cut_off),
        )
        .group_by(Comment.state)
        .order_by(Comment.state)
    )
    rows = session().execute(query).all()
    return {CommentState(state): count for state, count, _ in rows}, sum(late for *_, late in rows)


def list_paragraphs(letter_ids: Collection[int]) -> list[ParagraphRow]:
    """List the paragraphs of the current versions of letters, in their order."""
    query = (
        select(LetterVersion.letter_id, Block.pid, Block.label, Block.text)
        .join(LetterVersion, LetterVersion.id == Block.version_id)
        .join(Letter, Letter.id == LetterVersion.letter_id)
        .where(
            Letter.id.in_(letter_ids),
            LetterVersion.number == Letter.version_number,
            Block.pid.is_not(None),
        )
        .order_by(LetterVersion.letter_id, Block.position)
    )
    return [
        ParagraphRow(letter_id, pid or "", label or "", text)
        for letter_id, pid, label, text in session().execute(query)
    ]


def list_paragraph_fates(letter_ids: Collection[int]) -> list[ParagraphFate]:
    """List what became of paragraphs in the versions of letters up to the current ones."""
    query = (
        select(
            LetterVersion.letter_id,
            LetterVersion.number,
            LetterVersion.change,
            ParagraphLink.pid,
            ParagraphLink.relation,
            ParagraphLink.target_pid,
        )
        .join(LetterVersion, LetterVersion.id == ParagraphLink.version_id)
        .join(Letter, Letter.id == LetterVersion.letter_id)
        .where(Letter.id.in_(letter_ids), LetterVersion.number <= Letter.version_number)
    )
    return [ParagraphFate(*row) for row in session().execute(query)]


def list_substantive_versions(letter_ids: Collection[int]) -> list[tuple[int, int]]:
    """List letter id and number of the versions that changed the meaning of a letter."""
    query = (
        select(LetterVersion.letter_id, LetterVersion.number)
        .join(Letter, Letter.id == LetterVersion.letter_id)
        .where(
            Letter.id.in_(letter_ids),
            LetterVersion.number <= Letter.version_number,
            LetterVersion.change == "substantive",
        )
    )
    return [(letter_id, number) for letter_id, number in session().execute(query)]


def _is_counted(
    letter_ids: Collection[int], cut_off: datetime | None
) -> tuple[ColumnElement[bool], ...]:
    conditions = (
        _comment.letter_id.in_(letter_ids),
        _comment.state == CommentState.PUBLISHED,
        _comment.is_late.is_(False),
        is_of_group(),
    )
    return conditions if cut_off is None else (*conditions, _is_published_by(cut_off))


def _is_published_by(cut_off: datetime) -> ColumnElement[bool]:
    return _comment.published_at.is_(None) | (_comment.published_at <= cut_off)


def _stream(result: Result[Any]) -> Iterator[Any]:
    """Yield the rows as the database driver gives them, a few at a time.

    A Row for each of them would take a third of the time of the whole map.
    """
    cursor: Any = result.cursor  # type: ignore[attr-defined]  # of every result of a SELECT
    while rows := cursor.fetchmany(ROWS_PER_FETCH):
        yield from rows
    result.close()
