"""Take people on to the staff."""

from email_validator import EmailNotValidError, validate_email

from commentsite import clock, tokens
from commentsite.accounts import queries
from commentsite.accounts.models import Role, User
from commentsite.accounts.permissions import Actor, Permission, RoleName
from commentsite.audit.services import record
from commentsite.db import session
from commentsite.errors import Conflict, Invalid


def add_staff(  # noqa: PLR0913  # each is a field of the form, named by the caller
    *,
    by: Actor,
    email: str,
    name: str,
    role: RoleName,
    password_hash: str,
    group: str = "UND",
    organisation: str = "",
) -> User:
    """Add one person with one role; the password comes already hashed.

    Raises Invalid on a malformed address or an empty name, Conflict when the address is taken.
    """
    by.require(Permission.MANAGE_PEOPLE)
    try:
        address = validate_email(
            email, check_deliverability=False, test_environment=True
        ).normalized
    except EmailNotValidError:
        msg = "Enter an email address like name@example.org."
        raise Invalid(msg, field="email") from None
    if not name.strip():
        msg = "Enter a name."
        raise Invalid(msg, field="name")
    if queries.staff_by_email(address):
        msg = "Somebody on the staff already has this address."
        raise Conflict(msg)
    user = User(
        email=address,
        name=name.strip(),
        password=password_hash,
        active=True,
        fs_uniquifier=tokens.key(),
        stakeholder_group=group,
        organisation=organisation.strip(),
        created_at=clock.now(),
        roles=[_role(role)],
    )
    session().add(user)
    session().flush()
    record(by.label, "staff.added", f"user:{user.id}", role=role.value, group=group)
    return user


def _role(name: RoleName) -> Role:
    role = queries.role_named(name)
    if role is None:
        role = Role(name=name.value)
        session().add(role)
    return role
