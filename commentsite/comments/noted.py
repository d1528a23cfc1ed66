"""Read what moderators tell each other about comments."""

from sqlalchemy import select

from commentsite.comments.case_note import CaseNote
from commentsite.db import session


def notes_of(comment_id: int) -> list[CaseNote]:
    """Return the notes on a comment, the oldest first."""
    query = select(CaseNote).where(CaseNote.comment_id == comment_id).order_by(CaseNote.id)
    return list(session().scalars(query))
