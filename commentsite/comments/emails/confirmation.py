"""Ask the owner of an email address to confirm comments, and handle the answers.

A reader can enter any email address in the form, so every confirmation email may go to a person
who sent nothing. Without a limit, the form could be used to flood a mailbox. An address that was
never confirmed therefore gets one email a day, however many comments are sent under it. When the
limit is reached, `Comment.confirmation_due_at` says when the next email may be sent. The worker
then sends one email for all comments that wait under the address, and the page behind its link
lists them.

The owner can confirm several comments at once. The audit log is public, and consecutive
confirmations in it would show that the comments have the same author. Only one comment is
therefore confirmed at once. Each of the others is confirmed at a random time within
CONFIRM_SPREAD, which `Comment.confirmation_effective_at` holds.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from commentsite import clock, tokens
from commentsite.accounts.permissions import READER, Actor
from commentsite.audit.services import record_event
from commentsite.comments import queries as comment_queries
from commentsite.comments.affiliation.services import refresh_author_role
from commentsite.comments.emails import queries as email_queries
from commentsite.comments.emails.mailbox import (
    CONFIRMATION_KINDS,
    UNREQUESTED_KINDS,
    decrypt_recipient,
    is_recipient_confirmed,
    make_confirmation_code,
)
from commentsite.comments.emails.models import SubscriptionScope
from commentsite.comments.emails.subscriptions import delete_notifications, is_subscribed
from commentsite.comments.models import Comment
from commentsite.comments.sanctions.models import Sanction, SanctionLevel
from commentsite.comments.sanctions.queries import (
    find_active_sanction,
    find_active_suspension,
    find_sanction_clause,
)
from commentsite.comments.screening.checks import CheckCode
from commentsite.comments.screening.sender_history import SenderHistory, load_sender_history
from commentsite.comments.states import TRANSITIONS, Awaiting, CommentState
from commentsite.comments.transitions import change_state
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, NotAllowed
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter, get_title
from commentsite.notifications.outbox import (
    MessageBatch,
    delete_unsent_messages,
    enqueue_message,
    next_allowed_at,
    next_slot,
)
from commentsite.site.queries import load_site

#: From the whole site to addresses that were never confirmed. Strangers may have typed all of them.
MAX_UNCONFIRMED_PER_HOUR = 300
MAX_CONFIRMATIONS_PER_DAY = 3  # to an address that was confirmed before
CONFIRMABLE_STATES = (CommentState.AWAITING_EMAIL, CommentState.PENDING)
NOTICEABLE_DELAY = timedelta(minutes=5)
CONFIRM_SPREAD = timedelta(hours=6)


def send_confirmation_request(  # noqa: PLR0913  # what the caller has loaded already
    comment: Comment,
    encryption: Encryption,
    *,
    history: SenderHistory | None = None,
    recipient: tuple[str, str] | None = None,
    other_count: int = 0,
    batch: MessageBatch | None = None,
) -> bool:
    """Email the author that a comment was received and how to confirm the address.

    Returns False if the address has had its limit of emails today. `confirmation_due_at` is then
    set. `history` and `recipient` (email address and receipt token) are loaded unless the caller
    has them. `other_count` is the number of further comments that wait for this address. `batch` has
    the emails of several comments.
    """
    # Without the test, the assignment alone would make the session examine the row.
    if comment.confirmation_due_at is not None:
        comment.confirmation_due_at = None
    recipient = recipient or decrypt_recipient(comment, encryption)
    if recipient is None:
        return False
    email, receipt_token = recipient
    history = history or load_sender_history(comment, clock.now())
    is_known = comment.email_confirmed_at is not None or history.is_email_confirmed
    is_unread = comment.state == CommentState.PUBLISHED and comment.awaiting == Awaiting.REVIEW
    is_received = comment.state == CommentState.PENDING or is_unread
    is_suspended = history.sanction == SanctionLevel.SUSPENDED
    # The names of these arguments are stored with the message and read by the email's template.
    is_enqueued = enqueue_message(
        "comment.received" if is_received else "comment.confirm",
        email,
        encryption=encryption,
        about=f"comment:{comment.id}",
        limit_per_day=MAX_CONFIRMATIONS_PER_DAY if is_known else 1,
        # An address that was never confirmed gets one email a day of any kind.
        counted_kinds=CONFIRMATION_KINDS if is_known else None,
        not_before=None
        if is_known
        else next_slot(UNREQUESTED_KINDS, per_hour=MAX_UNCONFIRMED_PER_HOUR, batch=batch),
        batch=batch,
        language=comment.form_language,
        letter_title=get_title(comment.letter_id),
        receipt_token=receipt_token,
        code=make_confirmation_code(encryption, receipt_token),
        known="yes" if is_known else "",
        waits="yes" if comment.state == CommentState.AWAITING_EMAIL else "",
        published="yes" if is_unread else "",
        others=str(other_count or ""),
        **(_load_suspension_variables(comment) if is_suspended else {}),
    )
    if not is_enqueued:
        comment.confirmation_due_at = next_allowed_at(email, encryption)
    return is_enqueued


def find_confirmation_delay(comment: Comment) -> datetime | None:
    """Return until when the confirmation email of a recent comment may take, or None if it leaves soon.

    The answer does not depend on the address. It would tell whether another comment from there was confirmed.
    """
    if (
        comment.state not in CONFIRMABLE_STATES
        or comment.email_confirmed_at is not None
        or comment.submitted_at < clock.now() - timedelta(days=1)
    ):
        return None
    due_at = next_slot(UNREQUESTED_KINDS, per_hour=MAX_UNCONFIRMED_PER_HOUR)
    return due_at if due_at > clock.now() + NOTICEABLE_DELAY else None


def retry_confirmation_request(comment_id: int, encryption: Encryption) -> int:
    """Send a confirmation email that was put off. One email stands for all comments of its address.

    Returns the number of emails enqueued: 0 or 1.
    """
    comment = comment_queries.get_comment(comment_id)
    unsent = (
        email_queries.list_unsent_confirmation_requests(comment.email_hash)
        if comment.email_hash
        else []
    )
    due_at = comment.confirmation_due_at
    if comment not in unsent or due_at is None or due_at > clock.now():
        return 0  # Another worker has sent it.
    if not (comment.state in CONFIRMABLE_STATES or _is_unconfirmed_subscriber(comment)):
        comment.confirmation_due_at = None
        return 0
    others = [
        other
        for other in email_queries.list_unconfirmed_by_email(comment.email_hash or "")
        if other is not comment
    ]
    if not send_confirmation_request(comment, encryption, other_count=len(others)):
        return 0
    for other in unsent:
        other.confirmation_due_at = None  # the page behind the link lists it too
    return 1


def confirm_email(comment: Comment, *, by: Actor) -> None:
    """Mark a comment's address as confirmed, and queue the comment if it waited for that.

    A second confirmation changes nothing. Raises Conflict for an erased comment. Raises NotAllowed
    while the address is suspended: a suspension is not applied earlier, because only a confirmed
    comment is certainly from the owner of the address.
    """
    if comment.erased_at is not None:
        msg = "This comment is erased, so there is nothing left to confirm."
        raise Conflict(msg)
    if comment.email_confirmed_at is not None:
        return
    if find_active_suspension(comment.email_hash, clock.now()):
        msg = "Comments from this address are suspended. Your comment is stored but cannot be published."
        raise NotAllowed(msg)
    comment.email_confirmed_at = clock.now()
    comment.confirmation_due_at = comment.confirmation_effective_at = None
    if comment.state == CommentState.AWAITING_EMAIL:
        change_state(comment, CommentState.PENDING, by=by, action="comment.confirmed")
        return
    if comment.published_at is not None:
        bump_page_version(get_letter(comment.letter_id))  # the page shows a confirmed author's role
    state = str(comment.state)
    record_event(by.label, "comment.confirmed", f"comment:{comment.id}", state=state)


def confirm_selected(
    comment_id: int, selected_ids: set[int | None], *, by: Actor, encryption: Encryption
) -> int | None:
    """Confirm the selected comments among those that wait under the address of one comment.

    `comment_id` is the comment of the link in the email. One comment is confirmed now, that one
    if it is selected, and its id is returned. The others follow within CONFIRM_SPREAD. Returns
    None if none is selected.
    """
    linked = comment_queries.get_comment(comment_id)
    if not linked.email_hash:
        return None
    find = partial(
        email_queries.list_unconfirmed_by_email, linked.email_hash, include_comment_id=linked.id
    )
    # Before the rows of the comments: an examination locks the letter first, and the two could deadlock.
    comment_queries.lock_comments_of_letters([comment.id for comment in find()])
    unconfirmed = find(lock=True)
    selected = [comment for comment in unconfirmed if comment.id in selected_ids]
    if not selected:
        return None
    selected.sort(key=lambda comment: (comment.id != comment_id, comment.id))
    first, *others = selected
    refresh_author_role(first, encryption)
    confirm_email(first, by=by)
    for other in others:
        delay = 1 + tokens.random_below(int(CONFIRM_SPREAD.total_seconds()))
        other.confirmation_effective_at = clock.now() + timedelta(seconds=delay)
        other.confirmation_due_at = None
    return first.id


def apply_due_confirmation(comment_id: int, encryption: Encryption) -> int:
    """Confirm a comment whose `confirmation_effective_at` has come, unless its address is suspended now.

    Returns the number of comments confirmed: 0 or 1.
    """
    comment = comment_queries.get_comment_for_update(comment_id)
    effective_at = comment.confirmation_effective_at
    if effective_at is None or effective_at > clock.now():
        return 0  # The comment was erased, or another worker has confirmed it.
    if find_active_suspension(comment.email_hash, clock.now()):
        comment.confirmation_effective_at = None
        return 0
    refresh_author_role(comment, encryption)
    confirm_email(comment, by=READER)
    return 1


def report_not_mine(comment: Comment, *, by: Actor) -> None:
    """Take down a comment that the owner of its address did not send, and delete the address.

    Raises Conflict when the address is deleted already, or was confirmed with this comment.
    """
    if comment.email_hash is None:
        msg = "The email address of this comment is already deleted."
        raise Conflict(msg)
    if comment.email_confirmed_at is not None:
        msg = "You confirmed this comment. You can withdraw or delete it on its receipt page."
        raise Conflict(msg)
    comment.hold_reasons = [{"rule": CheckCode.NOT_MINE.value, "detail": ""}, *comment.hold_reasons]
    comment.held_by_check = CheckCode.NOT_MINE
    erase_email_address(comment)
    # The sender may have withdrawn it before. They have the receipt, and must not be able to undo that.
    comment.withdrawn_from = comment.withdrawn_awaiting = None
    possible_states = TRANSITIONS[CommentState(comment.state)]
    for state in (CommentState.SPAM, CommentState.WITHDRAWN):
        if state in possible_states:
            change_state(comment, state, by=by, action="comment.disowned")
            return
    record_event(by.label, "comment.disowned", f"comment:{comment.id}", state=str(comment.state))


def erase_email_address(comment: Comment) -> None:
    """Delete the address of a comment, its subscription and every email about it that is not sent."""
    # The last confirmation email may have stood for other comments too. Its link leads to this
    # comment and stops working now, so the others get an email of their own.
    for other in email_queries.list_other_unconfirmed(
        comment.email_hash or "", exclude_comment_id=comment.id
    ):
        other.confirmation_due_at = other.confirmation_due_at or clock.now()
    delete_unsent_messages(f"comment:{comment.id}")
    delete_notifications(comment.id)
    comment.email_sealed = comment.email_hash = None
    comment.confirmation_due_at = comment.confirmation_effective_at = None
    comment.subscription_scope = SubscriptionScope.NONE
    comment.has_daily_digest = comment.has_closing_notice = False


def build_suspension_variables(sanction: Sanction | None, contact: str) -> dict[str, str]:
    """Build the variables with which an email explains a suspension. Empty for other sanctions."""
    if sanction is None or sanction.level != SanctionLevel.SUSPENDED:
        return {}
    clause = find_sanction_clause(sanction)
    return {
        "suspended_until": f"{sanction.until:%Y-%m-%d}",
        "suspended_rule": str(clause.number) if clause else "",
        "suspended_reason": sanction.reason,
        "contact": contact,
    }


def _load_suspension_variables(comment: Comment) -> dict[str, Any]:
    sanction = find_active_sanction(comment.email_hash, clock.now())
    return build_suspension_variables(sanction, load_site().contact) if sanction else {}


def _is_unconfirmed_subscriber(comment: Comment) -> bool:
    return is_subscribed(comment) and not is_recipient_confirmed(comment)
