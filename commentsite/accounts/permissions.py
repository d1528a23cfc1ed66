"""Who may do what: one table, and the actor it is asked about."""

from dataclasses import dataclass
from enum import StrEnum

from commentsite.errors import NotAllowed


class Permission(StrEnum):
    """A thing that not everybody may do."""

    MODERATE = "moderate"
    WRITE_LETTERS = "write_letters"
    PUBLISH_LETTERS = "publish_letters"
    SEE_ADDRESSES = "see_addresses"
    SEE_AUDIT = "see_audit"
    SIGN_LOG = "sign_log"
    MANAGE_PEOPLE = "manage_people"
    CHANGE_SETTINGS = "change_settings"


class RoleName(StrEnum):
    """The three kinds of staff."""

    MODERATOR = "moderator"
    EDITOR = "editor"
    STEWARD = "steward"


ROLE_PERMISSIONS: dict[RoleName, frozenset[Permission]] = {
    RoleName.MODERATOR: frozenset({Permission.MODERATE, Permission.SEE_AUDIT}),
    RoleName.EDITOR: frozenset(
        {
            Permission.MODERATE,
            Permission.SEE_AUDIT,
            Permission.WRITE_LETTERS,
            Permission.PUBLISH_LETTERS,
        },
    ),
    RoleName.STEWARD: frozenset(Permission),
}


@dataclass(frozen=True)
class Actor:
    """Somebody who does something: staff, a reader without an account, or the site itself."""

    label: str  # as the audit log names them: "user:3", "reader", "system"
    permissions: frozenset[Permission] = frozenset()
    user_id: int | None = None
    name: str = ""
    email: str = ""

    def can(self, permission: Permission) -> bool:
        """Say whether this actor may do it."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed unless this actor may do it."""
        if not self.can(permission):
            msg = "Your role does not allow this."
            raise NotAllowed(msg)


READER = Actor(label="reader")
SYSTEM = Actor(label="system", permissions=frozenset(Permission), name="commentsite")
