"""Hand out statements of reasons for a period: made, checked, and written into the log."""

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

MAX_PERIOD_DAYS = 366  # days


@dataclass(frozen=True)
class DsaExport:
    """What was decided in a period, and the statements made of it."""

    restrictions: list[Restriction]
    files: list[dict[str, list[dict[str, Any]]]]
    problems: list[str]
    notes: dict[int, str]  # what moderators wrote about those that rest on a law

    @property
    def unlawful_restrictions(self) -> list[Restriction]:
        """Return those that need the law they rest on."""
        return [decision for decision in self.restrictions if decision.rule == UNLAWFUL_RULE]


def prepare_export(
    first_day: date, last_day: date, legal_grounds: Mapping[int, tuple[str, str]], *, by: Actor
) -> DsaExport:
    """Return the statements of a period, both days included, and what is wrong with them.

    `laws` are the law and the explanation of each decision that rests on one. Raises Invalid
    when the period ends before it begins, is longer than a year or has yet to come.
    """
    by.require(Permission.EXPORT_DSA_STATEMENTS)
    if first_day > clock.now().date() or not 0 <= (last_day - first_day).days <= MAX_PERIOD_DAYS:
        msg = "The period begins today at the latest, ends on or after the day it begins, and is a year at most."
        raise Invalid(msg, field="first")
    start = datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC)
    end = datetime(last_day.year, last_day.month, last_day.day, tzinfo=UTC) + timedelta(days=1)
    decisions = list_restrictions(start, end)
    files = split_into_files([_build_statement(decision, legal_grounds) for decision in decisions])
    unlawful = [decision.decision_id for decision in decisions if decision.rule == UNLAWFUL_RULE]
    found = [sentence for file in files for sentence in find_document_problems(file)]
    return DsaExport(decisions, files, found, load_notes(unlawful))


def export_part(
    export: DsaExport, part: int, first_day: date, last_day: date, *, by: Actor
) -> dict[str, Any]:
    """Return one file of those prepared, and record that it was handed out. Raises Invalid on a part there is not."""
    by.require(Permission.EXPORT_DSA_STATEMENTS)
    if export.problems or not 1 <= part <= len(export.files):
        msg = "There is no such file, or something is wrong with it."
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


def _build_statement(decision: Restriction, laws: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    law, why = laws.get(decision.decision_id, ("", ""))
    return build_dsa_statement(decision, legal_ground=law, explanation=why)
