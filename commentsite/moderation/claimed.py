"""Read who is at which comment now."""

from datetime import datetime

from sqlalchemy import select

from commentsite.db import session
from commentsite.moderation.models import Claim


def claim_on(comment_id: int, now: datetime) -> Claim | None:
    """Return the claim on a comment, if it holds."""
    query = select(Claim).where(Claim.comment_id == comment_id, Claim.until > now)
    return session().scalars(query).first()


def claim_for_update(comment_id: int) -> Claim | None:
    """Return the claim on a comment as it is now, whether it holds or not."""
    return session().get(Claim, comment_id, populate_existing=True)


def lapsed(now: datetime) -> list[Claim]:
    """Return the claims that hold no longer."""
    return list(session().scalars(select(Claim).where(Claim.until <= now).limit(500)))
