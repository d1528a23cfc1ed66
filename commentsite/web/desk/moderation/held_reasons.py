"""Describe to moderators which screening checks flagged a comment, and why."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commentsite.comments.screening.checks import CheckCode
from commentsite.web.rendering.filters import join_list
from commentsite.web.rendering.i18n import format_number, ngettext
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import SCREENING_CHECK_LABELS


@dataclass(frozen=True)
class HeldReason:
    """One check that flagged a comment: its label, all its findings, and its version or ""."""

    label: str
    findings: str
    version: str


def describe_held_reasons(hold_reasons: list[dict[str, Any]]) -> list[HeldReason]:
    """Describe each check once, in the order of its first finding.

    Pre-moderation is left out: a moderator reads every comment, so it says nothing about this one.
    Findings that were stored before checks had versions show no version.
    """
    findings: dict[str, dict[str, None]] = {}  # ordered and without repetition
    versions: dict[str, Any] = {}
    for reason in hold_reasons:
        check = str(reason["rule"])
        if check == CheckCode.PREMODERATION:
            continue
        found = findings.setdefault(check, {})
        versions.setdefault(check, reason.get("version"))
        if description := _describe_finding(reason):
            found[description] = None
    return [
        HeldReason(
            str(SCREENING_CHECK_LABELS.get(check, check)),
            join_list(found),
            str(versions[check] or ""),
        )
        for check, found in findings.items()
    ]


def describe_verdict_counts(counts: Mapping[str, int]) -> str:
    """Write counts of verdicts as a list: "2 spam, 1 refused"; empty when there are none."""
    parts: list[str] = []
    if spam := counts.get("spam"):
        parts.append(_("%(n)s spam", n=format_number(spam)))
    if refused := counts.get("refused"):
        parts.append(_("%(n)s refused", n=format_number(refused)))
    if reported := counts.get("reported"):
        parts.append(ngettext("%(num)d report upheld", "%(num)d reports upheld", reported))
    return join_list(parts)


def _describe_finding(reason: dict[str, Any]) -> str:
    detail = str(reason.get("detail", ""))
    if reason["rule"] == "history":
        counts = {verdict: int(n) for verdict, n in re.findall(r"(\w+) (\d+)", detail)}
        return describe_verdict_counts(counts)
    if detail and reason.get("field") == "name" and reason["rule"] != "name_like":
        return _("%(found)s in the name", found=detail)
    if detail and reason.get("field") == "organisation":
        return _("%(found)s in the organisation", found=detail)
    return detail
