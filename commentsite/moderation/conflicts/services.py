"""Say that a letter or a comment is too near to oneself, or to somebody else, to decide about it."""

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import get_staff_member
from commentsite.audit.services import record_event
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.sanitizer import clean_line
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Conflict, Invalid, NotFound
from commentsite.letters.queries import get_letter
from commentsite.moderation.conflicts import queries as conflict_queries
from commentsite.moderation.models import ConflictDeclaration

MAX_EXPLANATION_LENGTH = 500


def declare_conflict(
    staff_id: int,
    explanation: str,
    *,
    by: Actor,
    letter_id: int | None = None,
    comment_id: int | None = None,
) -> ConflictDeclaration:
    """Keep somebody from deciding about one letter or one comment; what they decided before stays.

    Everybody says it of themselves, a steward of anybody. Raises Conflict when it is declared
    already, Invalid when the words are too many or nothing is named.
    """
    _require_permission(staff_id, by)
    if (letter_id is None) == (comment_id is None):
        msg = "Name a letter or a comment."
        raise Invalid(msg)
    said = clean_line(explanation)
    if len(said) > MAX_EXPLANATION_LENGTH:
        msg = "Say it in at most 500 characters."
        raise Invalid(msg, field="words")
    get_staff_member(staff_id)
    where = (
        get_letter(letter_id).id if letter_id else get_comment_for_update(comment_id or 0).letter_id
    )
    if by.user_id == staff_id:
        by.require(Permission.MODERATE, where)
    acquire_advisory_lock(f"interest:{staff_id}")
    if conflict_queries.find_declaration_id(staff_id, letter_id, comment_id) is not None:
        msg = "This is declared already."
        raise Conflict(msg)
    declared = ConflictDeclaration(
        staff_id=staff_id,
        letter_id=letter_id,
        comment_id=comment_id,
        explanation=said,
        declared_at=clock.now(),
    )
    session().add(declared)
    session().flush()
    _record_declaration(declared, "interest.declared", by)
    return declared


def withdraw_declaration(declaration_id: int, *, by: Actor) -> ConflictDeclaration:
    """Let somebody decide again about what was declared. Raises NotFound when it is not there."""
    by.require(Permission.MODERATE)
    declared = session().get(ConflictDeclaration, declaration_id)
    if declared is None or (
        declared.staff_id != by.user_id and not by.can_everywhere(Permission.MANAGE_PEOPLE)
    ):
        msg = "Nothing of this kind is declared."
        raise NotFound(msg)
    session().delete(declared)
    _record_declaration(declared, "interest.taken_back", by)
    return declared


def _require_permission(staff_id: int, by: Actor) -> None:
    by.require(Permission.MODERATE)
    if by.user_id != staff_id:
        by.require_everywhere(Permission.MANAGE_PEOPLE)


def _record_declaration(declared: ConflictDeclaration, action: str, by: Actor) -> None:
    about = (
        {"letter": declared.letter_id}
        if declared.letter_id is not None
        else {"comment": declared.comment_id}
    )
    record_event(by.label, action, f"user:{declared.staff_id}", **about)
