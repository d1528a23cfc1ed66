"""Say that one is at a comment: for ten minutes, or until it is decided, or until somebody takes it over."""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import session
from commentsite.errors import Conflict
from commentsite.moderation.models import Claim
from commentsite.moderation.queries import find_claim_for_update, list_expired_claims

CLAIM_TTL = timedelta(minutes=10)


def claim_case(comment_id: int, *, by: Actor, take_over: bool = False) -> Claim:
    """Let others see that the actor is at a comment; again for another ten minutes.

    Raises Conflict, saying who, when somebody else is and it is not to be taken over.
    """
    comment = get_comment_for_update(comment_id)  # two who claim at once come one after the other
    by.require(Permission.MODERATE, comment.letter_id)
    now, held = clock.now(), find_claim_for_update(comment_id)
    is_others = held is not None and held.staff_id != by.user_id and held.until > now
    if held is not None and is_others and not take_over:
        msg = "%(name)s is at this comment since %(time)s UTC. You can take it over."
        raise Conflict(msg, name=held.staff_name, time=f"{held.since:%H:%M}")
    if held is None:
        held = Claim(comment_id=comment_id)
        session().add(held)
    if is_others or held.until is None or held.until <= now:
        held.since = now
    held.staff_id, held.staff_name, held.until = by.user_id or 0, by.name, now + CLAIM_TTL
    session().flush()
    return held


def release_claim(comment_id: int) -> None:
    """Let go of a comment, whoever was at it."""
    held = find_claim_for_update(comment_id)
    if held is not None:
        session().delete(held)


def purge_expired_claims(now: datetime) -> int:
    """Delete claims that hold no longer; return how many there were."""
    claims = list_expired_claims(now)
    for one in claims:
        session().delete(one)
    return len(claims)
