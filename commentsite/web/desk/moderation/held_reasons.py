"""Say in words why a comment is held, for whoever decides about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from commentsite.web.rendering.labels import HELD


@dataclass(frozen=True)
class Why:
    """One rule that held a comment: in words, what it found, and its name with its version."""

    words: str
    found: str
    rule: str


def why_held(held: list[dict[str, Any]]) -> list[Why]:
    """Return each rule once, in its order, with all it found. Reasons stored before rules had versions say none."""
    found: dict[str, dict[str, None]] = {}
    versions: dict[str, Any] = {}
    for reason in held:
        rule = str(reason["rule"])
        details = found.setdefault(rule, {})
        versions.setdefault(rule, reason.get("version"))
        if words := _found(reason):
            details[words] = None
    return [
        Why(str(HELD.get(rule, rule)), ", ".join(details), _named(rule, versions[rule]))
        for rule, details in found.items()
    ]


def verdicts_in_words(counted: Mapping[str, int]) -> str:
    """Return what was judged of a network address: "2 spam, 1 refused"; empty for nothing."""
    said: list[str] = []
    if spam := counted.get("spam"):
        said.append(_("%(n)d spam", n=spam))
    if refused := counted.get("refused"):
        said.append(_("%(n)d refused", n=refused))
    if reported := counted.get("reported"):
        said.append(ngettext("%(num)d report upheld", "%(num)d reports upheld", reported))
    return ", ".join(said)


def _found(reason: dict[str, Any]) -> str:
    detail = str(reason.get("detail", ""))
    if reason["rule"] == "history":
        counted = {what: int(n) for what, n in re.findall(r"(\w+) (\d+)", detail)}
        return verdicts_in_words(counted)
    if detail and reason.get("field") == "name" and reason["rule"] != "name_like":
        return str(_("%(found)s in the name", found=detail))
    if detail and reason.get("field") == "organisation":
        return str(_("%(found)s in the organisation", found=detail))
    return detail


def _named(rule: str, version: object) -> str:
    return str(_("%(rule)s, version %(n)s", rule=rule, n=version)) if version else rule
