"""Tables of staff accounts. Readers have no accounts."""

from datetime import date, datetime

from flask_security import AsaList, RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
)
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commentsite.db.base import Base

UNDISCLOSED_GROUP = "UND"  # the code of the group that every site offers

staff_role = Table(
    "staff_role",
    Base.metadata,
    Column("staff_id", ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Base, RoleMixin):
    """A role of staff. `permissions.ROLE_PERMISSIONS` says what it allows."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    description: Mapped[str | None]


class StaffLetter(Base):
    """A letter to which a member of staff is limited. Without any such row the person has access to all letters.

    The key to the letter has no ON DELETE CASCADE on purpose. Deleting the last letter of a limited account
    would otherwise give it access to all letters.
    """

    __tablename__ = "staff_letter"

    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True
    )
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), primary_key=True)


class Passkey(Base, WebAuthnMixin):
    """The public key of a passkey. Flask-Security defines the columns."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    extensions: Mapped[str | None] = mapped_column(Text)
    lastuse_datetime: Mapped[datetime]
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(64))
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(String(64))


class User(Base, UserMixin):
    """A member of staff. Flask-Security defines part of the columns."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    stakeholder_group: Mapped[str] = mapped_column(String(8), default=UNDISCLOSED_GROUP)
    organisation: Mapped[str] = mapped_column(String(120), default="")
    time_zone: Mapped[str] = mapped_column(String(60), default="UTC")  # an IANA name
    #: Of the desk and of emails, one of INTERFACE_LANGUAGES, or "" for that of the site.
    language: Mapped[str] = mapped_column(String(2), default="", server_default="")
    created_at: Mapped[datetime]
    create_datetime: Mapped[datetime | None]  # type: ignore[assignment]  # Flask-Security declares it not null
    update_datetime: Mapped[datetime | None]  # type: ignore[assignment]  # Flask-Security declares it not null
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(Text)
    tf_last_counter: Mapped[int | None] = mapped_column(
        BigInteger
    )  # Flask-Security accepts each code once
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))

    # Flask-Security reads roles and passkeys from the user, so both are loaded with the user.
    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]  # our Role class
        secondary=staff_role, lazy="joined", order_by=Role.id
    )
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(  # type: ignore[assignment]  # null without a passkey
        String(64), unique=True
    )
    webauthn: Mapped[list[Passkey]] = relationship(  # type: ignore[assignment]  # our Passkey class
        lazy="joined", order_by=Passkey.id, cascade="all, delete-orphan"
    )
    # Every permission check may concern one letter, so the limits are loaded with the user.
    scope: Mapped[list[StaffLetter]] = relationship(
        lazy="joined", order_by=StaffLetter.letter_id, cascade="all, delete-orphan"
    )


class StaffSession(Base):
    """A session of a member of staff in one browser. The cookie holds the key, this row its hash."""

    __tablename__ = "staff_session"
    __table_args__ = (Index(None, "staff_id"), Index(None, "started_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class ApiToken(Base):
    """A token with which a program acts for a member of staff. The program has the token, this row its hash.

    The row is deleted when the token is revoked, and some time after it has expired.
    """

    __tablename__ = "api_token"
    __table_args__ = (Index(None, "staff_id"), Index(None, "expires_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    beginning: Mapped[str] = mapped_column(String(12))  # by which its owner recognises it
    scopes: Mapped[list[str]] = mapped_column(JSON)  # of api_tokens.TokenScope
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_on: Mapped[date | None] = mapped_column(Date)


class StaffShortcuts(Base):
    """The keyboard shortcuts that a member of staff chose. Without a row the defaults apply."""

    __tablename__ = "staff_keys"

    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True
    )
    by_action: Mapped[dict[str, str]] = mapped_column("by_act", JSON, default=dict)
    is_off: Mapped[bool] = mapped_column(default=False)


class DigestPreferences(Base):
    """The email digest that a member of staff chose (see `digest_schedule`). Without a row it is off.

    Its hours are in the time zone of the account.
    """

    __tablename__ = "staff_messages"

    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True
    )
    frequency: Mapped[str] = mapped_column("how", String(10))
    hour: Mapped[int]
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    subjects: Mapped[list[str]] = mapped_column(JSON)
    reported_until: Mapped[datetime] = mapped_column("told_at")  # later work counts as new
    next_check_at: Mapped[datetime | None] = mapped_column("next_at", index=True)


class PasswordResetRequest(Base):
    """A request to reset a password, for any address that was typed. The worker deletes it within seconds."""

    __tablename__ = "password_reset_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    email_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    requested_at: Mapped[datetime]


class Invitation(Base):
    """An open invitation to join the staff. The row is deleted once it is used, revoked or expired."""

    __tablename__ = "invitation"
    __table_args__ = (Index(None, "email_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    email_hash: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(20))
    letters: Mapped[list[int]] = mapped_column(JSON, default=list)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
