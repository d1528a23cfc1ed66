"""Messages to people, stored with what caused them and sent later."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class Message(Base):
    """One message that waits, was sent, or was given up. Its payload is sealed, and wiped once sent.

    One that was given up keeps it until messages are forgotten, so that it can be tried again.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(None, "state", "next_attempt_at"),
        Index(None, "recipient_hash", "created_at"),
        Index(None, "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(40), default="", index=True)  # such as comment:12
    payload_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    recipient_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(
        String(10), default="waiting"
    )  # waiting, leased, sent, failed
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    message_id: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(80), default="")
