"""Claim a case, so that two moderators do not review the same comment.

A claim lasts ten minutes, or until the comment is decided, or until another moderator takes it over.
"""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.comments.access import load_comment_for_staff
from commentsite.db.session import session
from commentsite.errors import Conflict
from commentsite.moderation.models import Claim
from commentsite.moderation.queries import find_claim_for_update, list_expired_claims

CLAIM_TTL = timedelta(minutes=10)


def claim_case(comment_id: int, *, by: Actor, take_over: bool = False) -> Claim:
    """Claim a comment for the actor, or extend their claim by another ten minutes.

    Raises Conflict when another moderator holds the claim and `take_over` is false.
    """
    # The lock on the comment makes two simultaneous claims run one after the other.
    load_comment_for_staff(comment_id, by)
    now, claim = clock.now(), find_claim_for_update(comment_id)
    is_held_by_other = claim is not None and claim.staff_id != by.user_id and claim.until > now
    if claim is not None and is_held_by_other and not take_over:
        msg = "%(name)s has been reviewing this comment since %(time)s. You can take over the case."
        raise Conflict(msg, name=claim.staff_name, time=claim.since)
    if claim is None:
        claim = Claim(comment_id=comment_id)
        session().add(claim)
    if is_held_by_other or claim.until is None or claim.until <= now:
        claim.since = now
    claim.staff_id, claim.staff_name, claim.until = by.user_id or 0, by.name, now + CLAIM_TTL
    session().flush()
    return claim


def release_claim(comment_id: int) -> None:
    """Delete the claim on a comment, whichever moderator holds it."""
    claim = find_claim_for_update(comment_id)
    if claim is not None:
        session().delete(claim)


def purge_expired_claims(now: datetime) -> int:
    """Delete expired claims and return their number."""
    claims = list_expired_claims(now)
    for claim in claims:
        session().delete(claim)
    return len(claims)
