"""The only place that reads the time, so that everything else can be tried at any moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_frozen: ContextVar[datetime | None] = ContextVar("pinned", default=None)


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def freeze_at(moment: datetime) -> Iterator[None]:
    """Pin `now()` to one moment: the demo tells its story over weeks, and tests over years."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
