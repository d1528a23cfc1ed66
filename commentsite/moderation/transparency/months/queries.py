"""Count the figures of months from the tables, and read the stored ones."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, case, cast, exists, extract, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from commentsite.audit.models import AuditEntry, PendingAuditEntry
from commentsite.audit.queries import get_last_entry
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.states import OUTCOMES
from commentsite.comments.models import Comment
from commentsite.comments.states import ADDING_ACTIONS, CommentState
from commentsite.db.session import session
from commentsite.letters.models import Letter
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.models import Decision
from commentsite.moderation.transparency.figures import DECIDED_STATES, NO_RULE
from commentsite.moderation.transparency.months.figures import MonthFigures, add_duration
from commentsite.moderation.transparency.months.models import StoredMonth, StoredTables
from commentsite.moderation.transparency.months.tables import Tables, tables_from_json

BATCH = 500
#: On a site with a shorter log the report is counted at once, and nothing is stored.
MIN_LOG_LENGTH = 10_000
POSITION_ROW = ""  # of the position up to which all months are counted
TABLES_ID = 1  # of the only row


@dataclass(frozen=True)
class LogPosition:
    """An entry of the audit log, and the number of submissions and appeals up to it."""

    log_entry: int
    log_digest: str
    comments_logged: int
    appeals_logged: int
    comments_unexamined: int = 0  # of those logged

    @property
    def comments_examined(self) -> int:
        return self.comments_logged - self.comments_unexamined

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def find_log_position() -> LogPosition | None:
    """Return the position up to which the stored months are counted."""
    row = session().get(StoredMonth, POSITION_ROW, populate_existing=True)
    return LogPosition(**row.figures) if row else None


def load_current_position(before: LogPosition | None = None) -> LogPosition | None:
    """Return the end of the log, or None if the log is short. Only entries after `before` are counted."""
    last_seq, digest = get_last_entry()
    if last_seq < MIN_LOG_LENGTH:
        return None
    first, *counts = (
        (before.log_entry, before.comments_logged, before.appeals_logged) if before else (0, 0, 0)
    )
    comments, appeals, unexamined = count_logged(first)
    return LogPosition(last_seq, digest, counts[0] + comments, counts[1] + appeals, unexamined)


def count_logged(after: int = 0) -> tuple[int, int, int]:
    """Count the submissions and the appeals in the audit log after an entry.

    The third number is that of all submissions in the log whose comments are not examined yet.
    """
    comments, appeals = (
        select(func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.action.in_(actions), AuditEntry.seq > after)
        .scalar_subquery()
        for actions in (ADDING_ACTIONS, {"appeal.filed"})
    )
    received = select(func.count()).where(Comment.state == CommentState.RECEIVED).scalar_subquery()
    unnumbered = (
        select(func.count())
        .where(PendingAuditEntry.action == "comment.submitted")
        .scalar_subquery()
    )
    row = session().execute(select(comments, appeals, received - unnumbered)).one()
    return row[0], row[1], row[2]


def list_all_months() -> set[str]:
    """Return every month from the first comment to the last."""
    query = select(func.min(Comment.submitted_at), func.max(Comment.submitted_at))
    row: Any = session().execute(query).one()
    first, last = row
    if first is None:
        return set()
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return {f"{month // 12:04}-{month % 12 + 1:02}" for month in months}


def find_month_counted_before(moment: datetime) -> str | None:
    """Return the month that was counted the longest ago, if that was before a moment."""
    query = (
        select(StoredMonth.month)
        .where(StoredMonth.month != POSITION_ROW, StoredMonth.counted_at < moment)
        .order_by(StoredMonth.counted_at)
        .limit(1)
    )
    return session().scalars(query).first()


class _utc_month(FunctionElement[str]):  # noqa: N801  # used in queries like a function
    """The month of a moment, in UTC, as 2026-03. Each database has its own function for it."""

    type = String()
    inherit_cache = True


@compiles(_utc_month, "sqlite")
def _compile_utc_month_sqlite(element: Any, compiler: Any, **kwargs: Any) -> str:
    return f"substr({compiler.process(element.clauses, **kwargs)}, 1, 7)"


@compiles(_utc_month, "postgresql")
def _compile_utc_month_postgresql(element: Any, compiler: Any, **kwargs: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **kwargs)} AT TIME ZONE 'UTC', 'YYYY-MM')"


def load_stored_months() -> dict[str, MonthFigures]:
    """Return the stored figures by month."""
    query = select(StoredMonth.month, StoredMonth.figures).where(StoredMonth.month != POSITION_ROW)
    return {month: MonthFigures.from_json(stored) for month, stored in session().execute(query)}


def load_stored_tables(log_entry: int) -> Tables | None:
    """Return the tables of the report if they were summed up as of an entry of the audit log.

    None where the months were counted by an earlier version of the program, which stored no tables.
    """
    row = session().get(StoredTables, TABLES_ID, populate_existing=True)
    if row is None or row.log_entry != log_entry:
        return None
    return tables_from_json(row.tables)


def find_entry_of_tables() -> int | None:
    """Return the entry of the audit log as of which the tables of the report were summed up."""
    return session().scalars(select(StoredTables.log_entry)).first()


def list_months_changed_since(seq: int) -> set[str]:
    """Return the months whose figures may differ after an entry of the audit log.

    Every change that the figures show is an entry about its comment or its letter.
    """
    query = (
        select(AuditEntry.object)
        .where(AuditEntry.seq > seq, AuditEntry.object.like("%:%"))
        .distinct()
    )
    ids: dict[str, list[int]] = {"comment": [], "letter": []}
    for name in session().scalars(query):
        kind, _, number = name.partition(":")
        if kind in ids and number.isdecimal():
            ids[kind].append(int(number))
    return _list_months(Comment.id, ids["comment"]) | _list_months(Comment.letter_id, ids["letter"])


def count_months(months: Iterable[str] | None = None) -> dict[str, MonthFigures]:
    """Count the figures of some months, or of all. Months without comments are left out.

    It takes four queries for each month, or four for all.
    """
    found: dict[str, MonthFigures] = {}
    if months is None:
        _count(found)
    else:
        for month in sorted(months):
            _count(found, *_within(month))
    return found


def _count(found: dict[str, MonthFigures], *where: ColumnElement[bool]) -> None:
    _count_comments(found, where)
    _count_rules(found, where)
    _load_durations(found, where)
    _count_appeals(found, where)


def _within(month: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    start = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    end = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return Comment.submitted_at >= start, Comment.submitted_at < end


def _list_months(column: Any, ids: list[int]) -> set[str]:
    months: set[str] = set()
    for start in range(0, len(ids), BATCH):
        query = select(_utc_month(Comment.submitted_at)).where(
            column.in_(ids[start : start + BATCH])
        )
        months.update(session().scalars(query.distinct()))
    return months


def _count_comments(found: dict[str, MonthFigures], where: tuple[ColumnElement[bool], ...]) -> None:
    """Count the comments by state, and those of them that were decided without a person."""
    is_decided_by_person = exists().where(
        Decision.comment_id == Comment.id,
        Decision.is_applied.is_(True),
        Decision.moderator_id.is_not(None),
    )
    is_automated = (
        Comment.state.in_(DECIDED_STATES) & ~is_decided_by_person & Comment.is_imported.is_(False)
    )
    month = _utc_month(Comment.submitted_at)
    keys = (month, Comment.stakeholder_group, Letter.language, Comment.state)
    query = (
        select(
            *keys,
            func.count(),
            *(func.sum(case((one, 1), else_=0)) for one in (is_automated, Comment.is_imported)),
        )
        .join(Letter, Letter.id == Comment.letter_id)
        .where(Comment.state != CommentState.RECEIVED, *where)
        .group_by(*keys)
    )
    for name, group, language, state, count, automated, imported in session().execute(query):
        figures = found.setdefault(name, MonthFigures())
        figures.by_state[group, language, str(state)] = count
        figures.automated[group, language, str(state)] = int(automated)
        figures.imported[group, language, str(state)] = int(imported)


def _count_rules(found: dict[str, MonthFigures], where: tuple[ColumnElement[bool], ...]) -> None:
    """Count the refused and removed comments by the rule of their last refusal or removal."""
    rule = (
        select(Decision.rule)
        .where(
            Decision.comment_id == Comment.id,
            Decision.verdict.in_((Verdict.REFUSE, Verdict.RESTRICT)),
            Decision.is_applied.is_(True),
        )
        .order_by(Decision.id.desc())
        .limit(1)
        .correlate(Comment)
        .scalar_subquery()
    )
    rejected = (
        select(
            _utc_month(Comment.submitted_at).label("month"),
            Comment.stakeholder_group.label("group"),
            Letter.language.label("language"),
            func.coalesce(rule, "").label("rule"),
        )
        .join(Letter, Letter.id == Comment.letter_id)
        .where(Comment.state.in_((CommentState.REFUSED, CommentState.RESTRICTED)), *where)
        .subquery()
    )
    query = select(*rejected.c, func.count()).group_by(*rejected.c)
    rows: Any = session().execute(query)
    for name, group, language, rule_name, count in rows:
        found[name].by_rule[group, language, rule_name or NO_RULE] = count


def _load_durations(found: dict[str, MonthFigures], where: tuple[ColumnElement[bool], ...]) -> None:
    """Count the times from submission to the first applied decision, by minutes."""
    decided_at = (
        select(func.min(Decision.decided_at))
        .where(Decision.comment_id == Comment.id, Decision.is_applied.is_(True))
        .correlate(Comment)
        .scalar_subquery()
    )
    seconds = extract("epoch", decided_at) - extract("epoch", Comment.submitted_at)
    taken = (
        select(
            _utc_month(Comment.submitted_at).label("month"),
            Comment.stakeholder_group.label("group"),
            Letter.language.label("language"),
            (cast(seconds, Integer) // 60).label("minutes"),
        )
        .join(Letter, Letter.id == Comment.letter_id)
        .where(*where)
        .subquery()
    )
    query = select(*taken.c, func.count()).where(taken.c.minutes.is_not(None)).group_by(*taken.c)
    rows: Any = session().execute(query)
    for name, group, language, minutes, count in rows:
        add_duration(found[name].durations, group, language, minutes, count)


def _count_appeals(found: dict[str, MonthFigures], where: tuple[ColumnElement[bool], ...]) -> None:
    """Count the appeals by state, and by minutes the durations of those with a ruling."""
    seconds = extract("epoch", Appeal.changed_at) - extract("epoch", Appeal.filed_at)
    month = _utc_month(Comment.submitted_at)
    minutes = cast(seconds, Integer) // 60
    keys = (month, Comment.stakeholder_group, Letter.language, Appeal.state, minutes)
    query = (
        select(*keys, func.count())
        .join(Comment, Comment.id == Appeal.comment_id)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(*where)
        .group_by(*keys)
    )
    for name, group, language, state, taken, count in session().execute(query):
        figures = found[name]
        key = (group, language, str(state))
        figures.appeals[key] = figures.appeals.get(key, 0) + count
        if state in OUTCOMES:
            add_duration(figures.appeal_durations, group, language, taken, count)
