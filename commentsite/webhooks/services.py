"""Manage webhooks at the desk. Each change is in the audit log, without the address of the receiver."""

import ipaddress
from collections.abc import Collection, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid
from commentsite.integrations.outgoing_requests import Network, is_in, is_public, split_url
from commentsite.notifications.models import MessageState
from commentsite.text.plain_text import clean_single_line
from commentsite.webhooks import queries as webhook_queries
from commentsite.webhooks.delivery import give_up_waiting
from commentsite.webhooks.events import record_test_event
from commentsite.webhooks.models import Webhook
from commentsite.webhooks.signing import new_secret
from commentsite.webhooks.states import EventType, WebhookState

MAX_WEBHOOKS = 20
MAX_NAME_LENGTH = 80
PREVIOUS_SECRET_TTL = timedelta(hours=24)


def create_webhook(  # noqa: PLR0913  # the fields of the form
    name: str,
    url: str,
    event_types: Collection[str],
    *,
    by: Actor,
    encryption: Encryption,
    networks: Sequence[Network],
) -> tuple[Webhook, str]:
    """Add an endpoint. Return it with its secret, which is shown once.

    `networks` are those that may be reached although they are not public. Raises Invalid, and Conflict if there are
    too many endpoints.
    """
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    if webhook_queries.count_webhooks() >= MAX_WEBHOOKS:
        msg = "There are %(limit)d webhooks, which is the limit. Delete one first."
        raise Conflict(msg, limit=MAX_WEBHOOKS)
    secret = new_secret()
    webhook = Webhook(
        name=_check_name(name),
        url=_check_url(url, networks),
        event_types=_check_event_types(event_types),
        secret_sealed=encryption.encrypt(secret),
        created_at=clock.now(),
    )
    session().add(webhook)
    session().flush()
    _record_action(webhook, "webhook.created", by)
    return webhook, secret


def change_webhook(  # noqa: PLR0913  # the fields of the form
    webhook_id: int,
    name: str,
    url: str,
    event_types: Collection[str],
    *,
    by: Actor,
    networks: Sequence[Network],
) -> Webhook:
    """Change the name, the address and the events of an endpoint. Raises Invalid."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    webhook = webhook_queries.get_webhook_for_update(webhook_id)
    webhook.name, webhook.url = _check_name(name), _check_url(url, networks)
    webhook.event_types = _check_event_types(event_types)
    webhook.failing_since = webhook.not_before = None
    _record_action(webhook, "webhook.changed", by)
    return webhook


def rotate_secret(webhook_id: int, *, by: Actor, encryption: Encryption) -> tuple[Webhook, str]:
    """Make a new secret, which is shown once. The previous one signs too for PREVIOUS_SECRET_TTL."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    webhook, secret = webhook_queries.get_webhook_for_update(webhook_id), new_secret()
    webhook.previous_secret_sealed = webhook.secret_sealed
    webhook.previous_secret_until = clock.now() + PREVIOUS_SECRET_TTL
    webhook.secret_sealed = encryption.encrypt(secret)
    _record_action(webhook, "webhook.secret_rotated", by)
    return webhook, secret


def pause_webhook(webhook_id: int, *, by: Actor) -> Webhook:
    """Send nothing more until an endpoint is resumed. Deliveries that wait end, and can be sent again from the log."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    webhook = webhook_queries.get_webhook_for_update(webhook_id)
    if webhook.state != WebhookState.ACTIVE:
        msg = "This webhook is off already. Reload the page."
        raise Conflict(msg)
    webhook.state = WebhookState.PAUSED
    give_up_waiting(webhook.id)
    _record_action(webhook, "webhook.paused", by)
    return webhook


def resume_webhook(webhook_id: int, *, by: Actor) -> Webhook:
    """Send events again that happen from now on."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    webhook = webhook_queries.get_webhook_for_update(webhook_id)
    if webhook.state == WebhookState.ACTIVE:
        msg = "This webhook is on already. Reload the page."
        raise Conflict(msg)
    webhook.state = WebhookState.ACTIVE
    webhook.failing_since = webhook.not_before = webhook.disabled_at = None
    _record_action(webhook, "webhook.resumed", by)
    return webhook


def delete_webhook(webhook_id: int, *, by: Actor) -> None:
    """Delete an endpoint with its log."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    webhook = webhook_queries.get_webhook_for_update(webhook_id)
    session().delete(webhook)
    _record_action(webhook, "webhook.deleted", by)


def send_test_event(webhook_id: int, *, by: Actor) -> None:
    """Send an event of the type `test.sent` to one endpoint. Raises Conflict if the endpoint is off."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    webhook = webhook_queries.get_webhook_for_update(webhook_id)
    _require_active(webhook)
    webhook.not_before = None
    record_test_event(webhook.id)
    _record_action(webhook, "webhook.tested", by)


def resend(webhook_id: int, delivery_id: int, *, by: Actor) -> None:
    """Send an event of the log again, with the same id. Raises Conflict if it waits already, or the endpoint is off."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    webhook = webhook_queries.get_webhook_for_update(webhook_id)
    _require_active(webhook)
    delivery = webhook_queries.find_delivery_for_update(delivery_id)
    if delivery is None or delivery.webhook_id != webhook.id:
        msg = "This event is no longer in the log."
        raise Conflict(msg)
    if delivery.state not in {MessageState.SENT, MessageState.FAILED}:
        msg = "This event waits to be sent already. Reload the page."
        raise Conflict(msg)
    delivery.state, delivery.attempts, delivery.lease_until = MessageState.WAITING, 0, None
    delivery.next_attempt_at = clock.now()
    webhook.not_before = None
    _record_action(webhook, "webhook.resent", by)


def _require_active(webhook: Webhook) -> None:
    if webhook.state != WebhookState.ACTIVE:
        msg = "This webhook is off. Turn it on first."
        raise Conflict(msg)


def _record_action(webhook: Webhook, action: str, by: Actor) -> None:
    session().flush()
    record_event(by.label, action, f"webhook:{webhook.id}")


def _check_name(name: str) -> str:
    clean = clean_single_line(name)
    if not 1 <= len(clean) <= MAX_NAME_LENGTH:
        msg = "Enter a name of at most 80 characters, by which the staff recognise the receiver."
        raise Invalid(msg, field="name")
    return clean


def _check_url(url: str, networks: Sequence[Network]) -> str:
    """Check the form of an address. The address of its host is checked again at each delivery."""
    try:
        parts = split_url(url.strip())
    except ValueError:
        msg = "Enter an address such as https://receiver.example/hook, without user name and without “#”."
        raise Invalid(msg, field="url") from None
    if parts.scheme == "http" and not networks:
        msg = "Enter an address that begins with https://."
        raise Invalid(msg, field="url")
    try:
        address = ipaddress.ip_address(urlsplit(url.strip()).hostname or "")
    except ValueError:
        return url.strip()
    if not is_public(address) and not is_in(address, networks):
        msg = "This address is in a private network. The settings of the installation do not allow it."
        raise Invalid(msg, field="url")
    return url.strip()


def _check_event_types(event_types: Collection[str]) -> list[str]:
    chosen = [event_type.value for event_type in EventType if event_type in event_types]
    if not chosen:
        msg = "Choose at least one event."
        raise Invalid(msg, field="event_types")
    return chosen
