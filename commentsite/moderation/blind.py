"""Whose comments are decided without knowing who wrote them, until they are."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, or_, select

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.comments.models import Comment
from commentsite.comments.queries import comment_by_id
from commentsite.comments.states import UNDECIDED
from commentsite.db import session
from commentsite.letters.models import Letter
from commentsite.site.models import SiteSettings


def blind_letters(letter_ids: Collection[int]) -> frozenset[int]:
    """Return those of these letters whose comments are decided blindly."""
    if not letter_ids:
        return frozenset()
    query = select(Letter.id).where(Letter.id.in_(letter_ids), _is_blind())
    return frozenset(session().scalars(query))


def is_blind(letter: str, site: bool) -> bool:  # noqa: FBT001  # what each of them says
    """Say whether comments are decided blindly where a letter and the site say this about it."""
    return letter == "yes" or (not letter and site)


def is_open_to_search() -> ColumnElement[bool]:
    """Say of which comments name and address may be searched: not of those that are to be decided blindly."""
    hidden = select(Letter.id).where(_is_blind())
    return or_(Comment.state.not_in(UNDECIDED), Comment.letter_id.not_in(hidden))


def reveal(comment_id: int, *, by: Actor) -> Comment:
    """Return a comment with who wrote it; the log says who wanted to know."""
    comment = comment_by_id(comment_id)
    by.require(Permission.REVEAL_AUTHORS, comment.letter_id)
    record(by.label, "comment.revealed", f"comment:{comment.id}", state=str(comment.state))
    return comment


def _is_blind() -> ColumnElement[bool]:
    as_the_site = select(SiteSettings.id).where(SiteSettings.is_blind.is_(True)).exists()
    return or_(Letter.is_blind == "yes", and_(Letter.is_blind == "", as_the_site))
