"""Read who is at which comment now."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from commentsite.db import session
from commentsite.moderation.models import Claim


def claims_on(comment_ids: Collection[int], now: datetime) -> dict[int, Claim]:
    """Return the claims that hold, by comment."""
    if not comment_ids:
        return {}
    query = select(Claim).where(Claim.comment_id.in_(comment_ids), Claim.until > now)
    return {claim.comment_id: claim for claim in session().scalars(query)}


def claim_for_update(comment_id: int) -> Claim | None:
    """Return the claim on a comment as it is now, whether it holds or not."""
    return session().get(Claim, comment_id, populate_existing=True)


def lapsed(now: datetime) -> list[Claim]:
    """Return the claims that hold no longer."""
    return list(session().scalars(select(Claim).where(Claim.until <= now).limit(500)))
