"""The sessions of staff: created at sign-in, checked with each request to the desk, revocable at any time.

The browser holds a random key in its cookie, and the table holds the hash of the key. A copy of the database
therefore opens no session. Each request compares the session with the account: the account must be active, the
session younger than `retention.SESSION_TTL`, and the cookie must carry the account's current `fs_uniquifier`.
Changing a role, deactivating an account or resetting a second factor deletes the sessions of that account. The
last two also change its `fs_uniquifier`, which invalidates a sign-in that still waits for its second factor.
"""

from datetime import datetime, timedelta

from commentsite import clock, retention
from commentsite.accounts import queries as account_queries
from commentsite.accounts.models import StaffSession, User
from commentsite.db.session import session
from commentsite.errors import require_found
from commentsite.tokens import hash_token

TOUCH_INTERVAL = timedelta(minutes=5)  # the precision of "last seen"


def create_session(staff_id: int, key: str, browser: str, *, replaced_key: str = "") -> None:
    """Store a session by the hash of its key. It replaces the earlier session of the same browser."""
    if replaced_key:
        revoke_session(replaced_key)
    now = clock.now()
    session().add(
        StaffSession(
            staff_id=staff_id,
            key_hash=hash_token(key),
            browser=browser[:40],
            started_at=now,
            seen_at=now,
        )
    )
    session().flush()


def authenticate(key: str, uniquifier: str) -> tuple[User | None, StaffSession | None]:
    """Return the user that a session key signs in, and the session, or (None, None)."""
    return account_queries.find_signed_in_user(hash_token(key), uniquifier, _oldest_valid_start())


def list_sessions(staff_id: int) -> list[StaffSession]:
    """Return the current sessions of a member of staff, the last used one first."""
    return account_queries.list_sessions(staff_id, _oldest_valid_start())


def is_touch_due(row: StaffSession | None) -> bool:
    """Return whether the stored "last seen" is older than TOUCH_INTERVAL. Not every request must write."""
    return row is not None and clock.now() - row.seen_at >= TOUCH_INTERVAL


def touch_session(key: str) -> None:
    """Store that the session is in use now."""
    if row := account_queries.find_session(hash_token(key)):
        row.seen_at = clock.now()


def find_session_id(key: str) -> int | None:
    row = account_queries.find_session(hash_token(key))
    return row.id if row else None


def revoke_session(key: str) -> None:
    """End the session of a key, if it still exists."""
    if row := account_queries.find_session(hash_token(key)):
        session().delete(row)


def revoke_session_by_id(staff_id: int, session_id: int) -> StaffSession:
    """End one session. Raises NotFound if it belongs to another person or has ended."""
    row = require_found(
        next((row for row in list_sessions(staff_id) if row.id == session_id), None),
        "This session has already ended.",
    )
    session().delete(row)
    return row


def revoke_all_sessions(staff_id: int, *, except_key: str = "") -> int:
    """End all sessions of a member of staff, except the one of this key. Return their number."""
    excepted_hash = hash_token(except_key) if except_key else ""
    ended = [row for row in list_sessions(staff_id) if row.key_hash != excepted_hash]
    for row in ended:
        session().delete(row)
    return len(ended)


def purge_expired_sessions(now: datetime) -> int:
    """Delete expired sessions and return their number."""
    expired = account_queries.list_sessions_before(now - retention.SESSION_TTL)
    for row in expired:
        session().delete(row)
    return len(expired)


def _oldest_valid_start() -> datetime:
    return clock.now() - retention.SESSION_TTL
