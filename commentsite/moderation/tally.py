"""The public books as numbers: lines that balance, and what is said when one does not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from commentsite.comments.appeal_states import OPEN, AppealState
from commentsite.comments.states import CommentState
from commentsite.moderation.agreement import Agreement
from commentsite.moderation.disparity import Disparity

STATES = tuple(state.value for state in CommentState)
WAITING = ("awaiting_email", "pending")
#: In these somebody, or a rule, has said what becomes of the comment.
SETTLED = ("published", "returned", "refused", "spam", "restricted")
NO_CLAUSE = "none"
APPEALS = tuple(state.value for state in AppealState)
APPEALS_OPEN = tuple(state.value for state in AppealState if state in OPEN)


@dataclass(frozen=True)
class Cell:
    """How many comments of one month, group and language stand in one state, and how many by a rule alone."""

    month: str
    group: str
    language: str
    state: str
    n: int
    by_rule: int = 0


@dataclass(frozen=True)
class Speed:
    """How long the first decisions took, in seconds to the minute, by nearest rank."""

    n: int = 0
    median: int | None = None
    p90: int | None = None


@dataclass
class Line:
    """What was submitted in one month, by one group, in one language or in all, and where it stands."""

    key: str = ""
    submitted: int = 0
    states: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    clauses: dict[str, int] = field(default_factory=dict)
    by_rule: int = 0
    speed: Speed = field(default_factory=Speed)
    appeals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(APPEALS, 0))
    appeal_speed: Speed = field(default_factory=Speed)  # from filing to the outcome

    @property
    def waiting(self) -> int:
        """Return how many nobody has decided about."""
        return sum(self.states[state] for state in WAITING)

    @property
    def appealed(self) -> int:
        """Return how many appeals its authors have filed."""
        return sum(self.appeals.values())

    @property
    def appeals_open(self) -> int:
        """Return how many of them nobody has decided."""
        return sum(self.appeals[state] for state in APPEALS_OPEN)

    @property
    def settled(self) -> int:
        """Return how many somebody, or a rule, has decided about."""
        return sum(self.states[state] for state in SETTLED)


@dataclass(frozen=True)
class BlindMonth:
    """What came of one month's blind second readings; "" is all of them."""

    month: str
    drawn: int
    agreement: Agreement


@dataclass(frozen=True)
class Books:
    """All that is published about moderation, as of one entry of the log."""

    entry: int
    digest: str
    logged: int  # comments that the log says were submitted
    whole: Line
    months: tuple[Line, ...]  # the newest first
    groups: tuple[Line, ...]
    languages: tuple[Line, ...]
    oldest_waiting: datetime | None
    blind: tuple[BlindMonth, ...] = ()
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


def lines(
    cells: Iterable[Cell], name: str, *, clauses: Mapping[str, Mapping[str, int]]
) -> dict[str, Line]:
    """Return a line for each value of "month", "group" or "language"; one under "" where the name is empty.

    `clauses` are the numbers of refusals and removals by rule, for each key.
    """
    found: dict[str, Line] = {} if name else {"": Line()}
    for cell in cells:
        key = getattr(cell, name) if name else ""
        line = found.setdefault(key, Line(key))
        line.submitted += cell.n
        line.by_rule += cell.by_rule
        if (
            cell.state in line.states
        ):  # one the table of states does not know leaves a gap, told below
            line.states[cell.state] += cell.n
    for key, line in found.items():
        line.clauses = dict(sorted(clauses.get(key, {}).items()))
    return found


def does_not_balance(books: Books) -> list[str]:
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
    for title, part in _parts(books):
        appealed = sum(line.appealed for line in part)
        if appealed != whole.appealed:
            problems.append(f"{title}: the lines make {appealed} appeals, not {whole.appealed}.")
        total = sum(line.submitted for line in part)
        if total != whole.submitted:
            problems.append(f"{title}: the lines make {total}, submitted were {whole.submitted}.")
        for line in part:
            problems += _line_problems(f"{title} {line.key}".strip(), line)
    return problems


def speed(times: Mapping[int, int]) -> Speed:
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
    return Speed(n, *ranks)


def joined(key: str, some: Iterable[Line]) -> Line:
    """Return several lines as one; how long decisions took cannot be added up and is left out."""
    sums = Line(key)
    for line in some:
        sums.submitted += line.submitted
        sums.by_rule += line.by_rule
        sums.states = {state: n + line.states[state] for state, n in sums.states.items()}
        sums.appeals = {state: n + line.appeals[state] for state, n in sums.appeals.items()}
        for code, n in line.clauses.items():
            sums.clauses[code] = sums.clauses.get(code, 0) + n
    return sums


def flat(books: Books) -> Iterator[dict[str, str | int | None]]:
    """Yield every line as one row of a table, for CSV and JSON alike."""
    codes = sorted({code for _, part in _parts(books) for line in part for code in line.clauses})
    for title, part in _parts(books):
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
                **{f"appeals_{s}": n for s, n in line.appeals.items() if s not in APPEALS_OPEN},
                "appeals_median_seconds": line.appeal_speed.median,
                "first_decisions": line.speed.n,
                "median_seconds": line.speed.median,
                "p90_seconds": line.speed.p90,
            }


def _parts(books: Books) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    return (
        ("All", (books.whole,)),
        ("Month", books.months),
        ("Group", books.groups),
        ("Language", books.languages),
    )


def _line_problems(where: str, line: Line) -> Iterator[str]:
    stand = sum(line.states.values())
    if stand != line.submitted:
        yield f"{where}: {line.submitted} were submitted, the states make {stand}."
    named = sum(line.clauses.values())
    closed = line.states["refused"] + line.states["restricted"]
    if named != closed:
        yield f"{where}: {closed} were refused or removed, the rules make {named}."
    if line.by_rule > line.settled:
        yield f"{where}: {line.by_rule} were decided by rule alone, of {line.settled} decided."
