"""Publish what may come in before a moderator has read it; somebody looks at it afterwards."""

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments import mailing, outside
from commentsite.comments.following import note_published
from commentsite.comments.known import known_of
from commentsite.comments.models import Comment
from commentsite.comments.moving import change_state
from commentsite.comments.queries import comment_by_id, comment_for_update, lock_comments_of
from commentsite.comments.screening import FIRST_READING
from commentsite.comments.states import LOOK, CommentState
from commentsite.comments.voices import settle_voice
from commentsite.letters.locking import lock_letter
from commentsite.letters.models import Letter
from commentsite.letters.queries import letter_by_id
from commentsite.notifications.services import enqueue
from commentsite.site.intake import Kind, Policy
from commentsite.site.queries import Site
from commentsite.vault import Vault


def policy_for(letter: Letter, site: Site) -> Policy:
    """Return what may come in unread on a letter now: as it says, else as the site; nothing in a flood."""
    if site.is_switched(Kind.HOLD, clock.now()):
        return Policy.HOLD_ALL
    return Policy(letter.intake or site.intake)


def hold_letter(letter_id: int) -> None:
    """Lock what publishing touches, its comments and its row: before the log is, as everybody does."""
    lock_comments_of(letter_id)
    lock_letter(letter_id)


def let_in(comment: Comment, policy: Policy, vault: Vault) -> bool:
    """Publish a comment that waits where the policy lets it in, and say whether it did.

    What a check pointed out, what a person has seen or has to see, and what a service is still
    asked about waits. Anybody can type anybody's address: to be known counts only for a comment
    that this address has confirmed itself. The caller holds the letter (`hold_letter`).
    """
    may = (
        comment.state == CommentState.PENDING
        and comment.waits_for is None
        and all(reason["rule"] == FIRST_READING for reason in comment.held)
        and outside.answer_about(comment) != "waiting"
        and (
            policy is Policy.PUBLISH_AND_LOOK
            or (policy is Policy.HOLD_UNKNOWN and _is_known(comment))
        )
    )
    if not may:
        return False
    settle_voice(comment, vault)
    change_state(
        comment, CommentState.PUBLISHED, by=SYSTEM, action="comment.let_in", policy=policy.value
    )
    comment.waits_for = LOOK
    note_published(comment)
    return True


def let_in_after(comment_id: int, site: Site, vault: Vault) -> None:
    """Let in what waited for a confirmation or for an answer, in a transaction of its own, and tell its author.

    Where that is cut off, the comment waits for a moderator.
    """
    letter = letter_by_id(comment_by_id(comment_id).letter_id)
    policy = policy_for(letter, site)
    if policy is Policy.HOLD_ALL:
        return
    hold_letter(letter.id)
    comment = comment_for_update(comment_id)
    if not let_in(comment, policy, vault):
        return
    opened = mailing.opened_for(comment, vault)
    if opened is None or not mailing.is_confirmed(comment):
        return
    email, receipt = opened
    enqueue(
        "comment.published",
        email,
        vault=vault,
        about=f"comment:{comment.id}",
        limit_per_day=None if comment.email_confirmed_at else mailing.MOST_UNASKED,
        letter_title=letter.title,
        receipt_token=receipt,
        note="",
        facts="",
    )


def _is_known(comment: Comment) -> bool:
    if comment.email_confirmed_at is None:
        return False
    return known_of(comment, clock.now()).past.is_published
