"""Define the figures of the transparency report, and the arithmetic on them: no queries.

The report has one row for the whole site and a table each by month, by group and by language.
Every row counts the same comments in several ways (by state, by rule, by appeal), so that its
parts must add up. `transparency.verification` checks that they do.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from commentsite.comments.appeals.states import OPEN_STATES, AppealState
from commentsite.comments.states import CommentState
from commentsite.moderation.quality.agreement import MonthlyAgreement
from commentsite.moderation.transparency.disparity import Disparity

#: A comment counts from its examination on, which follows within a second.
COMMENT_STATES = tuple(state.value for state in CommentState if state != CommentState.RECEIVED)
WAITING_STATES = (CommentState.AWAITING_EMAIL.value, CommentState.PENDING.value)
#: States that a moderator or a screening check has decided. Withdrawn comments are in neither.
DECIDED_STATES = (
    CommentState.PUBLISHED.value,
    CommentState.RETURNED.value,
    CommentState.REFUSED.value,
    CommentState.SPAM.value,
    CommentState.RESTRICTED.value,
)
#: Key for decisions that name no rule.
NO_RULE = "none"
APPEAL_STATES = tuple(state.value for state in AppealState)
OPEN_APPEAL_STATES = tuple(state.value for state in AppealState if state in OPEN_STATES)


@dataclass(frozen=True)
class CommentCount:
    """The number of comments of one month, group and language in one state."""

    month: str
    group: str
    language: str
    state: str
    count: int
    automated: int = 0  # of them, how many were decided without a person
    imported: int = 0  # of them, how many came from another system


@dataclass(frozen=True)
class DurationSummary:
    """Median and 90th percentile of durations in seconds, with a resolution of one minute."""

    count: int = 0
    median_seconds: int | None = None
    p90_seconds: int | None = None


@dataclass
class SummaryRow:
    """One row of the report: the comments of one month, group or language, or of the whole site."""

    key: str = ""  # the month, group or language; "" for the whole site
    submitted: int = 0
    count_by_state: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COMMENT_STATES, 0))
    count_by_rule: dict[str, int] = field(default_factory=dict)  # refused and removed comments
    automated: int = 0
    # Comments from another system, with the states that they had there. They are in count_by_state too.
    imported_by_state: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(COMMENT_STATES, 0)
    )
    decision_durations: DurationSummary = field(default_factory=DurationSummary)
    appeals_by_state: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(APPEAL_STATES, 0)
    )
    appeal_durations: DurationSummary = field(default_factory=DurationSummary)  # filing to ruling

    @property
    def waiting(self) -> int:
        """Comments that are not decided yet."""
        return sum(self.count_by_state[state] for state in WAITING_STATES)

    @property
    def decided(self) -> int:
        """Comments that a moderator or a screening check of this site has decided."""
        return sum(self.count_own(state) for state in DECIDED_STATES)

    @property
    def imported(self) -> int:
        """Comments from another system."""
        return sum(self.imported_by_state.values())

    def count_own(self, state: str) -> int:
        """Return the number of comments in a state that were sent to this site."""
        return self.count_by_state[state] - self.imported_by_state[state]

    @property
    def appeals_filed(self) -> int:
        """Appeals in any state."""
        return sum(self.appeals_by_state.values())

    @property
    def open_appeals(self) -> int:
        """Appeals without a ruling."""
        return sum(self.appeals_by_state[state] for state in OPEN_APPEAL_STATES)


@dataclass(frozen=True)
class TransparencyReport:
    """All published figures about moderation, as of one entry of the audit log."""

    log_entry: int
    log_digest: str
    comments_logged: int  # entries "comment.submitted" in the audit log
    total: SummaryRow
    months: tuple[SummaryRow, ...]  # the newest first
    groups: tuple[SummaryRow, ...]  # the largest first
    languages: tuple[SummaryRow, ...]
    oldest_pending_at: datetime | None
    monthly_agreement: tuple[MonthlyAgreement, ...] = ()
    appeals_logged: int = 0  # entries "appeal.filed" in the audit log

    @property
    def disparities(self) -> list[Disparity]:
        """Each group beside all others: published among published, refused and removed comments."""
        passed = {row.key: row.count_own("published") for row in self.groups}
        sizes = {
            row.key: sum(row.count_own(state) for state in ("published", "refused", "restricted"))
            for row in self.groups
        }
        total_passed, total_size = sum(passed.values()), sum(sizes.values())
        return [
            Disparity(group, passed[group], size, total_passed - passed[group], total_size - size)
            for group, size in sizes.items()
            if size
        ]


def build_summary_rows(
    counts: Iterable[CommentCount],
    dimension: str,
    *,
    count_by_rule: Mapping[str, Mapping[str, int]],
) -> dict[str, SummaryRow]:
    """Return the rows of one table by key. `dimension` is "month", "group", "language" or "".

    The dimension "" gives one row for the whole site, with the key "". `count_by_rule` holds the
    refused and removed comments by rule, for each key.
    """
    rows: dict[str, SummaryRow] = {} if dimension else {"": SummaryRow()}
    for item in counts:
        key = getattr(item, dimension) if dimension else ""
        row = rows.get(key)
        if row is None:
            row = rows[key] = SummaryRow(key)
        row.submitted += item.count
        row.automated += item.automated
        # A state that the code does not know is left out. The row then does not add up, and
        # find_inconsistencies reports it.
        if item.state in row.count_by_state:
            row.count_by_state[item.state] += item.count
            row.imported_by_state[item.state] += item.imported
    for key, row in rows.items():
        row.count_by_rule = dict(sorted(count_by_rule.get(key, {}).items()))
    return rows


def merge_rows(key: str, rows: Iterable[SummaryRow]) -> SummaryRow:
    """Return the sum of several rows. Durations are left out, since percentiles have no sum."""
    merged = SummaryRow(key)
    for row in rows:
        merged.submitted += row.submitted
        merged.automated += row.automated
        for state, count in row.count_by_state.items():
            merged.count_by_state[state] += count
        for state, count in row.imported_by_state.items():
            merged.imported_by_state[state] += count
        for state, count in row.appeals_by_state.items():
            merged.appeals_by_state[state] += count
        for rule, count in row.count_by_rule.items():
            merged.count_by_rule[rule] = merged.count_by_rule.get(rule, 0) + count
    return merged


def summarise_durations(count_by_seconds: Mapping[int, int]) -> DurationSummary:
    """Return median and 90th percentile of durations, given as {seconds: number of cases}.

    Percentiles are by nearest rank: the shortest duration within which at least that share of the
    cases lies.
    """
    total = sum(count_by_seconds.values())
    percentiles: list[int] = []
    cumulative = 0
    for seconds, count in sorted(count_by_seconds.items()):
        cumulative += count
        # 5 and 9 tenths, in whole numbers to avoid rounding.
        while len(percentiles) < 2 and cumulative * 10 >= total * (5, 9)[len(percentiles)]:
            percentiles.append(seconds)
    return DurationSummary(total, *percentiles)


def list_sections(report: TransparencyReport) -> tuple[tuple[str, tuple[SummaryRow, ...]], ...]:
    """Return the tables of the report with their titles."""
    return (
        ("All", (report.total,)),
        ("Month", report.months),
        ("Group", report.groups),
        ("Language", report.languages),
    )


def to_table_rows(report: TransparencyReport) -> Iterator[dict[str, str | int | None]]:
    """Yield every row of the report as a flat dictionary, for CSV and JSON alike."""
    sections = list_sections(report)
    rules = sorted({rule for _, rows in sections for row in rows for rule in row.count_by_rule})
    for title, rows in sections:
        for row in rows:
            yield {
                "by": title.lower(),
                "key": row.key,
                "submitted": row.submitted,
                **row.count_by_state,
                **{f"under_{rule}": row.count_by_rule.get(rule, 0) for rule in rules},
                "by_rule_alone": row.automated,
                "imported": row.imported,
                "appeals_filed": row.appeals_filed,
                "appeals_open": row.open_appeals,
                **{
                    f"appeals_{state}": count
                    for state, count in row.appeals_by_state.items()
                    if state not in OPEN_APPEAL_STATES
                },
                "appeals_median_seconds": row.appeal_durations.median_seconds,
                "first_decisions": row.decision_durations.count,
                "median_seconds": row.decision_durations.median_seconds,
                "p90_seconds": row.decision_durations.p90_seconds,
            }
