"""The ids of entries in feeds. They are derived from the namespace of the site, and never change."""

import uuid


def derive_feed_id(namespace: str, name: str) -> str:
    """Return the id of a feed ("letters") or of an entry ("letter 3", "comment 12") as a URN."""
    return uuid.uuid5(uuid.UUID(namespace), name).urn
