"""Verify the transparency report and the tables against the audit log.

The figures are counted from the tables, where an operator could delete or change rows. The audit
log is append-only, hash-chained and signed, and others may hold a copy. Every submission, change
of state and appeal is an entry in it, written in the same transaction. So each figure is checked
against a second source: a comment that disappears from the tables leaves its log entry behind,
and a changed state contradicts the last one logged.

`find_inconsistencies` compares totals. It is cheap, and runs each time the report is rendered.
`verify_since` verifies the log itself and then compares each comment, decision and letter. It runs
from the command line.
"""

from collections.abc import Callable, Iterator, Sequence

from commentsite.audit.queries import count_pending_entries, iter_pending_entries
from commentsite.audit.verification import LogVerifier, VerifiedEntry, VerifiedLog
from commentsite.db.session import snapshot
from commentsite.moderation.transparency.figures import (
    SummaryRow,
    TransparencyReport,
    list_sections,
)
from commentsite.moderation.transparency.months.queries import count_logged
from commentsite.moderation.transparency.queries import find_stored_month_mismatches
from commentsite.moderation.transparency.records import queries as record_queries
from commentsite.moderation.transparency.records.comparison import (
    compare_comment,
    compare_versions,
    pair_all_comments,
    pair_logged_comments,
)
from commentsite.moderation.transparency.records.logged import LoggedRecords

Advance = Callable[[int], None]
COMMENTS_PER_STEP = 500  # of a progress bar


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


def verify_since(
    start: VerifiedLog, own_key_id: str, advance: Advance
) -> tuple[list[str], VerifiedLog]:
    """Verify the audit log after `start`, and compare the tables with it.

    Return every problem as a sentence, and the part of the log up to the last checkpoint that was read. After
    an empty `start` everything is compared. After any other, only the comments, decisions and letters that
    the later entries name. `own_key_id` is the id of the site's own signing key. `advance` is called with the
    number of entries and comments as they are read. Entries that wait for a number count as the last ones. If the log itself has problems, the tables are not compared
    with it.
    """
    with snapshot(), LoggedRecords() as logged:

        def observe(entries: Sequence[VerifiedEntry]) -> None:
            logged.add(entries)
            advance(len(entries))

        verifier = LogVerifier(start, own_key_id, observe)
        if problems := verifier.find_problems():
            return problems, start
        for pending in iter_pending_entries():
            logged.add([VerifiedEntry(seq=0, **pending)])
        if start.size:
            problems = list(_compare_new_records(logged))
        else:
            problems = list(_compare_all_records(logged, advance))
        return problems, verifier.end


def _compare_all_records(logged: LoggedRecords, advance: Advance) -> Iterator[str]:
    stored, done = 0, 0
    for pair in pair_all_comments(logged):
        yield from compare_comment(pair, is_whole_log=True)
        stored += pair[1] is not None
        if (done := done + 1) % COMMENTS_PER_STEP == 0:
            advance(COMMENTS_PER_STEP)
    advance(done % COMMENTS_PER_STEP)
    yield from _compare_numbers_of_comments(logged.submitted_comments, stored)
    yield from record_queries.find_count_mismatches()
    yield from compare_versions(logged)
    yield from logged.decision_problems
    yield from find_stored_month_mismatches()


def _compare_new_records(logged: LoggedRecords) -> Iterator[str]:
    letter_ids = set()
    for pair in pair_logged_comments(logged):
        yield from compare_comment(pair, is_whole_log=False)
        if (row := pair[1]) is not None:
            letter_ids.add(row.letter_id)
    logged_count = count_logged()[0] + count_pending_entries("comment.submitted")
    yield from _compare_numbers_of_comments(logged_count, record_queries.count_comments())
    yield from record_queries.find_count_mismatches(letter_ids)
    yield from compare_versions(logged)
    yield from logged.decision_problems


def _compare_numbers_of_comments(logged: int, stored: int) -> Iterator[str]:
    if logged != stored:
        yield f"The audit log has {logged} submitted comments. The database has {stored}."


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
