"""What one letter does otherwise than the site: who is hidden from moderators, what comes in unread."""

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.errors import Invalid
from commentsite.letters import queries
from commentsite.letters.models import Letter
from commentsite.site.intake import Policy


def set_blind(slug: str, blind: str, *, by: Actor) -> Letter:
    """Hide who wrote the comments on one letter until they are decided, whatever the site does; empty is as the site."""
    letter = _letter(slug, "is_blind", blind, {"yes", "no"}, by)
    if letter.is_blind != blind:
        letter.is_blind = blind
        record(by.label, "letter.blind", f"letter:{letter.id}", blind=blind or "as_site")
    return letter


def set_intake(slug: str, policy: str, *, by: Actor) -> Letter:
    """Say which comments on one letter come in before a moderator has read them, whatever the site does; empty is as the site."""
    letter = _letter(slug, "intake", policy, set(Policy), by)
    if letter.intake != policy:
        letter.intake = policy
        record(by.label, "letter.intake", f"letter:{letter.id}", policy=policy or "as_site")
    return letter


def _letter(slug: str, field: str, chosen: str, known: set[str] | set[Policy], by: Actor) -> Letter:
    letter = queries.letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if chosen not in {"", *known}:
        msg = "Choose one of these."
        raise Invalid(msg, field=field)
    return letter
