"""Publish what may come in before a moderator has read it; somebody looks at it afterwards."""

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.affiliation.services import refresh_author_role
from commentsite.comments.emails import mailbox
from commentsite.comments.emails.subscriptions import schedule_reply_notifications
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment, get_comment_for_update, lock_letter_comments
from commentsite.comments.screening import external_checks
from commentsite.comments.screening.checks import PREMODERATION
from commentsite.comments.screening.sender_history import load_sender_history
from commentsite.comments.states import UNREVIEWED, CommentState
from commentsite.comments.transitions import change_state
from commentsite.encryption import Encryption
from commentsite.letters.models import Letter
from commentsite.letters.queries import get_letter, lock_letter_row
from commentsite.notifications.outbox import enqueue_message
from commentsite.site.premoderation import EmergencySwitch, PremoderationPolicy
from commentsite.site.queries import Site


def get_premoderation_policy(letter: Letter, site: Site) -> PremoderationPolicy:
    """Return what may come in unread on a letter now: as it says, else as the site; nothing in a flood."""
    if site.is_switch_active(EmergencySwitch.HOLD_ALL, clock.now()):
        return PremoderationPolicy.HOLD_ALL
    return PremoderationPolicy(letter.premoderation_policy or site.premoderation_policy)


def lock_letter_and_comments(letter_id: int) -> None:
    """Lock what publishing touches, its comments and its row: before the log is, as everybody does."""
    lock_letter_comments(letter_id)
    lock_letter_row(letter_id)


def auto_publish(comment: Comment, policy: PremoderationPolicy, encryption: Encryption) -> bool:
    """Publish a comment that waits where the policy lets it in, and say whether it did.

    What a check pointed out, what a person has seen or has to see, and what a service is still
    asked about waits. Anybody can type anybody's address: to be known counts only for a comment
    that this address has confirmed itself. The caller holds the letter (`hold_letter`).
    """
    may = (
        comment.state == CommentState.PENDING
        and comment.awaiting is None
        and all(reason["rule"] == PREMODERATION for reason in comment.hold_reasons)
        and external_checks.find_check_state(comment) != "waiting"
        and (
            policy is PremoderationPolicy.PUBLISH_THEN_REVIEW
            or (policy is PremoderationPolicy.HOLD_NEW_AUTHORS and _has_published_before(comment))
        )
    )
    if not may:
        return False
    refresh_author_role(comment, encryption)
    change_state(
        comment, CommentState.PUBLISHED, by=SYSTEM, action="comment.let_in", policy=policy.value
    )
    comment.awaiting = UNREVIEWED
    schedule_reply_notifications(comment)
    return True


def auto_publish_after_confirmation(comment_id: int, site: Site, encryption: Encryption) -> None:
    """Let in what waited for a confirmation or for an answer, in a transaction of its own, and tell its author.

    Where that is cut off, the comment waits for a moderator.
    """
    letter = get_letter(get_comment(comment_id).letter_id)
    policy = get_premoderation_policy(letter, site)
    if policy is PremoderationPolicy.HOLD_ALL:
        return
    lock_letter_and_comments(letter.id)
    comment = get_comment_for_update(comment_id)
    if not auto_publish(comment, policy, encryption):
        return
    opened = mailbox.decrypt_recipient(comment, encryption)
    if opened is None or not mailbox.is_recipient_confirmed(comment):
        return
    email, receipt = opened
    enqueue_message(
        "comment.published",
        email,
        encryption=encryption,
        about=f"comment:{comment.id}",
        limit_per_day=None if comment.email_confirmed_at else mailbox.MAX_UNSOLICITED_PER_DAY,
        letter_title=letter.title,
        receipt_token=receipt,
        note="",
        facts="",
    )


def _has_published_before(comment: Comment) -> bool:
    if comment.email_confirmed_at is None:
        return False
    return load_sender_history(comment, clock.now()).recent.has_published
