"""Decide to which addresses the site may write, and make the codes of the links in its emails."""

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.access import select_permitted_ids
from commentsite.comments.models import Comment
from commentsite.comments.queries import find_letter_id
from commentsite.comments.screening.queries import is_email_confirmed
from commentsite.encryption import Encryption
from commentsite.notifications.models import Message
from commentsite.notifications.outbox import requeue_message
from commentsite.notifications.queries import get_message_for_update, list_failed_messages

#: The emails that contain the link to confirm an address.
CONFIRMATION_KINDS = ("comment.confirm", "comment.received")
REQUEST_KIND = "subscription.confirm"
#: The emails to addresses that anybody may have typed.
UNREQUESTED_KINDS = (*CONFIRMATION_KINDS, REQUEST_KIND)
#: The limit of emails to a confirmed address about comments that it did not confirm. Strangers may
#: have sent them under this address.
MAX_UNSOLICITED_PER_DAY = 6
#: Among the newest failed emails, staff of certain letters see theirs.
MAX_FAILED_MESSAGES = 2_000
#: Begins the encrypted text of an unsubscribe code, so that no other encrypted value is accepted.
UNSUBSCRIBE_ALL_PREFIX = "unsubscribe-all:"


def make_confirmation_code(encryption: Encryption, receipt_token: str) -> str:
    """Return the code that confirms a comment's address.

    It is sent by email only. The author's receipt token alone must not confirm the address.
    """
    return encryption.keyed_hash("confirm", receipt_token)[:32]


def make_unsubscribe_code(encryption: Encryption, comment_id: int) -> str:
    """Return the code with which a mail program unsubscribes from one comment."""
    return encryption.keyed_hash("unsubscribe", str(comment_id))[:32]


def make_unsubscribe_all_code(encryption: Encryption, email_hash: str) -> str:
    """Return the code that unsubscribes an address from everything.

    It contains the hash of the address, so it works after the address's comments are erased.
    """
    return encryption.encrypt(f"{UNSUBSCRIBE_ALL_PREFIX}{email_hash}").decode().rstrip("=")


def read_unsubscribe_all_code(encryption: Encryption, code: str) -> str | None:
    """Return the email hash in an unsubscribe code, or None if this site did not make the code."""
    plaintext = encryption.decrypt(f"{code}{'=' * (-len(code) % 4)}".encode())
    if plaintext is None or not plaintext.startswith(UNSUBSCRIBE_ALL_PREFIX):
        return None
    return plaintext.removeprefix(UNSUBSCRIBE_ALL_PREFIX)


def is_recipient_confirmed(comment: Comment) -> bool:
    """Return whether the owner of the comment's address confirmed this comment or another."""
    if comment.email_confirmed_at is not None:
        return True
    return comment.email_hash is not None and is_email_confirmed(comment.email_hash)


def decrypt_recipient(comment: Comment, encryption: Encryption) -> tuple[str, str] | None:
    """Return the email address and the receipt token of a comment's author, or None without an address."""
    email = encryption.decrypt(comment.email_sealed) if comment.email_sealed else None
    receipt_token = encryption.decrypt(comment.receipt_sealed)
    if email is None or receipt_token is None:
        return None
    return email, receipt_token


def list_failed_messages_for_staff(
    by: Actor, *, limit: int, before_id: int | None = None
) -> list[Message]:
    """Return the emails that could not be delivered, the newest first, from the one before `before_id`.

    Staff who look after certain letters see those about comments on their letters.
    """
    by.require(Permission.MODERATE)
    if by.letter_ids is None:
        return list_failed_messages(limit, before_id=before_id)
    messages = list_failed_messages(MAX_FAILED_MESSAGES, before_id=before_id)
    comment_ids = {parse_comment_id(message.about) for message in messages} - {None}
    permitted = select_permitted_ids([number for number in comment_ids if number], by)
    found = [message for message in messages if parse_comment_id(message.about) in permitted]
    return found[:limit]


def parse_comment_id(about: str) -> int | None:
    """Return the id of the comment that a message is about, or None if it is about something else."""
    subject, _colon, number = about.partition(":")
    return int(number) if subject == "comment" and number.isdecimal() else None


def retry_message(message_id: int, *, by: Actor) -> None:
    """Send an email again that could not be delivered.

    Raises what `requeue_message` does, and NotAllowed for an email that `list_failed_messages_for_staff`
    leaves out.
    """
    by.require(Permission.MODERATE)
    found = get_message_for_update(message_id)
    comment_id = parse_comment_id(found.about) if found is not None else None
    if comment_id is not None:
        by.require(Permission.MODERATE, find_letter_id(comment_id))
    elif found is not None:
        by.require_everywhere(Permission.MODERATE)
    message = requeue_message(message_id, rate_limited_kinds=UNREQUESTED_KINDS)
    record_event(by.label, "message.retried", f"message:{message.id}", kind=message.kind)
