"""Decide about whoever writes from an address: a note, reading everything first, or a suspension.

It is the mailbox that counts, not what somebody typed: anybody can type anybody's address.
"""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.comments import sanctioned
from commentsite.comments.models import Sanction
from commentsite.comments.queries import comment_by_id
from commentsite.comments.sanitizer import clean_text
from commentsite.comments.states import SanctionLevel
from commentsite.db import serialize, session
from commentsite.errors import Conflict, Invalid
from commentsite.moderation.ties import check_no_conflict
from commentsite.site.queries import rules_in_force
from commentsite.site.rulebook import Rulebook
from commentsite.vault import Vault

LONGEST_REASON = 500
MOST_DAYS = 365


def set_sanction(  # noqa: PLR0913  # each is a field of the form, named by the caller
    comment_id: int, *, level: str, clause: str, reason: str, days: int, by: Actor, vault: Vault
) -> Sanction:
    """Decide about whoever writes from the address of a comment, in place of what held before.

    Raises NotAllowed when the actor may not set sanctions or has a conflict of interest, Conflict
    when the comment is erased, Invalid with the name of a field that is not valid.
    """
    by.require_everywhere(Permission.SANCTION)
    comment = comment_by_id(comment_id)
    if comment.email_hash is None:
        msg = "This comment is erased, and its address with it."
        raise Conflict(msg)
    check_no_conflict(comment, by, vault)
    rules = rules_in_force()
    said = _checked(level, clause, reason, days, rules)
    serialize(f"sanction:{comment.email_hash}")
    now = clock.now()
    before = sanctioned.sanction_on(comment.email_hash, now)
    if before is not None:
        before.ended_at = now
    sanction = Sanction(
        email_hash=comment.email_hash,
        level=level,
        clause=clause,
        rules_version=rules.version,
        reason=said,
        comment_id=comment.id,
        set_by_id=by.user_id,
        set_by_name=by.name,
        set_at=now,
        until=now + timedelta(days=days),
    )
    session().add(sanction)
    session().flush()
    record(
        by.label,
        "sanction.set",
        f"sanction:{sanction.id}",
        level=level,
        clause=clause,
        rules=rules.version,
        days=days,
        **({"instead_of": before.id} if before is not None else {}),
    )
    return sanction


def end_sanction(sanction_id: int, *, by: Actor) -> Sanction:
    """End one before its time. Raises Conflict when it has ended."""
    by.require_everywhere(Permission.SANCTION)
    sanction = sanctioned.sanction_for_update(sanction_id)
    if sanction.ended_at is not None or sanction.until <= clock.now():
        msg = "This sanction has ended already."
        raise Conflict(msg)
    sanction.ended_at = clock.now()
    record(by.label, "sanction.ended", f"sanction:{sanction.id}")
    return sanction


def forget(before: datetime) -> int:
    """Delete the sanctions that ended before a moment; return how many there were."""
    over = sanctioned.over_since(before)
    for sanction in over:
        session().delete(sanction)
    return len(over)


def _checked(level: str, clause: str, reason: str, days: int, rules: Rulebook) -> str:
    if level not in set(SanctionLevel):
        msg = "Choose how far it goes."
        raise Invalid(msg, field="level")
    if clause not in rules.clauses:
        msg = "Choose the rule it rests on."
        raise Invalid(msg, field="clause")
    said = clean_text(reason)
    if not 5 <= len(said) <= LONGEST_REASON:
        msg = "Say why in a sentence or two, in at most 500 characters."
        raise Invalid(msg, field="reason")
    if not 1 <= days <= MOST_DAYS:
        msg = "Choose a number of days from 1 to 365."
        raise Invalid(msg, field="days")
    return said
