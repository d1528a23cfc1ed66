"""The outbox: emails stored with the change that causes them, and sent later by the worker."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class MessageState(StrEnum):
    WAITING = "waiting"
    LEASED = "leased"  # a worker is sending it
    SENT = "sent"
    FAILED = "failed"  # given up after the last attempt


class Message(Base):
    """One email. Its encrypted payload is deleted once it is sent.

    A failed message keeps its payload until it is purged, so that staff can send it again.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(None, "state", "next_attempt_at"),
        Index(None, "recipient_hash", "created_at"),
        Index(None, "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))  # the template in templates/mail/
    about: Mapped[str] = mapped_column(String(40), default="", index=True)  # such as comment:12
    payload_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    recipient_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default=MessageState.WAITING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    message_id: Mapped[str] = mapped_column(String(40))  # of the Message-ID header
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(80), default="")  # the name of an exception
