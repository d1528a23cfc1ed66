"""What can go wrong, in words for the person it happens to.

Rooms raise these; `web/errors.py` alone turns them into pages. The message is an English
sentence that gettext may translate, with `%(name)s` places filled from the details.
"""

from typing import TypeVar

Row = TypeVar("Row")


class SiteError(Exception):
    """A sentence for a person, and the details that fill its places."""

    def __init__(self, message: str, *, field: str | None = None, **details: object) -> None:
        """Keep the untranslated message apart from its details, so that both stay usable."""
        super().__init__(message)
        self.message = message
        self.field = field
        self.details = details


class NotFound(SiteError):
    """There is no such thing, or none this person may know of."""


class NotAllowed(SiteError):
    """It is not for this person to do, now or ever."""


class Invalid(SiteError):
    """What was sent cannot be taken as it is; `field` says where."""


class Conflict(SiteError):
    """Somebody or something came first."""


class ConfigurationError(Exception):  # it is a finding, and reads as one: "raise Unsafe"
    """The installation is set up in a way that must not start; the text is the remedy."""


def require_found(row: Row | None, message: str) -> Row:
    """Return a row that a query found. Raises NotFound, with the message, when it found none."""
    if row is None:
        raise NotFound(message)
    return row
