"""Read what moderators tell each other about comments."""

from sqlalchemy import bindparam, select

from commentsite.comments.case_note import CaseNote
from commentsite.db import session

# Asked with each page of the desk, so composed once.
_NOTES = select(CaseNote).where(CaseNote.comment_id == bindparam("comment")).order_by(CaseNote.id)


def notes_of(comment_id: int) -> list[CaseNote]:
    """Return the notes on a comment, the oldest first."""
    return list(session().scalars(_NOTES, {"comment": comment_id}))
