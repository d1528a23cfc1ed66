"""Pages drawn by one process serve all: kept in Redis, sealed, and done without when Redis is away."""

import gzip
import json
import time
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from commentsite.vault import Vault
from commentsite.web.counters import count_page

KEPT_FOR = 24 * 3600
LARGEST = 1024 * 1024  # bytes of a packed page
LEFT_ALONE = 5.0  # seconds for which a Redis that failed is not asked
SHORT = 0.2  # seconds; a page is drawn faster than a slow answer is worth waiting for


@dataclass
class Page:
    """A page as it was drawn; it is packed when a reader, or the others by Redis, first get it so."""

    body: bytes
    headers: dict[str, str]  # what it is, and how a file of it is called

    @cached_property
    def packed(self) -> bytes:
        """Return the body as gzip."""
        return gzip.compress(self.body, 6, mtime=0)


class SharedPages:
    """What the processes of one site have drawn lately; the key of a page names its version."""

    def __init__(self, url: str, vault: Vault) -> None:
        """Know where; nothing is asked yet."""
        from redis import Redis, RedisError  # noqa: PLC0415  # a site without one need not load it

        self._failures = (RedisError, OSError)
        self._redis: Any = Redis.from_url(
            url, socket_connect_timeout=SHORT, socket_timeout=SHORT, retry_on_timeout=False
        )
        self._vault, self._away_until = vault, 0.0

    def find(self, key: str) -> Page | None:
        """Return a page as one of our processes wrote it, or None."""
        kept = self._ask("get", _name(key))
        if not kept:
            return None
        seal, _, rest = kept.partition(b"\n")
        headers, _, packed = rest.partition(b"\n")
        if seal.decode("latin-1") != self._seal(key, rest):
            return None  # of another key, or somebody else's writing
        count_page("shared")
        page = Page(gzip.decompress(packed), json.loads(headers))
        page.packed = packed
        return page

    def keep(self, key: str, page: Page) -> None:
        """Keep a page for the others, for a day."""
        if len(page.packed) <= LARGEST:
            rest = json.dumps(page.headers).encode() + b"\n" + page.packed
            sealed = self._seal(key, rest).encode() + b"\n" + rest
            self._ask("set", _name(key), sealed, ex=KEPT_FOR)

    def _seal(self, key: str, rest: bytes) -> str:
        return self._vault.keyed_hash("page", f"{key}\n{sha256(rest).hexdigest()}")

    def _ask(self, command: str, *args: Any, **options: Any) -> Any:
        if time.monotonic() < self._away_until:
            return None
        try:
            return getattr(self._redis, command)(*args, **options)
        except self._failures:
            self._away_until = time.monotonic() + LEFT_ALONE
            return None


def _name(key: str) -> str:
    return f"commentsite:page:{sha256(key.encode()).hexdigest()}"
