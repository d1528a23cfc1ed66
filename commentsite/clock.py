"""The current time. No other module reads a clock, so that tests and the demo can set the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """Return the current time with time zone UTC."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def freeze_at(moment: datetime) -> Iterator[None]:
    """Let `now()` return one moment. The demo writes a history of weeks with it, and tests a history of years."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
