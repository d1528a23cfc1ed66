"""Decide about whoever writes from an address: a note, reading everything first, or a suspension.

It is the mailbox that counts, not what somebody typed: anybody can type anybody's address.
"""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.queries import get_comment
from commentsite.comments.sanctions import queries as sanction_queries
from commentsite.comments.sanctions.models import Sanction, SanctionLevel
from commentsite.comments.sanitizer import clean_text
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid
from commentsite.moderation.conflicts.queries import check_no_conflict
from commentsite.site.queries import get_current_rulebook
from commentsite.site.rulebook import Rulebook

MAX_REASON_LENGTH = 500
MAX_DAYS = 365


def set_sanction(  # noqa: PLR0913  # each is a field of the form, named by the caller
    comment_id: int,
    *,
    level: str,
    rule: str,
    reason: str,
    days: int,
    by: Actor,
    encryption: Encryption,
) -> Sanction:
    """Decide about whoever writes from the address of a comment, in place of what held before.

    Raises NotAllowed when the actor may not set sanctions or has a conflict of interest, Conflict
    when the comment is erased, Invalid with the name of a field that is not valid.
    """
    by.require_everywhere(Permission.SANCTION)
    comment = get_comment(comment_id)
    if comment.email_hash is None:
        msg = "This comment is erased, and its address with it."
        raise Conflict(msg)
    check_no_conflict(comment, by, encryption)
    rules = get_current_rulebook()
    said = _validate_fields(level, rule, reason, days, rules)
    acquire_advisory_lock(f"sanction:{comment.email_hash}")
    now = clock.now()
    before = sanction_queries.find_active_sanction(comment.email_hash, now)
    if before is not None:
        before.ended_at = now
    sanction = Sanction(
        email_hash=comment.email_hash,
        level=level,
        clause=rule,
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
    record_event(
        by.label,
        "sanction.set",
        f"sanction:{sanction.id}",
        level=level,
        clause=rule,
        rules=rules.version,
        days=days,
        **({"instead_of": before.id} if before is not None else {}),
    )
    return sanction


def end_sanction(sanction_id: int, *, by: Actor) -> Sanction:
    """End one before its time. Raises Conflict when it has ended."""
    by.require_everywhere(Permission.SANCTION)
    sanction = sanction_queries.get_sanction_for_update(sanction_id)
    if sanction.ended_at is not None or sanction.until <= clock.now():
        msg = "This sanction has ended already."
        raise Conflict(msg)
    sanction.ended_at = clock.now()
    record_event(by.label, "sanction.ended", f"sanction:{sanction.id}")
    return sanction


def purge_ended_sanctions(before: datetime) -> int:
    """Delete the sanctions that ended before a moment; return how many there were."""
    over = sanction_queries.list_sanctions_ended_before(before)
    for sanction in over:
        session().delete(sanction)
    return len(over)


def _validate_fields(level: str, clause: str, reason: str, days: int, rules: Rulebook) -> str:
    if level not in set(SanctionLevel):
        msg = "Choose how far it goes."
        raise Invalid(msg, field="level")
    if clause not in rules.active_clauses:
        msg = "Choose the rule it rests on."
        raise Invalid(msg, field="clause")
    said = clean_text(reason)
    if not 5 <= len(said) <= MAX_REASON_LENGTH:
        msg = "Say why in a sentence or two, in at most 500 characters."
        raise Invalid(msg, field="reason")
    if not 1 <= days <= MAX_DAYS:
        msg = "Choose a number of days from 1 to 365."
        raise Invalid(msg, field="days")
    return said
