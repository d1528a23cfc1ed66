"""The permissions of each role, and the actor whose permissions services check."""

from dataclasses import dataclass
from enum import StrEnum

from commentsite.errors import NotAllowed


class Permission(StrEnum):
    MODERATE = "moderate"
    WRITE_LETTERS = "write_letters"
    PUBLISH_LETTERS = "publish_letters"
    RESTORE_LETTERS = "restore_letters"
    SEE_ADDRESSES = "see_addresses"
    SEE_AUDIT = "see_audit"
    SIGN_LOG = "sign_log"
    MANAGE_PEOPLE = "manage_people"
    CHANGE_SETTINGS = "change_settings"
    EDIT_RULES = "edit_rules"
    SANCTION = "sanction"
    EXPORT_DSA_STATEMENTS = "export_reasons"
    REVEAL_AUTHORS = "reveal_authors"
    USE_EMERGENCY_SWITCHES = "switch_intake"


class RoleName(StrEnum):
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
            Permission.SANCTION,
            Permission.USE_EMERGENCY_SWITCHES,
        },
    ),
    RoleName.STEWARD: frozenset(Permission),
}


@dataclass(frozen=True)
class Actor:
    """The person or process that acts: a member of staff, a reader without an account, or the site itself."""

    label: str  # in the audit log: "user:3", "reader" or "system"
    permissions: frozenset[Permission] = frozenset()
    user_id: int | None = None
    name: str = ""
    email: str = ""
    group: str = ""
    organisation: str = ""
    language: str = ""  # of the interface; empty: that of the site
    letter_ids: frozenset[int] | None = None  # None: access to all letters

    def can(self, permission: Permission, letter_id: int | None = None) -> bool:
        """Return whether the actor has the permission, in general or for one letter."""
        return permission in self.permissions and (
            letter_id is None or self.letter_ids is None or letter_id in self.letter_ids
        )

    def can_everywhere(self, permission: Permission) -> bool:
        """Return whether the actor has the permission without a limit to certain letters."""
        return self.can(permission) and self.letter_ids is None

    def require(self, permission: Permission, letter_id: int | None = None) -> None:
        """Raise NotAllowed unless the actor has the permission, in general or for one letter."""
        if not self.can(permission):
            msg = "Your role does not allow this."
            raise NotAllowed(msg)
        if not self.can(permission, letter_id):
            msg = "Your account is limited to certain letters, and this is not one of them."
            raise NotAllowed(msg)

    def require_everywhere(self, permission: Permission) -> None:
        """Raise NotAllowed unless the actor has the permission without a limit to certain letters."""
        self.require(permission)
        if not self.can_everywhere(permission):
            msg = "Your account is limited to certain letters, and this action affects others."
            raise NotAllowed(msg)


READER = Actor(label="reader")
SYSTEM = Actor(label="system", permissions=frozenset(Permission), name="commentsite")
