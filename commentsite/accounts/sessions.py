"""Who is signed in where: begun at sign-in, asked for at each request of the desk, ended at will."""

from datetime import datetime, timedelta

from commentsite import clock, retention
from commentsite.accounts import queries as account_queries
from commentsite.accounts.models import StaffSession, User
from commentsite.db.session import session
from commentsite.errors import require_found
from commentsite.tokens import hash_token

TOUCH_INTERVAL = timedelta(minutes=5)  # how exact "last seen" is


def create_session(staff_id: int, key: str, browser: str, *, replaced_key: str = "") -> None:
    """Store a session under the hash of its key, in place of the one this browser had before."""
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
    """Return who this key signs in, and the session; (None, None) once it has ended."""
    return account_queries.find_signed_in_user(hash_token(key), uniquifier, _oldest_valid_start())


def list_sessions(staff_id: int) -> list[StaffSession]:
    """Return where somebody is signed in now."""
    return account_queries.list_sessions(staff_id, _oldest_valid_start())


def is_touch_due(row: StaffSession | None) -> bool:
    """Say whether it is time to write down that a session is in use."""
    return row is not None and clock.now() - row.seen_at >= TOUCH_INTERVAL


def touch_session(key: str) -> None:
    """Write down that a session is in use."""
    if row := account_queries.find_session(hash_token(key)):
        row.seen_at = clock.now()


def find_session_id(key: str) -> int | None:
    """Return the number of the session of a key, or None once it has ended."""
    row = account_queries.find_session(hash_token(key))
    return row.id if row else None


def revoke_session(key: str) -> None:
    """End the session of a key; one that has ended stays so."""
    if row := account_queries.find_session(hash_token(key)):
        session().delete(row)


def revoke_session_by_id(staff_id: int, session_id: int) -> StaffSession:
    """End one of somebody's sessions. Raises NotFound when it is not theirs, or has ended."""
    row = require_found(
        next((row for row in list_sessions(staff_id) if row.id == session_id), None),
        "This session has ended already.",
    )
    session().delete(row)
    return row


def revoke_all_sessions(staff_id: int, *, except_key: str = "") -> int:
    """End somebody's sessions, all or all but the one of a key; return how many there were."""
    kept = hash_token(except_key) if except_key else ""
    ended = [row for row in list_sessions(staff_id) if row.key_hash != kept]
    for row in ended:
        session().delete(row)
    return len(ended)


def purge_expired_sessions(now: datetime) -> int:
    """Delete the sessions whose time is over; return how many there were."""
    over = account_queries.list_sessions_before(now - retention.SESSION_TTL)
    for row in over:
        session().delete(row)
    return len(over)


def _oldest_valid_start() -> datetime:
    return clock.now() - retention.SESSION_TTL
