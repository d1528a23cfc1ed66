"""Declare and withdraw conflicts of interest."""

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import get_staff_member
from commentsite.audit.services import record_event
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Conflict, Invalid, NotFound
from commentsite.letters.queries import get_letter
from commentsite.moderation.conflicts import queries as conflict_queries
from commentsite.moderation.models import ConflictDeclaration
from commentsite.text.plain_text import clean_line

MAX_EXPLANATION_LENGTH = 500


def declare_conflict(
    staff_id: int,
    explanation: str,
    *,
    by: Actor,
    letter_id: int | None = None,
    comment_id: int | None = None,
) -> ConflictDeclaration:
    """Exclude a staff member from deciding on one letter or one comment. Earlier decisions stay.

    Moderators declare their own conflicts. A steward can declare a conflict of another member.
    Raises Conflict when it is declared already, and Invalid when the explanation is too long or
    not exactly one of letter and comment is given.
    """
    _require_permission(staff_id, by)
    if (letter_id is None) == (comment_id is None):
        msg = "Choose a letter or a comment."
        raise Invalid(msg)
    explanation = clean_line(explanation)
    if len(explanation) > MAX_EXPLANATION_LENGTH:
        msg = "Explain the conflict of interest in at most 500 characters."
        raise Invalid(msg, field="words")
    get_staff_member(staff_id)
    letter_in_scope = (
        get_letter(letter_id).id if letter_id else get_comment_for_update(comment_id or 0).letter_id
    )
    if by.user_id == staff_id:
        by.require(Permission.MODERATE, letter_in_scope)
    # No unique key covers the pair, since one of the two ids is always null.
    acquire_advisory_lock(f"interest:{staff_id}")
    if conflict_queries.find_declaration_id(staff_id, letter_id, comment_id) is not None:
        msg = "This conflict of interest is already declared."
        raise Conflict(msg)
    declaration = ConflictDeclaration(
        staff_id=staff_id,
        letter_id=letter_id,
        comment_id=comment_id,
        explanation=explanation,
        declared_at=clock.now(),
    )
    session().add(declaration)
    session().flush()
    _record_declaration(declaration, "interest.declared", by)
    return declaration


def withdraw_declaration(declaration_id: int, *, by: Actor) -> ConflictDeclaration:
    """Delete a declared conflict, so that the staff member can decide again.

    Raises NotFound when there is none, or when it belongs to another member and the actor is no
    steward.
    """
    by.require(Permission.MODERATE)
    declaration = session().get(ConflictDeclaration, declaration_id)
    if declaration is None or (
        declaration.staff_id != by.user_id and not by.can_everywhere(Permission.MANAGE_PEOPLE)
    ):
        msg = "There is no declared conflict of interest with this number."
        raise NotFound(msg)
    session().delete(declaration)
    _record_declaration(declaration, "interest.taken_back", by)
    return declaration


def _require_permission(staff_id: int, by: Actor) -> None:
    by.require(Permission.MODERATE)
    if by.user_id != staff_id:
        by.require_everywhere(Permission.MANAGE_PEOPLE)


def _record_declaration(declaration: ConflictDeclaration, action: str, by: Actor) -> None:
    subject = (
        {"letter": declaration.letter_id}
        if declaration.letter_id is not None
        else {"comment": declaration.comment_id}
    )
    record_event(by.label, action, f"user:{declaration.staff_id}", **subject)
