"""Send the events of webhooks."""

from functools import partial

from commentsite.integrations.outgoing_requests import send_all
from commentsite.web.context import Runtime
from commentsite.webhooks.delivery import deliver_due_events

TIMEOUT = 10.0  # seconds for each batch


def send_webhooks(runtime: Runtime) -> int:
    """Send a batch of events that are due, and return the number of attempts."""
    settings = runtime.settings
    return deliver_due_events(
        encryption=runtime.encryption,
        base_url=settings.base_url,
        send_all=partial(send_all, timeout=TIMEOUT, allowed=settings.webhook_networks),
    )
