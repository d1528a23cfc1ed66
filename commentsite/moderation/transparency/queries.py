"""Count the public books: a few questions over indexes, however many comments there are."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, case, cast, extract, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import get_last_entry
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.states import OUTCOMES
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.db.session import session, snapshot
from commentsite.letters.models import Letter
from commentsite.moderation.models import Decision
from commentsite.moderation.quality.queries import load_monthly_agreement
from commentsite.moderation.transparency.figures import (
    DECIDED_STATES,
    NO_RULE,
    CommentCount,
    DurationSummary,
    SummaryRow,
    TransparencyReport,
    build_summary_rows,
    summarise_durations,
)


def count_comments_by_state(letter_ids: frozenset[int] | None = None) -> dict[str, int]:
    """Return how many comments are in each state, none left out: of all letters, or of some."""
    query = select(Comment.state, func.count()).group_by(Comment.state)
    if letter_ids is not None:
        query = query.where(Comment.letter_id.in_(letter_ids))
    counted = {str(s): n for s, n in session().execute(query)}
    return {state.value: counted.get(state.value, 0) for state in CommentState}


DIMENSIONS = ("", "month", "group", "language")
ENTRIES_PER_REFRESH = 10_000


class _utc_month(FunctionElement[str]):  # noqa: N801  # it stands in queries like a function
    """The month of a moment, in UTC, as 2026-03."""

    type = String()
    inherit_cache = True


@compiles(_utc_month, "sqlite")
def _compile_utc_month_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"substr({compiler.process(element.clauses, **more)}, 1, 7)"


@compiles(_utc_month, "postgresql")
def _compile_utc_month_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **more)} AT TIME ZONE 'UTC', 'YYYY-MM')"


def load_report_version() -> int:
    """Return what changes when the books have to be drawn again.

    That is the number of the last entry of the log; where the log is long, only every so many
    entries, so that drawing costs the same for each entry however large the site is.
    """
    seq = get_last_entry()[0]
    return seq - seq % max(1, seq // ENTRIES_PER_REFRESH)


def load_transparency_report() -> TransparencyReport:
    """Return all that is published about moderation, as it was at one moment, in seven questions."""
    with snapshot():
        return _build_report()


def _build_report() -> TransparencyReport:
    seq, digest = get_last_entry()
    cells, clauses, speeds = _count_comments(), _count_rules(), _load_durations()
    cut = {
        name: build_summary_rows(cells, name, count_by_rule=clauses[name]) for name in DIMENSIONS
    }
    for name, found in cut.items():
        for key, line in found.items():
            line.decision_durations = speeds[name].get(key, DurationSummary())
    _add_appeals(cut)
    logged, appeals_logged, oldest = _load_log_totals()
    return TransparencyReport(
        log_entry=seq,
        log_digest=digest,
        comments_logged=logged,
        total=cut[""][""],
        months=tuple(sorted(cut["month"].values(), key=lambda line: line.key, reverse=True)),
        groups=_sort_by_size(cut["group"]),
        languages=_sort_by_size(cut["language"]),
        oldest_pending_at=oldest,
        monthly_agreement=load_monthly_agreement(),
        appeals_logged=appeals_logged,
    )


def _add_appeals(cut: dict[str, dict[str, SummaryRow]]) -> None:
    """Count appeals by what became of them, and time to the minute those that somebody decided."""
    seconds = extract("epoch", Appeal.changed_at) - extract("epoch", Appeal.filed_at)
    keys = (
        _utc_month(Comment.submitted_at),
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
        for name, key in zip(DIMENSIONS, ("", month, group, language), strict=True):
            cut[name][key].appeals_by_state[str(state)] += n
            if state in OUTCOMES:
                times[name, key][minutes * 60] += n
    for (name, key), taken in times.items():
        cut[name][key].appeal_durations = summarise_durations(taken)


def _sort_by_size(found: dict[str, SummaryRow]) -> tuple[SummaryRow, ...]:
    return tuple(sorted(found.values(), key=lambda line: (-line.submitted, line.key)))


def _count_comments() -> list[CommentCount]:
    touched = (
        select(Decision.comment_id)
        .where(Decision.moderator_id.is_not(None), Decision.is_applied.is_(True))
        .group_by(Decision.comment_id)
        .subquery()
    )
    is_by_rule = Comment.state.in_(DECIDED_STATES) & touched.c.comment_id.is_(None)
    month = _utc_month(Comment.submitted_at)
    keys = (month, Comment.stakeholder_group, Letter.language, Comment.state)
    query = (
        select(*keys, func.count(), func.sum(case((is_by_rule, 1), else_=0)))
        .join(Letter, Letter.id == Comment.letter_id)
        .join(touched, touched.c.comment_id == Comment.id, isouter=True)
        .group_by(*keys)
    )
    return [
        CommentCount(m, g, la, str(st), n, int(r))
        for m, g, la, st, n, r in session().execute(query)
    ]


def _count_rules() -> dict[str, dict[str, Counter[str]]]:
    """Count what is refused or removed by the rule its last such decision names."""
    closing = (
        select(func.max(Decision.id).label("id"))
        .where(Decision.verdict.in_(("refuse", "restrict")), Decision.is_applied.is_(True))
        .group_by(Decision.comment_id)
        .subquery()
    )
    named = (
        select(Decision.comment_id, Decision.rule)
        .join(closing, closing.c.id == Decision.id)
        .subquery()
    )
    keys = (
        _utc_month(Comment.submitted_at),
        Comment.stakeholder_group,
        Letter.language,
        func.coalesce(named.c.rule, ""),
    )
    query = (
        select(*keys, func.count())
        .join(Letter, Letter.id == Comment.letter_id)
        .join(named, named.c.comment_id == Comment.id, isouter=True)
        .where(Comment.state.in_((CommentState.REFUSED, CommentState.RESTRICTED)))
        .group_by(*keys)
    )
    counted: dict[str, dict[str, Counter[str]]] = {n: defaultdict(Counter) for n in DIMENSIONS}
    for month, group, language, reason, n in session().execute(query):
        clause = reason or NO_RULE
        for name, key in zip(DIMENSIONS, ("", month, group, language), strict=True):
            counted[name][key][clause] += n
    return counted


def _load_durations() -> dict[str, dict[str, DurationSummary]]:
    """Time the first decisions to the minute; the database counts equal ones, so that few rows come back."""
    first = (
        select(Decision.comment_id, func.min(Decision.decided_at).label("at"))
        .where(Decision.is_applied.is_(True))
        .group_by(Decision.comment_id)
        .subquery()
    )
    seconds = extract("epoch", first.c.at) - extract("epoch", Comment.submitted_at)
    minutes = cast(seconds, Integer) // 60
    keys = (_utc_month(Comment.submitted_at), Comment.stakeholder_group, Letter.language, minutes)
    query = (
        select(*keys, func.count())
        .join(first, first.c.comment_id == Comment.id)
        .join(Letter, Letter.id == Comment.letter_id)
        .group_by(*keys)
    )
    counted: dict[str, dict[str, Counter[int]]] = {n: defaultdict(Counter) for n in DIMENSIONS}
    for month, group, language, taken, n in session().execute(query):
        for name, key in zip(DIMENSIONS, ("", month, group, language), strict=True):
            counted[name][key][taken * 60] += n
    return {
        name: {key: summarise_durations(times) for key, times in found.items()}
        for name, found in counted.items()
    }


def _load_log_totals() -> tuple[int, int, datetime | None]:
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


def find_state_mismatches() -> Iterator[str]:
    told: dict[str, str] = {}
    submitted = 0
    query = select(AuditEntry.action, AuditEntry.object, AuditEntry.details).where(
        AuditEntry.object.startswith("comment:")
    )
    for action, obj, details in session().execute(query.order_by(AuditEntry.seq)):
        submitted += action == "comment.submitted"
        told[obj] = details.get("state", told.get(obj, ""))
    stored = {
        f"comment:{comment_id}": str(state)
        for comment_id, state in session().execute(select(Comment.id, Comment.state))
    }
    if submitted != len(stored):
        yield f"{submitted} comments were submitted, and {len(stored)} are there."
    for obj in sorted(stored.keys() | told.keys()):
        if stored.get(obj) != told.get(obj):
            yield f"{obj} is {stored.get(obj, 'missing')}; the log says {told.get(obj, 'nothing')}."


def find_count_mismatches() -> Iterator[str]:
    published = (
        select(func.count())
        .select_from(Comment)
        .where(Comment.letter_id == Letter.id, Comment.state == CommentState.PUBLISHED)
        .scalar_subquery()
    )
    for slug, shown, counted in session().execute(
        select(Letter.slug, Letter.published_comment_count, published)
    ):
        if shown != counted:
            yield f"The letter {slug} shows {shown} published comments and has {counted}."
