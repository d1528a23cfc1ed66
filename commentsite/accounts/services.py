"""Add staff, change their role, scope and status, and save their keyboard shortcuts."""

from collections.abc import Mapping

from commentsite import clock, tokens
from commentsite.accounts import api_tokens, sessions
from commentsite.accounts import queries as account_queries
from commentsite.accounts.models import Role, StaffLetter, StaffShortcuts, User
from commentsite.accounts.permissions import Actor, Permission, RoleName
from commentsite.accounts.shortcuts import validate_shortcuts
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.notifications.outbox import enqueue_message
from commentsite.text.email_addresses import InvalidEmail, normalize_email


def add_staff(  # noqa: PLR0913  # each is a field of the form
    *,
    by: Actor,
    email: str,
    name: str,
    role: RoleName,
    password_hash: str,
    group: str = "UND",
    organisation: str = "",
    letters: frozenset[int] = frozenset(),
) -> User:
    """Add one person with one role. An empty set of letters means access to all letters.

    Raises Invalid for a malformed address or name, and Conflict if the address belongs to the staff already.
    """
    by.require(Permission.MANAGE_PEOPLE)
    address = check_new_address(email)
    _check_name(name)
    if len(organisation) > 120 or not organisation.isprintable():
        msg = "Enter an organisation of at most 120 characters."
        raise Invalid(msg, field="organisation")
    user = User(
        email=address,
        name=name.strip(),
        password=password_hash,
        active=True,
        fs_uniquifier=tokens.new_secret_key(),
        stakeholder_group=group,
        organisation=organisation.strip(),
        created_at=clock.now(),
        roles=[_find_or_create_role(role)],
        scope=[StaffLetter(letter_id=letter_id) for letter_id in sorted(letters)],
    )
    session().add(user)
    session().flush()
    record_event(by.label, "staff.added", f"user:{user.id}", role=role.value, group=group)
    return user


def save_shortcuts(keys: Mapping[str, str], *, is_off: bool, by: Actor) -> None:
    """Save the actor's own shortcuts. Raises Invalid with the action whose key to correct."""
    by.require(Permission.MODERATE)
    row = session().get(StaffShortcuts, by.user_id) or StaffShortcuts(staff_id=by.user_id)
    row.by_action, row.is_off = validate_shortcuts(keys), is_off
    session().add(row)


def check_new_address(email: str) -> str:
    """Return the address in normalised form. Raises Invalid if it is malformed, Conflict if staff have it."""
    try:
        address = normalize_email(email)
    except InvalidEmail as error:
        raise Invalid(error.message, field="email") from None
    if account_queries.find_staff_by_email(address):
        msg = "A member of staff already has this address."
        raise Conflict(msg, field="email")
    return address


def _check_name(name: str) -> None:
    if not 0 < len(name.strip()) <= 80 or not name.isprintable():
        msg = "Enter a name of at most 80 characters."
        raise Invalid(msg, field="name")


def change_name(user_id: int, name: str, *, by: Actor) -> User:
    """Change the name of another member of staff. Raises Invalid for an unacceptable name."""
    user = _lock_other_staff_member(user_id, by)
    _check_name(name)
    if user.name != name.strip():
        user.name = name.strip()
        record_event(by.label, "staff.renamed", f"user:{user.id}")
    return user


def change_address(user_id: int, email: str, *, by: Actor, encryption: Encryption) -> User:
    """Change the address with which another member of staff signs in, and notify the old address.

    It ends their sessions and makes links that were sent to the old address useless. Raises Invalid for a
    malformed address, and Conflict if another account has it.
    """
    user = _lock_other_staff_member(user_id, by)
    if email.strip().lower() == user.email.lower():
        return user
    old_address, user.email = user.email, check_new_address(email)
    _invalidate_sign_ins(user, by)
    record_event(by.label, "staff.address_changed", f"user:{user.id}")
    enqueue_message(
        "staff.address_changed", old_address, encryption=encryption, language=user.language
    )
    return user


def set_password(user_id: int, password_hash: str, *, by: Actor) -> User:
    """Set a new password for another member of staff and end their sessions."""
    user = _lock_other_staff_member(user_id, by)
    user.password = password_hash
    _invalidate_sign_ins(user, by)
    record_event(by.label, "staff.password_set", f"user:{user.id}")
    return user


def allow_password_reset(user_id: int, *, by: Actor) -> User:
    """Record that another member of staff gets a link to choose a new password. Raises Conflict if inactive."""
    user = _lock_other_staff_member(user_id, by)
    if not user.active:
        msg = "The account of %(name)s is deactivated. Activate it first."
        raise Conflict(msg, name=user.name)
    record_event(by.label, "staff.password_link_made", f"user:{user.id}")
    return user


def _invalidate_sign_ins(user: User, by: Actor) -> None:
    user.fs_uniquifier = tokens.new_secret_key()  # also ends links and half-finished sign-ins
    sessions.revoke_all_sessions(user.id)
    api_tokens.end_all_tokens(user, by=by)


def change_role(user_id: int, role: RoleName, *, by: Actor) -> User:
    """Change the role of another member of staff. It applies from their next request on.

    Raises NotAllowed for the actor's own account, so that no site is left without a steward.
    """
    user = _lock_other_staff_member(user_id, by)
    if [r.name for r in user.roles] != [role.value]:
        user.roles = [_find_or_create_role(role)]
        if role == RoleName.STEWARD:
            user.scope = []
        sessions.revoke_all_sessions(user.id)
        api_tokens.end_all_tokens(user, by=by)
        record_event(by.label, "staff.role_changed", f"user:{user.id}", role=role.value)
    return user


def limit_to_letters(user_id: int, letters: frozenset[int], *, by: Actor) -> User:
    """Limit another member of staff to these letters. An empty set gives access to all letters.

    Raises Invalid for a steward, who has access to the whole site.
    """
    user = _lock_other_staff_member(user_id, by)
    if letters and RoleName.STEWARD in {role.name for role in user.roles}:
        msg = "A steward has access to the whole site and cannot be limited to certain letters."
        raise Invalid(msg, field="letters")
    if {entry.letter_id for entry in user.scope} != letters:
        user.scope = [StaffLetter(letter_id=letter_id) for letter_id in sorted(letters)]
        record_event(by.label, "staff.limited", f"user:{user.id}", letters=sorted(letters))
    return user


def sign_out_everywhere(user_id: int, *, by: Actor) -> User:
    """End every session of another member of staff."""
    user = _lock_other_staff_member(user_id, by)
    ended = sessions.revoke_all_sessions(user.id)
    record_event(by.label, "staff.sessions_ended", f"user:{user.id}", sessions=ended)
    return user


def reset_second_factor(user_id: int, *, by: Actor, encryption: Encryption) -> User:
    """Remove the second factor of another member of staff, end their sessions, and notify them by email.

    It is for people who lost their phone or passkey. They sign in with the password alone and set up a new
    second factor. Raises Conflict if the account has none.
    """
    user = _lock_other_staff_member(user_id, by)
    if not account_queries.has_second_factor(user):
        msg = "%(name)s has no second factor."
        raise Conflict(msg, name=user.name)
    user.tf_primary_method = user.tf_totp_secret = user.tf_last_counter = None
    user.mf_recovery_codes = None
    user.webauthn = []
    _invalidate_sign_ins(user, by)
    record_event(by.label, "staff.factor_taken_away", f"user:{user.id}")
    enqueue_message(
        "staff.factor_taken_away", user.email, encryption=encryption, language=user.language
    )
    return user


def set_active(user_id: int, *, is_active: bool, by: Actor) -> User:
    """Activate or deactivate another account at once. Its entries in the audit log remain.

    Raises NotAllowed for the actor's own account.
    """
    user = _lock_other_staff_member(user_id, by)
    if user.active != is_active:
        user.active = is_active
        _invalidate_sign_ins(user, by)
        record_event(by.label, "staff.let_in" if is_active else "staff.kept_out", f"user:{user.id}")
    return user


def _lock_other_staff_member(user_id: int, by: Actor) -> User:
    acquire_advisory_lock("staff")
    # Two stewards may deactivate each other at the same time. The second one waits for the lock, so the
    # permissions are read again: by then the second one is no longer a steward.
    if by.user_id is not None:
        by = account_queries.build_actor(account_queries.get_staff_member(by.user_id))
    by.require(Permission.MANAGE_PEOPLE)
    user = account_queries.get_staff_member(user_id)
    if user.id == by.user_id:
        msg = "You cannot change your own account here. Ask another steward to do it."
        raise NotAllowed(msg)
    return user


def _find_or_create_role(name: RoleName) -> Role:
    role = account_queries.find_role(name)
    if role is None:
        role = Role(name=name.value)
        session().add(role)
    return role
