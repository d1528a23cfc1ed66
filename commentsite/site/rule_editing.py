"""Publish a new version of the moderation rules (see rulebook)."""

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
    """Publish the edited rules as a new version and return its number.

    `version` is the version on the actor's page. Raises Conflict when a later one is in force,
    and Invalid on a field with an error or when nothing has changed.
    """
    by.require_everywhere(Permission.EDIT_RULES)
    acquire_advisory_lock("rules")
    settings = site_queries.get_settings_for_update()
    current = site_queries.get_current_rulebook()
    if current.version != version:
        msg = "Another steward published version %(n)d of the rules after you opened this page. Your text is below, compared with that version."
        raise Conflict(msg, n=current.version)
    clauses = apply_edits(current, edits)
    differences = diff_clauses(current, clauses)
    if not differences:
        msg = "Nothing is different from the rules in force. Change a rule before you publish."
        raise Invalid(msg)
    if not 5 <= len(summary) <= MAX_SUMMARY_LENGTH:
        msg = "Summarise the changes and their reason in a sentence or two. Write at most 1,000 characters."
        raise Invalid(msg, field="summary")
    new_version = current.version + 1
    session().add(RulesVersion(version=new_version, summary=summary, published_at=clock.now()))
    session().flush()
    session().add_all(RuleClause(**asdict(clause)) for clause in clauses)
    settings.version += 1
    record_event(
        by.label,
        "rules.published",
        f"rules:{new_version}",
        version=new_version,
        **_group_codes_by_change(differences),
    )
    return new_version


def _group_codes_by_change(differences: list[ClauseDifference]) -> dict[str, list[str]]:
    codes: dict[str, list[str]] = {}
    for difference in differences:
        for change in difference.changes:
            codes.setdefault(change.value, []).append(difference.after.code)
    return codes
