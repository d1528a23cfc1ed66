"""Fetch public pages and files of the site within this process, for commands that write them to disk."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask.testing import FlaskClient

from commentsite.exchange.archive.writer import Answer
from commentsite.web.http.extensions import limiter

PDF_TIMEOUT = 400  # seconds; longer than a PDF may take to draw
_WAIT = 1.0  # seconds between two requests for a PDF that is being drawn
_NOT_READY = frozenset({202, 503})


def fetch_page(client: FlaskClient, base_url: str, address: str) -> Answer:
    """Return the answer to a request. A PDF that is being drawn is waited for."""
    deadline = time.monotonic() + PDF_TIMEOUT
    while True:
        with client.get(address, base_url=base_url) as response:
            is_ready = response.status_code not in _NOT_READY or not address.endswith(".pdf")
            if is_ready or time.monotonic() > deadline:
                return Answer(
                    response.status_code,
                    response.status,
                    dict(response.headers),
                    response.get_data(),
                )
        time.sleep(_WAIT)


@contextmanager
def without_limits() -> Iterator[None]:
    """Let this process send itself more requests than a reader may."""
    was_enabled = limiter.enabled
    limiter.enabled = False
    try:
        yield
    finally:
        limiter.enabled = was_enabled
