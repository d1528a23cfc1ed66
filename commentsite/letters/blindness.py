"""Whether who wrote a comment on a letter is hidden from those who decide about it."""

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.errors import Invalid
from commentsite.letters import queries
from commentsite.letters.models import Letter


def set_blind(slug: str, blind: str, *, by: Actor) -> Letter:
    """Hide who wrote the comments on one letter until they are decided, whatever the site does; empty is as the site."""
    letter = queries.letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if blind not in {"", "yes", "no"}:
        msg = "Choose one of these."
        raise Invalid(msg, field="is_blind")
    if letter.is_blind != blind:
        letter.is_blind = blind
        said = blind or "as_site"
        record(by.label, "letter.blind", f"letter:{letter.id}", blind=said)
    return letter
