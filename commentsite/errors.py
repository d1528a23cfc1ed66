"""Errors with a message for the person who meets them.

Services and queries raise these errors. `web/errors.py` turns them into pages, and `cli/errors.py` into
messages of a command. The message is an English sentence that gettext can translate. The details fill its
placeholders, such as `%(name)s`.
"""

from typing import TypeVar

Row = TypeVar("Row")


class SiteError(Exception):
    """A message for a person, not yet translated, and the values of its placeholders."""

    def __init__(self, message: str, *, field: str | None = None, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.details = details


class NotFound(SiteError):
    """The object does not exist, or its existence is not visible to this person."""


class NotAllowed(SiteError):
    """The person lacks the permission for this action."""


class Invalid(SiteError):
    """The input is not acceptable. `field` names the form field to correct."""


class Conflict(SiteError):
    """The input is acceptable, but the current state of the site does not allow it."""


class Busy(SiteError):
    """The input is acceptable, but the site has too much to do. The same request can succeed soon."""


class ConfigurationError(Exception):
    """The installation must not start with its current settings. The message names the remedy."""


def require_found(row: Row | None, message: str) -> Row:
    """Return the row, or raise NotFound with the message if the query found none."""
    if row is None:
        raise NotFound(message)
    return row
