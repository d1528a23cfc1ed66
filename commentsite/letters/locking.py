"""Hold a letter's row, for what changes its page without reading it."""

from sqlalchemy import select

from commentsite.db import session
from commentsite.letters.models import Letter


def lock_letter(letter_id: int) -> None:
    """Let nobody else change a letter's row until the transaction ends."""
    session().execute(select(Letter.id).where(Letter.id == letter_id).with_for_update())
