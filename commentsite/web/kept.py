"""What one process keeps of what it has drawn or counted, within a bound."""

import threading
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from cachetools import LRUCache
from flask import current_app

Drawn = TypeVar("Drawn")
Keeper = TypeVar("Keeper")


class Kept(Generic[Drawn]):
    """What was drawn lately, the least used thrown out first; what takes a quarter of the room is not kept."""

    def __init__(self, most: int, size: Callable[[Drawn], int]) -> None:
        """Start empty; `size` says how much of the room one takes: bytes, about, or 1."""
        self._kept: LRUCache[Hashable, Drawn] = LRUCache(most, getsizeof=size)
        self._largest, self._size, self._lock = most // 4, size, threading.Lock()

    def find(self, key: Hashable) -> Drawn | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            return self._kept.get(key)

    def keep(self, key: Hashable, drawn: Drawn) -> None:
        """Keep it, unless it is too large."""
        if self._size(drawn) < self._largest:
            with self._lock:
                self._kept[key] = drawn


def kept_here(name: str, make: Callable[[], Keeper]) -> Keeper:
    """Return what this application keeps under a name, made when it is first asked for."""
    known: dict[str, Any] = current_app.extensions
    found: Keeper | None = known.get(name)
    if found is None:
        found = known[name] = make()
    return found
