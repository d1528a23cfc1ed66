"""Send hostile requests to a site: incomplete ones, large bodies, thousands of fields, random bytes."""

import contextlib
import http.client
import random
import socket
import time

from bench.faults.site import CLOSED_BY_SERVER, FORM, REQUEST_TIMEOUT, Bench, free_port, wait_for
from bench.faults.tables import build_row_without_comments
from bench.nginx import nginx

HALF_HEAD = b"GET /letters/a-letter HTTP/1.1\r\nHost: letters.example\r\nX-Slow: "
HALF_BODY = (
    b"POST /letters/a-letter/comments HTTP/1.1\r\nHost: letters.example\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\nname=Ada&body="
)


def slow_clients():
    """Hold 500 incomplete requests open at nginx, and read pages meanwhile."""
    with Bench() as bench:
        site, front = bench.start_site(), free_port()
        bench.stack.enter_context(nginx(bench.root, front, [site.port]))
        wait_for(lambda: site.is_readable(front))
        held, unclean, slowest = [], [], 0.0
        try:
            for n in range(500):
                half = socket.create_connection(("127.0.0.1", front), REQUEST_TIMEOUT)
                half.sendall(HALF_BODY if n % 2 else HALF_HEAD)
                held.append(half)
            for _ in range(20):
                began = time.monotonic()
                if not site.is_readable(front):
                    unclean.append("no answer")
                slowest = max(slowest, time.monotonic() - began)
                time.sleep(0.1)
        finally:
            for half in held:
                half.close()
        wait_for(lambda: site.is_readable(front))
        return build_row_without_comments(
            "500 half-sent requests, slowest reader meanwhile", 500, unclean, slowest
        )


def large_bodies():
    """Send twenty bodies of 10 MB."""
    body = b"body=" + b"x" * 10_000_000
    return _send_requests("bodies of 10 MB", 20, lambda _n: body)


def many_fields():
    """Send twenty forms of 10,000 fields."""
    body = "&".join(f"f{n}={n}" for n in range(10_000)).encode()
    return _send_requests("forms of 10,000 fields", 20, lambda _n: body)


def _send_requests(name, times, body):
    with Bench() as bench:
        site = bench.start_site()
        unclean = []
        for n in range(times):
            try:
                status, page = site.request("POST", "/letters/a-letter/comments", body(n), FORM)
            except CLOSED_BY_SERVER:
                continue
            except (OSError, http.client.HTTPException) as problem:
                unclean.append(type(problem).__name__)
                continue
            if not 400 <= status < 500 or "<h1" not in page:
                unclean.append(str(status))
        return build_row_without_comments(name, times, unclean, wait_for(site.is_readable))


def noise():
    """Send 500 requests of random bytes, and 500 that begin like a valid request."""
    rng = random.Random(6)
    with Bench() as bench:
        site = bench.start_site()
        unclean = []
        for n in range(1000):
            sent = rng.randbytes(rng.randint(1, 4000))
            if n % 2:
                sent = b"POST /letters/a-letter/comments HTTP/1.1\r\n" + sent + b"\r\n\r\n"
            with socket.create_connection(("127.0.0.1", site.port), REQUEST_TIMEOUT) as wire:
                with contextlib.suppress(OSError):
                    wire.sendall(sent)
                    wire.shutdown(socket.SHUT_WR)
                try:
                    answer = wire.recv(65536)
                except ConnectionError:
                    answer = b""
                except TimeoutError:
                    unclean.append("no answer")
                    continue
            if answer and not answer.startswith(b"HTTP/1.1 4"):
                unclean.append(answer[:12].decode("latin-1"))
        return build_row_without_comments(
            "requests of random bytes", 1000, unclean, wait_for(site.is_readable)
        )
