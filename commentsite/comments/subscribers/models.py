"""Tables of readers who get new letters or the comments on a letter by email."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class DigestFrequency(StrEnum):
    HOURLY = "hourly"
    DAILY = "daily"


class Subscriber(Base):
    """A mailbox with subscriptions. The row is deleted with its last one.

    The link in each email to it holds its token.
    """

    __tablename__ = "subscriber"

    id: Mapped[int] = mapped_column(primary_key=True)
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    email_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: Of its emails: that of the form, or "" for that of the site.
    language: Mapped[str] = mapped_column(String(2), default="", server_default="")
    created_at: Mapped[datetime]


class ReaderSubscription(Base):
    """A mailbox gets new letters, if `letter_id` is None, or the comments on a letter.

    Nothing is sent before `confirmed_at`. News up to `notified_until` was sent. The next email leaves at
    `next_at` at the earliest.
    """

    __tablename__ = "reader_subscription"
    __table_args__ = (
        Index(None, "letter_id", "next_at"),
        Index(None, "confirmed_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscriber.id", ondelete="CASCADE"), index=True
    )
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"))
    topic: Mapped[str] = mapped_column(String(60), default="")  # empty: letters on any topic
    frequency: Mapped[str] = mapped_column(String(10))  # a DigestFrequency, of comments
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    notified_until: Mapped[datetime]
    next_at: Mapped[datetime]
