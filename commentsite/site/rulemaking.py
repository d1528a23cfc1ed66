"""Publish a new version of the rules; those before stay as they are, since decisions rest on them."""

from collections.abc import Sequence
from dataclasses import asdict

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.db import serialize, session
from commentsite.errors import Conflict, Invalid
from commentsite.site import queries
from commentsite.site.models import RuleClause, RulesVersion
from commentsite.site.rulebook import Difference, Typed, compared, revised

LONGEST_SUMMARY = 1_000


def publish_rules(version: int, typed: Sequence[Typed], summary: str, *, by: Actor) -> int:
    """Put a new version of the rules in force, and return its number.

    `version` is the one the page showed. Raises Conflict when another is in force by now,
    Invalid on the field that cannot be taken, or where nothing is different.
    """
    by.require_everywhere(Permission.EDIT_RULES)
    serialize("rules")
    row = queries.settings_for_update()
    now = queries.rules_in_force()
    if now.version != version:
        msg = "Somebody published version %(n)d of the rules after you opened this page. Below is what you typed, compared with it."
        raise Conflict(msg, n=now.version)
    clauses = revised(now, typed)
    differences = compared(now, clauses)
    if not differences:
        msg = "Nothing is different from the rules in force."
        raise Invalid(msg)
    if not 5 <= len(summary) <= LONGEST_SUMMARY:
        msg = "Say in a sentence or two what changes and why, in at most 1,000 characters."
        raise Invalid(msg, field="summary")
    made = now.version + 1
    session().add(RulesVersion(version=made, summary=summary, published_at=clock.now()))
    session().flush()
    session().add_all(RuleClause(**asdict(clause)) for clause in clauses)
    row.version += 1
    record(by.label, "rules.published", f"rules:{made}", version=made, **_codes(differences))
    return made


def _codes(differences: list[Difference]) -> dict[str, list[str]]:
    """Return the codes of the clauses by what became of them."""
    told: dict[str, list[str]] = {}
    for one in differences:
        for what in one.what:
            told.setdefault(what, []).append(one.after.code)
    return told
