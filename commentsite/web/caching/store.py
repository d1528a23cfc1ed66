"""Stores for cached values: memory within a bound, and Redis for the pages that processes share."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Generic, Protocol, TypeVar

from cachetools import LRUCache
from flask import Flask, current_app

from commentsite.encryption import Encryption
from commentsite.web.http.metrics_registry import count_page

REDIS_TTL = 24 * 3600  # seconds
REDIS_TIMEOUT = 0.2  # seconds; rendering a page is faster than waiting for a slow answer
REDIS_RETRY_AFTER = 5.0  # seconds without a request to Redis after it failed
MAX_REDIS_BYTES = 1024 * 1024  # of one compressed page
EXTENSION = "commentsite.caching"

Value = TypeVar("Value")
Singleton = TypeVar("Singleton")


@dataclass
class Page:
    """A rendered page. It is compressed at most once, for the first reader or store that wants it so."""

    body: bytes
    headers: dict[str, str]  # content type and, for a download, the file name

    @cached_property
    def packed(self) -> bytes:
        """The body as gzip."""
        return gzip.compress(self.body, 6, mtime=0)


class PageStore(Protocol):
    """A store of rendered pages. An entry may disappear at any time."""

    def find(self, key: str) -> Page | None:
        """Return the page under this key, or None."""

    def put(self, key: str, page: Page) -> None:
        """Store a page. A store may decline a page that is too large."""


class BoundedCache(Generic[Value]):
    """A thread-safe least-recently-used cache. `size` gives the share of `max_size` that one value takes."""

    def __init__(self, max_size: int, size: Callable[[Value], int]) -> None:
        self._entries: LRUCache[Hashable, Value] = LRUCache(max_size, getsizeof=size)
        self._max_value, self._size, self._lock = max_size // 4, size, threading.Lock()

    def find(self, key: Hashable) -> Value | None:
        """Return the value under this key, or None."""
        with self._lock:
            try:
                return self._entries[key]  # `get` would hash the key once more
            except KeyError:
                return None

    def put(self, key: Hashable, value: Value) -> None:
        """Store a value, unless it would displace a quarter of the others."""
        if self._size(value) < self._max_value:
            with self._lock:
                self._entries[key] = value


class MemoryStore(BoundedCache[Page]):
    """The pages that this process has rendered or fetched, within a bound in bytes."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes, _page_size)


class RedisStore:
    """The pages that all processes of the site share, compressed and sealed.

    The seal is a keyed hash of the key, the headers and the body, so a page that another program wrote or
    moved to another key is not served.
    """

    def __init__(self, url: str, encryption: Encryption) -> None:
        """Connect on the first request, not here."""
        from redis import Redis, RedisError  # noqa: PLC0415  # a site without Redis need not load it

        self._failures = (RedisError, OSError)
        self._redis: Any = Redis.from_url(
            url,
            socket_connect_timeout=REDIS_TIMEOUT,
            socket_timeout=REDIS_TIMEOUT,
            retry_on_timeout=False,
        )
        self._encryption, self._retry_at = encryption, 0.0

    def find(self, key: str) -> Page | None:
        """Return the page under this key if its seal holds."""
        stored = self._call("get", _redis_name(key))
        if not stored:
            return None
        seal, _, content = stored.partition(b"\n")
        headers, _, packed = content.partition(b"\n")
        if seal.decode("latin-1") != self._seal(key, content):
            return None
        count_page("shared")
        page = Page(gzip.decompress(packed), json.loads(headers))
        page.packed = packed
        return page

    def put(self, key: str, page: Page) -> None:
        """Store a page for a day."""
        if len(page.packed) <= MAX_REDIS_BYTES:
            content = json.dumps(page.headers).encode() + b"\n" + page.packed
            sealed = self._seal(key, content).encode() + b"\n" + content
            self._call("set", _redis_name(key), sealed, ex=REDIS_TTL)

    def _seal(self, key: str, content: bytes) -> str:
        return self._encryption.keyed_hash("page", f"{key}\n{sha256(content).hexdigest()}")

    def _call(self, command: str, *args: Any, **options: Any) -> Any:
        if time.monotonic() < self._retry_at:
            return None
        try:
            return getattr(self._redis, command)(*args, **options)
        except self._failures:
            self._retry_at = time.monotonic() + REDIS_RETRY_AFTER
            return None


@dataclass(frozen=True)
class TwoLevelStore:
    """A near store in front of a shared one. A page found in the shared store is copied to the near one."""

    near: PageStore
    shared: PageStore

    def find(self, key: str) -> Page | None:
        """Return the page from the nearest store that has it."""
        page = self.near.find(key)
        if page is None and (page := self.shared.find(key)):
            self.near.put(key, page)
        return page

    def put(self, key: str, page: Page) -> None:
        """Store a page in both."""
        self.near.put(key, page)
        self.shared.put(key, page)


def app_singleton(name: str, make: Callable[[], Singleton]) -> Singleton:
    """Return the cache of this name that belongs to the running application. The first caller makes it."""
    caches: dict[str, Any] = current_app.extensions.setdefault(EXTENSION, {})
    found: Singleton | None = caches.get(name)
    return caches.setdefault(name, make()) if found is None else found


def clear_caches(app: Flask, *names: str) -> None:
    """Empty the named caches of this process, `pages` or `fragments`. Without a name, empty both."""
    caches = app.extensions.get(EXTENSION, {})
    for name in names or tuple(caches):
        caches.pop(name, None)


def _page_size(page: Page) -> int:
    # The compressed body is added later. A quarter of the plain one is more than it ever takes.
    return len(page.body) + len(page.body) // 4 + 200


def _redis_name(key: str) -> str:
    return f"commentsite:page:{sha256(key.encode()).hexdigest()}"
