"""Count the public books: a few questions over indexes, however many comments there are."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, case, cast, extract, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import head
from commentsite.comments.appeal import Appeal
from commentsite.comments.appeal_states import OUTCOMES
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.db import session, snapshot
from commentsite.letters.models import Letter
from commentsite.moderation.models import Decision
from commentsite.moderation.reviewed import blind_months
from commentsite.moderation.tally import NO_CLAUSE, SETTLED, Books, Cell, Line, Speed, lines, speed

CUTS = ("", "month", "group", "language")
ENTRIES_PER_DRAWING = 10_000


class _month(FunctionElement[str]):  # noqa: N801  # it stands in queries like a function
    """The month of a moment, in UTC, as 2026-03."""

    type = String()
    inherit_cache = True


@compiles(_month, "sqlite")
def _month_on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"substr({compiler.process(element.clauses, **more)}, 1, 7)"


@compiles(_month, "postgresql")
def _month_on_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **more)} AT TIME ZONE 'UTC', 'YYYY-MM')"


def stamp() -> int:
    """Return what changes when the books have to be drawn again.

    That is the number of the last entry of the log; where the log is long, only every so many
    entries, so that drawing costs the same for each entry however large the site is.
    """
    seq = head()[0]
    return seq - seq % max(1, seq // ENTRIES_PER_DRAWING)


def public_books() -> Books:
    """Return all that is published about moderation, as it was at one moment, in seven questions."""
    with snapshot():
        return _drawn()


def _drawn() -> Books:
    seq, digest = head()
    cells, clauses, speeds = _cells(), _clauses(), _speeds()
    cut = {name: lines(cells, name, clauses=clauses[name]) for name in CUTS}
    for name, found in cut.items():
        for key, line in found.items():
            line.speed = speeds[name].get(key, Speed())
    _add_appeals(cut)
    logged, appeals_logged, oldest = _logged_and_oldest()
    return Books(
        entry=seq,
        digest=digest,
        logged=logged,
        whole=cut[""][""],
        months=tuple(sorted(cut["month"].values(), key=lambda line: line.key, reverse=True)),
        groups=_largest_first(cut["group"]),
        languages=_largest_first(cut["language"]),
        oldest_waiting=oldest,
        blind=blind_months(),
        appeals_logged=appeals_logged,
    )


def _add_appeals(cut: dict[str, dict[str, Line]]) -> None:
    """Count appeals by what became of them, and time to the minute those that somebody decided."""
    seconds = extract("epoch", Appeal.changed_at) - extract("epoch", Appeal.filed_at)
    keys = (
        _month(Comment.submitted_at),
        Comment.stakeholder_group,
        Letter.language,
        Appeal.state,
        cast(seconds, Integer) // 60,
    )
    query = (
        select(*keys, func.count())
        .join(Comment, Comment.id == Appeal.comment_id)
        .join(Letter, Letter.id == Comment.letter_id)
        .group_by(*keys)
    )
    times: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for month, group, language, state, minutes, n in session().execute(query):
        for name, key in zip(CUTS, ("", month, group, language), strict=True):
            cut[name][key].appeals[str(state)] += n
            if state in OUTCOMES:
                times[name, key][minutes * 60] += n
    for (name, key), taken in times.items():
        cut[name][key].appeal_speed = speed(taken)


def _largest_first(found: dict[str, Line]) -> tuple[Line, ...]:
    return tuple(sorted(found.values(), key=lambda line: (-line.submitted, line.key)))


def _cells() -> list[Cell]:
    touched = (
        select(Decision.comment_id)
        .where(Decision.moderator_id.is_not(None), Decision.is_settling.is_(True))
        .group_by(Decision.comment_id)
        .subquery()
    )
    is_by_rule = Comment.state.in_(SETTLED) & touched.c.comment_id.is_(None)
    month = _month(Comment.submitted_at)
    keys = (month, Comment.stakeholder_group, Letter.language, Comment.state)
    query = (
        select(*keys, func.count(), func.sum(case((is_by_rule, 1), else_=0)))
        .join(Letter, Letter.id == Comment.letter_id)
        .join(touched, touched.c.comment_id == Comment.id, isouter=True)
        .group_by(*keys)
    )
    return [Cell(m, g, la, str(st), n, int(r)) for m, g, la, st, n, r in session().execute(query)]


def _clauses() -> dict[str, dict[str, Counter[str]]]:
    """Count what is refused or removed by the rule its last such decision names."""
    closing = (
        select(func.max(Decision.id).label("id"))
        .where(Decision.verdict.in_(("refuse", "restrict")), Decision.is_settling.is_(True))
        .group_by(Decision.comment_id)
        .subquery()
    )
    named = (
        select(Decision.comment_id, Decision.reason)
        .join(closing, closing.c.id == Decision.id)
        .subquery()
    )
    keys = (
        _month(Comment.submitted_at),
        Comment.stakeholder_group,
        Letter.language,
        func.coalesce(named.c.reason, ""),
    )
    query = (
        select(*keys, func.count())
        .join(Letter, Letter.id == Comment.letter_id)
        .join(named, named.c.comment_id == Comment.id, isouter=True)
        .where(Comment.state.in_((CommentState.REFUSED, CommentState.RESTRICTED)))
        .group_by(*keys)
    )
    counted: dict[str, dict[str, Counter[str]]] = {n: defaultdict(Counter) for n in CUTS}
    for month, group, language, reason, n in session().execute(query):
        clause = reason or NO_CLAUSE
        for name, key in zip(CUTS, ("", month, group, language), strict=True):
            counted[name][key][clause] += n
    return counted


def _speeds() -> dict[str, dict[str, Speed]]:
    """Time the first decisions to the minute; the database counts equal ones, so that few rows come back."""
    first = (
        select(Decision.comment_id, func.min(Decision.decided_at).label("at"))
        .where(Decision.is_settling.is_(True))
        .group_by(Decision.comment_id)
        .subquery()
    )
    seconds = extract("epoch", first.c.at) - extract("epoch", Comment.submitted_at)
    minutes = cast(seconds, Integer) // 60
    keys = (_month(Comment.submitted_at), Comment.stakeholder_group, Letter.language, minutes)
    query = (
        select(*keys, func.count())
        .join(first, first.c.comment_id == Comment.id)
        .join(Letter, Letter.id == Comment.letter_id)
        .group_by(*keys)
    )
    counted: dict[str, dict[str, Counter[int]]] = {n: defaultdict(Counter) for n in CUTS}
    for month, group, language, taken, n in session().execute(query):
        for name, key in zip(CUTS, ("", month, group, language), strict=True):
            counted[name][key][taken * 60] += n
    return {
        name: {key: speed(times) for key, times in found.items()} for name, found in counted.items()
    }


def _logged_and_oldest() -> tuple[int, int, datetime | None]:
    logged, appealed = (
        select(func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.action == act)
        .scalar_subquery()
        for act in ("comment.submitted", "appeal.filed")
    )
    oldest = (
        select(func.min(Comment.submitted_at))
        .where(Comment.state == CommentState.PENDING)
        .scalar_subquery()
    )
    row = session().execute(select(logged, appealed, oldest)).one()
    return row[0], row[1], row[2]
