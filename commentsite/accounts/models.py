"""Staff: the only people with accounts here."""

from datetime import datetime

from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy import Boolean, Column, ForeignKey, String, Table, Text
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commentsite.db import Base

staff_role = Table(
    "staff_role",
    Base.metadata,
    Column("staff_id", ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Base, RoleMixin):
    """A kind of staff; what it may do stands in permissions.py."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    description: Mapped[str | None]


class User(Base, UserMixin):
    """A person on the staff, with the columns Flask-Security asks for."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    stakeholder_group: Mapped[str] = mapped_column(String(8), default="UND")
    organisation: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime]
    create_datetime: Mapped[datetime | None]  # type: ignore[assignment]  # Flask-Security says never null
    update_datetime: Mapped[datetime | None]  # type: ignore[assignment]  # Flask-Security says never null
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(Text)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))

    # Flask-Security walks from the user to the roles, so this one is loaded with the user.
    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]  # of our kind
        secondary=staff_role, lazy="joined", order_by=Role.id
    )
