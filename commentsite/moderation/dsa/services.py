"""Export statements of reasons for a period, in parts that the transparency database accepts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.errors import Invalid
from commentsite.moderation.dsa.export import (
    Restriction,
    build_dsa_statement,
    find_document_problems,
    find_statement_problems,
)
from commentsite.moderation.dsa.queries import count_restrictions, list_restrictions, load_notes
from commentsite.moderation.dsa.schema import MAX_STATEMENTS_PER_FILE, UNLAWFUL_RULE

MAX_PERIOD_DAYS = 366
MAX_SHOWN = 100  # decisions that the page lists; the files hold all
MAX_UNLAWFUL = 1_000  # decisions for which a page asks the law


@dataclass(frozen=True)
class Period:
    """The days of an export, both included, in UTC."""

    first_day: date
    last_day: date

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The moments at which the period begins and after which it ends."""
        start = datetime.combine(self.first_day, time(), tzinfo=UTC)
        return start, datetime.combine(self.last_day, time(), tzinfo=UTC) + timedelta(days=1)


@dataclass(frozen=True)
class DsaExport:
    """An overview of the restrictions of a period."""

    count: int
    first: list[Restriction]  # at most MAX_SHOWN
    unlawful: list[Restriction]  # those for which the steward must name the law
    notes: dict[int, str]  # moderators' notes on unlawful comments, to help explain the law

    @property
    def part_count(self) -> int:
        return -(-self.count // MAX_STATEMENTS_PER_FILE)


@dataclass(frozen=True)
class DsaPart:
    """One file of an export. It is handed out only if there are no problems, which are sentences."""

    file: dict[str, list[dict[str, Any]]]
    problems: list[str]


def load_export(period: Period, *, by: Actor) -> DsaExport:
    """Count the restrictions of a period, and list those that the page shows.

    Raises Invalid when the period starts in the future, ends before it starts, or is longer than a year.
    """
    by.require(Permission.EXPORT_DSA_STATEMENTS)
    _check_period(period)
    unlawful = _list_unlawful(period)
    return DsaExport(
        count_restrictions(*period.bounds),
        list_restrictions(*period.bounds, limit=MAX_SHOWN),
        unlawful,
        load_notes([restriction.decision_id for restriction in unlawful]),
    )


def build_part(
    period: Period, part: int, legal_grounds: Mapping[int, tuple[str, str]], *, by: Actor
) -> DsaPart:
    """Build and validate one part, counted from 1.

    `legal_grounds` gives the law and the explanation for each unlawful decision, by decision id. Those of the
    whole period are validated with each part, because the steward types all of them on one page. Raises
    Invalid when there is no such part.
    """
    by.require(Permission.EXPORT_DSA_STATEMENTS)
    _check_period(period)
    offset = (part - 1) * MAX_STATEMENTS_PER_FILE
    restrictions = (
        list_restrictions(*period.bounds, offset=offset, limit=MAX_STATEMENTS_PER_FILE)
        if part > 0
        else []
    )
    if not restrictions:
        msg = "This part does not exist, or the export has problems. Check the list of problems."
        raise Invalid(msg)
    file = {"statements": [_build_statement(r, legal_grounds) for r in restrictions]}
    here = {restriction.decision_id for restriction in restrictions}
    elsewhere = [r for r in _list_unlawful(period) if r.decision_id not in here]
    problems = find_document_problems(file)
    for restriction in elsewhere:
        problems += find_statement_problems(_build_statement(restriction, legal_grounds))
    return DsaPart(file, problems)


def record_export(
    period: Period, part: int, file: Mapping[str, Sequence[Any]], *, by: Actor
) -> None:
    """Record in the audit log that a part was exported."""
    record_event(
        by.label,
        "reasons.exported",
        "reasons",
        first=period.first_day.isoformat(),
        last=period.last_day.isoformat(),
        part=part,
        statements=len(file["statements"]),
    )


def _check_period(period: Period) -> None:
    if period.first_day > clock.now().date():
        msg = "Choose a first day that is not in the future."
        raise Invalid(msg, field="first")
    if period.last_day < period.first_day:
        msg = "Choose a last day that is not before the first day."
        raise Invalid(msg, field="first")
    if (period.last_day - period.first_day).days > MAX_PERIOD_DAYS:
        msg = "Choose a period of at most one year."
        raise Invalid(msg, field="first")


def _list_unlawful(period: Period) -> list[Restriction]:
    return list_restrictions(*period.bounds, limit=MAX_UNLAWFUL, rule=UNLAWFUL_RULE)


def _build_statement(
    restriction: Restriction, legal_grounds: Mapping[int, tuple[str, str]]
) -> dict[str, Any]:
    legal_ground, explanation = legal_grounds.get(restriction.decision_id, ("", ""))
    return build_dsa_statement(restriction, legal_ground=legal_ground, explanation=explanation)
