"""Query anonymity settings and claims."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from commentsite import clock
from commentsite.comments.models import Comment
from commentsite.comments.states import UNDECIDED
from commentsite.db.session import session
from commentsite.letters.models import Letter
from commentsite.moderation.models import Claim, Decision
from commentsite.site.models import SiteSettings


def list_anonymised_letter_ids(letter_ids: Collection[int]) -> frozenset[int]:
    """Return those of the given letters whose undecided comments are shown without their authors."""
    if not letter_ids:
        return frozenset()
    query = select(Letter.id).where(Letter.id.in_(letter_ids), _is_letter_anonymised())
    return frozenset(session().scalars(query))


def author_search_condition() -> ColumnElement[bool]:
    """Return the condition for comments that a search by author name or email address may find.

    A search must not reveal an author whom the queue hides, so it leaves out comments on anonymised
    letters that are undecided, or whose decision can still be undone.
    """
    anonymised_letters = select(Letter.id).where(_is_letter_anonymised())
    undoable = select(Decision.id).where(Decision.comment_id == Comment.id, _can_be_undone())
    return or_(
        and_(Comment.state.not_in(UNDECIDED), ~undoable.correlate(Comment).exists()),
        Comment.letter_id.not_in(anonymised_letters),
    )


def find_undoable_comment_ids(comment_ids: Collection[int]) -> frozenset[int]:
    """Return those of the given comments whose first decision can still be undone.

    A comment that readers could see before the decision does not count: its author is public.
    """
    if not comment_ids:
        return frozenset()
    query = select(Decision.comment_id).join(Comment, Comment.id == Decision.comment_id)
    query = query.where(Decision.comment_id.in_(comment_ids), _can_be_undone())
    return frozenset(session().scalars(query))


def find_active_claim(comment_id: int, now: datetime) -> Claim | None:
    """Return the claim on a comment unless it has expired."""
    query = select(Claim).where(Claim.comment_id == comment_id, Claim.until > now)
    return session().scalars(query).first()


def find_claim_for_update(comment_id: int) -> Claim | None:
    """Return the claim on a comment, expired or not, freshly read from the database."""
    return session().get(Claim, comment_id, populate_existing=True)


def list_expired_claims(now: datetime) -> list[Claim]:
    """Return up to 500 expired claims, for the purge."""
    return list(session().scalars(select(Claim).where(Claim.until <= now).limit(500)))


def _can_be_undone() -> ColumnElement[bool]:
    return and_(
        Decision.undone_at.is_(None),
        Decision.undo_until >= clock.now(),
        or_(Comment.published_at.is_(None), Comment.published_at >= Decision.decided_at),
    )


def _is_letter_anonymised() -> ColumnElement[bool]:
    """Apply the rule of anonymity.is_anonymised in SQL."""
    site_default = select(SiteSettings.id).where(SiteSettings.is_blind.is_(True)).exists()
    return or_(Letter.author_anonymity == "yes", and_(Letter.author_anonymity == "", site_default))
