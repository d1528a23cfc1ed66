"""Read the bodies of requests before the application runs, in some of the threads only.

The server of `commentsite run` calls the application as soon as the head of a request is there, and has no timeout
for the body. A few half-sent forms would hold all threads of a process for as long as their senders like. So one
thread of each process never waits for a body, and pages are served while the others wait. One client can hold only one
of these threads, so that it does not keep the forms of others away. Behind a proxy that sends complete requests no
thread waits.
"""

import io
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

SLOT_TIMEOUT = 0.2  # seconds; a complete body is read in less
API_PATH = "/api/"  # whose errors are JSON
STAFF_PATH = "/desk/"  # where staff upload files
BODYLESS_METHODS = frozenset({"GET", "HEAD"})  # no view reads the body of these


class RequestBodyMiddleware:
    """Give the application complete bodies, of which at most `max_waiting` are read at a time, one for each client.

    `find_client` returns the network address of the client from the WSGI environ. A further request is refused (503),
    and so is a body that ends early (400). The other limits are in bytes. A larger body is left unread, and the
    application refuses it by its length.
    """

    def __init__(
        self,
        app: Any,
        *,
        max_waiting: int,
        max_form: int,
        max_file: int,
        find_client: Callable[[dict[str, Any]], str],
    ) -> None:
        self._app, self._max_form, self._max_file = app, max_form, max_file
        self._max_waiting, self._find_client = max_waiting, find_client
        self._readers: Counter[str] = Counter()  # threads that read a body, by client
        self._change = threading.Condition()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Read the body and let the application answer, or refuse the request."""
        length = environ.get("CONTENT_LENGTH") or "0"
        limit = self._max_file if environ["PATH_INFO"].startswith(STAFF_PATH) else self._max_form
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ
        is_expected = length.isdecimal() and 0 < int(length) <= limit
        if environ["REQUEST_METHOD"] not in BODYLESS_METHODS and (is_expected or is_chunked):
            with self._take_slot(self._find_client(environ)) as has_slot:
                if not has_slot:
                    sentence = "Too many requests are being sent at the moment. Send yours again."
                    return _refuse(environ, start_response, "503 Service Unavailable", sentence)
                body = environ["wsgi.input"].read(limit + 1 if is_chunked else int(length))
            if not is_chunked and len(body) < int(length):
                sentence = "The request is not complete."
                return _refuse(environ, start_response, "400 Bad Request", sentence)
            environ["wsgi.input"] = io.BytesIO(body)
        response: Iterable[bytes] = self._app(environ, start_response)
        return response

    @contextmanager
    def _take_slot(self, client: str) -> Iterator[bool]:
        """Wait for a moment until a body of this client may be read. Yield whether it may."""

        def is_free() -> bool:
            return not self._readers[client] and self._readers.total() < self._max_waiting

        with self._change:
            has_slot = self._change.wait_for(is_free, SLOT_TIMEOUT)
            if has_slot:
                self._readers[client] += 1
        try:
            yield has_slot
        finally:
            if has_slot:
                with self._change:
                    del self._readers[client]
                    self._change.notify_all()


def _refuse(
    environ: dict[str, Any], start_response: Callable[..., Any], status: str, sentence: str
) -> list[bytes]:
    content_type, body = "text/plain; charset=utf-8", f"{sentence}\n".encode()
    if environ["PATH_INFO"].startswith(API_PATH):
        code, _space, title = status.partition(" ")
        problem = {"type": "about:blank", "title": title, "status": int(code), "detail": sentence}
        content_type, body = "application/problem+json", json.dumps(problem).encode()
    headers = [
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Retry-After", "5"),
    ]
    start_response(status, headers)
    return [body]
