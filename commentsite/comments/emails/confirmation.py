"""Let the owner of an address confirm several comments at once, without the log telling that they are one person's."""

from datetime import timedelta
from typing import Any

from commentsite import clock, tokens
from commentsite.accounts.permissions import READER, Actor
from commentsite.audit.services import record_event
from commentsite.comments import queries as comment_queries
from commentsite.comments.affiliation.services import refresh_author_role
from commentsite.comments.emails import queries as email_queries
from commentsite.comments.emails.mailbox import (
    CONFIRMATION_KINDS,
    decrypt_recipient,
    is_recipient_confirmed,
    make_confirmation_code,
)
from commentsite.comments.emails.subscriptions import delete_notifications
from commentsite.comments.models import Comment
from commentsite.comments.sanctions.models import Sanction, SanctionLevel
from commentsite.comments.sanctions.queries import (
    find_active_sanction,
    find_active_suspension,
    find_sanction_clause,
)
from commentsite.comments.screening.checks import NOT_MINE
from commentsite.comments.screening.sender_history import SenderHistory, load_sender_history
from commentsite.comments.states import TRANSITIONS, UNREVIEWED, CommentState
from commentsite.comments.transitions import change_state
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, NotAllowed
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter, get_title
from commentsite.notifications.outbox import (
    delete_unsent_messages,
    enqueue_message,
    next_allowed_at,
)
from commentsite.site.queries import load_site


def confirm_email(comment: Comment, *, by: Actor) -> None:
    """Let a comment whose address answered into the queue; a second confirmation changes nothing.

    Raises NotAllowed while the address is suspended: only here is it certain whose it is.
    """
    if comment.erased_at is not None:
        msg = "This comment is erased; there is nothing left to confirm."
        raise Conflict(msg)
    if comment.email_confirmed_at is None:
        if find_active_suspension(comment.email_hash, clock.now()):
            msg = "Comments from this address are suspended. What you wrote is kept."
            raise NotAllowed(msg)
        comment.email_confirmed_at = clock.now()
        comment.confirmation_due_at = comment.confirmation_effective_at = None
        if comment.state == CommentState.AWAITING_EMAIL:
            change_state(comment, CommentState.PENDING, by=by, action="comment.confirmed")
        else:
            if comment.published_at is not None:
                bump_page_version(get_letter(comment.letter_id))  # the page says so in words
            state = str(comment.state)
            record_event(by.label, "comment.confirmed", f"comment:{comment.id}", state=state)


def report_not_mine(comment: Comment, *, by: Actor) -> None:
    """Take out a comment that the owner of its address did not send, and never write to them about it again."""
    if comment.email_hash is None:
        msg = "There is nothing left here that could be yours."
        raise Conflict(msg)
    if comment.email_confirmed_at is not None:
        msg = "You confirmed this comment. You can take it back or erase it on its own page."
        raise Conflict(msg)
    ways = TRANSITIONS[CommentState(comment.state)]
    comment.hold_reasons = [{"rule": NOT_MINE, "detail": ""}, *comment.hold_reasons]
    comment.held_by_check = NOT_MINE
    erase_email_address(comment)
    way = next((s for s in (CommentState.SPAM, CommentState.WITHDRAWN) if s in ways), None)
    if way is not None:
        change_state(comment, way, by=by, action="comment.disowned")
    else:
        state = str(comment.state)
        record_event(by.label, "comment.disowned", f"comment:{comment.id}", state=state)


def erase_email_address(comment: Comment) -> None:
    # One message may have spoken for others too; with this comment its link leads nowhere.
    for other in email_queries.list_other_unconfirmed(
        comment.email_hash or "", exclude_comment_id=comment.id
    ):
        other.confirmation_due_at = other.confirmation_due_at or clock.now()
    delete_unsent_messages(f"comment:{comment.id}")
    delete_notifications(comment.id)
    comment.email_sealed = comment.email_hash = comment.confirmation_due_at = (
        comment.confirmation_effective_at
    ) = None
    comment.subscription_scope, comment.has_daily_digest, comment.has_closing_notice = (
        "",
        False,
        False,
    )


CONFIRM_SPREAD = timedelta(hours=6)


def confirm_selected(
    comment_id: int, selected_ids: set[int | None], *, by: Actor, encryption: Encryption
) -> int | None:
    """Confirm the chosen ones of the comments that wait under the address of the one that was asked about; return which is confirmed now.

    One is confirmed now. Entries of the public log that follow each other would say whose the
    others are too, so each of them takes effect at a moment of its own within the next hours.
    """
    asked = comment_queries.get_comment(comment_id)
    together = (
        email_queries.list_unconfirmed_by_email(
            asked.email_hash, include_comment_id=asked.id, lock=True
        )
        if asked.email_hash
        else []
    )
    ticked = [comment for comment in together if comment.id in selected_ids]
    ticked.sort(key=lambda comment: (comment.id != comment_id, comment.id))
    for first in ticked[:1]:
        refresh_author_role(first, encryption)
        confirm_email(first, by=by)
    for other in ticked[1:]:
        within = 1 + tokens.random_below(int(CONFIRM_SPREAD.total_seconds()))
        other.confirmation_effective_at, other.confirmation_due_at = (
            clock.now() + timedelta(seconds=within),
            None,
        )
    return ticked[0].id if ticked else None


def apply_due_confirmation(comment_id: int, encryption: Encryption) -> int:
    """Let what its owner has confirmed take effect, unless the address was suspended meanwhile."""
    comment = comment_queries.get_comment_for_update(comment_id)
    if comment.confirmation_effective_at is None or comment.confirmation_effective_at > clock.now():
        return 0  # erased meanwhile, or another worker was here
    if find_active_suspension(comment.email_hash, clock.now()):
        comment.confirmation_effective_at = None
        return 0
    refresh_author_role(comment, encryption)
    confirm_email(comment, by=READER)
    return 1


MAX_CONFIRMATIONS_PER_DAY = 3  # a day, of an address that was confirmed before
_NO_VARIABLES: dict[str, Any] = {}
CONFIRMABLE_STATES = (CommentState.AWAITING_EMAIL, CommentState.PENDING)


def send_confirmation_request(
    comment: Comment,
    encryption: Encryption,
    *,
    history: SenderHistory | None = None,
    opened: tuple[str, str] | None = None,
    waiting_count: int = 0,
) -> bool:
    """Write that the comment has come and how to confirm its address, and say whether that could be.

    An address that had its message today is asked when a day has passed since. A caller that has
    just read what is `known` of the sender passes it, and so does one that has the address and the
    receipt `opened`, before they were encrypted.
    """
    comment.confirmation_due_at = None
    opened = opened or decrypt_recipient(comment, encryption)
    if opened is None:
        return False
    email, receipt = opened
    history = history or load_sender_history(comment, clock.now())
    is_known = comment.email_confirmed_at is not None or history.is_email_confirmed
    waits = comment.state == CommentState.AWAITING_EMAIL
    is_unread = comment.state == CommentState.PUBLISHED and comment.awaiting == UNREVIEWED
    promised = enqueue_message(
        "comment.received"
        if comment.state == CommentState.PENDING or is_unread
        else "comment.confirm",
        email,
        encryption=encryption,
        about=f"comment:{comment.id}",
        limit_per_day=MAX_CONFIRMATIONS_PER_DAY if is_known else 1,
        counted_kinds=CONFIRMATION_KINDS if is_known else None,
        letter_title=get_title(comment.letter_id),
        receipt_token=receipt,
        code=make_confirmation_code(encryption, receipt),
        known="yes" if is_known else "",
        waits="yes" if waits else "",
        published="yes" if is_unread else "",
        others=str(waiting_count or ""),
        **(
            _suspension_variables(comment)
            if history.sanction == SanctionLevel.SUSPENDED
            else _NO_VARIABLES
        ),
    )
    if not promised:
        comment.confirmation_due_at = next_allowed_at(email, encryption)
    return promised


def retry_confirmation_request(comment_id: int, encryption: Encryption) -> int:
    """Ask about a comment that could not be asked about before; one message speaks for all that wait with it."""
    comment = comment_queries.get_comment(comment_id)
    together = (
        email_queries.list_unsent_confirmation_requests(comment.email_hash)
        if comment.email_hash
        else []
    )
    if (
        comment not in together
        or comment.confirmation_due_at is None
        or comment.confirmation_due_at > clock.now()
    ):
        return 0  # another worker was here
    if not (comment.state in CONFIRMABLE_STATES or _is_unconfirmed_subscriber(comment)):
        comment.confirmation_due_at = None
        return 0
    waiting = [
        w
        for w in email_queries.list_unconfirmed_by_email(comment.email_hash or "")
        if w is not comment
    ]
    if not send_confirmation_request(comment, encryption, waiting_count=len(waiting)):
        return 0
    for other in together:
        other.confirmation_due_at = None  # the page behind the link speaks for it too
    return 1


def _suspension_variables(comment: Comment) -> dict[str, Any]:
    """Return what its mailbox alone is told about the address: that it is suspended."""
    sanction = find_active_sanction(comment.email_hash, clock.now())
    return build_suspension_variables(sanction, load_site().contact) if sanction else {}


def _is_unconfirmed_subscriber(comment: Comment) -> bool:
    return bool(
        comment.subscription_scope or comment.has_closing_notice
    ) and not is_recipient_confirmed(comment)


def build_suspension_variables(sanction: Sanction | None, contact: str) -> dict[str, str]:
    """Return what a suspended address is told: until when, why, and where to object; {} for any other."""
    if sanction is None or sanction.level != SanctionLevel.SUSPENDED:
        return {}
    clause = find_sanction_clause(sanction)
    return {
        "suspended_until": f"{sanction.until.day} {sanction.until:%B %Y}",
        "suspended_rule": str(clause.number) if clause else "",
        "suspended_reason": sanction.reason,
        "contact": contact,
    }
