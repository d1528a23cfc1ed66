"""Export statements of reasons for a period, in parts that the transparency database accepts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.errors import Invalid
from commentsite.moderation.dsa.export import (
    Restriction,
    build_dsa_statement,
    find_document_problems,
    split_into_files,
)
from commentsite.moderation.dsa.queries import list_restrictions, load_notes
from commentsite.moderation.dsa.schema import UNLAWFUL_RULE

MAX_PERIOD_DAYS = 366


@dataclass(frozen=True)
class DsaExport:
    """The restrictions of a period and their statements, split into parts."""

    restrictions: list[Restriction]
    files: list[dict[str, list[dict[str, Any]]]]
    problems: list[str]  # sentences; a part is handed out only if there are none
    notes: dict[int, str]  # moderators' notes on unlawful comments, to help explain the law

    @property
    def unlawful_restrictions(self) -> list[Restriction]:
        """The restrictions for which the steward must name the law."""
        return [r for r in self.restrictions if r.rule == UNLAWFUL_RULE]


def prepare_export(
    first_day: date, last_day: date, legal_grounds: Mapping[int, tuple[str, str]], *, by: Actor
) -> DsaExport:
    """Build and validate the statements of a period, both days included, in UTC.

    `legal_grounds` gives the law and the explanation for each unlawful decision, by decision id.
    Raises Invalid when the period starts in the future, ends before it starts, or is longer than
    a year.
    """
    by.require(Permission.EXPORT_DSA_STATEMENTS)
    if first_day > clock.now().date():
        msg = "Choose a first day that is not in the future."
        raise Invalid(msg, field="first")
    if last_day < first_day:
        msg = "Choose a last day that is not before the first day."
        raise Invalid(msg, field="first")
    if (last_day - first_day).days > MAX_PERIOD_DAYS:
        msg = "Choose a period of at most one year."
        raise Invalid(msg, field="first")
    start = datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC)
    end = datetime(last_day.year, last_day.month, last_day.day, tzinfo=UTC) + timedelta(days=1)
    restrictions = list_restrictions(start, end)
    files = split_into_files([_build_statement(r, legal_grounds) for r in restrictions])
    problems = [problem for file in files for problem in find_document_problems(file)]
    unlawful_ids = [r.decision_id for r in restrictions if r.rule == UNLAWFUL_RULE]
    return DsaExport(restrictions, files, problems, load_notes(unlawful_ids))


def export_part(
    export: DsaExport, part: int, first_day: date, last_day: date, *, by: Actor
) -> dict[str, Any]:
    """Return one part, counted from 1, and record in the audit log that it was exported.

    Raises Invalid when there is no such part or the export has problems.
    """
    by.require(Permission.EXPORT_DSA_STATEMENTS)
    if export.problems or not 1 <= part <= len(export.files):
        msg = "This part does not exist, or the export has problems. Check the list of problems."
        raise Invalid(msg)
    file = export.files[part - 1]
    record_event(
        by.label,
        "reasons.exported",
        "reasons",
        first=first_day.isoformat(),
        last=last_day.isoformat(),
        part=part,
        statements=len(file["statements"]),
    )
    return file


def _build_statement(
    restriction: Restriction, legal_grounds: Mapping[int, tuple[str, str]]
) -> dict[str, Any]:
    legal_ground, explanation = legal_grounds.get(restriction.decision_id, ("", ""))
    return build_dsa_statement(restriction, legal_ground=legal_ground, explanation=explanation)
