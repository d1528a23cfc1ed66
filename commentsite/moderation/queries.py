"""Read who is at which comment now."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from commentsite.comments.models import Comment
from commentsite.comments.states import UNDECIDED
from commentsite.db.session import session
from commentsite.letters.models import Letter
from commentsite.moderation.models import Claim
from commentsite.site.models import SiteSettings


def list_anonymised_letter_ids(letter_ids: Collection[int]) -> frozenset[int]:
    """Return those of these letters whose comments are decided blindly."""
    if not letter_ids:
        return frozenset()
    query = select(Letter.id).where(Letter.id.in_(letter_ids), _is_letter_anonymised())
    return frozenset(session().scalars(query))


def author_search_condition() -> ColumnElement[bool]:
    """Say of which comments name and address may be searched: not of those that are to be decided blindly."""
    hidden = select(Letter.id).where(_is_letter_anonymised())
    return or_(Comment.state.not_in(UNDECIDED), Comment.letter_id.not_in(hidden))


def _is_letter_anonymised() -> ColumnElement[bool]:
    as_the_site = select(SiteSettings.id).where(SiteSettings.is_blind.is_(True)).exists()
    return or_(Letter.author_anonymity == "yes", and_(Letter.author_anonymity == "", as_the_site))


def find_active_claim(comment_id: int, now: datetime) -> Claim | None:
    """Return the claim on a comment, if it holds."""
    query = select(Claim).where(Claim.comment_id == comment_id, Claim.until > now)
    return session().scalars(query).first()


def find_claim_for_update(comment_id: int) -> Claim | None:
    """Return the claim on a comment as it is now, whether it holds or not."""
    return session().get(Claim, comment_id, populate_existing=True)


def list_expired_claims(now: datetime) -> list[Claim]:
    """Return the claims that hold no longer."""
    return list(session().scalars(select(Claim).where(Claim.until <= now).limit(500)))
