"""Record events for webhooks in the transaction of the change that causes them.

If the transaction is rolled back, nothing is sent. Without an endpoint that wants the event, nothing is stored.
"""

from typing import Any

from sqlalchemy import insert

from commentsite import clock, tokens
from commentsite.db.session import session
from commentsite.notifications.models import MessageState
from commentsite.webhooks import queries as webhook_queries
from commentsite.webhooks.models import WebhookDelivery, WebhookEvent
from commentsite.webhooks.states import TEST_EVENT, EventType


def record_webhook_event(event_type: EventType, **facts: Any) -> None:
    """Store an event and its deliveries. `facts` are ids, codes and numbers, never personal data."""
    webhook_ids = webhook_queries.list_receivers(event_type)
    if webhook_ids:
        _store(event_type, facts, webhook_ids)


def record_test_event(webhook_id: int) -> None:
    """Store an event that only proves that the receiver works."""
    _store(TEST_EVENT, {}, [webhook_id])


def _store(event_type: str, facts: dict[str, Any], webhook_ids: list[int]) -> None:
    now = clock.now()
    event = WebhookEvent(
        public_id=f"msg_{tokens.new_token()}", type=str(event_type), facts=facts, created_at=now
    )
    session().add(event)
    session().flush()
    rows = [
        {
            "webhook_id": webhook_id,
            "event_id": event.id,
            "state": MessageState.WAITING.value,
            "attempts": 0,
            "next_attempt_at": now,
            "last_error": "",
        }
        for webhook_id in webhook_ids
    ]
    session().execute(insert(WebhookDelivery), rows)
