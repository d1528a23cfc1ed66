"""Assemble the transparency report, and compare its stored figures with the tables."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from commentsite.audit.queries import get_last_entry
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.db.session import session, snapshot
from commentsite.moderation.quality.queries import load_monthly_agreement
from commentsite.moderation.transparency.figures import SummaryRow, TransparencyReport
from commentsite.moderation.transparency.months.figures import MonthFigures
from commentsite.moderation.transparency.months.queries import (
    LogPosition,
    count_logged,
    count_months,
    find_log_position,
    list_months_changed_since,
    load_stored_months,
    load_stored_tables,
)
from commentsite.moderation.transparency.months.tables import Tables, build_tables

# --- The report


def load_report_version() -> int:
    """Return the cache key of the report: the entry of the audit log as of which it is counted."""
    position = find_log_position()
    return position.log_entry if position else get_last_entry()[0]


def load_transparency_report() -> TransparencyReport:
    """Load all published figures about moderation, as of one moment.

    On a small site they are counted now. On a large one they are the stored tables, which the worker
    sums up from the figures of the months at most a minute later.
    """
    with snapshot():
        position = find_log_position()
        if position is None:
            return _build_report(_load_end_of_log(), build_tables(count_months()))
        tables = load_stored_tables(position.log_entry) or build_tables(load_stored_months())
        return _build_report(position, tables)


def _load_end_of_log() -> LogPosition:
    return LogPosition(*get_last_entry(), *count_logged())


def _build_report(position: LogPosition, tables: Tables) -> TransparencyReport:
    return TransparencyReport(
        log_entry=position.log_entry,
        log_digest=position.log_digest,
        comments_logged=position.comments_examined,
        total=tables[""][""],
        months=tuple(sorted(tables["month"].values(), key=lambda row: row.key, reverse=True)),
        groups=_sort_by_size(tables["group"]),
        languages=_sort_by_size(tables["language"]),
        oldest_pending_at=_find_oldest_pending(),
        monthly_agreement=load_monthly_agreement(),
        appeals_logged=position.appeals_logged,
    )


def _find_oldest_pending() -> datetime | None:
    query = select(func.min(Comment.submitted_at)).where(Comment.state == CommentState.PENDING)
    return session().scalars(query).one()


def _sort_by_size(rows: dict[str, SummaryRow]) -> tuple[SummaryRow, ...]:
    return tuple(sorted(rows.values(), key=lambda row: (-row.submitted, row.key)))


# --- Comparison with the tables


def find_stored_month_mismatches() -> Iterator[str]:
    """Yield a sentence for each month whose stored figures differ from the tables of the database.

    Months that changed since they were counted are left out. The last sentence is about tables of the report
    that differ from the stored figures of the months.
    """
    position = find_log_position()
    if position is None:
        return
    changed, months = list_months_changed_since(position.log_entry), load_stored_months()
    for month, stored in sorted(months.items()):
        if month in changed:
            continue
        counted = count_months([month]).get(month, MonthFigures())
        if stored != MonthFigures.from_json(counted.to_json()):
            yield f"The transparency report shows other figures for {month} than the tables have."
    tables = load_stored_tables(position.log_entry)
    if tables is not None and tables != build_tables(months):
        yield f"The tables of the transparency report as of entry {position.log_entry} do not add up the figures of its months."
