"""Query the moderation queue: pages of cases, counts for the views, counts for the staff digest.

The queue is not a table. A comment is in the queue while its state is pending, and the other
views filter comments by state, by awaited vote or by report.

A page costs the same however many comments there are. It uses keyset pagination, and counts stop
at MAX_COUNT + 1, which the desk shows as "more than 1,000". Partial indexes cover the common
views. A database uses a partial index only if the value in the statement is a literal, hence
`_sql_literal`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.states import AWAITING_MODERATORS
from commentsite.comments.models import Comment
from commentsite.comments.queries import is_in_letters
from commentsite.comments.reports.models import Report
from commentsite.comments.states import Awaiting, CommentState
from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import session
from commentsite.letters.models import Letter
from commentsite.moderation.models import Claim, Decision
from commentsite.moderation.queries import author_search_condition
from commentsite.retention import UNCONFIRMED_COMMENT_TTL

Columns = TypeVarTuple("Columns")

EXCERPT_LENGTH = 120  # characters of a comment in the list
MAX_SEARCH_WORDS = 8
#: Values of the filter `confirmed`.
YES, NO = "yes", "no"
#: Value of the filter `held_by` for comments that any screening check held.
ANY_CHECK = "any"
#: Values of the filter `sort`.
OLDEST_FIRST, NEWEST_FIRST = "oldest", "newest"
#: Values of the filter `waiting`.
AWAITING_FILTERS = {
    "second": (Awaiting.SECOND_VOTE, Awaiting.THIRD_VOTE),
    "conflict": (Awaiting.ELIGIBLE_MODERATOR,),
    "look": (Awaiting.REVIEW,),
    "trap": (Awaiting.SPAM_CHECK,),
}
#: Values of the filter `age`, in hours.
AGE_FILTERS = {"6": timedelta(hours=6), "24": timedelta(hours=24), "168": timedelta(days=7)}
#: Whole comments would make up most of the cost of a page, so the list reads only these columns.
_LIST_COLUMNS = (
    Comment.id,
    Comment.version,
    Comment.letter_id,
    Comment.state,
    Comment.submitted_at,
    Comment.name,
    Comment.stakeholder_group,
    Comment.awaiting,
    Comment.held_by_check,
    func.substr(Comment.body, 1, EXCERPT_LENGTH).label("body"),
)


@dataclass(frozen=True)
class QueuedCase:
    """One entry of the list."""

    comment: Row[Any]  # with the columns _LIST_COLUMNS
    letter_title: str
    author_anonymity: str  # the letter's setting, see moderation.anonymity
    claim: Claim | None


@dataclass(frozen=True)
class QueuePage:
    """One page of cases. `total` is capped at MAX_COUNT + 1; `next_after` is the next cursor."""

    cases: list[QueuedCase]
    total: int
    next_after: int | None


@dataclass(frozen=True)
class QueueFilters:
    """The filters of a view. The field names are the query arguments; "" means no filter."""

    state: str = CommentState.PENDING.value
    letter: str = ""  # slug
    group: str = ""
    language: str = ""  # of the letter
    held_by: str = ""  # the code of a screening check, or ANY_CHECK
    confirmed: str = ""  # YES or NO: whether the email address is confirmed
    age: str = ""  # a key of AGE_FILTERS: waiting for at least so many hours
    q: str = ""  # words of the text or of the author's name, or a whole email address
    sort: str = OLDEST_FIRST
    reported: str = ""  # YES: only comments with open reports
    waiting: str = ""  # a key of AWAITING_FILTERS; it replaces the filter by state
    mine: str = ""  # YES: only comments on which the moderator has voted


DEFAULT_FILTERS = QueueFilters()


def load_queue_page(  # noqa: PLR0913  # each narrows the list, named by the caller
    filters: QueueFilters = DEFAULT_FILTERS,
    *,
    after: int | None = None,
    limit: int = 50,
    email_hash: str = "",
    moderator_id: int | None = None,
    letter_ids: frozenset[int] | None = None,
    known_counts: dict[str, int] | None = None,
) -> QueuePage:
    """Return one page of cases.

    `after` is the id of the last comment on the previous page. `email_hash` is the keyed hash of
    `filters.q` where that is an email address. `letter_ids` are the letters in scope, None for
    all. `known_counts` is the result of `count_by_filter`; with it, the total of an unfiltered
    view needs no query.
    """
    conditions = _filter_conditions(filters, email_hash, moderator_id)
    conditions.append(is_in_letters(letter_ids))
    if known_counts and filters == QueueFilters(state=filters.state, sort=filters.sort):
        total = known_counts[filters.state]
    else:
        ids = _join_letter(select(Comment.id).where(*conditions), filters)
        ids = ids.order_by(Comment.submitted_at, Comment.id)
        total = _execute_capped_count(ids)
    is_newest_first = filters.sort == NEWEST_FIRST
    if after is not None and (last := session().get(Comment, after)):
        conditions.append(_after_cursor(last, is_newest_first=is_newest_first))
    order = (
        (Comment.submitted_at.desc(), Comment.id.desc())
        if is_newest_first
        else (Comment.submitted_at, Comment.id)
    )
    is_active_claim = and_(Claim.comment_id == Comment.id, Claim.until > clock.now())
    query = (
        select(*_LIST_COLUMNS, Letter.title, Letter.author_anonymity, Claim)
        .join(Letter, Letter.id == Comment.letter_id)
        .outerjoin(Claim, is_active_claim)
        .where(*conditions)
        .order_by(*order)
    )
    rows = session().execute(_limit_rows(limit + 1, query)).all()
    cases = [QueuedCase(row, row.title, row.author_anonymity, row.Claim) for row in rows[:limit]]
    return QueuePage(cases, total, cases[-1].comment.id if len(rows) > limit else None)


def list_matching_comments(
    filters: QueueFilters,
    *,
    email_hash: str,
    moderator_id: int | None,
    letter_ids: frozenset[int] | None,
    limit: int,
) -> list[tuple[int, int]]:
    """Return id and version of the comments in a view, the oldest first, up to `limit`."""
    conditions = _filter_conditions(filters, email_hash, moderator_id)
    conditions.append(is_in_letters(letter_ids))
    matching = select(Comment.id, Comment.version).where(*conditions)
    query = _join_letter(matching, filters).order_by(Comment.submitted_at, Comment.id)
    rows = session().execute(query.limit(limit))
    return [(comment_id, version) for comment_id, version in rows]


def count_by_filter(letter_ids: frozenset[int] | None = None) -> dict[str, int]:
    """Count the comments for each view, up to MAX_COUNT + 1, in one query.

    The keys are the states, "held", the keys of AWAITING_FILTERS, "reported" and "appeals".
    """
    statement = (
        _cached_count_statement(MAX_COUNT + 1)
        if letter_ids is None
        else _build_count_statement(letter_ids, MAX_COUNT + 1)
    )
    return {name: count for name, count in session().execute(statement)}  # noqa: C416  # rows, not pairs


def load_oldest_pending_time() -> datetime | None:
    """Return when the comment at the head of the queue was submitted."""
    query = select(Comment.submitted_at).where(Comment.state == _sql_literal(CommentState.PENDING))
    return session().scalars(query.order_by(Comment.submitted_at).limit(1)).first()


def count_pending_since(since: datetime, letter_ids: frozenset[int] | None) -> int:
    """Count the pending comments submitted after a moment, up to MAX_COUNT + 1."""
    query = select(Comment.id).where(
        Comment.state == _sql_literal(CommentState.PENDING),
        Comment.submitted_at > since,
        is_in_letters(letter_ids),
    )
    return _execute_capped_count(query)


def count_new(subject: str, since: datetime, actor: Actor) -> int:
    """Count the items of a digest subject that are new since a moment, up to MAX_COUNT + 1."""
    return _count_in_scope(_DIGEST_STATEMENTS[subject](since, actor), actor)


def count_open(subject: str, actor: Actor) -> int:
    """Count all open items of a digest subject, up to MAX_COUNT + 1."""
    return _count_in_scope(_DIGEST_STATEMENTS[subject](None, actor), actor)


# --- Filters


def _filter_conditions(
    filters: QueueFilters, email_hash: str, moderator_id: int | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Comment.awaiting.in_(AWAITING_FILTERS[filters.waiting])
        if filters.waiting in AWAITING_FILTERS
        else Comment.state == _sql_literal(CommentState(filters.state))
    ]
    if filters.letter:
        conditions.append(Letter.slug == filters.letter)
    if filters.language:
        conditions.append(Letter.language == filters.language)
    if filters.group:
        conditions.append(Comment.stakeholder_group == filters.group)
    if filters.held_by == ANY_CHECK:
        # Comments without a finding are held as "first_reading", which is no check.
        conditions.append(Comment.held_by_check != _sql_literal("first_reading"))
    elif filters.held_by:
        conditions.append(Comment.held_by_check == filters.held_by)
    if filters.confirmed in {YES, NO}:
        is_confirmed = Comment.email_confirmed_at.is_not(None)
        conditions.append(is_confirmed if filters.confirmed == YES else ~is_confirmed)
    if filters.age in AGE_FILTERS:
        conditions.append(Comment.submitted_at <= clock.now() - AGE_FILTERS[filters.age])
    if filters.reported:
        reported_ids = select(Report.comment_id).where(Report.state == _sql_literal("open"))
        conditions.append(Comment.id.in_(reported_ids))
    if filters.mine and moderator_id is not None:
        own_ids = select(Decision.comment_id).where(Decision.moderator_id == moderator_id)
        conditions.append(Comment.id.in_(own_ids))
    return conditions + _search_conditions(filters.q, email_hash)


def _search_conditions(q: str, email_hash: str) -> list[ColumnElement[bool]]:
    """Return one condition for each word: the text contains it, or the name does."""
    if email_hash:
        return [Comment.email_hash == email_hash, author_search_condition()]
    return [
        or_(
            Comment.body.icontains(word, autoescape=True),
            and_(Comment.name.icontains(word, autoescape=True), author_search_condition()),
        )
        for word in q.split()[:MAX_SEARCH_WORDS]
    ]


def _join_letter(query: Select[*Columns], filters: QueueFilters) -> Select[*Columns]:
    """Join the letter only if a filter needs it: without the join the count reads an index alone."""
    if filters.letter or filters.language:
        return query.join(Letter, Letter.id == Comment.letter_id)
    return query


def _after_cursor(last: Comment, *, is_newest_first: bool) -> ColumnElement[bool]:
    position, cursor = tuple_(Comment.submitted_at, Comment.id), (last.submitted_at, last.id)
    return position < cursor if is_newest_first else position > cursor


# --- Counts for the views


@cache
def _cached_count_statement(max_rows: int) -> CompoundSelect[str, int]:
    return _build_count_statement(None, max_rows)


def _build_count_statement(
    letter_ids: frozenset[int] | None, max_rows: int
) -> CompoundSelect[str, int]:
    views = {state.value: QueueFilters(state=state.value) for state in CommentState}
    views["held"] = QueueFilters(held_by=ANY_CHECK)
    views |= {name: QueueFilters(waiting=name) for name in AWAITING_FILTERS}
    scope = is_in_letters(letter_ids)
    # The order keeps PostgreSQL on the index of the view. Without it, PostgreSQL may scan the
    # table in the hope of finding enough rows early.
    ids_by_view: dict[str, Select[int]] = {
        name: select(Comment.id)
        .where(*_filter_conditions(filters, "", None), scope)
        .order_by(Comment.submitted_at, Comment.id)
        for name, filters in views.items()
    }
    # A comment that is pending because of its reports counts there, and not as reported.
    ids_by_view["reported"] = (
        select(Report.comment_id)
        .where(Report.state == _sql_literal("open"))
        .distinct()
        .join(Comment, Comment.id == Report.comment_id)
        .where(Comment.state == _sql_literal(CommentState.PUBLISHED), scope)
    )
    appeals = select(Appeal.id).where(Appeal.state.in_(AWAITING_MODERATORS))
    if letter_ids is not None:
        appeals = appeals.join(Comment, Comment.id == Appeal.comment_id).where(scope)
    ids_by_view["appeals"] = appeals
    return union_all(
        *(_capped_count(max_rows, ids, _sql_literal(name)) for name, ids in ids_by_view.items())
    )


# --- Counts for the staff digest


def _count_in_scope(ids: Select[int], actor: Actor) -> int:
    query = ids.where(is_in_letters(actor.letter_ids))
    return _execute_capped_count(query)


def _pending_ids(since: datetime | None, _actor: Actor) -> Select[int]:
    query = select(Comment.id).where(Comment.state == _sql_literal(CommentState.PENDING))
    if since is None:
        return query
    # `changed_at` is when a comment entered the queue, but it has no index. A comment that waited
    # for its address to be confirmed was submitted earlier, by UNCONFIRMED_COMMENT_TTL at most.
    may_be_new = Comment.submitted_at > since - UNCONFIRMED_COMMENT_TTL - timedelta(days=1)
    return query.where(may_be_new, Comment.changed_at > since)


def _awaiting_vote_ids(since: datetime | None, actor: Actor) -> Select[int]:
    query = (
        select(Comment.id)
        .join(Decision, Decision.comment_id == Comment.id)
        .where(
            Comment.awaiting.in_((Awaiting.SECOND_VOTE, Awaiting.THIRD_VOTE)),
            Decision.comment_version == Comment.version,
            Decision.undone_at.is_(None),
            Decision.moderator_id != actor.user_id,
        )
        .distinct()
    )
    return query if since is None else query.where(Decision.decided_at > since)


def _appeal_ids(since: datetime | None, _actor: Actor) -> Select[int]:
    query = select(Appeal.id).join(Comment, Comment.id == Appeal.comment_id)
    query = query.where(Appeal.state.in_(AWAITING_MODERATORS))
    return query if since is None else query.where(Appeal.changed_at > since)


def _report_ids(since: datetime | None, _actor: Actor) -> Select[int]:
    query = select(Report.id).join(Comment, Comment.id == Report.comment_id)
    query = query.where(Report.state == _sql_literal("open"))
    return query if since is None else query.where(Report.sent_at > since)


#: By digest subject, see accounts.digest_schedule.
_DIGEST_STATEMENTS: dict[str, Callable[[datetime | None, Actor], Select[int]]] = {
    "waiting": _pending_ids,
    "second": _awaiting_vote_ids,
    "appeals": _appeal_ids,
    "reports": _report_ids,
}


# --- Helpers


def _execute_capped_count(ids: Select[Any]) -> int:
    """Count rows up to MAX_COUNT + 1."""
    count: int = session().scalars(_capped_count(MAX_COUNT + 1, ids)).one()
    return count


def _capped_count(max_rows: int, ids: Select[Any], *columns: ColumnElement[Any]) -> Select[Any]:
    """Count rows up to a limit, beside constant columns."""
    return select(*columns, func.count()).select_from(_limit_rows(max_rows, ids).subquery())


def _limit_rows(max_rows: int, rows: Select[Any]) -> Select[Any]:
    """Limit rows by a literal number, so that PostgreSQL can keep a prepared plan."""
    return rows.limit(literal_column(str(max_rows)))


def _sql_literal(constant: str) -> ColumnElement[str]:
    """Return one of our own constants as a literal in the statement, so that a partial index applies."""
    return literal_column(f"'{constant}'")
