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


def find_inconsistencies(books: TransparencyReport) -> list[str]:
    """Return in words what does not add up; empty when everything does."""
    problems = []
    whole = books.whole
    if whole.submitted != books.logged:
        problems.append(
            f"The log says that {books.logged} comments were submitted; {whole.submitted} are there."
        )
    if whole.appealed != books.appeals_logged:
        problems.append(
            f"The log says that {books.appeals_logged} appeals were filed; {whole.appealed} are there."
        )
    for title, part in list_sections(books):
        appealed = sum(line.appealed for line in part)
        if appealed != whole.appealed:
            problems.append(f"{title}: the lines make {appealed} appeals, not {whole.appealed}.")
        total = sum(line.submitted for line in part)
        if total != whole.submitted:
            problems.append(f"{title}: the lines make {total}, submitted were {whole.submitted}.")
        for line in part:
            problems += _find_row_inconsistencies(f"{title} {line.key}".strip(), line)
    return problems


def _find_row_inconsistencies(where: str, line: SummaryRow) -> Iterator[str]:
    stand = sum(line.states.values())
    if stand != line.submitted:
        yield f"{where}: {line.submitted} were submitted, the states make {stand}."
    named = sum(line.clauses.values())
    closed = line.states["refused"] + line.states["restricted"]
    if named != closed:
        yield f"{where}: {closed} were refused or removed, the rules make {named}."
    if line.by_rule > line.settled:
        yield f"{where}: {line.by_rule} were decided by rule alone, of {line.settled} decided."


def verify_records(kept: str = "") -> list[str]:
    """Return what does not hold, in words; empty when everything does. `kept` is the id of our own key.

    The books are checked against the log, so only once the log itself holds.
    """
    with snapshot():
        return find_log_problems(kept) or [*find_state_mismatches(), *find_count_mismatches()]
