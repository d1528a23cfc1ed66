"""Table of the notifications about replies that are not sent yet."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class SubscriptionScope(StrEnum):
    """The replies about which the author of a comment is notified."""

    NONE = ""
    REPLIES = "answers"  # to the comment itself
    THREAD = "thread"  # every comment in its thread


class PendingNotification(Base):
    """A published reply about which the author of `comment_id` is still to be notified.

    The row is deleted when the email is enqueued. There are no foreign keys on purpose: checking
    them would lock rows of `comment` after rows of the audit log, while every other transaction
    locks them in the opposite order.
    """

    __tablename__ = "notice"

    comment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reply_id: Mapped[int] = mapped_column(
        "answer_id", primary_key=True, autoincrement=False, index=True
    )
    is_daily: Mapped[bool]  # part of the next daily digest
    due_at: Mapped[datetime] = mapped_column(index=True)
