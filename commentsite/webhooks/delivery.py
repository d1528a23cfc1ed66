"""Send the events that wait: lease deliveries, send them at once, record each result.

It works as the delivery of emails does (see notifications.delivery). Delivery is at least once: a worker that is
killed after the receiver answered and before the commit leaves a lease behind, and the event is sent again with the
same `webhook-id`, by which the receiver recognises the repeat. Nothing is sent while a transaction is open.

A failed attempt is repeated after RETRY_DELAYS, about three days in total. After a failure the endpoint
gets nothing for HOLD_AFTER_FAILURE, so that a slow receiver costs each pass of the worker at most one wait. An
endpoint that has failed for MAX_FAILING_TIME, or that answers 410, is switched off, and the stewards are told.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, Permission
from commentsite.accounts.queries import build_actor, list_staff
from commentsite.audit.services import record_event
from commentsite.db.session import session, transaction
from commentsite.encryption import Encryption
from commentsite.integrations.outgoing_requests import (
    Answer,
    BadCertificate,
    ConnectionFailed,
    ForbiddenAddress,
    HostNotFound,
    NeedsHttps,
    NotHttp,
    Request,
    RequestFailed,
    TimedOut,
)
from commentsite.notifications.models import MessageState
from commentsite.notifications.outbox import enqueue_message
from commentsite.webhooks import queries as webhook_queries
from commentsite.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from commentsite.webhooks.signing import build_signature_headers
from commentsite.webhooks.states import AttemptError, WebhookState

RETRY_DELAYS = (
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=h) for h in (2, 5, 10, 14, 20, 24)),
)
LEASE_TTL = timedelta(minutes=2)
HOLD_AFTER_FAILURE = timedelta(seconds=30)
MAX_RETRY_AFTER = timedelta(hours=24)
MAX_FAILING_TIME = timedelta(days=5)
LOG_TTL = timedelta(days=30)
SENT_AT_ONCE = 10
GONE = 410

ERRORS: dict[type[RequestFailed], AttemptError] = {
    TimedOut: AttemptError.TIMEOUT,
    HostNotFound: AttemptError.NOT_FOUND,
    ForbiddenAddress: AttemptError.FORBIDDEN_ADDRESS,
    NeedsHttps: AttemptError.NEEDS_HTTPS,
    BadCertificate: AttemptError.CERTIFICATE,
    ConnectionFailed: AttemptError.CONNECTION,
    NotHttp: AttemptError.PROTOCOL,
}
SendAll = Callable[[Sequence[Request]], Sequence[Answer | RequestFailed]]


@dataclass(frozen=True)
class Prepared:
    """A request that is ready, or the error that prevents it."""

    delivery_id: int
    webhook_id: int
    request: Request | None
    error: str = ""


@dataclass(frozen=True)
class Result:
    """The outcome of an attempt. `error` is empty if the event arrived."""

    error: str
    status: int | None = None
    milliseconds: int | None = None
    retry_after: int = 0  # seconds for which the receiver asks to wait


def deliver_due_events(
    *, encryption: Encryption, base_url: str, send_all: SendAll, limit: int = SENT_AT_ONCE
) -> int:
    """Send the events that are due, at most `limit` of them, and return the number of attempts."""
    now = clock.now()
    if not webhook_queries.is_any_due(now):
        return 0
    lease_until = now + LEASE_TTL
    with transaction():
        ids = webhook_queries.lease_due_deliveries(now, lease_until, limit)
    prepared = [
        _prepare(delivery, encryption, base_url)
        for delivery in webhook_queries.load_deliveries(ids)
    ]
    session().rollback()  # no transaction is open while the receivers answer
    ready = [one for one in prepared if one.request]
    answers = dict(
        zip(
            (one.delivery_id for one in ready),
            send_all([one.request for one in ready if one.request]) if ready else (),
            strict=True,
        )
    )
    with transaction():
        for one in prepared:
            result = _read_result(one, answers.get(one.delivery_id))
            _record_result(one, lease_until, result, encryption)
    return len(prepared)


def build_payload(event: WebhookEvent, base_url: str) -> dict[str, Any]:
    """Return what is sent: the type, the time, and the facts with the addresses of public pages."""
    letter, comment = event.facts.get("letter"), event.facts.get("comment")
    data: dict[str, Any] = {}
    if letter:
        url = f"{base_url}/letters/{letter['slug']}"
        data["letter"] = {"slug": letter["slug"], "url": url, **letter}
        if comment:
            data["comment"] = {
                "id": comment["id"],
                "url": f"{url}/comments/{comment['id']}",
                **comment,
            }
    timestamp = event.created_at.astimezone(UTC).isoformat(timespec="milliseconds")
    return {"type": event.type, "timestamp": timestamp.replace("+00:00", "Z"), "data": data}


def _prepare(delivery: WebhookDelivery, encryption: Encryption, base_url: str) -> Prepared:
    if delivery.attempts > len(RETRY_DELAYS) + 1:
        return Prepared(delivery.id, delivery.webhook_id, None, AttemptError.WORKER_LOST)
    secrets = _decrypt_secrets(delivery.webhook, encryption)
    if not secrets:
        return Prepared(delivery.id, delivery.webhook_id, None, AttemptError.UNDECRYPTABLE)
    payload = build_payload(delivery.event, base_url)
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = int(clock.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "commentsite",
        **build_signature_headers(delivery.event.public_id, timestamp, body, secrets),
    }
    return Prepared(delivery.id, delivery.webhook_id, Request(delivery.webhook.url, headers, body))


def _decrypt_secrets(webhook: Webhook, encryption: Encryption) -> list[str]:
    """Return the current secret, then the previous one while it is valid."""
    current = encryption.decrypt(webhook.secret_sealed)
    secrets = [current] if current else []
    until, previous = webhook.previous_secret_until, webhook.previous_secret_sealed
    if current and previous and until and until > clock.now():
        older = encryption.decrypt(previous)
        secrets += [older] if older else []
    return secrets


def _read_result(one: Prepared, answer: Answer | RequestFailed | None) -> Result:
    error = one.error or _find_error(answer)
    if isinstance(answer, Answer):
        return Result(error, answer.status, answer.milliseconds, answer.retry_after or 0)
    return Result(error)


def _find_error(answer: Answer | RequestFailed | None) -> str:
    if isinstance(answer, Answer):
        return "" if 200 <= answer.status < 300 else AttemptError.BAD_STATUS
    return ERRORS.get(type(answer), AttemptError.CONNECTION)  # type: ignore[arg-type]  # any type may be looked up


def _record_result(
    one: Prepared, lease_until: datetime, result: Result, encryption: Encryption
) -> None:
    # Every transaction locks the endpoint before its deliveries.
    webhook = webhook_queries.find_webhook_for_update(one.webhook_id)
    delivery = webhook_queries.find_delivery_for_update(one.delivery_id)
    if webhook is None or delivery is None or delivery.lease_until != lease_until:
        return  # the endpoint was deleted, or another worker leased it meanwhile and records its own result
    now = clock.now()
    delivery.lease_until, delivery.last_attempt_at = None, now
    delivery.last_status, delivery.last_error = result.status, result.error
    delivery.last_milliseconds = result.milliseconds
    if not result.error:
        delivery.state, delivery.delivered_at = MessageState.SENT, now
        webhook.failing_since = webhook.not_before = None
        return
    if delivery.attempts > len(RETRY_DELAYS) or result.error == AttemptError.UNDECRYPTABLE:
        delivery.state = MessageState.FAILED
    else:
        delay = RETRY_DELAYS[delivery.attempts - 1]
        asked = min(timedelta(seconds=result.retry_after), MAX_RETRY_AFTER)
        delivery.state, delivery.next_attempt_at = MessageState.WAITING, now + max(delay, asked)
    webhook.failing_since = webhook.failing_since or now
    webhook.not_before = now + HOLD_AFTER_FAILURE
    if webhook.state == WebhookState.ACTIVE and (
        result.status == GONE or now - webhook.failing_since >= MAX_FAILING_TIME
    ):
        _switch_off(webhook, encryption)


def _switch_off(webhook: Webhook, encryption: Encryption) -> None:
    """Send nothing more to a receiver that stayed broken, and tell the stewards."""
    webhook.state, webhook.disabled_at = WebhookState.DISABLED, clock.now()
    session().flush()
    give_up_waiting(webhook.id)
    for user in list_staff():
        steward = build_actor(user)
        if user.active and steward.can_everywhere(Permission.CHANGE_SETTINGS):
            enqueue_message(
                "staff.webhook_disabled",
                steward.email,
                encryption=encryption,
                about=f"webhook:{webhook.id}",
                language=steward.language,
                webhook_name=webhook.name,
                webhook_id=str(webhook.id),
            )
    record_event(SYSTEM.label, "webhook.disabled", f"webhook:{webhook.id}")


def give_up_waiting(webhook_id: int) -> None:
    """End the deliveries that wait for an endpoint. They stay in the log and can be sent again."""
    for delivery in webhook_queries.list_unfinished(webhook_id):
        delivery.state, delivery.lease_until = MessageState.FAILED, None
        delivery.last_error = delivery.last_error or AttemptError.SWITCHED_OFF


def purge_log(before: datetime) -> int:
    """Delete events that happened before a moment, with their deliveries. Return their number."""
    events = webhook_queries.list_old_events(before)
    for event in events:
        session().delete(event)
    return len(events)
