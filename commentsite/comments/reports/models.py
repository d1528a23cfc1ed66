"""Table of the reports by which readers point out a published comment."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base, partial_index


class ReportState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"  # a moderator took the comment down
    DISMISSED = "kept"  # a moderator left the comment published
    COMMENT_WITHDRAWN = "gone"  # its author withdrew the comment first


class Report(Base):
    """A reader's report that a published comment breaks a moderation rule. It needs no account."""

    __tablename__ = "report"
    __table_args__ = (
        Index(None, "comment_id", "state"),
        Index(None, "state", "sent_at"),
        partial_index("ix_report_open", "comment_id", where="state = 'open'"),
        partial_index("ix_report_address_hash", "address_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    rule: Mapped[str] = mapped_column(String(4))
    rules_version: Mapped[int]
    text: Mapped[str] = mapped_column("words", Text)
    network_address_hash: Mapped[str | None] = mapped_column("address_hash", String(64))
    # Of the network that one household or firm can hold as a whole. Reports from there count as one.
    network_hash: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default=ReportState.OPEN)  # a ReportState
    receipt_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sent_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column("settled_at")
