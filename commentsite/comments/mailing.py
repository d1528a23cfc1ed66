"""Write to commenters: an address that nobody confirmed gets one message a day, the one that asks."""

from typing import Any

from commentsite import clock
from commentsite.comments import queries, walks
from commentsite.comments.known import Known, confirmed_before, known_of
from commentsite.comments.models import Comment
from commentsite.comments.sanctioned import sanction_on, suspension_in_words
from commentsite.comments.states import LOOK, CommentState, SanctionLevel
from commentsite.db import session
from commentsite.letters.queries import title_of
from commentsite.notifications.services import enqueue, free_from
from commentsite.site.queries import current_site
from commentsite.vault import Vault

ASKING = ("comment.confirm", "comment.received")  # what carries the link to confirm
MOST_ASKED = 3  # a day, of an address that was confirmed before
STOP_ALL = "unsubscribe-all:"  # what is sealed for one purpose opens nothing else
MOST_UNASKED = (
    6  # a day in all, about what strangers may have sent in the name of a confirmed address
)
NOTHING: dict[str, Any] = {}
WAITING = (CommentState.AWAITING_EMAIL, CommentState.PENDING)


def confirmation_code(vault: Vault, receipt: str) -> str:
    """Return what only the mailbox learns: the receipt alone does not confirm its own address."""
    return vault.keyed_hash("confirm", receipt)[:32]


def unsubscribe_code(vault: Vault, comment_id: int) -> str:
    """Return what lets a mail program stop messages; it tells nothing about the address."""
    return vault.keyed_hash("unsubscribe", str(comment_id))[:32]


def mailbox_code(vault: Vault, email_hash: str) -> str:
    """Return what stops the messages to one mailbox, whichever of its comments are erased meanwhile."""
    return vault.seal(f"{STOP_ALL}{email_hash}").decode().rstrip("=")


def mailbox_of(vault: Vault, code: str) -> str | None:
    """Return the mailbox such a code is for, as its keyed hash; None when it is none of ours."""
    opened = vault.open(f"{code}{'=' * (-len(code) % 4)}".encode())
    if opened is None or not opened.startswith(STOP_ALL):
        return None
    return opened.removeprefix(STOP_ALL)


def is_confirmed(comment: Comment) -> bool:
    """Say whether the owner of its address has answered us, about this comment or another."""
    if comment.email_confirmed_at is not None:
        return True
    return comment.email_hash is not None and confirmed_before(comment.email_hash)


def ask(
    comment: Comment,
    vault: Vault,
    *,
    known: Known | None = None,
    opened: tuple[str, str] | None = None,
    others: int = 0,
) -> bool:
    """Write that the comment has come and how to confirm its address, and say whether that could be.

    An address that had its message today is asked when a day has passed since. A caller that has
    just read what is `known` of the sender passes it, and so does one that has the address and the
    receipt `opened`, before they were encrypted.
    """
    comment.ask_at = None
    opened = opened or opened_for(comment, vault)
    if opened is None:
        return False
    email, receipt = opened
    known = known or known_of(comment, clock.now())
    is_known = comment.email_confirmed_at is not None or known.is_confirmed
    waits = comment.state == CommentState.AWAITING_EMAIL
    is_unread = comment.state == CommentState.PUBLISHED and comment.waits_for == LOOK
    promised = enqueue(
        "comment.received"
        if comment.state == CommentState.PENDING or is_unread
        else "comment.confirm",
        email,
        vault=vault,
        about=f"comment:{comment.id}",
        limit_per_day=MOST_ASKED if is_known else 1,
        among=ASKING if is_known else None,
        letter_title=title_of(comment.letter_id),
        receipt_token=receipt,
        code=confirmation_code(vault, receipt),
        known="yes" if is_known else "",
        waits="yes" if waits else "",
        published="yes" if is_unread else "",
        others=str(others or ""),
        **(_told(comment) if known.sanction == SanctionLevel.SUSPENDED else NOTHING),
    )
    if not promised:
        comment.ask_at = free_from(email, vault)
    return promised


def ask_again(comment_id: int, vault: Vault) -> int:
    """Ask about a comment that could not be asked about before; one message speaks for all that wait with it."""
    comment = queries.comment_by_id(comment_id)
    together = walks.unasked_under(comment.email_hash) if comment.email_hash else []
    if comment not in together or comment.ask_at is None or comment.ask_at > clock.now():
        return 0  # another worker was here
    if not (comment.state in WAITING or _is_following_in_vain(comment)):
        comment.ask_at = None
        return 0
    waiting = [w for w in walks.waiting_under(comment.email_hash or "") if w is not comment]
    if not ask(comment, vault, others=len(waiting)):
        return 0
    for other in together:
        other.ask_at = None  # the page behind the link speaks for it too
    return 1


def opened_for(comment: Comment, vault: Vault) -> tuple[str, str] | None:
    """Return the address of a comment's author and the key of its private page, None when there is nobody to write to."""
    email = vault.open(comment.email_sealed) if comment.email_sealed else None
    receipt = vault.open(comment.receipt_sealed)
    return (email, receipt) if email is not None and receipt is not None else None


def forget_notices_to(comment_id: int) -> None:
    """Tell the author of a comment nothing more of others."""
    for notice in walks.notices_about(comment_id):
        if notice.comment_id == comment_id:
            session().delete(notice)


def forget_notices_of(answer_id: int) -> None:
    """Tell nobody of an answer any more."""
    for notice in walks.notices_about(answer_id):
        if notice.answer_id == answer_id:
            session().delete(notice)


def forget_notices(comment_id: int) -> None:
    """Tell nothing more about a comment, neither to its author nor to others."""
    for notice in walks.notices_about(comment_id):
        session().delete(notice)


def _told(comment: Comment) -> dict[str, Any]:
    """Return what its mailbox alone is told about the address: that it is suspended."""
    sanction = sanction_on(comment.email_hash, clock.now())
    return suspension_in_words(sanction, current_site().contact) if sanction else {}


def _is_following_in_vain(comment: Comment) -> bool:
    return bool(comment.follow or comment.follow_closing) and not is_confirmed(comment)
