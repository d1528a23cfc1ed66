"""The public books as numbers: lines that balance, and what is said when one does not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from commentsite.comments.appeals.states import OPEN_STATES, AppealState
from commentsite.comments.states import CommentState
from commentsite.moderation.quality.agreement import MonthlyAgreement
from commentsite.moderation.transparency.disparity import Disparity

COMMENT_STATES = tuple(state.value for state in CommentState)
WAITING_STATES = ("awaiting_email", "pending")
#: In these somebody, or a rule, has said what becomes of the comment.
DECIDED_STATES = ("published", "returned", "refused", "spam", "restricted")
NO_RULE = "none"
APPEAL_STATES = tuple(state.value for state in AppealState)
OPEN_APPEAL_STATES = tuple(state.value for state in AppealState if state in OPEN_STATES)


@dataclass(frozen=True)
class CommentCount:
    """How many comments of one month, group and language stand in one state, and how many by a rule alone."""

    month: str
    group: str
    language: str
    state: str
    n: int
    by_rule: int = 0


@dataclass(frozen=True)
class DurationSummary:
    """How long the first decisions took, in seconds to the minute, by nearest rank."""

    n: int = 0
    median: int | None = None
    p90: int | None = None


def summarise_durations(times: Mapping[int, int]) -> DurationSummary:
    """Return the speed of decisions, of how many took how long.

    Nearest rank: the least time within which at least that share was decided.
    """
    n = sum(times.values())
    ranks: list[int] = []
    reached = 0
    for seconds, some in sorted(times.items()):
        reached += some
        while len(ranks) < 2 and reached * 10 >= n * (5, 9)[len(ranks)]:
            ranks.append(seconds)
    return DurationSummary(n, *ranks)


@dataclass
class SummaryRow:
    """What was submitted in one month, by one group, in one language or in all, and where it stands."""

    key: str = ""
    submitted: int = 0
    states: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COMMENT_STATES, 0))
    clauses: dict[str, int] = field(default_factory=dict)
    by_rule: int = 0
    speed: DurationSummary = field(default_factory=DurationSummary)
    appeals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(APPEAL_STATES, 0))
    appeal_speed: DurationSummary = field(
        default_factory=DurationSummary
    )  # from filing to the outcome

    @property
    def waiting(self) -> int:
        """Return how many nobody has decided about."""
        return sum(self.states[state] for state in WAITING_STATES)

    @property
    def appealed(self) -> int:
        """Return how many appeals its authors have filed."""
        return sum(self.appeals.values())

    @property
    def appeals_open(self) -> int:
        """Return how many of them nobody has decided."""
        return sum(self.appeals[state] for state in OPEN_APPEAL_STATES)

    @property
    def settled(self) -> int:
        """Return how many somebody, or a rule, has decided about."""
        return sum(self.states[state] for state in DECIDED_STATES)


@dataclass(frozen=True)
class TransparencyReport:
    """All that is published about moderation, as of one entry of the log."""

    entry: int
    digest: str
    logged: int  # comments that the log says were submitted
    whole: SummaryRow
    months: tuple[SummaryRow, ...]  # the newest first
    groups: tuple[SummaryRow, ...]
    languages: tuple[SummaryRow, ...]
    oldest_waiting: datetime | None
    blind: tuple[MonthlyAgreement, ...] = ()
    appeals_logged: int = 0  # appeals that the log says were filed

    @property
    def disparities(self) -> list[Disparity]:
        """Return each group beside all others: published, of those published, refused or removed."""
        passed = {line.key: line.states["published"] for line in self.groups}
        of = {
            line.key: sum(line.states[state] for state in ("published", "refused", "restricted"))
            for line in self.groups
        }
        return [
            Disparity(key, passed[key], n, sum(passed.values()) - passed[key], sum(of.values()) - n)
            for key, n in of.items()
            if n
        ]


def build_summary_rows(
    cells: Iterable[CommentCount], name: str, *, clauses: Mapping[str, Mapping[str, int]]
) -> dict[str, SummaryRow]:
    """Return a line for each value of "month", "group" or "language"; one under "" where the name is empty.

    `clauses` are the numbers of refusals and removals by rule, for each key.
    """
    found: dict[str, SummaryRow] = {} if name else {"": SummaryRow()}
    for cell in cells:
        key = getattr(cell, name) if name else ""
        line = found.setdefault(key, SummaryRow(key))
        line.submitted += cell.n
        line.by_rule += cell.by_rule
        if (
            cell.state in line.states
        ):  # one the table of states does not know leaves a gap, told below
            line.states[cell.state] += cell.n
    for key, line in found.items():
        line.clauses = dict(sorted(clauses.get(key, {}).items()))
    return found


def merge_rows(key: str, some: Iterable[SummaryRow]) -> SummaryRow:
    """Return several lines as one; how long decisions took cannot be added up and is left out."""
    sums = SummaryRow(key)
    for line in some:
        sums.submitted += line.submitted
        sums.by_rule += line.by_rule
        sums.states = {state: n + line.states[state] for state, n in sums.states.items()}
        sums.appeals = {state: n + line.appeals[state] for state, n in sums.appeals.items()}
        for code, n in line.clauses.items():
            sums.clauses[code] = sums.clauses.get(code, 0) + n
    return sums


def to_table_rows(books: TransparencyReport) -> Iterator[dict[str, str | int | None]]:
    """Yield every line as one row of a table, for CSV and JSON alike."""
    codes = sorted(
        {code for _, part in list_sections(books) for line in part for code in line.clauses}
    )
    for title, part in list_sections(books):
        for line in part:
            yield {
                "by": title.lower(),
                "key": line.key,
                "submitted": line.submitted,
                **line.states,
                **{f"under_{code}": line.clauses.get(code, 0) for code in codes},
                "by_rule_alone": line.by_rule,
                "appeals_filed": line.appealed,
                "appeals_open": line.appeals_open,
                **{
                    f"appeals_{s}": n
                    for s, n in line.appeals.items()
                    if s not in OPEN_APPEAL_STATES
                },
                "appeals_median_seconds": line.appeal_speed.median,
                "first_decisions": line.speed.n,
                "median_seconds": line.speed.median,
                "p90_seconds": line.speed.p90,
            }


def list_sections(books: TransparencyReport) -> tuple[tuple[str, tuple[SummaryRow, ...]], ...]:
    return (
        ("All", (books.whole,)),
        ("Month", books.months),
        ("Group", books.groups),
        ("Language", books.languages),
    )
