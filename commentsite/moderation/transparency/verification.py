"""Verify the transparency report and the tables against the audit log.

The figures are counted from the tables, where an operator could delete or change rows. The audit
log is append-only, hash-chained and signed, and others may hold a copy. Every submission, change
of state and appeal is an entry in it, written in the same transaction. So each figure is checked
against a second source: a comment that disappears from the tables leaves its log entry behind,
and a changed state contradicts the last one logged.

`find_inconsistencies` compares totals. It is cheap, and runs each time the report is rendered.
`verify_records` verifies the log itself and then compares each comment. It runs from the command
line.
"""

from collections.abc import Callable, Iterator

from commentsite.audit.verification import find_log_problems
from commentsite.db.session import snapshot
from commentsite.moderation.transparency.figures import (
    SummaryRow,
    TransparencyReport,
    list_sections,
)
from commentsite.moderation.transparency.queries import (
    find_count_mismatches,
    find_decision_mismatches,
    find_letter_mismatches,
    find_state_mismatches,
    find_stored_month_mismatches,
    find_word_mismatches,
)


def find_inconsistencies(report: TransparencyReport) -> list[str]:
    """Return every check of the report that fails, as sentences. The report page lists them."""
    problems = []
    total = report.total
    if total.submitted != report.comments_logged:
        problems.append(
            f"The audit log has {report.comments_logged} submitted comments. The database has {total.submitted}."
        )
    if total.appeals_filed != report.appeals_logged:
        problems.append(
            f"The audit log has {report.appeals_logged} filed appeals. The database has {total.appeals_filed}."
        )
    for title, rows in list_sections(report):
        appeals_filed = sum(row.appeals_filed for row in rows)
        if appeals_filed != total.appeals_filed:
            problems.append(
                f"{title}: the rows add up to {appeals_filed} appeals, not to {total.appeals_filed}."
            )
        submitted = sum(row.submitted for row in rows)
        if submitted != total.submitted:
            problems.append(
                f"{title}: the rows add up to {submitted} comments, not to {total.submitted}."
            )
        for row in rows:
            problems += _find_row_inconsistencies(f"{title} {row.key}".strip(), row)
    return problems


def verify_records(
    own_key_id: str = "", advance: Callable[[int], None] = lambda _: None
) -> list[str]:
    """Return every problem of the audit log and of the tables beside it, as sentences.

    `own_key_id` is the id of the site's own signing key. `advance` is called with 1 for each entry.
    If the log itself has problems, the tables are not compared with it.
    """
    with snapshot():
        return find_log_problems(own_key_id, advance) or [
            *find_state_mismatches(),
            *find_count_mismatches(),
            *find_word_mismatches(),
            *find_letter_mismatches(),
            *find_decision_mismatches(),
            *find_stored_month_mismatches(),
        ]


def _find_row_inconsistencies(label: str, row: SummaryRow) -> Iterator[str]:
    total_by_state = sum(row.count_by_state.values())
    if total_by_state != row.submitted:
        yield f"{label}: the states add up to {total_by_state} comments, not to {row.submitted}."
    total_by_rule = sum(row.count_by_rule.values())
    rejected = row.count_by_state["refused"] + row.count_by_state["restricted"]
    if total_by_rule != rejected:
        yield f"{label}: the rules add up to {total_by_rule} refused or removed comments, not to {rejected}."
    if row.automated > row.decided:
        yield f"{label}: {row.automated} comments were decided automatically, but only {row.decided} were decided."
