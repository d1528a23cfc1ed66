"""Load the comments of a letter for its page, for one paragraph and for the PDF.

The page of a letter is the most visited page, so its two statements are built once, and its rows
are plain tuples instead of ORM objects.
"""

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


# --- One page of threads ---


class TargetRow(NamedTuple):
    """A paragraph that a comment is about."""

    pid: str
    stance: str


class CommentRow(NamedTuple):
    """The columns of a comment that a page shows. The names are those of `Comment`."""

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
    body_html: str
    campaign_id: int | None
    changed_at: datetime
    edited_at: datetime | None
    published_at: datetime
    targets: tuple[TargetRow, ...] = ()

    @property
    def confirmed_author_role(self) -> str:
        """The same as `Comment.confirmed_author_role`."""
        return self.author_role if self.email_confirmed_at else ""

    def without_text(self) -> Self:
        return self._replace(body_html="")


class ThreadPage(NamedTuple):
    """The comments of one page: the roots of its threads in order, and all their replies."""

    comments: list[CommentRow]
    page: int
    page_count: int


def load_thread_page(
    letter_id: int, thread_count: int, *, page: int = 1, newest_first: bool = False
) -> ThreadPage:
    """Load one page of a letter's threads in one query.

    `thread_count` is the number of all threads. A page number that is out of range gives the
    nearest page. A comment that is no longer published is returned without its text.
    """
    page, page_count = page_within(page, thread_count, THREADS_PER_PAGE)
    parameters = {"letter": letter_id, "offset": (page - 1) * THREADS_PER_PAGE}
    statement = _NEWEST_FIRST if newest_first else _OLDEST_FIRST
    # The join repeats the columns of a comment for each of its targets.
    columns: dict[int, list[Any]] = {}
    targets: dict[int, list[TargetRow]] = {}
    for *values, pid, stance in session().execute(statement, parameters):
        comment_id = values[0]
        columns[comment_id] = values
        if pid is not None:
            targets.setdefault(comment_id, []).append(TargetRow(pid, stance))
    comments = [
        CommentRow._make((*values, tuple(targets.get(comment_id, ()))))
        for comment_id, values in columns.items()
    ]
    return ThreadPage(
        [
            comment if comment.state == CommentState.PUBLISHED else comment.without_text()
            for comment in comments
        ],
        page,
        page_count,
    )


def load_threads(
    letter_id: int, thread_count: int, *, max_comments: int, max_characters: int
) -> list[CommentRow]:
    """Load the oldest threads of a letter with all replies, and stop when one of the bounds is passed.

    The last thread is complete, so the result can be a little longer. `thread_count` is the number of all threads.
    """
    comments: list[CommentRow] = []
    characters, page, page_count = 0, 0, 1
    while page < page_count and len(comments) <= max_comments and characters <= max_characters:
        loaded = load_thread_page(letter_id, thread_count, page=page + 1)
        page, page_count = loaded.page, loaded.page_count
        comments += loaded.comments
        characters += sum(len(comment.body_html) for comment in loaded.comments)
    return comments


def find_thread_page_number(comment: Comment) -> int:
    """Return the number of the page, with the oldest threads first, on which a comment is."""
    root = comment if comment.root_id is None else get_comment(comment.root_id)
    is_earlier = or_(
        Comment.published_at < root.published_at,
        and_(Comment.published_at == root.published_at, Comment.id < root.id),
    )
    where = (*thread_root_conditions(root.letter_id), is_earlier)
    earlier_count = session().scalars(select(func.count()).select_from(Comment).where(*where)).one()
    return earlier_count // THREADS_PER_PAGE + 1


def thread_root_conditions(letter_id: int | BindParameter[int]) -> tuple[ColumnElement[bool], ...]:
    """Select the roots of a letter's threads, including those that are no longer published."""
    is_root = (Comment.parent_id.is_(None), Comment.representative_id.is_(None))
    return (Comment.letter_id == letter_id, *is_root, was_published())


_COLUMNS = [getattr(Comment, name) for name in CommentRow._fields if name != "targets"]


def _page_statement(*order: UnaryExpression[Any]) -> Select[Any]:
    root_ids = select(Comment.id).where(*thread_root_conditions(bindparam("letter")))
    root = root_ids.order_by(*order).limit(THREADS_PER_PAGE).offset(bindparam("offset")).cte("root")
    return (
        select(*_COLUMNS, CommentTarget.pid, CommentTarget.stance)
        .join(root, or_(Comment.id == root.c.id, Comment.root_id == root.c.id))
        .join(CommentTarget, CommentTarget.comment_id == Comment.id, isouter=True)
        .where(Comment.published_at.is_not(None))
        .order_by(*order, CommentTarget.position)
    )


_OLDEST_FIRST = _page_statement(Comment.published_at.asc(), Comment.id.asc())
_NEWEST_FIRST = _page_statement(Comment.published_at.desc(), Comment.id.desc())


# --- Counts ---


@dataclass(frozen=True)
class CommentCounts:
    """The published comments of a letter by stakeholder group (the largest first) and by paragraph id."""

    by_group: dict[str, int]
    by_paragraph: dict[str, int]
    threads: int  # threads on the page, including those whose root is no longer published


def count_comments(letter_id: int) -> CommentCounts:
    """Count everything that the page of a letter shows, in one query."""
    counts: dict[str, dict[str, int]] = {"group": {}, "paragraph": {}, "threads": {}}
    for subject, key, count in session().execute(_COUNTS, {"letter": letter_id}):
        counts[subject][key] = count
    by_group = sorted(counts["group"].items(), key=lambda item: (-item[1], item[0]))
    return CommentCounts(dict(by_group), counts["paragraph"], counts["threads"][""])


def _counts_statement() -> CompoundSelect[Any]:
    is_published = (
        Comment.letter_id == bindparam("letter"),
        Comment.state == CommentState.PUBLISHED,
    )
    count = func.count().label("count")
    groups = (
        select(literal("group"), Comment.stakeholder_group, count)
        .where(*is_published)
        .group_by(Comment.stakeholder_group)
    )
    paragraphs = (
        select(literal("paragraph"), CommentTarget.pid, count)
        .join(Comment, Comment.id == CommentTarget.comment_id)
        .where(*is_published)
        .group_by(CommentTarget.pid)
    )
    threads = select(literal("threads"), literal(""), count).where(
        *thread_root_conditions(bindparam("letter"))
    )
    return union_all(groups, paragraphs, threads)


_COUNTS = _counts_statement()


# --- Flat lists ---


def list_comments_on_paragraph(letter_id: int, pid: str, limit: int = 500) -> list[Comment]:
    """List the published comments on a paragraph without duplicates, the oldest first."""
    on_paragraph = select(CommentTarget.comment_id).where(CommentTarget.pid == pid)
    where = (
        Comment.letter_id == letter_id,
        Comment.state == CommentState.PUBLISHED,
        Comment.representative_id.is_(None),
        Comment.id.in_(on_paragraph),
    )
    query = select(Comment).where(*where).order_by(Comment.published_at, Comment.id).limit(limit)
    return list(session().scalars(query.options(joinedload(Comment.targets))).unique())
