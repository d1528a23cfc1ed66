"""Read the queue. A pending comment is the queue; nothing is copied anywhere.

However many comments there are, a page costs the same: it starts behind a key, and counts stop at MOST_COUNTED.
"""

from dataclasses import dataclass
from datetime import timedelta
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
from commentsite.comments.appeal import Appeal
from commentsite.comments.appeal_states import AT_THE_DESK
from commentsite.comments.models import Comment, Report
from commentsite.comments.states import LOOK, CommentState
from commentsite.db import session
from commentsite.letters.models import Letter
from commentsite.moderation.blind import is_open_to_search
from commentsite.moderation.models import Claim, Decision
from commentsite.moderation.policy import CONFLICT, SECOND, THIRD
from commentsite.paging import MOST_COUNTED

FIRST_WORDS = 120  # characters of a comment that the list shows
WAITING = {"second": (SECOND, THIRD), "conflict": (CONFLICT,), "look": (LOOK,)}
AGES = {"6": timedelta(hours=6), "24": timedelta(hours=24), "168": timedelta(days=7)}


#: What the list shows of a comment, and no more: whole comments would cost most of the page.
_SHOWN = (
    Comment.id,
    Comment.version,
    Comment.letter_id,
    Comment.state,
    Comment.submitted_at,
    Comment.name,
    Comment.stakeholder_group,
    Comment.waits_for,
    Comment.held_by,
    func.substr(Comment.body, 1, FIRST_WORDS).label("body"),
)


@dataclass(frozen=True)
class Case:
    """What the list shows of a comment in the queue, the title of its letter, and what that says about blind decisions, and who is at it."""

    comment: Row[Any]  # its columns are those in _SHOWN
    letter_title: str
    is_blind: str
    claim: Claim | None


@dataclass(frozen=True)
class QueuePage:
    """One page of cases, how many match (MOST_COUNTED + 1: more than can be said), and where the next page begins."""

    cases: list[Case]
    total: int
    next_after: int | None


@dataclass(frozen=True)
class View:
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


PENDING = View()


def queue(  # noqa: PLR0913  # each narrows what is found, named by the caller
    view: View = PENDING,
    *,
    after: int | None = None,
    limit: int = 50,
    email_hash: str = "",
    moderator_id: int | None = None,
    letters: frozenset[int] | None = None,
    counted: dict[str, int] | None = None,
) -> QueuePage:
    """Return the cases of one view, of all letters or some; `after` continues behind a comment's id.

    `email_hash` stands for the address in `view.q`, `moderator_id` for the one who asks; where
    `counted` (see `counts`) says how many match, they are not counted again.
    """
    where = _matching(view, email_hash, moderator_id)
    if letters is not None:
        where.append(Comment.letter_id.in_(letters))
    ids = select(Comment.id).where(*where)
    if view.letter or view.language:
        ids = ids.join(Letter, Letter.id == Comment.letter_id)
    if counted and view == View(state=view.state, sort=view.sort):
        total = counted[view.state]
    else:
        ids = ids.order_by(Comment.submitted_at, Comment.id)
        total = session().scalars(_up_to(MOST_COUNTED + 1, ids)).one()
    newest = view.sort == "newest"
    if after is not None and (last := session().get(Comment, after)):
        where.append(_behind(last, newest=newest))
    order = (
        (Comment.submitted_at.desc(), Comment.id.desc())
        if newest
        else (Comment.submitted_at, Comment.id)
    )
    holds = and_(Claim.comment_id == Comment.id, Claim.until > clock.now())
    shown = select(*_SHOWN, Letter.title, Letter.is_blind, Claim).where(*where).order_by(*order)
    shown = shown.join(Letter, Letter.id == Comment.letter_id).outerjoin(Claim, holds)
    rows = session().execute(_first(limit + 1, shown)).all()
    cases = [Case(row, row.title, row.is_blind, row.Claim) for row in rows[:limit]]
    return QueuePage(cases, total, cases[-1].comment.id if len(rows) > limit else None)


def matching(
    view: View,
    *,
    email_hash: str,
    moderator_id: int | None,
    letters: frozenset[int] | None,
    limit: int,
) -> list[tuple[int, int]]:
    """Return number and version of what a view shows, the oldest first and no more than that."""
    where = _matching(view, email_hash, moderator_id)
    if letters is not None:
        where.append(Comment.letter_id.in_(letters))
    query = select(Comment.id, Comment.version).where(*where)
    if view.letter or view.language:
        query = query.join(Letter, Letter.id == Comment.letter_id)
    rows = session().execute(query.order_by(Comment.submitted_at, Comment.id).limit(limit))
    return [(comment_id, version) for comment_id, version in rows]


def counts(letters: frozenset[int] | None = None) -> dict[str, int]:
    """Return how many comments are in each state, and how many are reported, held by a rule, appealed or wait for another person, for the views.

    None counts further than MOST_COUNTED + 1.
    """
    statement = (
        _counting(MOST_COUNTED + 1) if letters is None else _count(letters, MOST_COUNTED + 1)
    )
    return {name: n for name, n in session().execute(statement)}  # noqa: C416  # rows, not pairs


@cache
def _counting(most: int) -> CompoundSelect[str, int]:
    return _count(None, most)


def _count(letters: frozenset[int] | None, most: int) -> CompoundSelect[str, int]:
    views = {state.value: View(state=state.value) for state in CommentState}
    views["held"] = View(held_by="any")
    views |= {name: View(waiting=name) for name in WAITING}
    within = [] if letters is None else [Comment.letter_id.in_(letters)]
    found = {
        name: select(Comment.id).where(*_matching(view, "", None), *within)
        for name, view in views.items()
    }
    reported = select(Report.comment_id).where(Report.state == _said("open")).distinct()
    # One that reports hold waits among the others, and not in this view.
    reported = reported.join(Comment, Comment.id == Report.comment_id)
    reported = reported.where(Comment.state == _said(CommentState.PUBLISHED.value), *within)
    # In their order: without it PostgreSQL hopes to meet enough of them on the way through all.
    found = {name: ids.order_by(Comment.submitted_at, Comment.id) for name, ids in found.items()}
    found["reported"] = reported
    found["appeals"] = select(Appeal.id).where(Appeal.state.in_(AT_THE_DESK))
    if within:
        about = Comment.id == Appeal.comment_id
        found["appeals"] = found["appeals"].join(Comment, about).where(*within)
    return union_all(*(_up_to(most, ids, _said(name)) for name, ids in found.items()))


def _up_to(most: int, ids: Select[int], *named: ColumnElement[Any]) -> Select[Any]:
    """Count no further than that."""
    return select(*named, func.count()).select_from(_first(most, ids).subquery())


def _first(most: int, rows: Select[Any]) -> Select[Any]:
    """Return no more than that; as a number in the statement, so that PostgreSQL can keep its plan."""
    return rows.limit(literal_column(str(most)))


def _matching(view: View, email_hash: str, moderator_id: int | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [
        Comment.waits_for.in_(WAITING[view.waiting])
        if view.waiting in WAITING
        else Comment.state == _said(CommentState(view.state).value)
    ]
    if view.letter:
        where.append(Letter.slug == view.letter)
    if view.language:
        where.append(Letter.language == view.language)
    if view.group:
        where.append(Comment.stakeholder_group == view.group)
    if view.held_by == "any":
        where.append(Comment.held_by != _said("first_reading"))
    elif view.held_by:
        where.append(Comment.held_by == view.held_by)
    if view.confirmed in {"yes", "no"}:
        is_confirmed = Comment.email_confirmed_at.is_not(None)
        where.append(is_confirmed if view.confirmed == "yes" else ~is_confirmed)
    if view.age in AGES:
        where.append(Comment.submitted_at <= clock.now() - AGES[view.age])
    if view.reported:
        where.append(Comment.id.in_(select(Report.comment_id).where(Report.state == _said("open"))))
    if view.mine and moderator_id is not None:
        mine = select(Decision.comment_id).where(Decision.moderator_id == moderator_id)
        where.append(Comment.id.in_(mine))
    return where + _words(view.q, email_hash)


def _said(word: str) -> ColumnElement[str]:
    """Return one of our own words as it stands in the statement: an index of only some rows is used for no other."""
    return literal_column(f"'{word}'")


def _words(q: str, email_hash: str) -> list[ColumnElement[bool]]:
    if email_hash:
        return [Comment.email_hash == email_hash, is_open_to_search()]
    return [
        or_(
            Comment.body.icontains(w, autoescape=True),
            and_(Comment.name.icontains(w, autoescape=True), is_open_to_search()),
        )
        for w in q.split()[:8]
    ]


def _behind(last: Comment, *, newest: bool) -> ColumnElement[bool]:
    here, there = tuple_(Comment.submitted_at, Comment.id), (last.submitted_at, last.id)
    return here < there if newest else here > there
