"""Permission to work on a record of positions: that of a writer of all of its letters."""

from commentsite.accounts.permissions import Actor, Permission
from commentsite.summaries.models import Summary
from commentsite.summaries.queries import list_letter_ids


def require_writer(summary: Summary, by: Actor) -> None:
    """Raise NotAllowed if the actor may not write one of the letters that a record is about."""
    for letter_id in list_letter_ids(summary):
        by.require(Permission.WRITE_LETTERS, letter_id)
