"""Read comments, loaded for the page that shows them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import joinedload, selectinload

from commentsite.comments.models import Comment, CommentRevision, CommentTarget
from commentsite.comments.states import CommentState
from commentsite.db import serialize, session
from commentsite.errors import require_found
from commentsite.letters.models import Letter
from commentsite.letters.states import LetterState
from commentsite.tokens import hash_token

PER_PAGE = 50

# Asked several times with each page of the desk, so composed once.
_BY_ID = select(Comment).where(Comment.id == bindparam("id")).options(joinedload(Comment.targets))


@dataclass(frozen=True)
class Tallies:
    """What is counted about the comments of a letter."""

    groups: dict[str, int]  # published comments by group, the most first
    paragraphs: dict[str, int]  # published comments by the paragraph they speak to
    tops: int  # threads on the page, those with a tombstone on top too


def lock_comments_of(letter_id: int) -> None:
    """Let nobody else change what stands between comments of a letter: who answers, who is one text."""
    serialize(f"comments:{letter_id}")


def comment_for_update(comment_id: int) -> Comment:
    """Return a comment as it is now, locked until the transaction ends.

    What becomes of one can touch others of its letter, so a letter's comments change one at a time.
    """
    letter_id = session().scalars(select(Comment.letter_id).where(Comment.id == comment_id)).first()
    if letter_id is not None:
        lock_comments_of(letter_id)
    query = (
        select(Comment)
        .where(Comment.id == comment_id)
        .options(selectinload(Comment.targets))
        .with_for_update()
    )
    return _one(session().scalars(query.execution_options(populate_existing=True)).first())


def comment_by_receipt(token: str) -> Comment:
    """Return the comment whose private page has this token."""
    query = select(Comment).where(Comment.receipt_hash == hash_token(token))
    return _one(session().scalars(query.options(selectinload(Comment.targets))).first())


def comment_by_id(comment_id: int) -> Comment:
    """Return a comment of any state with what it speaks to."""
    return _one(session().scalars(_BY_ID, {"id": comment_id}).unique().first())


def tallies(letter_id: int) -> Tallies:
    """Count what a letter's page says about its comments, in one query."""
    counted: dict[str, dict[str, int]] = {"group": {}, "paragraph": {}, "tops": {}}
    for what, key, n in session().execute(_TALLIES, {"letter": letter_id}):
        counted[what][key] = n
    heard = sorted(counted["group"].items(), key=lambda item: (-item[1], item[0]))
    return Tallies(dict(heard), counted["paragraph"], counted["tops"][""])


def page_of(comment: Comment) -> int:
    """Return the page, oldest first, on which a published comment stands."""
    top = comment if comment.root_id is None else comment_by_id(comment.root_id)
    earlier = or_(
        Comment.published_at < top.published_at,
        and_(Comment.published_at == top.published_at, Comment.id < top.id),
    )
    where = (*tops_of(top.letter_id), earlier)
    return (
        session().scalars(select(func.count()).select_from(Comment).where(*where)).one() // PER_PAGE
        + 1
    )


def latest_published(letter_id: int, limit: int = 50) -> list[Comment]:
    """Return the newest published comments of a letter, for its feed."""
    where = (Comment.letter_id == letter_id, Comment.state == CommentState.PUBLISHED)
    query = (
        select(Comment)
        .where(*where)
        .order_by(Comment.published_at.desc(), Comment.id.desc())
        .limit(limit)
    )
    return list(session().scalars(query))


def on_paragraph(letter_id: int, pid: str, limit: int = 500) -> list[Comment]:
    """Return the published comments that speak to a paragraph, the oldest first; one of each text."""
    speaks = select(CommentTarget.comment_id).where(CommentTarget.pid == pid)
    where = (
        Comment.letter_id == letter_id,
        Comment.state == CommentState.PUBLISHED,
        Comment.folded_into_id.is_(None),
        Comment.id.in_(speaks),
    )
    query = select(Comment).where(*where).order_by(Comment.published_at, Comment.id).limit(limit)
    return list(session().scalars(query.options(joinedload(Comment.targets))).unique())


def all_published(letter_id: int, limit: int = 2000) -> list[Comment]:
    """Return a letter's comments in the order in which they stand, for paper."""
    query = select(Comment).where(Comment.letter_id == letter_id, _was_public())
    query = query.order_by(Comment.published_at, Comment.id).limit(limit)
    return list(session().scalars(query.options(joinedload(Comment.targets))).unique())


def revisions_of(comment_id: int) -> list[CommentRevision]:
    """Return the earlier words of a comment, oldest first."""
    query = (
        select(CommentRevision)
        .where(CommentRevision.comment_id == comment_id)
        .order_by(CommentRevision.version)
    )
    return list(session().scalars(query))


def letter_of(comment_id: int) -> int | None:
    """Return the letter a comment is about, or None where there is no such comment."""
    return session().scalars(select(Comment.letter_id).where(Comment.id == comment_id)).first()


def books(letters: frozenset[int] | None = None) -> dict[str, int]:
    """Return how many comments are in each state, none left out: of all letters, or of some."""
    query = select(Comment.state, func.count()).group_by(Comment.state)
    if letters is not None:
        query = query.where(Comment.letter_id.in_(letters))
    counted = {str(s): n for s, n in session().execute(query)}
    return {state.value: counted.get(state.value, 0) for state in CommentState}


def ahead_of(comment: Comment) -> int:
    """Return how many waiting comments came before this one."""
    earlier = or_(
        Comment.submitted_at < comment.submitted_at,
        and_(Comment.submitted_at == comment.submitted_at, Comment.id < comment.id),
    )
    where = (Comment.state == CommentState.PENDING, earlier)
    return session().scalars(select(func.count()).select_from(Comment).where(*where)).one()


def visible_comment(slug: str, comment_id: int) -> Comment:
    """Return a comment that stands, or has a tombstone, on this public letter; NotFound for any other."""
    query = select(Comment).join(Letter, Letter.id == Comment.letter_id)
    query = query.where(
        Comment.id == comment_id,
        Letter.slug == slug,
        Letter.state != LetterState.DRAFT,
        _was_public(),
    )
    return _one(session().scalars(query).first())


def tops_of(letter_id: int | BindParameter[int]) -> tuple[ColumnElement[bool], ...]:
    """Return what holds for the comments on top of a letter's threads."""
    is_top = (Comment.parent_id.is_(None), Comment.folded_into_id.is_(None))
    return (Comment.letter_id == letter_id, *is_top, _was_public())


def _was_public() -> ColumnElement[bool]:
    # What was public once leaves a place without words, so that its answers stand somewhere.
    return Comment.published_at.is_not(None)


def _one(comment: Comment | None) -> Comment:
    return require_found(comment, "There is no comment at this address.")


def _compose_tallies() -> CompoundSelect[Any]:
    published = (
        Comment.letter_id == bindparam("letter"),
        Comment.state == CommentState.PUBLISHED,
    )
    number = func.count().label("number")
    groups = (
        select(literal("group"), Comment.stakeholder_group, number)
        .where(*published)
        .group_by(Comment.stakeholder_group)
    )
    paragraphs = (
        select(literal("paragraph"), CommentTarget.pid, number)
        .join(Comment, Comment.id == CommentTarget.comment_id)
        .where(*published)
        .group_by(CommentTarget.pid)
    )
    tops = select(literal("tops"), literal(""), number).where(*tops_of(bindparam("letter")))
    return union_all(groups, paragraphs, tops)


# Asked with each page that is drawn, so composed once.
_TALLIES = _compose_tallies()
