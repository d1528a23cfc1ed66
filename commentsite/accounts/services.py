"""Take people on to the staff."""

from collections.abc import Mapping

from email_validator import EmailNotValidError, validate_email

from commentsite import clock, tokens
from commentsite.accounts import queries as account_queries
from commentsite.accounts import sessions
from commentsite.accounts.models import Role, StaffLetter, StaffShortcuts, User
from commentsite.accounts.permissions import Actor, Permission, RoleName
from commentsite.accounts.shortcuts import validate_shortcuts
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.notifications.outbox import enqueue_message


def add_staff(  # noqa: PLR0913  # each is a field of the form, named by the caller
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
    """Add one person with one role; the password comes already hashed.

    Raises Invalid on a malformed address or an empty name, Conflict when the address is taken.
    """
    by.require(Permission.MANAGE_PEOPLE)
    address = check_new_address(email)
    if not 0 < len(name.strip()) <= 80 or not name.isprintable():
        msg = "Enter a name of at most 80 characters."
        raise Invalid(msg, field="name")
    if len(organisation) > 120 or not organisation.isprintable():
        msg = "The name of an organisation has at most 120 characters."
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
    """Let somebody have the keys they choose at the desk. Raises what `keys.checked` does."""
    by.require(Permission.MODERATE)
    chosen = session().get(StaffShortcuts, by.user_id) or StaffShortcuts(staff_id=by.user_id)
    chosen.by_action, chosen.is_off = validate_shortcuts(keys), is_off
    session().add(chosen)


def check_new_address(email: str) -> str:
    """Return an address as it is stored. Raises Invalid on a malformed one, Conflict on one that is taken."""
    try:
        address = validate_email(
            email, check_deliverability=False, test_environment=True
        ).normalized
    except EmailNotValidError:
        msg = "Enter an email address like name@example.org."
        raise Invalid(msg, field="email") from None
    if account_queries.find_staff_by_email(address):
        msg = "Somebody on the staff already has this address."
        raise Conflict(msg, field="email")
    return address


def change_role(user_id: int, role: RoleName, *, by: Actor) -> User:
    """Give somebody else another role; it holds from their next request on.

    Raises NotAllowed for oneself, so that no site is left without a steward.
    """
    user = _lock_other_staff_member(user_id, by)
    if [r.name for r in user.roles] != [role.value]:
        user.roles = [_find_or_create_role(role)]
        if role == RoleName.STEWARD:
            user.scope = []
        sessions.revoke_all_sessions(user.id)
        record_event(by.label, "staff.role_changed", f"user:{user.id}", role=role.value)
    return user


def limit_to_letters(user_id: int, letters: frozenset[int], *, by: Actor) -> User:
    """Let somebody else look after these letters only, or after all when none is named.

    Raises Invalid for a steward, whose work is the whole site.
    """
    user = _lock_other_staff_member(user_id, by)
    if letters and RoleName.STEWARD in {role.name for role in user.roles}:
        msg = "A steward looks after the whole site and cannot be limited to letters."
        raise Invalid(msg, field="letters")
    if {entry.letter_id for entry in user.scope} != letters:
        user.scope = [StaffLetter(letter_id=letter_id) for letter_id in sorted(letters)]
        record_event(by.label, "staff.limited", f"user:{user.id}", letters=sorted(letters))
    return user


def sign_out_everywhere(user_id: int, *, by: Actor) -> User:
    """End every session of somebody else."""
    user = _lock_other_staff_member(user_id, by)
    ended = sessions.revoke_all_sessions(user.id)
    record_event(by.label, "staff.sessions_ended", f"user:{user.id}", sessions=ended)
    return user


def reset_second_factor(user_id: int, *, by: Actor, encryption: Encryption) -> User:
    """Remove somebody else's lost second factor, sign them out everywhere, and tell them.

    Raises Conflict when they have none.
    """
    user = _lock_other_staff_member(user_id, by)
    if not account_queries.has_second_factor(user):
        msg = "%(name)s has no second factor."
        raise Conflict(msg, name=user.name)
    user.tf_primary_method = user.tf_totp_secret = user.tf_last_counter = None
    user.mf_recovery_codes = None
    user.webauthn = []
    user.fs_uniquifier = tokens.new_secret_key()  # a sign-in that is half done ends too
    sessions.revoke_all_sessions(user.id)
    record_event(by.label, "staff.factor_taken_away", f"user:{user.id}")
    enqueue_message("staff.factor_taken_away", user.email, encryption=encryption)
    return user


def set_active(user_id: int, *, is_active: bool, by: Actor) -> User:
    """Let somebody else in, or keep them out at once; what they did stays in the log under their number.

    Raises NotAllowed for oneself.
    """
    user = _lock_other_staff_member(user_id, by)
    if user.active != is_active:
        user.active = is_active
        user.fs_uniquifier = tokens.new_secret_key()  # every session of theirs ends
        sessions.revoke_all_sessions(user.id)
        record_event(by.label, "staff.let_in" if is_active else "staff.kept_out", f"user:{user.id}")
    return user


def _lock_other_staff_member(user_id: int, by: Actor) -> User:
    acquire_advisory_lock("staff")
    if (
        by.user_id is not None
    ):  # of two stewards who shut each other out, the second no longer is one
        by = account_queries.build_actor(account_queries.get_staff_member(by.user_id))
    by.require(Permission.MANAGE_PEOPLE)
    user = account_queries.get_staff_member(user_id)
    if user.id == by.user_id:
        msg = "This is you. Another steward can change it."
        raise NotAllowed(msg)
    return user


def _find_or_create_role(name: RoleName) -> Role:
    role = account_queries.find_role(name)
    if role is None:
        role = Role(name=name.value)
        session().add(role)
    return role
