"""Queries of staff accounts, sessions, invitations and preferences."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, exists, func, literal, or_, select, true, tuple_

from commentsite.accounts.digest_schedule import DigestSchedule, Frequency
from commentsite.accounts.models import (
    ApiToken,
    DigestPreferences,
    Invitation,
    PasswordResetRequest,
    Role,
    StaffLetter,
    StaffSession,
    StaffShortcuts,
    User,
)
from commentsite.accounts.permissions import ROLE_PERMISSIONS, Actor, RoleName
from commentsite.accounts.shortcuts import DEFAULT_SHORTCUTS, Shortcuts
from commentsite.db.base import UtcDateTime
from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.text.collation import collation_key

# These run with each comment or with each page of the desk, so they are built once.
_STAFF_ADDRESSES = select(func.lower(User.email)).where(
    func.lower(User.email).in_(bindparam("emails", expanding=True)), User.active.is_(true())
)
_STAFF_NAMES = select(User.id, User.name)
_ALL_STAFF = select(User).order_by(User.id)
_SHORTCUTS = select(StaffShortcuts).where(StaffShortcuts.staff_id == bindparam("staff"))
_SIGNED_IN_USER = (
    select(User, StaffSession)
    .join(StaffSession, StaffSession.staff_id == User.id)
    .where(
        StaffSession.key_hash == bindparam("key"),
        StaffSession.started_at > bindparam("since", type_=UtcDateTime()),
        User.fs_uniquifier == bindparam("uniquifier"),
        User.active,
    )
)


def list_staff() -> list[User]:
    """Return all staff accounts, also inactive ones, sorted by name."""
    staff = session().scalars(_ALL_STAFF).unique()
    return sorted(staff, key=lambda user: collation_key(user.name))


def has_staff() -> bool:
    """Return whether the site has an account of staff, also an inactive one."""
    return bool(session().scalar(select(exists(select(User.id)))))


def count_staff_and_invitations(now: datetime) -> int:
    """Count active accounts of staff and open invitations."""
    staff = select(func.count()).where(User.active.is_(true())).scalar_subquery()
    invited = select(func.count()).where(Invitation.expires_at > now).scalar_subquery()
    return int(session().scalars(select(staff + invited)).one())


def list_staff_page(*, q: str = "", after_id: int | None = None, limit: int) -> list[User]:
    """Return staff accounts sorted by name, from the one after `after_id`.

    `q` is a part of the name or of the email address.
    """
    name = func.lower(User.name)
    query = select(User).order_by(name, User.id).limit(limit)
    if q:
        has_words = or_(
            User.name.icontains(q, autoescape=True), User.email.icontains(q, autoescape=True)
        )
        query = query.where(has_words)
    if after_id is not None:
        last = select(name).where(User.id == after_id).scalar_subquery()
        query = query.where(tuple_(name, User.id) > tuple_(last, literal(after_id)))
    return list(session().scalars(query).unique())


def get_staff_member(user_id: int) -> User:
    """Return one account as it is in the database now. Raises NotFound."""
    query = select(User).where(User.id == user_id).execution_options(populate_existing=True)
    return require_found(
        session().scalars(query).unique().first(), "There is no member of staff with this number."
    )


def find_staff_by_email(email: str) -> User | None:
    """Return the account with this address. Case does not matter."""
    return (
        session()
        .scalars(select(User).where(func.lower(User.email) == email.lower()))
        .unique()
        .first()
    )


def get_staff_by_email(email: str) -> User:
    """Return the account with this address. Raises NotFound. Case does not matter."""
    return require_found(find_staff_by_email(email), "No member of staff has this address.")


def filter_staff_addresses(emails: Iterable[str]) -> set[str]:
    """Return those of the addresses, in lower case, that active accounts have. Case does not matter."""
    parameters = {"emails": [email.lower() for email in emails]}
    return set(session().scalars(_STAFF_ADDRESSES, parameters))


def list_staff_names() -> list[str]:
    """Return the names of all staff. A commenter must not use one of them."""
    return list(session().scalars(select(User.name)))


def staff_names_by_label() -> dict[str, str]:
    """Return the name of each member of staff by the label that the audit log uses, such as "user:3"."""
    return {f"user:{user_id}": name for user_id, name in session().execute(_STAFF_NAMES)}


def load_shortcuts(user_id: int | None) -> Shortcuts:
    """Return the keyboard shortcuts of a member of staff, or the defaults."""
    row = session().scalars(_SHORTCUTS, {"staff": user_id}).first()
    if row is None:
        return Shortcuts(DEFAULT_SHORTCUTS)
    return Shortcuts({**DEFAULT_SHORTCUTS, **row.by_action}, row.is_off)


def load_digest_schedule(user_id: int | None) -> DigestSchedule:
    """Return the digest schedule of a member of staff. Without a stored choice the digest is off."""
    query = (
        select(DigestPreferences, User.time_zone)
        .join(User, User.id == DigestPreferences.staff_id)
        .where(User.id == user_id)
    )
    found = session().execute(query).first()
    return digest_schedule_from_row(*found) if found else DigestSchedule()


def digest_schedule_from_row(row: DigestPreferences, zone: str) -> DigestSchedule:
    """Return a stored schedule, with the time zone of the account."""
    return DigestSchedule(
        frequency=Frequency(row.frequency),
        hour=row.hour,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        zone=zone,
        subjects=tuple(row.subjects),
    )


def list_staff_due_for_digest(now: datetime, limit: int = 100) -> list[int]:
    """Return the ids of staff whose check for new work is due, the longest overdue first."""
    query = select(DigestPreferences.staff_id).where(DigestPreferences.next_check_at <= now)
    return list(session().scalars(query.order_by(DigestPreferences.next_check_at).limit(limit)))


def get_digest_preferences_for_update(user_id: int) -> DigestPreferences | None:
    """Return the row as it is now, locked until the transaction ends."""
    query = for_update(select(DigestPreferences).where(DigestPreferences.staff_id == user_id))
    return session().scalars(query).first()


def find_reset_request(email_hash: str) -> int | None:
    """Return the id of the waiting request to reset the password of an address."""
    query = select(PasswordResetRequest.id).where(PasswordResetRequest.email_hash == email_hash)
    return session().scalars(query).first()


def list_reset_requests(limit: int = 100) -> list[PasswordResetRequest]:
    """Return the waiting requests to reset a password, the oldest first."""
    query = select(PasswordResetRequest).order_by(PasswordResetRequest.id).limit(limit)
    return list(session().scalars(query))


def delete_reset_request(request_id: int) -> bool:
    """Delete a request. Return False if it does not exist any more."""
    statement = delete(PasswordResetRequest).where(PasswordResetRequest.id == request_id)
    return bool(session().execute(statement.returning(PasswordResetRequest.id)).first())


def find_role(name: RoleName) -> Role | None:
    return session().scalars(select(Role).where(Role.name == name)).first()


def build_actor(user: User) -> Actor:
    """Return the actor for a member of staff, with the permissions of all roles. Inactive staff have none."""
    known_names = {role.value for role in RoleName}
    granted = [
        ROLE_PERMISSIONS[RoleName(role.name)] for role in user.roles if role.name in known_names
    ]
    return Actor(
        label=f"user:{user.id}",
        permissions=frozenset().union(*granted) if user.active else frozenset(),
        user_id=user.id,
        name=user.name,
        email=user.email,
        group=user.stakeholder_group,
        organisation=user.organisation,
        language=user.language,
        letter_ids=frozenset(entry.letter_id for entry in user.scope) or None,
    )


def has_second_factor(user: User) -> bool:
    """Return whether the account has an authenticator app or a passkey besides the password."""
    return bool(user.tf_primary_method and user.tf_totp_secret) or bool(user.webauthn)


def find_signed_in_user(
    key_hash: str, uniquifier: str, since: datetime
) -> tuple[User | None, StaffSession | None]:
    """Return the user and the session of a key, if the session began after `since`, or (None, None)."""
    parameters = {"key": key_hash, "uniquifier": uniquifier, "since": since}
    row = session().execute(_SIGNED_IN_USER, parameters).unique().first()
    return (row[0], row[1]) if row else (None, None)


def list_sessions(staff_id: int, since: datetime) -> list[StaffSession]:
    """Return the sessions of a member of staff that began after `since`, the last used one first."""
    query = select(StaffSession).where(
        StaffSession.staff_id == staff_id, StaffSession.started_at > since
    )
    return list(session().scalars(query.order_by(StaffSession.seen_at.desc(), StaffSession.id)))


def find_session(key_hash: str) -> StaffSession | None:
    return session().scalars(select(StaffSession).where(StaffSession.key_hash == key_hash)).first()


def list_sessions_before(moment: datetime) -> list[StaffSession]:
    return list(session().scalars(select(StaffSession).where(StaffSession.started_at <= moment)))


def list_open_invitations(now: datetime) -> list[Invitation]:
    """Return the invitations that have not expired, the oldest first."""
    query = select(Invitation).where(Invitation.expires_at > now)
    return list(session().scalars(query.order_by(Invitation.id)))


def list_expired_invitations(moment: datetime) -> list[Invitation]:
    return list(session().scalars(select(Invitation).where(Invitation.expires_at <= moment)))


def find_open_invitation(email_hash: str, now: datetime) -> Invitation | None:
    query = select(Invitation).where(
        Invitation.email_hash == email_hash, Invitation.expires_at > now
    )
    return session().scalars(query).first()


def get_invitation_by_token_for_update(token_hash: str, now: datetime) -> Invitation:
    """Return the invitation, locked. Raises NotFound if it was used, revoked or has expired."""
    query = select(Invitation).where(
        Invitation.token_hash == token_hash, Invitation.expires_at > now
    )
    return require_found(
        session().scalars(for_update(query)).first(),
        "This invitation was used or revoked, or it has expired. Ask for a new one.",
    )


def get_invitation_for_update(invitation_id: int) -> Invitation:
    """Return the invitation, locked. Raises NotFound."""
    query = for_update(select(Invitation).where(Invitation.id == invitation_id))
    return require_found(
        session().scalars(query).first(),
        "This invitation no longer exists: it was used or revoked.",
    )


def list_names_limited_to_letter(letter_id: int) -> list[str]:
    """List the names of the staff whose access is limited to this letter, alone or among others."""
    query = (
        select(User.name)
        .join(StaffLetter, StaffLetter.staff_id == User.id)
        .where(StaffLetter.letter_id == letter_id)
    )
    return sorted(session().scalars(query), key=collation_key)


def find_token_with_owner(token_hash: str, now: datetime) -> tuple[ApiToken, User] | None:
    """Return a token that has not expired with its owner, None if its owner is not active."""
    query = (
        select(ApiToken, User)
        .join(User, User.id == ApiToken.staff_id)
        .where(ApiToken.token_hash == token_hash, ApiToken.expires_at > now, User.active)
    )
    row = session().execute(query).unique().first()
    return (row[0], row[1]) if row else None


def list_tokens(staff_id: int | None = None) -> list[tuple[ApiToken, str]]:
    """Return tokens with the names of their owners, the newest first, of one person or of all."""
    query = select(ApiToken, User.name).join(User, User.id == ApiToken.staff_id)
    if staff_id is not None:
        query = query.where(ApiToken.staff_id == staff_id)
    rows = session().execute(query.order_by(ApiToken.id.desc()))
    return [(token, name) for token, name in rows]


def count_tokens(staff_id: int) -> int:
    query = select(func.count()).select_from(ApiToken).where(ApiToken.staff_id == staff_id)
    return session().scalars(query).one()


def get_token_for_update(token_id: int) -> ApiToken:
    """Return the token, locked. Raises NotFound if it was revoked."""
    query = for_update(select(ApiToken).where(ApiToken.id == token_id))
    return require_found(session().scalars(query).first(), "This token no longer exists.")


def list_tokens_expired_before(moment: datetime) -> list[ApiToken]:
    return list(session().scalars(select(ApiToken).where(ApiToken.expires_at <= moment)))
