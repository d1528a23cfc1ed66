"""Override settings of the site for the comments on one letter.

Each override is a code, or an empty string for the setting of the site. The audit log records
the empty string as "as_site".
"""

from enum import StrEnum

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.errors import Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter
from commentsite.letters.states import AuthorAnonymity
from commentsite.site.premoderation import EmailConfirmation, PremoderationPolicy
from commentsite.site.quorum import ModerationMode


def set_comment_policy(slug: str, choices: dict[str, str], *, by: Actor) -> Letter:
    """Set all four overrides of a letter, by the names of their form fields. Raises Invalid."""
    set_email_confirmation(slug, choices.get("email_confirmation", ""), by=by)
    set_premoderation_policy(slug, choices.get("intake", ""), by=by)
    set_author_anonymity(slug, choices.get("is_blind", ""), by=by)
    return set_moderation_mode(slug, choices.get("moderation_mode", ""), by=by)


def set_email_confirmation(slug: str, mode: str, *, by: Actor) -> Letter:
    """Set when authors of comments must confirm their email address."""
    letter = _lock_letter(slug, by)
    _check_choice("email_confirmation", mode, EmailConfirmation)
    if letter.email_confirmation != mode:
        letter.email_confirmation = mode
        record_event(
            by.label, "letter.email_confirmation", f"letter:{letter.id}", asks=mode or "as_site"
        )
    return letter


def set_moderation_mode(slug: str, mode: str, *, by: Actor) -> Letter:
    """Set how many moderators must agree to a refusal.

    Comments with an open vote follow the new mode from the next vote on.
    """
    letter = _lock_letter(slug, by)
    _check_choice("moderation_mode", mode, ModerationMode)
    if letter.moderation_mode != mode:
        letter.moderation_mode = mode
        record_event(
            by.label, "letter.moderation_mode", f"letter:{letter.id}", needs=mode or "as_site"
        )
    return letter


def set_author_anonymity(slug: str, anonymity: str, *, by: Actor) -> Letter:
    """Set whether moderators see the author of a comment before they decide."""
    letter = _lock_letter(slug, by)
    _check_choice("is_blind", anonymity, AuthorAnonymity)
    if letter.author_anonymity != anonymity:
        letter.author_anonymity = AuthorAnonymity(anonymity)
        record_event(by.label, "letter.blind", f"letter:{letter.id}", blind=anonymity or "as_site")
    return letter


def set_premoderation_policy(slug: str, policy: str, *, by: Actor) -> Letter:
    """Set which comments are published before a moderator reads them."""
    letter = _lock_letter(slug, by)
    _check_choice("intake", policy, PremoderationPolicy)
    if letter.premoderation_policy != policy:
        letter.premoderation_policy = policy
        record_event(by.label, "letter.intake", f"letter:{letter.id}", policy=policy or "as_site")
    return letter


def _lock_letter(slug: str, by: Actor) -> Letter:
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    return letter


def _check_choice(field: str, choice: str, codes: type[StrEnum]) -> None:
    if choice not in {"", *codes}:
        msg = "Choose one of these options."
        raise Invalid(msg, field=field)
