"""Set and end sanctions on an email address: a note for moderators, review first, or a suspension.

A sanction is tied to the keyed hash of the address. Any sender can type any address, so a
suspension refuses a comment only once the owner of the mailbox has confirmed it.
"""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.queries import get_comment
from commentsite.comments.sanctions import queries as sanction_queries
from commentsite.comments.sanctions.models import Sanction, SanctionLevel
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid
from commentsite.moderation.conflicts.queries import check_no_conflict
from commentsite.site.queries import get_current_rulebook
from commentsite.site.rulebook import Rulebook
from commentsite.text.plain_text import clean_text

MIN_REASON_LENGTH, MAX_REASON_LENGTH = 5, 500
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
    """Set a sanction on the email address of a comment. It replaces an earlier active sanction.

    Raises NotAllowed when the actor lacks the permission or has a conflict of interest, Conflict
    when the comment is erased, Invalid (with the field) when a value is not valid.
    """
    by.require_everywhere(Permission.SANCTION)
    comment = get_comment(comment_id)
    if comment.email_hash is None:
        msg = "This comment and its email address are erased. You cannot set a sanction."
        raise Conflict(msg)
    check_no_conflict(comment, by, encryption)
    rulebook = get_current_rulebook()
    cleaned_reason = _validate_fields(level, rule, reason, days, rulebook)
    # Two stewards who act at once must not leave two active sanctions.
    acquire_advisory_lock(f"sanction:{comment.email_hash}")
    now = clock.now()
    replaced = sanction_queries.find_active_sanction(comment.email_hash, now)
    if replaced is not None:
        replaced.ended_at = now
    sanction = Sanction(
        email_hash=comment.email_hash,
        level=level,
        clause=rule,
        rules_version=rulebook.version,
        reason=cleaned_reason,
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
        rules=rulebook.version,
        days=days,
        **({"instead_of": replaced.id} if replaced is not None else {}),
    )
    return sanction


def end_sanction(sanction_id: int, *, by: Actor) -> Sanction:
    """End a sanction before its time. Raises Conflict when it has ended already."""
    by.require_everywhere(Permission.SANCTION)
    sanction = sanction_queries.get_sanction_for_update(sanction_id)
    if sanction.ended_at is not None or sanction.until <= clock.now():
        msg = "This sanction has already ended."
        raise Conflict(msg)
    sanction.ended_at = clock.now()
    record_event(by.label, "sanction.ended", f"sanction:{sanction.id}")
    return sanction


def purge_ended_sanctions(before: datetime) -> int:
    """Delete the sanctions that ended before a moment and return their number."""
    ended = sanction_queries.list_sanctions_ended_before(before)
    for sanction in ended:
        session().delete(sanction)
    return len(ended)


def _validate_fields(level: str, rule: str, reason: str, days: int, rulebook: Rulebook) -> str:
    """Return the cleaned reason. Raises Invalid."""
    if level not in set(SanctionLevel):
        msg = "Choose how far the sanction goes."
        raise Invalid(msg, field="level")
    if rule not in rulebook.active_clauses:
        msg = "Choose the rule that the sender broke."
        raise Invalid(msg, field="clause")
    cleaned_reason = clean_text(reason)
    if not MIN_REASON_LENGTH <= len(cleaned_reason) <= MAX_REASON_LENGTH:
        msg = "Give the reason in one or two sentences, at most 500 characters."
        raise Invalid(msg, field="reason")
    if not 1 <= days <= MAX_DAYS:
        msg = "Choose a number of days from 1 to 365."
        raise Invalid(msg, field="days")
    return cleaned_reason
