"""Query the prepared notes."""

from sqlalchemy import func, select

from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.moderation.models import PreparedNote

NOT_FOUND = "There is no prepared note with this number. Another steward may have deleted it."


def list_prepared_notes() -> list[PreparedNote]:
    """Return all prepared notes by title."""
    query = select(PreparedNote).order_by(func.lower(PreparedNote.title), PreparedNote.id)
    return list(session().scalars(query))


def count_prepared_notes() -> int:
    return session().scalars(select(func.count()).select_from(PreparedNote)).one()


def find_prepared_note(note_id: int) -> PreparedNote | None:
    """Return a prepared note, or None if it was deleted."""
    return session().get(PreparedNote, note_id)


def get_prepared_note(note_id: int) -> PreparedNote:
    """Return a prepared note. Raises NotFound."""
    return require_found(find_prepared_note(note_id), NOT_FOUND)


def get_prepared_note_for_update(note_id: int) -> PreparedNote:
    """Return a prepared note, locked until the transaction ends. Raises NotFound."""
    query = for_update(select(PreparedNote).where(PreparedNote.id == note_id))
    return require_found(session().scalars(query).first(), NOT_FOUND)
