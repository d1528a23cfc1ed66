"""Say that a letter or a comment is too near to oneself, or to somebody else, to decide about it."""

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import staff_member
from commentsite.audit.services import record
from commentsite.comments.queries import comment_for_update
from commentsite.comments.sanitizer import clean_line
from commentsite.db import serialize, session
from commentsite.errors import Conflict, Invalid, NotFound
from commentsite.letters.queries import letter_by_id
from commentsite.moderation import ties
from commentsite.moderation.models import DeclaredInterest

LONGEST_WORDS = 500


def declare_interest(
    staff_id: int,
    words: str,
    *,
    by: Actor,
    letter_id: int | None = None,
    comment_id: int | None = None,
) -> DeclaredInterest:
    """Keep somebody from deciding about one letter or one comment; what they decided before stays.

    Everybody says it of themselves, a steward of anybody. Raises Conflict when it is declared
    already, Invalid when the words are too many or nothing is named.
    """
    _require(staff_id, by)
    if (letter_id is None) == (comment_id is None):
        msg = "Name a letter or a comment."
        raise Invalid(msg)
    said = clean_line(words)
    if len(said) > LONGEST_WORDS:
        msg = "Say it in at most 500 characters."
        raise Invalid(msg, field="words")
    staff_member(staff_id)
    where = (
        letter_by_id(letter_id).id if letter_id else comment_for_update(comment_id or 0).letter_id
    )
    if by.user_id == staff_id:
        by.require(Permission.MODERATE, where)
    serialize(f"interest:{staff_id}")
    if ties.interest_in(staff_id, letter_id, comment_id) is not None:
        msg = "This is declared already."
        raise Conflict(msg)
    declared = DeclaredInterest(
        staff_id=staff_id,
        letter_id=letter_id,
        comment_id=comment_id,
        words=said,
        declared_at=clock.now(),
    )
    session().add(declared)
    session().flush()
    _audit(declared, "interest.declared", by)
    return declared


def take_back(interest_id: int, *, by: Actor) -> DeclaredInterest:
    """Let somebody decide again about what was declared. Raises NotFound when it is not there."""
    by.require(Permission.MODERATE)
    declared = session().get(DeclaredInterest, interest_id)
    if declared is None or (
        declared.staff_id != by.user_id and not by.can_everywhere(Permission.MANAGE_PEOPLE)
    ):
        msg = "Nothing of this kind is declared."
        raise NotFound(msg)
    session().delete(declared)
    _audit(declared, "interest.taken_back", by)
    return declared


def _require(staff_id: int, by: Actor) -> None:
    by.require(Permission.MODERATE)
    if by.user_id != staff_id:
        by.require_everywhere(Permission.MANAGE_PEOPLE)


def _audit(declared: DeclaredInterest, action: str, by: Actor) -> None:
    about = (
        {"letter": declared.letter_id}
        if declared.letter_id is not None
        else {"comment": declared.comment_id}
    )
    record(by.label, action, f"user:{declared.staff_id}", **about)
