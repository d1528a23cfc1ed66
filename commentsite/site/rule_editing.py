"""Publish a new version of the rules; those before stay as they are, since decisions rest on them."""

from collections.abc import Sequence
from dataclasses import asdict

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Conflict, Invalid
from commentsite.site import queries as site_queries
from commentsite.site.models import RuleClause, RulesVersion
from commentsite.site.rulebook import ClauseDifference, ClauseInput, apply_edits, diff_clauses

MAX_SUMMARY_LENGTH = 1_000


def publish_rules(version: int, edits: Sequence[ClauseInput], summary: str, *, by: Actor) -> int:
    """Put a new version of the rules in force, and return its number.

    `version` is the one the page showed. Raises Conflict when another is in force by now,
    Invalid on the field that cannot be taken, or where nothing is different.
    """
    by.require_everywhere(Permission.EDIT_RULES)
    acquire_advisory_lock("rules")
    row = site_queries.get_settings_for_update()
    now = site_queries.get_current_rulebook()
    if now.version != version:
        msg = "Somebody published version %(n)d of the rules after you opened this page. Below is what you typed, compared with it."
        raise Conflict(msg, n=now.version)
    clauses = apply_edits(now, edits)
    differences = diff_clauses(now, clauses)
    if not differences:
        msg = "Nothing is different from the rules in force."
        raise Invalid(msg)
    if not 5 <= len(summary) <= MAX_SUMMARY_LENGTH:
        msg = "Say in a sentence or two what changes and why, in at most 1,000 characters."
        raise Invalid(msg, field="summary")
    made = now.version + 1
    session().add(RulesVersion(version=made, summary=summary, published_at=clock.now()))
    session().flush()
    session().add_all(RuleClause(**asdict(clause)) for clause in clauses)
    row.version += 1
    record_event(
        by.label, "rules.published", f"rules:{made}", version=made, **_codes_by_change(differences)
    )
    return made


def _codes_by_change(differences: list[ClauseDifference]) -> dict[str, list[str]]:
    """Return the codes of the clauses by what became of them."""
    told: dict[str, list[str]] = {}
    for one in differences:
        for what in one.changes:
            told.setdefault(what, []).append(one.after.code)
    return told
