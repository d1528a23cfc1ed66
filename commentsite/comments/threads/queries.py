"""Read the comments of one page of a letter, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    UnaryExpression,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import joinedload

from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.queries import get_comment, was_published
from commentsite.comments.states import CommentState
from commentsite.db.pagination import page_within
from commentsite.db.session import session

THREADS_PER_PAGE = 50


@dataclass(frozen=True)
class CommentCounts:
    """What is counted about the comments of a letter."""

    by_group: dict[str, int]  # published comments by group, the most first
    by_paragraph: dict[str, int]  # published comments by the paragraph they speak to
    threads: int  # threads on the page, those with a tombstone on top too


def count_comments(letter_id: int) -> CommentCounts:
    """Count what a letter's page says about its comments, in one query."""
    counted: dict[str, dict[str, int]] = {"group": {}, "paragraph": {}, "tops": {}}
    for what, key, n in session().execute(_COUNTS, {"letter": letter_id}):
        counted[what][key] = n
    heard = sorted(counted["group"].items(), key=lambda item: (-item[1], item[0]))
    return CommentCounts(dict(heard), counted["paragraph"], counted["tops"][""])


def find_thread_page_number(comment: Comment) -> int:
    """Return the page, oldest first, on which a published comment stands."""
    top = comment if comment.root_id is None else get_comment(comment.root_id)
    earlier = or_(
        Comment.published_at < top.published_at,
        and_(Comment.published_at == top.published_at, Comment.id < top.id),
    )
    where = (*thread_root_conditions(top.letter_id), earlier)
    return (
        session().scalars(select(func.count()).select_from(Comment).where(*where)).one()
        // THREADS_PER_PAGE
        + 1
    )


def list_comments_on_paragraph(letter_id: int, pid: str, limit: int = 500) -> list[Comment]:
    """Return the published comments that speak to a paragraph, the oldest first; one of each text."""
    speaks = select(CommentTarget.comment_id).where(CommentTarget.pid == pid)
    where = (
        Comment.letter_id == letter_id,
        Comment.state == CommentState.PUBLISHED,
        Comment.representative_id.is_(None),
        Comment.id.in_(speaks),
    )
    query = select(Comment).where(*where).order_by(Comment.published_at, Comment.id).limit(limit)
    return list(session().scalars(query.options(joinedload(Comment.targets))).unique())


def list_comments_for_pdf(letter_id: int, limit: int = 2000) -> list[Comment]:
    """Return a letter's comments in the order in which they stand, for paper."""
    query = select(Comment).where(Comment.letter_id == letter_id, was_published())
    query = query.order_by(Comment.published_at, Comment.id).limit(limit)
    return list(session().scalars(query.options(joinedload(Comment.targets))).unique())


def thread_root_conditions(letter_id: int | BindParameter[int]) -> tuple[ColumnElement[bool], ...]:
    """Return what holds for the comments on top of a letter's threads."""
    is_top = (Comment.parent_id.is_(None), Comment.representative_id.is_(None))
    return (Comment.letter_id == letter_id, *is_top, was_published())


def _counts_statement() -> CompoundSelect[Any]:
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
    tops = select(literal("tops"), literal(""), number).where(
        *thread_root_conditions(bindparam("letter"))
    )
    return union_all(groups, paragraphs, tops)


# Asked with each page that is drawn, so composed once.
_COUNTS = _counts_statement()


class TargetRow(NamedTuple):
    """One paragraph a comment speaks to, and its own position on it."""

    pid: str
    stance: str


class CommentRow(NamedTuple):
    """What a page shows of a comment, under the names that `Comment` has for it."""

    id: int
    parent_id: int | None
    state: CommentState
    letter_version: int
    name: str
    is_pseudonym: bool
    author_role: str
    has_organisation_domain: bool
    delegation_verified_at: datetime | None
    email_confirmed_at: datetime | None
    stakeholder_group: str
    organisation: str
    capacity: str
    kind: str
    stance: str
    language: str
    is_late: bool
    body: str
    body_html: str
    campaign_id: int | None
    changed_at: datetime
    edited_at: datetime | None
    published_at: datetime
    targets: tuple[TargetRow, ...] = ()

    @property
    def confirmed_author_role(self) -> str:
        """Return whose voice it is where the mailbox has confirmed it, as `Comment` does."""
        return self.author_role if self.email_confirmed_at else ""

    def without_text(self) -> Self:
        """Return it as a place without words, which is all that is left of one that no longer stands."""
        return self._replace(body="", body_html="")


class ThreadPage(NamedTuple):
    """The comments of one page: its tops in order, then all that answers them."""

    comments: list[CommentRow]
    page: int
    page_count: int


_COLUMNS = [getattr(Comment, name) for name in CommentRow._fields if name != "targets"]


def _page_statement(*order: UnaryExpression[Any]) -> Select[Any]:
    tops = select(Comment.id).where(*thread_root_conditions(bindparam("letter"))).order_by(*order)
    top = tops.limit(THREADS_PER_PAGE).offset(bindparam("before")).cte("top")
    return (
        select(*_COLUMNS, CommentTarget.pid, CommentTarget.stance)
        .join(top, or_(Comment.id == top.c.id, Comment.root_id == top.c.id))
        .join(CommentTarget, CommentTarget.comment_id == Comment.id, isouter=True)
        .where(Comment.published_at.is_not(None))
        .order_by(*order, CommentTarget.position)
    )


# Asked with each page that is drawn, so composed once.
_OLDEST_FIRST = _page_statement(Comment.published_at.asc(), Comment.id.asc())
_NEWEST_FIRST = _page_statement(Comment.published_at.desc(), Comment.id.desc())


def load_thread_page(
    letter_id: int, thread_count: int, *, page: int = 1, newest_first: bool = False
) -> ThreadPage:
    """Return one page of a letter's `total` threads; a page outside the range is the nearest one there is.

    One query however many comments there are.
    """
    page, pages = page_within(page, thread_count, THREADS_PER_PAGE)
    asked = {"letter": letter_id, "before": (page - 1) * THREADS_PER_PAGE}
    found: dict[int, list[Any]] = {}
    targets: dict[int, list[TargetRow]] = {}
    for *values, pid, stance in session().execute(
        _NEWEST_FIRST if newest_first else _OLDEST_FIRST, asked
    ):
        found[values[0]] = values
        if pid is not None:
            targets.setdefault(values[0], []).append(TargetRow(pid, stance))
    shown = [CommentRow._make((*v, tuple(targets.get(n, ())))) for n, v in found.items()]
    return ThreadPage(
        [c if c.state == CommentState.PUBLISHED else c.without_text() for c in shown], page, pages
    )
