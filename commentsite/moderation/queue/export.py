"""Record who downloads the email addresses of a view."""

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event


def record_address_export(by: Actor) -> None:
    """Note in the audit log that the actor takes many email addresses at once. Raises NotAllowed."""
    by.require(Permission.SEE_ADDRESSES)
    record_event(by.label, "comments.addresses_downloaded", "comments")
