"""Read who is on the staff."""

from datetime import datetime

from sqlalchemy import bindparam, exists, func, select, true

from commentsite.accounts.digest_schedule import DigestSchedule, Frequency
from commentsite.accounts.models import (
    DigestPreferences,
    Invitation,
    Role,
    StaffSession,
    StaffShortcuts,
    User,
)
from commentsite.accounts.permissions import ROLE_PERMISSIONS, Actor, RoleName
from commentsite.accounts.shortcuts import DEFAULT_SHORTCUTS, Shortcuts
from commentsite.db.base import UtcDateTime
from commentsite.db.session import for_update, session
from commentsite.errors import require_found

# Asked with each comment, or with each page of the desk, so composed once.
_IS_STAFF_ADDRESS = select(
    exists().where(func.lower(User.email) == bindparam("email"), User.active.is_(true()))
)
_STAFF_NAMES = select(User.id, User.name)
_ALL_STAFF = select(User).order_by(func.lower(User.name), User.id)
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
    """Return everybody on the staff, by name."""
    return list(session().scalars(_ALL_STAFF).unique())


def get_staff_member(user_id: int) -> User:
    """Return one person. Raises NotFound."""
    query = select(User).where(User.id == user_id).execution_options(populate_existing=True)
    return require_found(
        session().scalars(query).unique().first(), "There is nobody with this number on the staff."
    )


def find_staff_by_email(email: str) -> User | None:
    """Return the one with this address, whatever its case."""
    return (
        session()
        .scalars(select(User).where(func.lower(User.email) == email.lower()))
        .unique()
        .first()
    )


def is_staff_address(email: str) -> bool:
    """Say whether somebody who works here today has this address, whatever its case."""
    return bool(session().scalar(_IS_STAFF_ADDRESS, {"email": email.lower()}))


def list_staff_names() -> list[str]:
    """Return the names that nobody else may seem to carry."""
    return list(session().scalars(select(User.name)))


def staff_names_by_label() -> dict[str, str]:
    """Return what everybody on the staff is called, by how the log names them."""
    return {f"user:{number}": name for number, name in session().execute(_STAFF_NAMES)}


def load_shortcuts(user_id: int | None) -> Shortcuts:
    """Return the keys somebody has at the desk."""
    chosen = session().scalars(_SHORTCUTS, {"staff": user_id}).first()
    return (
        Shortcuts({**DEFAULT_SHORTCUTS, **chosen.by_action}, chosen.is_off)
        if chosen
        else Shortcuts(DEFAULT_SHORTCUTS)
    )


def load_digest_schedule(user_id: int | None) -> DigestSchedule:
    """Return what somebody wants to hear of, and when."""
    chosen = session().get(DigestPreferences, user_id) if user_id is not None else None
    return digest_schedule_from_row(chosen) if chosen else DigestSchedule()


def digest_schedule_from_row(row: DigestPreferences) -> DigestSchedule:
    """Return a stored choice as the calendar needs it."""
    return DigestSchedule(
        frequency=Frequency(row.frequency),
        hour=row.hour,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        zone=row.zone,
        subjects=tuple(row.subjects),
    )


def list_staff_due_for_digest(now: datetime, limit: int = 100) -> list[int]:
    """Return those on the staff for whom it is time to look, the longest due first."""
    query = select(DigestPreferences.staff_id).where(DigestPreferences.next_check_at <= now)
    return list(session().scalars(query.order_by(DigestPreferences.next_check_at).limit(limit)))


def get_digest_preferences_for_update(user_id: int) -> DigestPreferences | None:
    """Return what somebody chose as it is now, locked until the transaction ends."""
    query = for_update(select(DigestPreferences).where(DigestPreferences.staff_id == user_id))
    return session().scalars(query).first()


def find_role(name: RoleName) -> Role | None:
    """Return the stored role, if it has been made."""
    return session().scalars(select(Role).where(Role.name == name)).first()


def build_actor(user: User) -> Actor:
    """Return the actor a member of staff is: the union of what their roles may do."""
    known = {role.value: role for role in RoleName}
    granted = [ROLE_PERMISSIONS[known[role.name]] for role in user.roles if role.name in known]
    return Actor(
        label=f"user:{user.id}",
        permissions=frozenset().union(*granted) if user.active else frozenset(),
        user_id=user.id,
        name=user.name,
        email=user.email,
        group=user.stakeholder_group,
        organisation=user.organisation,
        letter_ids=frozenset(entry.letter_id for entry in user.scope) or None,
    )


def has_second_factor(user: User) -> bool:
    """Say whether somebody proves more than a password when signing in."""
    return bool(user.tf_primary_method and user.tf_totp_secret) or bool(user.webauthn)


def find_signed_in_user(
    key_hash: str, uniquifier: str, since: datetime
) -> tuple[User | None, StaffSession | None]:
    """Return who is signed in with this key since a moment, and the session; (None, None) for nobody."""
    asked = {"key": key_hash, "uniquifier": uniquifier, "since": since}
    found = session().execute(_SIGNED_IN_USER, asked).unique().first()
    return (found[0], found[1]) if found else (None, None)


def list_sessions(staff_id: int, since: datetime) -> list[StaffSession]:
    """Return where somebody is signed in, the one seen last first."""
    query = select(StaffSession).where(
        StaffSession.staff_id == staff_id, StaffSession.started_at > since
    )
    return list(session().scalars(query.order_by(StaffSession.seen_at.desc(), StaffSession.id)))


def find_session(key_hash: str) -> StaffSession | None:
    """Return the session of this key, or None."""
    return session().scalars(select(StaffSession).where(StaffSession.key_hash == key_hash)).first()


def list_sessions_before(moment: datetime) -> list[StaffSession]:
    """Return the sessions that began before a moment."""
    return list(session().scalars(select(StaffSession).where(StaffSession.started_at <= moment)))


def list_open_invitations(now: datetime) -> list[Invitation]:
    """Return the invitations that can still be used, the oldest first."""
    query = select(Invitation).where(Invitation.expires_at > now)
    return list(session().scalars(query.order_by(Invitation.id)))


def list_expired_invitations(moment: datetime) -> list[Invitation]:
    """Return the invitations that ended before a moment."""
    return list(session().scalars(select(Invitation).where(Invitation.expires_at <= moment)))


def find_open_invitation(email_hash: str, now: datetime) -> Invitation | None:
    """Return the invitation of an address that can still be used, if any."""
    query = select(Invitation).where(
        Invitation.email_hash == email_hash, Invitation.expires_at > now
    )
    return session().scalars(query).first()


def get_invitation_by_token_for_update(token_hash: str, now: datetime) -> Invitation:
    """Return the invitation of this key, locked. Raises NotFound once it is used, taken back or too old."""
    query = select(Invitation).where(
        Invitation.token_hash == token_hash, Invitation.expires_at > now
    )
    query = for_update(query)
    return require_found(
        session().scalars(query).first(),
        "This invitation has been used or taken back, or it is too old. Ask for another.",
    )


def get_invitation_for_update(invitation_id: int) -> Invitation:
    """Return one invitation, locked. Raises NotFound."""
    query = for_update(select(Invitation).where(Invitation.id == invitation_id))
    return require_found(
        session().scalars(query).first(), "This invitation is gone: it was used or taken back."
    )
