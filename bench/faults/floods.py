"""What is sent to a site that nobody should send: half requests, vast bodies, thousands of fields, noise."""

import contextlib
import http.client
import random
import socket
import time

from bench.faults.site import BY_THE_HOST, FORM, PATIENCE, Bench, free_port, wait_for
from bench.faults.tables import plain
from bench.nginx import nginx

HALF_HEAD = b"GET /letters/a-letter HTTP/1.1\r\nHost: letters.example\r\nX-Slow: "
HALF_BODY = (
    b"POST /letters/a-letter/comments HTTP/1.1\r\nHost: letters.example\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\nname=Ada&body="
)


def slow_clients():
    """Hold 500 half-sent requests open at the front, and read and write meanwhile."""
    with Bench() as bench:
        site, front = bench.site(), free_port()
        bench.stack.enter_context(nginx(bench.root, front, [site.port]))
        wait_for(lambda: site.reads(front))
        held, neither, slowest = [], [], 0.0
        try:
            for n in range(500):
                half = socket.create_connection(("127.0.0.1", front), PATIENCE)
                half.sendall(HALF_BODY if n % 2 else HALF_HEAD)
                held.append(half)
            for _ in range(20):
                began = time.monotonic()
                if not site.reads(front):
                    neither.append("no answer")
                slowest = max(slowest, time.monotonic() - began)
                time.sleep(0.1)
        finally:
            for half in held:
                half.close()
        wait_for(lambda: site.reads(front))
        return plain("500 half-sent requests; the slowest reader meanwhile", 500, neither, slowest)


def large_bodies():
    """Send twenty bodies of 10 MB."""
    body = b"body=" + b"x" * 10_000_000
    return _each("bodies of 10 MB", 20, lambda _n: body)


def many_fields():
    """Send twenty forms of 10,000 fields."""
    body = "&".join(f"f{n}={n}" for n in range(10_000)).encode()
    return _each("forms of 10,000 fields", 20, lambda _n: body)


def _each(name, times, body):
    with Bench() as bench:
        site = bench.site()
        neither = []
        for n in range(times):
            try:
                status, page = site.ask("POST", "/letters/a-letter/comments", body(n), FORM)
            except BY_THE_HOST:
                continue
            except (OSError, http.client.HTTPException) as problem:
                neither.append(type(problem).__name__)
                continue
            if not 400 <= status < 500 or "<h1" not in page:
                neither.append(str(status))
        return plain(name, times, neither, wait_for(site.reads))


def noise():
    """Send 500 requests of random bytes, and as many that begin as a request should."""
    chance = random.Random(6)
    with Bench() as bench:
        site = bench.site()
        neither = []
        for n in range(1000):
            sent = chance.randbytes(chance.randint(1, 4000))
            if n % 2:
                sent = b"POST /letters/a-letter/comments HTTP/1.1\r\n" + sent + b"\r\n\r\n"
            with socket.create_connection(("127.0.0.1", site.port), PATIENCE) as wire:
                with contextlib.suppress(OSError):
                    wire.sendall(sent)
                    wire.shutdown(socket.SHUT_WR)
                try:
                    answer = wire.recv(65536)
                except ConnectionError:
                    answer = b""
                except TimeoutError:
                    neither.append("no answer")
                    continue
            if answer and not answer.startswith(b"HTTP/1.1 4"):
                neither.append(answer[:12].decode("latin-1"))
        return plain("requests of random bytes", 1000, neither, wait_for(site.reads))
