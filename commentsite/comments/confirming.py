"""Let the owner of an address confirm several comments at once, without the log telling that they are one person's."""

from datetime import timedelta

from commentsite import clock, tokens
from commentsite.accounts.permissions import READER, Actor
from commentsite.comments import queries, walks
from commentsite.comments.afterwards import confirm_email
from commentsite.comments.sanctioned import suspension_on
from commentsite.comments.voices import settle_voice
from commentsite.vault import Vault

APART = timedelta(hours=6)


def confirm_emails(
    asked_about: int, chosen: set[int | None], *, by: Actor, vault: Vault
) -> int | None:
    """Confirm the chosen ones of the comments that wait under the address of the one that was asked about; return which is confirmed now.

    One is confirmed now. Entries of the public log that follow each other would say whose the
    others are too, so each of them takes effect at a moment of its own within the next hours.
    """
    asked = queries.comment_by_id(asked_about)
    together = (
        walks.waiting_under(asked.email_hash, also=asked.id, locked=True)
        if asked.email_hash
        else []
    )
    ticked = [comment for comment in together if comment.id in chosen]
    ticked.sort(key=lambda comment: (comment.id != asked_about, comment.id))
    for first in ticked[:1]:
        settle_voice(first, vault)
        confirm_email(first, by=by)
    for other in ticked[1:]:
        within = 1 + tokens.below(int(APART.total_seconds()))
        other.confirms_at, other.ask_at = clock.now() + timedelta(seconds=within), None
    return ticked[0].id if ticked else None


def confirm_due(comment_id: int, vault: Vault) -> int:
    """Let what its owner has confirmed take effect, unless the address was suspended meanwhile."""
    comment = queries.comment_for_update(comment_id)
    if comment.confirms_at is None or comment.confirms_at > clock.now():
        return 0  # erased meanwhile, or another worker was here
    if suspension_on(comment.email_hash, clock.now()):
        comment.confirms_at = None
        return 0
    settle_voice(comment, vault)
    confirm_email(comment, by=READER)
    return 1
