"""Write case notes, which only the desk sees."""

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.access import load_comment_for_staff
from commentsite.comments.models import CaseNote
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.text.plain_text import clean_text

MAX_NOTE_LENGTH = 2_000


def add_note(comment_id: int, text: str, *, by: Actor) -> CaseNote:
    """Add a note to a case. The audit log records that there is one, without its text.

    Raises Invalid when the note is empty or too long, Conflict when the comment is erased.
    """
    comment = load_comment_for_staff(comment_id, by)
    body = clean_text(text)
    if not body:
        msg = "Write the note before you save it."
        raise Invalid(msg, field="words")
    if len(body) > MAX_NOTE_LENGTH:
        msg = "Write a note of at most 2,000 characters."
        raise Invalid(msg, field="words")
    if comment.erased_at is not None:
        msg = "This comment is erased. You cannot add notes to it."
        raise Conflict(msg)
    note = CaseNote(
        comment_id=comment.id,
        staff_id=by.user_id,
        staff_name=by.name,
        body=body,
        written_at=clock.now(),
    )
    session().add(note)
    record_event(by.label, "comment.noted", f"comment:{comment.id}", state=str(comment.state))
    return note
