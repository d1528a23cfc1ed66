"""Queries of webhooks: endpoints, due deliveries, and the log of an endpoint."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import joinedload

from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.notifications.models import MessageState
from commentsite.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from commentsite.webhooks.states import WebhookState

_EVENT_TYPES = select(Webhook.id, Webhook.event_types).where(Webhook.state == WebhookState.ACTIVE)
_IS_ACTIVE = Webhook.state == WebhookState.ACTIVE


def list_receivers(event_type: str) -> list[int]:
    """Return the active endpoints that want this event."""
    return [row.id for row in session().execute(_EVENT_TYPES) if event_type in row.event_types]


def list_webhooks() -> list[Webhook]:
    return list(session().scalars(select(Webhook).order_by(Webhook.id)))


def count_webhooks() -> int:
    return session().scalars(select(func.count()).select_from(Webhook)).one()


def count_disabled_webhooks() -> int:
    query = select(func.count()).select_from(Webhook)
    return session().scalars(query.where(Webhook.state == WebhookState.DISABLED)).one()


def find_oldest_disabled_webhook() -> datetime | None:
    """Return since when the webhook is switched off that is so the longest."""
    query = select(func.min(Webhook.disabled_at)).where(Webhook.state == WebhookState.DISABLED)
    return session().scalars(query).one()


def get_webhook(webhook_id: int) -> Webhook:
    """Return an endpoint. Raises NotFound."""
    return require_found(
        session().get(Webhook, webhook_id), "There is no webhook with this number."
    )


def get_webhook_for_update(webhook_id: int) -> Webhook:
    """Return an endpoint as it is now, locked until the transaction ends. Raises NotFound."""
    found = find_webhook_for_update(webhook_id)
    return require_found(found, "There is no webhook with this number.")


def find_webhook_for_update(webhook_id: int) -> Webhook | None:
    """Return an endpoint as it is now, locked until the transaction ends, or None if it was deleted.

    The lock does not hold up transactions that store a delivery to the endpoint.
    """
    query = select(Webhook).where(Webhook.id == webhook_id).with_for_update(key_share=True)
    return session().scalars(query.execution_options(populate_existing=True)).first()


def is_any_due(now: datetime) -> bool:
    """Return whether `lease_due_deliveries` would find a delivery now."""
    query = select(exists().where(*_is_due(now)))
    return bool(session().scalar(query))


def lease_due_deliveries(now: datetime, lease_until: datetime, limit: int) -> list[int]:
    """Lease deliveries that are due, the longest overdue first, and return their ids.

    Expired leases are due again. The lease counts as an attempt, so that a delivery that kills its worker ends.
    """
    selected = (
        select(WebhookDelivery.id)
        .where(*_is_due(now))
        .order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=WebhookDelivery)
    )
    statement = (
        update(WebhookDelivery)
        .where(WebhookDelivery.id.in_(selected))
        .values(
            state=MessageState.LEASED,
            lease_until=lease_until,
            attempts=WebhookDelivery.attempts + 1,
        )
        .returning(WebhookDelivery.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session().scalars(statement))


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    can_receive = select(Webhook.id).where(
        _IS_ACTIVE, or_(Webhook.not_before.is_(None), Webhook.not_before <= now)
    )
    waits = (WebhookDelivery.state == MessageState.WAITING) & (
        WebhookDelivery.next_attempt_at <= now
    )
    is_lost = (WebhookDelivery.state == MessageState.LEASED) & (WebhookDelivery.lease_until < now)
    return (or_(waits, is_lost), WebhookDelivery.webhook_id.in_(can_receive))


def load_deliveries(ids: Collection[int]) -> list[WebhookDelivery]:
    """Return deliveries as they are now, with their events and endpoints."""
    query = (
        select(WebhookDelivery)
        .where(WebhookDelivery.id.in_(ids))
        .options(joinedload(WebhookDelivery.event), joinedload(WebhookDelivery.webhook))
        .order_by(WebhookDelivery.id)
        .execution_options(populate_existing=True)
    )
    return list(session().scalars(query))


def find_delivery_for_update(delivery_id: int) -> WebhookDelivery | None:
    query = for_update(select(WebhookDelivery).where(WebhookDelivery.id == delivery_id))
    return session().scalars(query).first()


def list_log(webhook_id: int, *, limit: int, before_id: int | None = None) -> list[WebhookDelivery]:
    """Return the deliveries to an endpoint with their events, the newest first."""
    query = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    if before_id is not None:
        query = query.where(WebhookDelivery.id < before_id)
    query = query.options(joinedload(WebhookDelivery.event))
    return list(session().scalars(query.order_by(WebhookDelivery.id.desc()).limit(limit)))


def list_unfinished(webhook_id: int) -> list[WebhookDelivery]:
    states = (MessageState.WAITING, MessageState.LEASED)
    query = select(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.state.in_(states)
    )
    return list(session().scalars(query))


def count_failed_by_webhook() -> dict[int, int]:
    """Return the number of deliveries in the log that were given up, by endpoint."""
    query = (
        select(WebhookDelivery.webhook_id, func.count())
        .where(WebhookDelivery.state == MessageState.FAILED)
        .group_by(WebhookDelivery.webhook_id)
    )
    return dict(session().execute(query).all())


def list_old_events(before: datetime, limit: int = 500) -> list[WebhookEvent]:
    """Return events before a moment that no delivery waits for."""
    states = (MessageState.WAITING, MessageState.LEASED)
    waits = exists().where(
        WebhookDelivery.event_id == WebhookEvent.id, WebhookDelivery.state.in_(states)
    )
    query = select(WebhookEvent).where(WebhookEvent.created_at < before, ~waits).limit(limit)
    return list(session().scalars(query))
