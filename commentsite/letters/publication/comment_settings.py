"""What one letter does otherwise than the site: who is hidden from moderators, what comes in unread."""

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.errors import Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter
from commentsite.site.premoderation import PremoderationPolicy
from commentsite.site.quorum import ModerationMode
from commentsite.site.services import EMAIL_CONFIRMATION_MODES


def set_email_confirmation(slug: str, mode: str, *, by: Actor) -> Letter:
    """Ask commenters of one letter to confirm their address, or not, whatever the site does; empty is as the site."""
    by.require(Permission.PUBLISH_LETTERS)
    if mode not in {"", *EMAIL_CONFIRMATION_MODES}:
        msg = "Choose one of these."
        raise Invalid(msg, field="email_confirmation")
    letter = letter_queries.get_letter_for_update(slug)
    if letter.email_confirmation != mode:
        letter.email_confirmation = mode
        asks = mode or "as_site"
        record_event(by.label, "letter.email_confirmation", f"letter:{letter.id}", asks=asks)
    return letter


def set_moderation_mode(slug: str, mode: str, *, by: Actor) -> Letter:
    """Let refusals on one letter need one, two or two of different groups, whatever the site does; empty is as the site.

    Votes that are open are judged by it when the next one comes.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if mode not in {"", *ModerationMode}:
        msg = "Choose one of these."
        raise Invalid(msg, field="moderation_mode")
    if letter.moderation_mode != mode:
        letter.moderation_mode = mode
        needs = mode or "as_site"
        record_event(by.label, "letter.moderation_mode", f"letter:{letter.id}", needs=needs)
    return letter


def set_author_anonymity(slug: str, anonymity: str, *, by: Actor) -> Letter:
    """Hide who wrote the comments on one letter until they are decided, whatever the site does; empty is as the site."""
    letter = _lock_letter_for_setting(slug, "is_blind", anonymity, {"yes", "no"}, by)
    if letter.author_anonymity != anonymity:
        letter.author_anonymity = anonymity
        record_event(by.label, "letter.blind", f"letter:{letter.id}", blind=anonymity or "as_site")
    return letter


def set_premoderation_policy(slug: str, policy: str, *, by: Actor) -> Letter:
    """Say which comments on one letter come in before a moderator has read them, whatever the site does; empty is as the site."""
    letter = _lock_letter_for_setting(slug, "intake", policy, set(PremoderationPolicy), by)
    if letter.premoderation_policy != policy:
        letter.premoderation_policy = policy
        record_event(by.label, "letter.intake", f"letter:{letter.id}", policy=policy or "as_site")
    return letter


def _lock_letter_for_setting(
    slug: str, field: str, chosen: str, known: set[str] | set[PremoderationPolicy], by: Actor
) -> Letter:
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if chosen not in {"", *known}:
        msg = "Choose one of these."
        raise Invalid(msg, field=field)
    return letter
