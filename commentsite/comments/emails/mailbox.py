"""Write to commenters: an address that nobody confirmed gets one message a day, the one that asks."""

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.models import Comment
from commentsite.comments.screening.queries import is_email_confirmed
from commentsite.encryption import Encryption
from commentsite.notifications.outbox import requeue_message

CONFIRMATION_KINDS = ("comment.confirm", "comment.received")  # what carries the link to confirm
UNSUBSCRIBE_ALL_PREFIX = "unsubscribe-all:"  # what is sealed for one purpose opens nothing else
MAX_UNSOLICITED_PER_DAY = (
    6  # a day in all, about what strangers may have sent in the name of a confirmed address
)


def make_confirmation_code(encryption: Encryption, receipt: str) -> str:
    """Return what only the mailbox learns: the receipt alone does not confirm its own address."""
    return encryption.keyed_hash("confirm", receipt)[:32]


def make_unsubscribe_code(encryption: Encryption, comment_id: int) -> str:
    """Return what lets a mail program stop messages; it tells nothing about the address."""
    return encryption.keyed_hash("unsubscribe", str(comment_id))[:32]


def make_unsubscribe_all_code(encryption: Encryption, email_hash: str) -> str:
    """Return what stops the messages to one mailbox, whichever of its comments are erased meanwhile."""
    return encryption.encrypt(f"{UNSUBSCRIBE_ALL_PREFIX}{email_hash}").decode().rstrip("=")


def read_unsubscribe_all_code(encryption: Encryption, code: str) -> str | None:
    """Return the mailbox such a code is for, as its keyed hash; None when it is none of ours."""
    opened = encryption.decrypt(f"{code}{'=' * (-len(code) % 4)}".encode())
    if opened is None or not opened.startswith(UNSUBSCRIBE_ALL_PREFIX):
        return None
    return opened.removeprefix(UNSUBSCRIBE_ALL_PREFIX)


def is_recipient_confirmed(comment: Comment) -> bool:
    """Say whether the owner of its address has answered us, about this comment or another."""
    if comment.email_confirmed_at is not None:
        return True
    return comment.email_hash is not None and is_email_confirmed(comment.email_hash)


def decrypt_recipient(comment: Comment, encryption: Encryption) -> tuple[str, str] | None:
    """Return the address of a comment's author and the key of its private page, None when there is nobody to write to."""
    email = encryption.decrypt(comment.email_sealed) if comment.email_sealed else None
    receipt = encryption.decrypt(comment.receipt_sealed)
    return (email, receipt) if email is not None and receipt is not None else None


def retry_message(message_id: int, *, by: Actor) -> None:
    """Let a message that was given up be tried again. Raises what `try_again` does."""
    by.require(Permission.MODERATE)
    message = requeue_message(message_id, rate_limited_kinds=CONFIRMATION_KINDS)
    record_event(by.label, "message.retried", f"message:{message.id}", kind=message.kind)
