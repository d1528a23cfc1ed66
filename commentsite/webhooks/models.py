"""Tables of webhooks: the endpoints, the events that happened, and their deliveries to each endpoint."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commentsite.db.base import Base
from commentsite.notifications.models import MessageState
from commentsite.webhooks.states import WebhookState


class Webhook(Base):
    """An address that receives events. Its secrets are stored encrypted.

    After a rotation the previous secret signs too, until `previous_secret_until`.
    """

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(80))
    event_types: Mapped[list[str]] = mapped_column(JSON, default=list)  # of EventType
    state: Mapped[str] = mapped_column(String(10), default=WebhookState.ACTIVE.value)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    previous_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_secret_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    failing_since: Mapped[datetime | None]  # the first failed attempt since the last success
    # No attempt before this time, so that a slow receiver does not hold up the others.
    not_before: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class WebhookEvent(Base):
    """An event with the facts that are sent: ids, codes and states, and no personal data."""

    __tablename__ = "webhook_event"
    __table_args__ = (Index(None, "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)  # the header webhook-id
    type: Mapped[str] = mapped_column(String(30))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]


class WebhookDelivery(Base):
    """One event for one endpoint, with the result of the last attempt. It is leased as an email is."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index(None, "state", "next_attempt_at"),
        Index(None, "webhook_id", "id"),
        Index(None, "event_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    event_id: Mapped[int] = mapped_column(ForeignKey("webhook_event.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10), default=MessageState.WAITING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    last_attempt_at: Mapped[datetime | None]
    last_status: Mapped[int | None]  # of the answer, None if there was none
    last_error: Mapped[str] = mapped_column(String(20), default="")  # an AttemptError
    last_milliseconds: Mapped[int | None]
    delivered_at: Mapped[datetime | None]

    event: Mapped[WebhookEvent] = relationship(lazy="raise")
    webhook: Mapped[Webhook] = relationship(lazy="raise")
