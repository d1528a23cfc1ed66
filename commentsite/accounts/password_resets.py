"""Take requests to reset a password, and send the link to those that name an account.

Anybody can type any address into the form. The page therefore only stores the request, whether or not an account
has the address, so that neither its answer nor its time tells. The worker looks the address up and sends the link.

A stranger must be able neither to flood a mailbox nor to keep its owner from a link. While a link that was sent
still works, further requests for the account send a new one only after RESET_PAUSES. The last pause is short
enough that the owner is never without a working link for long, and the pauses begin anew once the password changes.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from commentsite import clock
from commentsite.accounts import queries as account_queries
from commentsite.accounts.models import PasswordResetRequest, User
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.notifications.outbox import enqueue_message
from commentsite.notifications.queries import list_creation_times

RESET_LINK_TTL = timedelta(days=1)
#: After the first, second, … link that was sent within RESET_LINK_TTL. The last pause repeats.
RESET_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240))
MAX_ADDRESS_LENGTH = 254


def request_password_reset(email: str, *, encryption: Encryption) -> None:
    """Store a request for the worker, at most one for each address."""
    email_hash = encryption.keyed_hash("password-reset", email.lower())
    if account_queries.find_reset_request(email_hash) is None:
        session().add(
            PasswordResetRequest(
                email_hash=email_hash,
                email_sealed=encryption.encrypt(email[:MAX_ADDRESS_LENGTH]),
                requested_at=clock.now(),
            )
        )
        session().flush()


def find_account_to_reset(request: PasswordResetRequest, encryption: Encryption) -> User | None:
    """Return the active account that the request is about, unless it must wait for another link."""
    email = encryption.decrypt(request.email_sealed)
    user = account_queries.find_staff_by_email(email) if email else None
    if user is None or not user.active or next_link_at(user) > clock.now():
        return None
    return user


def complete_request(
    request_id: int, user: User | None, token: str, *, encryption: Encryption
) -> int:
    """Delete a request, and send the link with this token if it has an account. Return the number of emails."""
    if not account_queries.delete_reset_request(request_id) or user is None:
        return 0  # another worker has completed it
    enqueue_message(
        "staff.password_reset",
        user.email,
        encryption=encryption,
        about=_describe_links(user),
        language=user.language,
        code=token,
    )
    return 1


def next_link_at(user: User) -> datetime:
    """Return from when a request may send this account another link."""
    now = clock.now()
    sent = list_creation_times(_describe_links(user), now - RESET_LINK_TTL)
    if not sent:
        return now
    return sent[-1] + RESET_PAUSES[min(len(sent), len(RESET_PAUSES)) - 1]


def _describe_links(user: User) -> str:
    """Return the `about` of the emails whose links still work: a new password ends the links sent before."""
    secret = f"{user.fs_uniquifier}\0{user.password}"
    return f"reset:{sha256(secret.encode()).hexdigest()[:24]}"
