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
    count: int
    automated: int = 0


@dataclass(frozen=True)
class DurationSummary:
    """How long the first decisions took, in seconds to the minute, by nearest rank."""

    count: int = 0
    median_seconds: int | None = None
    p90_seconds: int | None = None


def summarise_durations(count_by_seconds: Mapping[int, int]) -> DurationSummary:
    """Return the speed of decisions, of how many took how long.

    Nearest rank: the least time within which at least that share was decided.
    """
    n = sum(count_by_seconds.values())
    ranks: list[int] = []
    reached = 0
    for seconds, some in sorted(count_by_seconds.items()):
        reached += some
        while len(ranks) < 2 and reached * 10 >= n * (5, 9)[len(ranks)]:
            ranks.append(seconds)
    return DurationSummary(n, *ranks)


@dataclass
class SummaryRow:
    """What was submitted in one month, by one group, in one language or in all, and where it stands."""

    key: str = ""
    submitted: int = 0
    count_by_state: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COMMENT_STATES, 0))
    count_by_rule: dict[str, int] = field(default_factory=dict)
    automated: int = 0
    decision_durations: DurationSummary = field(default_factory=DurationSummary)
    appeals_by_state: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(APPEAL_STATES, 0)
    )
    appeal_durations: DurationSummary = field(
        default_factory=DurationSummary
    )  # from filing to the outcome

    @property
    def waiting(self) -> int:
        """Return how many nobody has decided about."""
        return sum(self.count_by_state[state] for state in WAITING_STATES)

    @property
    def appeals_filed(self) -> int:
        """Return how many appeals its authors have filed."""
        return sum(self.appeals_by_state.values())

    @property
    def open_appeals(self) -> int:
        """Return how many of them nobody has decided."""
        return sum(self.appeals_by_state[state] for state in OPEN_APPEAL_STATES)

    @property
    def decided(self) -> int:
        """Return how many somebody, or a rule, has decided about."""
        return sum(self.count_by_state[state] for state in DECIDED_STATES)


@dataclass(frozen=True)
class TransparencyReport:
    """All that is published about moderation, as of one entry of the log."""

    log_entry: int
    log_digest: str
    comments_logged: int  # comments that the log says were submitted
    total: SummaryRow
    months: tuple[SummaryRow, ...]  # the newest first
    groups: tuple[SummaryRow, ...]
    languages: tuple[SummaryRow, ...]
    oldest_pending_at: datetime | None
    monthly_agreement: tuple[MonthlyAgreement, ...] = ()
    appeals_logged: int = 0  # appeals that the log says were filed

    @property
    def disparities(self) -> list[Disparity]:
        """Return each group beside all others: published, of those published, refused or removed."""
        passed = {line.key: line.count_by_state["published"] for line in self.groups}
        of = {
            line.key: sum(
                line.count_by_state[state] for state in ("published", "refused", "restricted")
            )
            for line in self.groups
        }
        return [
            Disparity(key, passed[key], n, sum(passed.values()) - passed[key], sum(of.values()) - n)
            for key, n in of.items()
            if n
        ]


def build_summary_rows(
    counts: Iterable[CommentCount],
    dimension: str,
    *,
    count_by_rule: Mapping[str, Mapping[str, int]],
) -> dict[str, SummaryRow]:
    """Return a line for each value of "month", "group" or "language"; one under "" where the name is empty.

    `clauses` are the numbers of refusals and removals by rule, for each key.
    """
    found: dict[str, SummaryRow] = {} if dimension else {"": SummaryRow()}
    for cell in counts:
        key = getattr(cell, dimension) if dimension else ""
        line = found.setdefault(key, SummaryRow(key))
        line.submitted += cell.count
        line.automated += cell.automated
        if (
            cell.state in line.count_by_state
        ):  # one the table of states does not know leaves a gap, told below
            line.count_by_state[cell.state] += cell.count
    for key, line in found.items():
        line.count_by_rule = dict(sorted(count_by_rule.get(key, {}).items()))
    return found


def merge_rows(key: str, rows: Iterable[SummaryRow]) -> SummaryRow:
    """Return several lines as one; how long decisions took cannot be added up and is left out."""
    sums = SummaryRow(key)
    for line in rows:
        sums.submitted += line.submitted
        sums.automated += line.automated
        sums.count_by_state = {
            state: n + line.count_by_state[state] for state, n in sums.count_by_state.items()
        }
        sums.appeals_by_state = {
            state: n + line.appeals_by_state[state] for state, n in sums.appeals_by_state.items()
        }
        for code, n in line.count_by_rule.items():
            sums.count_by_rule[code] = sums.count_by_rule.get(code, 0) + n
    return sums


def to_table_rows(report: TransparencyReport) -> Iterator[dict[str, str | int | None]]:
    """Yield every line as one row of a table, for CSV and JSON alike."""
    codes = sorted(
        {code for _, part in list_sections(report) for line in part for code in line.count_by_rule}
    )
    for title, part in list_sections(report):
        for line in part:
            yield {
                "by": title.lower(),
                "key": line.key,
                "submitted": line.submitted,
                **line.count_by_state,
                **{f"under_{code}": line.count_by_rule.get(code, 0) for code in codes},
                "by_rule_alone": line.automated,
                "appeals_filed": line.appeals_filed,
                "appeals_open": line.open_appeals,
                **{
                    f"appeals_{s}": n
                    for s, n in line.appeals_by_state.items()
                    if s not in OPEN_APPEAL_STATES
                },
                "appeals_median_seconds": line.appeal_durations.median_seconds,
                "first_decisions": line.decision_durations.count,
                "median_seconds": line.decision_durations.median_seconds,
                "p90_seconds": line.decision_durations.p90_seconds,
            }


def list_sections(books: TransparencyReport) -> tuple[tuple[str, tuple[SummaryRow, ...]], ...]:
    return (
        ("All", (books.total,)),
        ("Month", books.months),
        ("Group", books.groups),
        ("Language", books.languages),
    )
