"""Read who is on the staff."""

from datetime import datetime

from sqlalchemy import bindparam, exists, func, select, true

from commentsite.accounts.keys import AS_THEY_COME, Keys
from commentsite.accounts.models import (
    Invitation,
    Role,
    StaffKeys,
    StaffMessages,
    StaffSession,
    User,
)
from commentsite.accounts.permissions import ROLE_PERMISSIONS, Actor, RoleName
from commentsite.accounts.rhythm import How, Rhythm
from commentsite.db import UtcDateTime, for_update, session
from commentsite.errors import require_found

# Asked with each comment, or with each page of the desk, so composed once.
_STAFF_ADDRESS = select(
    exists().where(func.lower(User.email) == bindparam("email"), User.active.is_(true()))
)
_NAMES = select(User.id, User.name)
_STAFF = select(User).order_by(func.lower(User.name), User.id)
_KEYS = select(StaffKeys).where(StaffKeys.staff_id == bindparam("staff"))
_SIGNED_IN = (
    select(User, StaffSession)
    .join(StaffSession, StaffSession.staff_id == User.id)
    .where(
        StaffSession.key_hash == bindparam("key"),
        StaffSession.started_at > bindparam("since", type_=UtcDateTime()),
        User.fs_uniquifier == bindparam("uniquifier"),
        User.active,
    )
)


def staff() -> list[User]:
    """Return everybody on the staff, by name."""
    return list(session().scalars(_STAFF).unique())


def staff_member(user_id: int) -> User:
    """Return one person. Raises NotFound."""
    query = select(User).where(User.id == user_id).execution_options(populate_existing=True)
    return require_found(
        session().scalars(query).unique().first(), "There is nobody with this number on the staff."
    )


def staff_by_email(email: str) -> User | None:
    """Return the one with this address, whatever its case."""
    return (
        session()
        .scalars(select(User).where(func.lower(User.email) == email.lower()))
        .unique()
        .first()
    )


def is_staff_address(email: str) -> bool:
    """Say whether somebody who works here today has this address, whatever its case."""
    return bool(session().scalar(_STAFF_ADDRESS, {"email": email.lower()}))


def staff_names() -> list[str]:
    """Return the names that nobody else may seem to carry."""
    return list(session().scalars(select(User.name)))


def names_by_label() -> dict[str, str]:
    """Return what everybody on the staff is called, by how the log names them."""
    return {f"user:{number}": name for number, name in session().execute(_NAMES)}


def keys_of(user_id: int | None) -> Keys:
    """Return the keys somebody has at the desk."""
    chosen = session().scalars(_KEYS, {"staff": user_id}).first()
    return Keys({**AS_THEY_COME, **chosen.by_act}, chosen.is_off) if chosen else Keys(AS_THEY_COME)


def messages_of(user_id: int | None) -> Rhythm:
    """Return what somebody wants to hear of, and when."""
    chosen = session().get(StaffMessages, user_id) if user_id is not None else None
    return rhythm_of(chosen) if chosen else Rhythm()


def rhythm_of(chosen: StaffMessages) -> Rhythm:
    """Return a stored choice as the calendar needs it."""
    return Rhythm(
        how=How(chosen.how),
        hour=chosen.hour,
        quiet_from=chosen.quiet_from,
        quiet_until=chosen.quiet_until,
        zone=chosen.zone,
        subjects=tuple(chosen.subjects),
    )


def messages_due(now: datetime, limit: int = 100) -> list[int]:
    """Return those on the staff for whom it is time to look, the longest due first."""
    query = select(StaffMessages.staff_id).where(StaffMessages.next_at <= now)
    return list(session().scalars(query.order_by(StaffMessages.next_at).limit(limit)))


def messages_for_update(user_id: int) -> StaffMessages | None:
    """Return what somebody chose as it is now, locked until the transaction ends."""
    query = for_update(select(StaffMessages).where(StaffMessages.staff_id == user_id))
    return session().scalars(query).first()


def role_named(name: RoleName) -> Role | None:
    """Return the stored role, if it has been made."""
    return session().scalars(select(Role).where(Role.name == name)).first()


def actor_for(user: User) -> Actor:
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
        letters=frozenset(entry.letter_id for entry in user.scope) or None,
    )


def has_second_factor(user: User) -> bool:
    """Say whether somebody proves more than a password when signing in."""
    return bool(user.tf_primary_method and user.tf_totp_secret) or bool(user.webauthn)


def signed_in(
    key_hash: str, uniquifier: str, since: datetime
) -> tuple[User | None, StaffSession | None]:
    """Return who is signed in with this key since a moment, and the session; (None, None) for nobody."""
    asked = {"key": key_hash, "uniquifier": uniquifier, "since": since}
    found = session().execute(_SIGNED_IN, asked).unique().first()
    return (found[0], found[1]) if found else (None, None)


def sessions_of(staff_id: int, since: datetime) -> list[StaffSession]:
    """Return where somebody is signed in, the one seen last first."""
    query = select(StaffSession).where(
        StaffSession.staff_id == staff_id, StaffSession.started_at > since
    )
    return list(session().scalars(query.order_by(StaffSession.seen_at.desc(), StaffSession.id)))


def session_with_key(key_hash: str) -> StaffSession | None:
    """Return the session of this key, or None."""
    return session().scalars(select(StaffSession).where(StaffSession.key_hash == key_hash)).first()


def sessions_before(moment: datetime) -> list[StaffSession]:
    """Return the sessions that began before a moment."""
    return list(session().scalars(select(StaffSession).where(StaffSession.started_at <= moment)))


def open_invitations(now: datetime) -> list[Invitation]:
    """Return the invitations that can still be used, the oldest first."""
    query = select(Invitation).where(Invitation.expires_at > now)
    return list(session().scalars(query.order_by(Invitation.id)))


def invitations_before(moment: datetime) -> list[Invitation]:
    """Return the invitations that ended before a moment."""
    return list(session().scalars(select(Invitation).where(Invitation.expires_at <= moment)))


def invitation_to(email_hash: str, now: datetime) -> Invitation | None:
    """Return the invitation of an address that can still be used, if any."""
    query = select(Invitation).where(
        Invitation.email_hash == email_hash, Invitation.expires_at > now
    )
    return session().scalars(query).first()


def invitation_with(token_hash: str, now: datetime) -> Invitation:
    """Return the invitation of this key, locked. Raises NotFound once it is used, taken back or too old."""
    query = select(Invitation).where(
        Invitation.token_hash == token_hash, Invitation.expires_at > now
    )
    query = for_update(query)
    return require_found(
        session().scalars(query).first(),
        "This invitation has been used or taken back, or it is too old. Ask for another.",
    )


def invitation_numbered(invitation_id: int) -> Invitation:
    """Return one invitation, locked. Raises NotFound."""
    query = for_update(select(Invitation).where(Invitation.id == invitation_id))
    return require_found(
        session().scalars(query).first(), "This invitation is gone: it was used or taken back."
    )
