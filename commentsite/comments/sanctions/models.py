"""Table of the sanctions against email addresses."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class SanctionLevel(StrEnum):
    """The effect of a sanction, from the mildest to the most severe."""

    NOTE = "note"  # moderators see it beside each comment
    HOLD = "hold"  # a moderator reads each comment before it is published
    SUSPENDED = "suspended"  # comments from the address cannot be confirmed


class Sanction(Base):
    """A moderator's sanction against an email address, which ends by itself at `until`.

    The address is known by its keyed hash only.
    """

    __tablename__ = "sanction"
    __table_args__ = (Index(None, "email_hash"), Index(None, "until"))

    id: Mapped[int] = mapped_column(primary_key=True)
    email_hash: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(String(10))  # a SanctionLevel
    clause: Mapped[str] = mapped_column(String(4))  # the code of the moderation rule
    rules_version: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    # The comment that gave the reason for it.
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL"))
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    set_by_name: Mapped[str] = mapped_column(String(80))
    set_at: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # by a moderator, before `until`
