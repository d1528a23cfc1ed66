"""Read the queue. A pending comment is the queue; nothing is copied anywhere.

However many comments there are, a page costs the same: it starts behind a key, and counts stop at MOST_COUNTED.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

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
from commentsite.comments.reports.models import Report
from commentsite.comments.states import UNREVIEWED, CommentState
from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import session
from commentsite.letters.models import Letter
from commentsite.moderation.decisions.policy import NO_ELIGIBLE_MODERATOR, SECOND_VOTE, THIRD_VOTE
from commentsite.moderation.models import Claim, Decision
from commentsite.moderation.queries import author_search_condition
from commentsite.retention import UNCONFIRMED_COMMENT_TTL

# As it stands in the statement: an index of only those rows is used for no other words.
_IS_PENDING = Comment.state == literal_column("'pending'")


def load_oldest_pending_time() -> datetime | None:
    """Return when the comment that has waited longest was sent."""
    query = select(Comment.submitted_at).where(_IS_PENDING)
    return session().scalars(query.order_by(Comment.submitted_at).limit(1)).first()


def count_pending_since(since: datetime, letter_ids: frozenset[int] | None) -> int:
    """Return how many comments that wait came after a moment, no further than MOST_COUNTED + 1."""
    query = select(Comment.id).where(_IS_PENDING, Comment.submitted_at > since)
    if letter_ids is not None:
        query = query.where(Comment.letter_id.in_(letter_ids))
    counted = query.limit(MAX_COUNT + 1).subquery()
    return session().scalars(select(func.count()).select_from(counted)).one()


def count_new(subject: str, since: datetime, actor: Actor) -> int:
    """Return how much of a subject came before the desk since a moment, no further than MOST_COUNTED + 1."""
    return _count_in_scope(_DIGEST_STATEMENTS[subject](since, actor), actor)


def count_open(subject: str, actor: Actor) -> int:
    """Return how much of a subject waits in all, counted as far."""
    return _count_in_scope(_DIGEST_STATEMENTS[subject](None, actor), actor)


def _count_in_scope(ids: Select[int], for_whom: Actor) -> int:
    if for_whom.letter_ids is not None:
        ids = ids.where(Comment.letter_id.in_(for_whom.letter_ids))
    counted = ids.limit(MAX_COUNT + 1).subquery()
    return session().scalars(select(func.count()).select_from(counted)).one()


def _pending_ids(moment: datetime | None, _for_whom: Actor) -> Select[int]:
    # As it stands in the statement: an index of only those rows is used for no other words.
    query = select(Comment.id).where(Comment.state == literal_column("'pending'"))
    if moment is None:
        return query
    # What waited for its address was sent earlier, by as long as that is waited for.
    sent = Comment.submitted_at > moment - UNCONFIRMED_COMMENT_TTL - timedelta(days=1)
    return query.where(sent, Comment.changed_at > moment)


def _awaiting_vote_ids(moment: datetime | None, for_whom: Actor) -> Select[int]:
    query = (
        select(Comment.id)
        .join(Decision, Decision.comment_id == Comment.id)
        .where(
            Comment.awaiting.in_((SECOND_VOTE, THIRD_VOTE)),
            Decision.comment_version == Comment.version,
            Decision.undone_at.is_(None),
            Decision.moderator_id != for_whom.user_id,
        )
        .distinct()
    )
    return query if moment is None else query.where(Decision.decided_at > moment)


def _appeal_ids(moment: datetime | None, _for_whom: Actor) -> Select[int]:
    query = select(Appeal.id).join(Comment, Comment.id == Appeal.comment_id)
    query = query.where(Appeal.state.in_(AWAITING_MODERATORS))
    return query if moment is None else query.where(Appeal.changed_at > moment)


def _report_ids(moment: datetime | None, _for_whom: Actor) -> Select[int]:
    query = select(Report.id).join(Comment, Comment.id == Report.comment_id)
    query = query.where(Report.state == literal_column("'open'"))
    return query if moment is None else query.where(Report.sent_at > moment)


_DIGEST_STATEMENTS: dict[str, Callable[[datetime | None, Actor], Select[int]]] = {
    "waiting": _pending_ids,
    "second": _awaiting_vote_ids,
    "appeals": _appeal_ids,
    "reports": _report_ids,
}
EXCERPT_LENGTH = 120  # characters of a comment that the list shows
AWAITING_FILTERS = {
    "second": (SECOND_VOTE, THIRD_VOTE),
    "conflict": (NO_ELIGIBLE_MODERATOR,),
    "look": (UNREVIEWED,),
}
AGE_FILTERS = {"6": timedelta(hours=6), "24": timedelta(hours=24), "168": timedelta(days=7)}
#: What the list shows of a comment, and no more: whole comments would cost most of the page.
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
    """What the list shows of a comment in the queue, the title of its letter, and what that says about blind decisions, and who is at it."""

    comment: Row[Any]  # its columns are those in _SHOWN
    letter_title: str
    author_anonymity: str
    claim: Claim | None


@dataclass(frozen=True)
class QueuePage:
    """One page of cases, how many match (MOST_COUNTED + 1: more than can be said), and where the next page begins."""

    cases: list[QueuedCase]
    total: int
    next_after: int | None


@dataclass(frozen=True)
class QueueFilters:
    """What somebody wants to see of the queue: oldest first unless `sort` is "newest"."""

    state: str = "pending"
    letter: str = ""
    group: str = ""
    language: str = ""  # of the letter
    held_by: str = ""  # a rule, or "any" for all that a rule pointed out
    confirmed: str = ""  # "yes", "no"
    age: str = ""  # waits at least so many hours: a key of AGES
    q: str = ""  # words of text or name, or a whole email address
    sort: str = "oldest"
    reported: str = ""  # "yes": only what readers have reported and nobody has looked at
    waiting: str = ""  # "second", "conflict", "look": of whom, whatever its state; see WAITING
    mine: str = ""  # "yes": only what the one who asks decided


DEFAULT_FILTERS = QueueFilters()


def load_queue_page(  # noqa: PLR0913  # each narrows what is found, named by the caller
    filters: QueueFilters = DEFAULT_FILTERS,
    *,
    after: int | None = None,
    limit: int = 50,
    email_hash: str = "",
    moderator_id: int | None = None,
    letter_ids: frozenset[int] | None = None,
    known_counts: dict[str, int] | None = None,
) -> QueuePage:
    """Return the cases of one view, of all letters or some; `after` continues behind a comment's id.

    `email_hash` stands for the address in `view.q`, `moderator_id` for the one who asks; where
    `counted` (see `counts`) says how many match, they are not counted again.
    """
    where = _filter_conditions(filters, email_hash, moderator_id)
    if letter_ids is not None:
        where.append(Comment.letter_id.in_(letter_ids))
    ids = select(Comment.id).where(*where)
    if filters.letter or filters.language:
        ids = ids.join(Letter, Letter.id == Comment.letter_id)
    if known_counts and filters == QueueFilters(state=filters.state, sort=filters.sort):
        total = known_counts[filters.state]
    else:
        ids = ids.order_by(Comment.submitted_at, Comment.id)
        total = session().scalars(_capped_count(MAX_COUNT + 1, ids)).one()
    newest = filters.sort == "newest"
    if after is not None and (last := session().get(Comment, after)):
        where.append(_after_cursor(last, newest=newest))
    order = (
        (Comment.submitted_at.desc(), Comment.id.desc())
        if newest
        else (Comment.submitted_at, Comment.id)
    )
    holds = and_(Claim.comment_id == Comment.id, Claim.until > clock.now())
    shown = (
        select(*_LIST_COLUMNS, Letter.title, Letter.author_anonymity, Claim)
        .where(*where)
        .order_by(*order)
    )
    shown = shown.join(Letter, Letter.id == Comment.letter_id).outerjoin(Claim, holds)
    rows = session().execute(_limit_rows(limit + 1, shown)).all()
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
    """Return number and version of what a view shows, the oldest first and no more than that."""
    where = _filter_conditions(filters, email_hash, moderator_id)
    if letter_ids is not None:
        where.append(Comment.letter_id.in_(letter_ids))
    query = select(Comment.id, Comment.version).where(*where)
    if filters.letter or filters.language:
        query = query.join(Letter, Letter.id == Comment.letter_id)
    rows = session().execute(query.order_by(Comment.submitted_at, Comment.id).limit(limit))
    return [(comment_id, version) for comment_id, version in rows]


def count_by_filter(letter_ids: frozenset[int] | None = None) -> dict[str, int]:
    """Return how many comments are in each state, and how many are reported, held by a rule, appealed or wait for another person, for the views.

    None counts further than MOST_COUNTED + 1.
    """
    statement = (
        _cached_count_statement(MAX_COUNT + 1)
        if letter_ids is None
        else _build_count_statement(letter_ids, MAX_COUNT + 1)
    )
    return {name: n for name, n in session().execute(statement)}  # noqa: C416  # rows, not pairs


@cache
def _cached_count_statement(most: int) -> CompoundSelect[str, int]:
    return _build_count_statement(None, most)


def _build_count_statement(letters: frozenset[int] | None, most: int) -> CompoundSelect[str, int]:
    views = {state.value: QueueFilters(state=state.value) for state in CommentState}
    views["held"] = QueueFilters(held_by="any")
    views |= {name: QueueFilters(waiting=name) for name in AWAITING_FILTERS}
    within = [] if letters is None else [Comment.letter_id.in_(letters)]
    found = {
        name: select(Comment.id).where(*_filter_conditions(view, "", None), *within)
        for name, view in views.items()
    }
    reported = select(Report.comment_id).where(Report.state == _sql_literal("open")).distinct()
    # One that reports hold waits among the others, and not in this view.
    reported = reported.join(Comment, Comment.id == Report.comment_id)
    reported = reported.where(Comment.state == _sql_literal(CommentState.PUBLISHED.value), *within)
    # In their order: without it PostgreSQL hopes to meet enough of them on the way through all.
    found = {name: ids.order_by(Comment.submitted_at, Comment.id) for name, ids in found.items()}
    found["reported"] = reported
    found["appeals"] = select(Appeal.id).where(Appeal.state.in_(AWAITING_MODERATORS))
    if within:
        about = Comment.id == Appeal.comment_id
        found["appeals"] = found["appeals"].join(Comment, about).where(*within)
    return union_all(*(_capped_count(most, ids, _sql_literal(name)) for name, ids in found.items()))


def _capped_count(most: int, ids: Select[int], *named: ColumnElement[Any]) -> Select[Any]:
    """Count no further than that."""
    return select(*named, func.count()).select_from(_limit_rows(most, ids).subquery())


def _limit_rows(most: int, rows: Select[Any]) -> Select[Any]:
    """Return no more than that; as a number in the statement, so that PostgreSQL can keep its plan."""
    return rows.limit(literal_column(str(most)))


def _filter_conditions(
    view: QueueFilters, email_hash: str, moderator_id: int | None
) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [
        Comment.awaiting.in_(AWAITING_FILTERS[view.waiting])
        if view.waiting in AWAITING_FILTERS
        else Comment.state == _sql_literal(CommentState(view.state).value)
    ]
    if view.letter:
        where.append(Letter.slug == view.letter)
    if view.language:
        where.append(Letter.language == view.language)
    if view.group:
        where.append(Comment.stakeholder_group == view.group)
    if view.held_by == "any":
        where.append(Comment.held_by_check != _sql_literal("first_reading"))
    elif view.held_by:
        where.append(Comment.held_by_check == view.held_by)
    if view.confirmed in {"yes", "no"}:
        is_confirmed = Comment.email_confirmed_at.is_not(None)
        where.append(is_confirmed if view.confirmed == "yes" else ~is_confirmed)
    if view.age in AGE_FILTERS:
        where.append(Comment.submitted_at <= clock.now() - AGE_FILTERS[view.age])
    if view.reported:
        where.append(
            Comment.id.in_(select(Report.comment_id).where(Report.state == _sql_literal("open")))
        )
    if view.mine and moderator_id is not None:
        mine = select(Decision.comment_id).where(Decision.moderator_id == moderator_id)
        where.append(Comment.id.in_(mine))
    return where + _search_conditions(view.q, email_hash)


def _sql_literal(word: str) -> ColumnElement[str]:
    """Return one of our own words as it stands in the statement: an index of only some rows is used for no other."""
    return literal_column(f"'{word}'")


def _search_conditions(q: str, email_hash: str) -> list[ColumnElement[bool]]:
    if email_hash:
        return [Comment.email_hash == email_hash, author_search_condition()]
    return [
        or_(
            Comment.body.icontains(w, autoescape=True),
            and_(Comment.name.icontains(w, autoescape=True), author_search_condition()),
        )
        for w in q.split()[:8]
    ]


def _after_cursor(last: Comment, *, newest: bool) -> ColumnElement[bool]:
    here, there = tuple_(Comment.submitted_at, Comment.id), (last.submitted_at, last.id)
    return here < there if newest else here > there
