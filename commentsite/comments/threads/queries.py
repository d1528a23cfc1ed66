"""Load the comments of a letter as threads, for its page and for the PDF.

The page of a letter is the most visited page, so its statements are built once, and its rows
are plain tuples instead of ORM objects.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    CTE,
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
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.queries import get_comment, has_language, was_published
from commentsite.comments.states import CommentState
from commentsite.db.pagination import page_within
from commentsite.db.session import is_postgresql, session

THREADS_PER_PAGE = 25
COMMENTS_PER_PAGE = 50  # on the page of a letter, replies included
FIRST_REPLIES = 20  # of each thread on the page of its letter, at most
REPLIES_PER_PAGE = 50  # on the pages of one thread, which show the others


# --- One page of threads ---


class CommentOrder(StrEnum):
    """The order of the threads on the page of a letter. The values are those of `?sort=`."""

    OLDEST = "oldest"
    NEWEST = "newest"
    ANSWERED = "answered"  # the most replies first, and the newest of those with equally many


class TargetRow(NamedTuple):
    """A paragraph that a comment is about."""

    pid: str
    stance: str


class CommentRow(NamedTuple):
    """The columns of a comment that a page shows. The names are those of `Comment`."""

    id: int
    parent_id: int | None
    root_id: int | None
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
    representative_id: int | None
    changed_at: datetime
    edited_at: datetime | None
    published_at: datetime
    targets: tuple[TargetRow, ...] = ()

    @property
    def confirmed_author_role(self) -> str:
        """The same as `Comment.confirmed_author_role`."""
        return self.author_role if self.email_confirmed_at else ""

    @property
    def is_edited_in_public(self) -> bool:
        """Return whether its author changed it when it was public, which only other systems allow."""
        return self.edited_at is not None and self.edited_at > self.published_at

    def without_text(self) -> Self:
        return self._replace(body_html="")


class MoreReplies(NamedTuple):
    """The published replies of a thread that its page leaves out."""

    reply_count: int
    after_id: int  # the last reply that the page has room for


class ThreadPage(NamedTuple):
    """The comments of one page: the roots of its threads in order, and their replies.

    There are at most COMMENTS_PER_PAGE. `more` holds the threads with replies that the page has no
    room for, by the id of the root.
    """

    comments: list[CommentRow]
    page: int
    page_count: int
    more: dict[int, MoreReplies] = {}  # noqa: RUF012  # never changed


def load_thread_page(
    letter_id: int,
    thread_count: int,
    *,
    page: int = 1,
    order: CommentOrder = CommentOrder.OLDEST,
) -> ThreadPage:
    """Load one page of a letter's threads, with the first replies of each.

    `thread_count` is the number of all threads. A page number that is out of range gives the
    nearest page. A comment that is no longer published is returned without its text.
    """
    page, page_count = page_within(page, thread_count, THREADS_PER_PAGE)
    parameters = {"letter": letter_id, "offset": (page - 1) * THREADS_PER_PAGE}
    comments = load_rows(_first_replies_statement(is_postgresql(), order), parameters)
    reply_ids: dict[int, list[int]] = {}
    for comment in comments:
        if comment.root_id is not None:
            reply_ids.setdefault(comment.root_id, []).append(comment.id)
    limit = _limit_replies([len(ids) for ids in reply_ids.values()], len(comments))
    more = {
        root_id: sorted(ids)[limit - 1] for root_id, ids in reply_ids.items() if len(ids) > limit
    }
    shown = [
        comment for comment in comments if comment.id <= more.get(comment.root_id or 0, comment.id)
    ]
    return ThreadPage(shown, page, page_count, _count_more(more, shown))


def _limit_replies(reply_counts: list[int], comment_count: int) -> int:
    """Return how many replies each thread may show so that the page has room for all threads.

    `comment_count` counts the roots and these replies. The limit is the same for all threads of a page.
    """
    roots = comment_count - sum(reply_counts)
    limit = FIRST_REPLIES
    while limit > 1 and roots + sum(min(n, limit) for n in reply_counts) > COMMENTS_PER_PAGE:
        limit -= 1
    return limit


def load_rows(statement: Select[Any], parameters: dict[str, int]) -> list[CommentRow]:
    """Return the rows of a statement from `select_rows`, with the targets of each comment."""
    # The join repeats the columns of a comment for each of its targets.
    columns: dict[int, list[Any]] = {}
    targets: dict[int, list[TargetRow]] = {}
    for *values, pid, stance in session().execute(statement, parameters):
        comment_id = values[0]
        columns[comment_id] = values
        if pid is not None:
            targets.setdefault(comment_id, []).append(TargetRow(pid, stance))
    comments = (
        CommentRow._make((*values, tuple(targets.get(comment_id, ()))))
        for comment_id, values in columns.items()
    )
    return [
        comment if comment.state == CommentState.PUBLISHED else comment.without_text()
        for comment in comments
    ]


def _count_more(last_ids: dict[int, int], shown: list[CommentRow]) -> dict[int, MoreReplies]:
    """Count the published replies that are not shown, by the id of the root. `last_ids` are those of the last shown."""
    if not last_ids:
        return {}
    rows = session().execute(_REPLY_COUNTS, {"roots": sorted(last_ids)})
    counts = Counter({root_id: count for root_id, count in rows if root_id is not None})
    counts.subtract(
        comment.root_id or 0
        for comment in shown
        if comment.root_id in last_ids and comment.state == CommentState.PUBLISHED
    )
    return {root_id: MoreReplies(n, last_ids[root_id]) for root_id, n in counts.items() if n > 0}


def load_threads(
    letter_id: int, thread_count: int, *, max_comments: int, max_characters: int
) -> list[CommentRow]:
    """Load the oldest threads of a letter with all replies, and stop when one of the bounds is passed.

    The last thread is complete, so the result can be a little longer. `thread_count` is the number of all threads.
    """
    comments: list[CommentRow] = []
    characters, page, page_count = 0, 0, 1
    while page < page_count and len(comments) <= max_comments and characters <= max_characters:
        page, page_count = page_within(page + 1, thread_count, THREADS_PER_PAGE)
        parameters = {"letter": letter_id, "offset": (page - 1) * THREADS_PER_PAGE}
        loaded = load_rows(_ALL_REPLIES, parameters)
        comments += loaded
        characters += sum(len(comment.body_html) for comment in loaded)
    return comments


def find_reply_on_letter_page(reply: Comment, page: int) -> bool:
    """Return whether the page of the letter with this number has room for a reply."""
    threads = select(func.count()).where(*thread_root_conditions(reply.letter_id))
    count = session().scalars(threads).one()
    shown = load_thread_page(reply.letter_id, count, page=page).comments
    return any(comment.id == reply.id for comment in shown)


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


# The columns of the tables and not of the classes: rows of these are less work for SQLAlchemy.
_COMMENT, _TARGET = Comment.__mapper__.c, CommentTarget.__mapper__.c
_COLUMNS = [_COMMENT[name] for name in CommentRow._fields if name != "targets"]


def select_rows(
    shown: CTE, *order: UnaryExpression[Any], is_shown: ColumnElement[bool] | None = None
) -> Select[Any]:
    """Return a statement for `load_rows`. It selects the comments whose ids are in `shown`, or where `is_shown` holds."""
    # A condition on the comment alone would let SQLite build a Bloom filter of the whole table for each page.
    comments = Comment.__table__.join(
        shown, _COMMENT.id == shown.c.id if is_shown is None else is_shown
    )
    tables = comments.join(CommentTarget.__table__, _TARGET.comment_id == _COMMENT.id, isouter=True)
    columns = (*_COLUMNS, _TARGET.pid, _TARGET.stance)
    return select(*columns).select_from(tables).order_by(*order, _TARGET.position)


_REPLY_COUNTS = (
    select(_COMMENT.root_id, func.count())
    .where(
        _COMMENT.root_id.in_(bindparam("roots", expanding=True)),
        _COMMENT.published_at.is_not(None),
        _COMMENT.state == CommentState.PUBLISHED,
    )
    .group_by(_COMMENT.root_id)
)


def _root_page(*order: UnaryExpression[Any]) -> CTE:
    root_ids = select(Comment.id).where(*thread_root_conditions(bindparam("letter")))
    page = root_ids.order_by(*order).limit(THREADS_PER_PAGE).offset(bindparam("offset"))
    return page.cte("root")


@cache
def _first_replies_statement(is_on_postgresql: bool, order: CommentOrder) -> Select[Any]:  # noqa: FBT001  # keys of a cache
    """Select the roots of a page, and one reply more of each than it shows."""
    columns = ORDER_COLUMNS[order]
    root, reply = _root_page(*columns), aliased(Comment)
    first_ids = (
        select(reply.id)
        .where(reply.root_id == root.c.id, reply.published_at.is_not(None))
        .order_by(reply.id)
        .limit(FIRST_REPLIES + 1)
        .correlate(root)
    )
    if is_on_postgresql:
        first = first_ids.lateral("first_reply")
        reply_ids = select(first.c.id).select_from(root).join(first, true())
    else:  # SQLite runs a subquery for each root only inside a condition
        first_reply = aliased(Comment)
        reply_ids = select(first_reply.id).select_from(root)
        reply_ids = reply_ids.join(first_reply, first_reply.id.in_(first_ids))
    shown = union_all(select(root.c.id), reply_ids).cte("shown")
    return select_rows(shown, *columns)


_OLDEST_FIRST = (_COMMENT.published_at.asc(), _COMMENT.id.asc())
_NEWEST_FIRST = (_COMMENT.published_at.desc(), _COMMENT.id.desc())
ORDER_COLUMNS = {
    CommentOrder.OLDEST: _OLDEST_FIRST,
    CommentOrder.NEWEST: _NEWEST_FIRST,
    CommentOrder.ANSWERED: (_COMMENT.reply_count.desc(), *_NEWEST_FIRST),
}
_ROOT = _root_page(*_OLDEST_FIRST)
_ALL_REPLIES = select_rows(
    _ROOT,
    *_OLDEST_FIRST,
    is_shown=or_(_COMMENT.id == _ROOT.c.id, _COMMENT.root_id == _ROOT.c.id),
).where(_COMMENT.published_at.is_not(None))


# --- The pages of one thread ---


class ReplyPage(NamedTuple):
    """The root of a thread and one page of its replies by id, whatever they answer.

    The page begins after the reply `start`, 0 for the first one. The neighbours are such ids too.
    """

    comments: list[CommentRow]
    start: int
    previous: int | None
    next: int | None


def find_reply_page_start(root_id: int, comment_id: int) -> int:
    """Return the id after which the page of a thread begins that follows a reply, 0 for the first page.

    There is one page of FIRST_REPLIES, which the page of the letter shows too, and then pages of
    REPLIES_PER_PAGE. An id that ends no page gives the page on which the next reply is.
    """
    position = _count_replies(root_id, comment_id)
    if position < FIRST_REPLIES:
        return 0
    return _find_reply_at(root_id, position - (position - FIRST_REPLIES) % REPLIES_PER_PAGE)


def list_reply_page_starts(root_id: int) -> list[int]:
    """Return the starts of all pages of a thread, see `find_reply_page_start`."""
    ids = list(session().scalars(_reply_ids(root_id)))
    return [0, *ids[FIRST_REPLIES - 1 : -1 : REPLIES_PER_PAGE]]


def load_reply_page(root_id: int, start: int) -> ReplyPage:
    """Load the page of a thread that begins after the reply `start`, see `find_reply_page_start`."""
    size = REPLIES_PER_PAGE if start else FIRST_REPLIES
    ids = list(session().scalars(_reply_ids(root_id).where(Comment.id > start).limit(size + 1)))
    previous = None
    if start:
        position = _count_replies(root_id, start) - REPLIES_PER_PAGE
        previous = _find_reply_at(root_id, position) if position > 0 else 0
    where = (Comment.id.in_([root_id, *ids[:size]]), was_published())
    statement = select_rows(select(Comment.id).where(*where).cte("shown"), _COMMENT.id.asc())
    next_start = ids[size - 1] if len(ids) > size else None
    return ReplyPage(load_rows(statement, {}), start, previous, next_start)


def load_parent_names(comment_ids: set[int]) -> dict[int, str]:
    """Return the names of comments by id, "" for a comment that is not published."""
    query = select(Comment.id, Comment.name, Comment.state).where(Comment.id.in_(comment_ids))
    return {
        comment_id: name if state == CommentState.PUBLISHED else ""
        for comment_id, name, state in session().execute(query)
    }


def _reply_ids(root_id: int) -> Select[int]:
    where = (Comment.root_id == root_id, was_published())
    return select(Comment.id).where(*where).order_by(Comment.id)


def _count_replies(root_id: int, until_id: int) -> int:
    ids = _reply_ids(root_id).where(Comment.id <= until_id).order_by(None)
    return session().scalars(select(func.count()).select_from(ids.subquery())).one()


def _find_reply_at(root_id: int, position: int) -> int:
    """Return the id of a reply by its position in the thread, counted from 1."""
    query = _reply_ids(root_id).offset(position - 1).limit(1)
    return session().scalars(query).one()


# --- Counts ---


@dataclass(frozen=True)
class CommentCounts:
    """The published comments of a letter by stakeholder group (the largest first), paragraph id and language.

    A comment whose language is not determined is in no language.
    """

    by_group: dict[str, int]
    by_paragraph: dict[str, int]
    by_language: dict[str, int]
    threads: int  # threads on the page, including those whose root is no longer published


def count_comments(letter_id: int) -> CommentCounts:
    """Count everything that the page of a letter shows, in one query."""
    subjects = ("group", "paragraph", "language", "threads")
    counts: dict[str, dict[str, int]] = {subject: {} for subject in subjects}
    for subject, key, count in session().execute(_COUNTS, {"letter": letter_id}):
        counts[subject][key] = count
    by_group = sorted(counts["group"].items(), key=lambda item: (-item[1], item[0]))
    return CommentCounts(
        dict(by_group), counts["paragraph"], counts["language"], counts["threads"][""]
    )


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
    languages = (
        select(literal("language"), Comment.language, count)
        .where(*is_published, was_published(), has_language())
        .group_by(Comment.language)
    )
    threads = select(literal("threads"), literal(""), count).where(
        *thread_root_conditions(bindparam("letter"))
    )
    return union_all(groups, paragraphs, languages, threads)


_COUNTS = _counts_statement()
