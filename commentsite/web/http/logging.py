"""Structured logs: what happened and how long it took, and never who or what was said."""

import json
import logging
import re
import time
import traceback
from datetime import UTC, datetime

from flask import Flask, Response, g, has_request_context, request

from commentsite import tokens

_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
REQUEST_ID = "commentsite.request_id"  # in the environ of WSGI, where a proxy of ours gave one
MOST_CHARACTERS = 2000  # of one message: the pattern is slow on a long word
logger = logging.getLogger("commentsite")


class JsonLines(logging.Formatter):
    """One JSON object a line; anything like an address is struck out, control characters are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON, an exception as its class and frames without its message."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _ADDRESS.sub("[address]", record.getMessage()[:MOST_CHARACTERS]),
            **({"request": g.request_id} if has_request_context() and "request_id" in g else {}),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-8:]
            line["frames"] = [
                f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}"
                for frame in frames
            ]
        return json.dumps(line)


def log_request(method: str, route: str, status: int, seconds: float) -> None:
    """Write one line about an answer."""
    facts = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    logger.info("request", extra={"facts": facts})


def init_app(app: Flask) -> None:
    """Log each request by its route, never by its address: a receipt's address is a key."""
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    app.logger = logger
    # Flask's own words name the path, and a receipt's path is a key.
    app.log_exception = lambda exc_info: logger.error("unexpected", exc_info=exc_info)  # type: ignore[method-assign]

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()
        g.request_id = request.environ.get(REQUEST_ID) or tokens.new_short_id(10)

    @app.after_request
    def _finish(response: Response) -> Response:
        if not request.path.startswith("/static/"):
            log_request(
                request.method if request.method.isalpha() else "?",
                request.url_rule.rule if request.url_rule else "",
                response.status_code,
                time.perf_counter() - g.get("started", time.perf_counter()),
            )
        if response.status_code >= 500:  # what to name to who looks after the site
            response.headers["X-Request-ID"] = g.get("request_id", "")
        return response
