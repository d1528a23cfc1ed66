"""Check the books: what the log says was done must be what the tables show."""

from collections.abc import Iterator

from commentsite.audit.verification import find_log_problems
from commentsite.db.session import snapshot
from commentsite.moderation.transparency.figures import (
    SummaryRow,
    TransparencyReport,
    list_sections,
)
from commentsite.moderation.transparency.queries import find_count_mismatches, find_state_mismatches


def find_inconsistencies(report: TransparencyReport) -> list[str]:
    """Return in words what does not add up; empty when everything does."""
    problems = []
    whole = report.total
    if whole.submitted != report.comments_logged:
        problems.append(
            f"The log says that {report.comments_logged} comments were submitted; {whole.submitted} are there."
        )
    if whole.appeals_filed != report.appeals_logged:
        problems.append(
            f"The log says that {report.appeals_logged} appeals were filed; {whole.appeals_filed} are there."
        )
    for title, part in list_sections(report):
        appealed = sum(line.appeals_filed for line in part)
        if appealed != whole.appeals_filed:
            problems.append(
                f"{title}: the lines make {appealed} appeals, not {whole.appeals_filed}."
            )
        total = sum(line.submitted for line in part)
        if total != whole.submitted:
            problems.append(f"{title}: the lines make {total}, submitted were {whole.submitted}.")
        for line in part:
            problems += _find_row_inconsistencies(f"{title} {line.key}".strip(), line)
    return problems


def _find_row_inconsistencies(where: str, line: SummaryRow) -> Iterator[str]:
    stand = sum(line.count_by_state.values())
    if stand != line.submitted:
        yield f"{where}: {line.submitted} were submitted, the states make {stand}."
    named = sum(line.count_by_rule.values())
    closed = line.count_by_state["refused"] + line.count_by_state["restricted"]
    if named != closed:
        yield f"{where}: {closed} were refused or removed, the rules make {named}."
    if line.automated > line.decided:
        yield f"{where}: {line.automated} were decided by rule alone, of {line.decided} decided."


def verify_records(own_key_id: str = "") -> list[str]:
    """Return what does not hold, in words; empty when everything does. `kept` is the id of our own key.

    The books are checked against the log, so only once the log itself holds.
    """
    with snapshot():
        return find_log_problems(own_key_id) or [*find_state_mismatches(), *find_count_mismatches()]
