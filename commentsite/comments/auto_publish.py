"""Publish a comment without pre-moderation, where the policy allows it. A moderator reviews it later."""

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.affiliation.services import refresh_author_role
from commentsite.comments.emails import mailbox
from commentsite.comments.emails.subscriptions import schedule_reply_notifications
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment, get_comment_for_update, lock_letter_comments
from commentsite.comments.screening import external_checks
from commentsite.comments.screening.checks import CheckCode
from commentsite.comments.screening.models import ExternalCheckState
from commentsite.comments.screening.sender_history import load_sender_history
from commentsite.comments.states import Awaiting, CommentState
from commentsite.comments.transitions import change_state
from commentsite.encryption import Encryption
from commentsite.letters.models import Letter
from commentsite.letters.queries import get_letter, lock_letter_row
from commentsite.notifications.outbox import enqueue_message
from commentsite.site.premoderation import EmergencySwitch, PremoderationPolicy
from commentsite.site.queries import Site


def get_premoderation_policy(letter: Letter, site: Site) -> PremoderationPolicy:
    """Return the policy of a letter, or of the site where the letter has none.

    The emergency switch overrides both.
    """
    if site.is_switch_active(EmergencySwitch.HOLD_ALL, clock.now()):
        return PremoderationPolicy.HOLD_ALL
    return PremoderationPolicy(letter.premoderation_policy or site.premoderation_policy)


def lock_letter_and_comments(letter_id: int) -> None:
    """Lock everything that publishing changes, before the audit log is locked."""
    lock_letter_comments(letter_id)
    lock_letter_row(letter_id)


def auto_publish(comment: Comment, policy: PremoderationPolicy, encryption: Encryption) -> bool:
    """Publish a pending comment if the policy allows it. Return whether it was published.

    A comment stays in the queue when a check found something, when a moderator has voted on it, or
    while its external check is waiting. A sender counts as known only by a comment that the
    address itself has confirmed, because a stranger can enter any address.

    The caller holds the locks of `lock_letter_and_comments`.
    """
    is_allowed = (
        comment.state == CommentState.PENDING
        and comment.awaiting is None
        and all(reason["rule"] == CheckCode.PREMODERATION for reason in comment.hold_reasons)
        and external_checks.find_check_state(comment) != ExternalCheckState.WAITING
        and (
            policy is PremoderationPolicy.PUBLISH_THEN_REVIEW
            or (policy is PremoderationPolicy.HOLD_NEW_AUTHORS and _has_published_before(comment))
        )
    )
    if not is_allowed:
        return False
    refresh_author_role(comment, encryption)
    change_state(
        comment, CommentState.PUBLISHED, by=SYSTEM, action="comment.let_in", policy=policy.value
    )
    comment.awaiting = Awaiting.REVIEW
    schedule_reply_notifications(comment)
    return True


def auto_publish_after_confirmation(comment_id: int, site: Site, encryption: Encryption) -> None:
    """Publish a comment that waited for a confirmation or for an external check, and notify its author.

    It runs in a transaction of its own. If that fails, the comment stays in the queue.
    """
    letter = get_letter(get_comment(comment_id).letter_id)
    policy = get_premoderation_policy(letter, site)
    if policy is PremoderationPolicy.HOLD_ALL:
        return
    lock_letter_and_comments(letter.id)
    comment = get_comment_for_update(comment_id)
    if not auto_publish(comment, policy, encryption):
        return
    recipient = mailbox.decrypt_recipient(comment, encryption)
    if recipient is None or not mailbox.is_recipient_confirmed(comment):
        return
    email, receipt_token = recipient
    enqueue_message(
        "comment.published",
        email,
        encryption=encryption,
        about=f"comment:{comment.id}",
        limit_per_day=None if comment.email_confirmed_at else mailbox.MAX_UNSOLICITED_PER_DAY,
        language=comment.form_language,
        letter_title=letter.title,
        receipt_token=receipt_token,
        note="",
        facts="",
    )


def _has_published_before(comment: Comment) -> bool:
    if comment.email_confirmed_at is None:
        return False
    return load_sender_history(comment, clock.now()).has_published
