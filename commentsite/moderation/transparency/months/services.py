"""Keep the stored figures of months up to date, from the worker.

The audit log tells which months have changed: every change that the figures show is an entry about
its comment or its letter. So a request that changes a comment has nothing more to write, and the
worker recounts only the months of the comments that the log names since the last time.

It also stores the tables of the report. A median of all months needs the durations of each of them, and a
site of some years has a hundred thousand such numbers, which no reader should wait for.
"""

from datetime import timedelta

from commentsite import clock
from commentsite.db.session import acquire_advisory_lock, session, snapshot, transaction
from commentsite.moderation.transparency.months import queries as month_queries
from commentsite.moderation.transparency.months.figures import MonthFigures
from commentsite.moderation.transparency.months.models import StoredMonth, StoredTables
from commentsite.moderation.transparency.months.queries import (
    POSITION_ROW,
    TABLES_ID,
    LogPosition,
)
from commentsite.moderation.transparency.months.tables import build_tables, tables_to_json

#: A month is counted again after so long even if the log names no change, so that a row that was
#: changed or deleted behind the log's back shows in the report.
RECOUNT_AFTER = timedelta(days=1)


def refresh_stored_months() -> int:
    """Recount the months that have changed. Return their number, 0 on a small site.

    The counting holds no lock. A change meanwhile is an entry after the stored position, and
    is counted next time.
    """
    with snapshot():
        before = month_queries.find_log_position()
        now = month_queries.load_current_position(before)
        if now is None:
            return 0
        if now == before and now.log_entry == month_queries.find_entry_of_tables():
            return 0
        months = _list_due_months(before)
        counted = month_queries.count_months(months)
        figures = {month: counted.get(month, MonthFigures()).to_json() for month in months}
        all_months = month_queries.load_stored_months() | {
            month: MonthFigures.from_json(stored) for month, stored in figures.items()
        }
        tables = tables_to_json(build_tables(all_months))
    with transaction():
        acquire_advisory_lock("transparency")  # or two workers would insert the same rows
        if month_queries.find_log_position() != before:  # another worker was faster
            return 0
        for month, stored in figures.items():
            _store_row(month, stored)
        _store_row(POSITION_ROW, now.to_json())
        session().merge(StoredTables(id=TABLES_ID, log_entry=now.log_entry, tables=tables))
    return len(months)


def _list_due_months(before: LogPosition | None) -> set[str]:
    if before is None:
        return month_queries.list_all_months()
    oldest = month_queries.find_month_counted_before(clock.now() - RECOUNT_AFTER)
    return month_queries.list_months_changed_since(before.log_entry) | (
        {oldest} if oldest else set()
    )


def _store_row(month: str, figures: dict[str, object]) -> None:
    session().merge(StoredMonth(month=month, figures=figures, counted_at=clock.now()))
