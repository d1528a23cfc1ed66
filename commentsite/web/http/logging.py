"""Structured logs: events and durations, without email addresses, comments or secret addresses."""

import json
import logging
import re
import time
import traceback
from datetime import UTC, datetime

from flask import Flask, Response, g, has_request_context, request

from commentsite import tokens

REQUEST_ID_VARIABLE = "commentsite.request_id"  # in the WSGI environ, if a trusted proxy sent an id
MAX_MESSAGE_LENGTH = 2000  # characters; the pattern is slow on a long word
MAX_FRAMES = 8  # of a traceback
_EMAIL_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
logger = logging.getLogger("commentsite")


class JsonFormatter(logging.Formatter):
    """Write one JSON object per line. Email addresses are replaced and control characters escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON. An exception is given by its class and frames, not by its message."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _EMAIL_ADDRESS.sub("[address]", record.getMessage()[:MAX_MESSAGE_LENGTH]),
            **({"request": g.request_id} if has_request_context() and "request_id" in g else {}),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-MAX_FRAMES:]
            line["frames"] = [
                f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}"
                for frame in frames
            ]
        return json.dumps(line)


def log_request(method: str, route: str, status: int, seconds: float) -> None:
    """Log a request by its route."""
    if not logger.isEnabledFor(logging.INFO):
        return
    facts = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    # `logger.info` would look for the file and line of the caller, which the formatter does not write.
    record = logger.makeRecord(
        logger.name, logging.INFO, "", 0, "request", (), None, extra={"facts": facts}
    )
    logger.handle(record)


def init_app(app: Flask) -> None:
    """Log every request by its route and not by its address, since that of a receipt is a secret."""
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    app.logger = logger
    # Flask's own message would contain the address.
    app.log_exception = lambda exc_info: logger.error("unexpected", exc_info=exc_info)  # type: ignore[method-assign]

    @app.before_request
    def _start_timer() -> None:
        g.started = time.perf_counter()
        g.request_id = request.environ.get(REQUEST_ID_VARIABLE) or tokens.new_short_id(10)

    @app.after_request
    def _log_response(response: Response) -> Response:
        if not request.path.startswith("/static/"):
            log_request(
                request.method if request.method.isalpha() else "?",
                request.url_rule.rule if request.url_rule else "",
                response.status_code,
                time.perf_counter() - g.get("started", time.perf_counter()),
            )
        if response.status_code >= 500:  # so that a reader can name the request to the operator
            response.headers["X-Request-ID"] = g.get("request_id", "")
        return response
