"""Read who is on the staff."""

from sqlalchemy import func, select

from commentsite.accounts.models import Role, User
from commentsite.accounts.permissions import ROLE_PERMISSIONS, Actor, RoleName
from commentsite.db import session
from commentsite.errors import NotFound


def staff() -> list[User]:
    """Return everybody on the staff, by name."""
    return list(session().scalars(select(User).order_by(func.lower(User.name), User.id)).unique())


def staff_member(user_id: int) -> User:
    """Return one person. Raises NotFound."""
    query = select(User).where(User.id == user_id).execution_options(populate_existing=True)
    found = session().scalars(query).unique().first()
    if found is None:
        msg = "There is nobody with this number on the staff."
        raise NotFound(msg)
    return found


def staff_by_email(email: str) -> User | None:
    """Return the one with this address, whatever its case."""
    return (
        session()
        .scalars(select(User).where(func.lower(User.email) == email.lower()))
        .unique()
        .first()
    )


def staff_names() -> list[str]:
    """Return the names that nobody else may seem to carry."""
    return list(session().scalars(select(User.name)))


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
    )
