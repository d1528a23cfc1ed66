"""Metrics for operators in the Prometheus format: requests, page cache, rate limits, queue age and waiting emails.

Each process counts its own requests. The processes of `commentsite run` share their counts through files in a
temporary folder. Another server needs a folder in the variable PROMETHEUS_MULTIPROC_DIR, as the Prometheus client requires.
"""

import ipaddress
import os
import time
from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Flask, Response, abort, g, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from commentsite import clock
from commentsite.comments.screening.queries import find_oldest_received_time
from commentsite.moderation.queue.queries import load_oldest_pending_time
from commentsite.notifications.queries import count_unfinished_by_state, find_oldest_due_time
from commentsite.web.context import runtime
from commentsite.web.http.client_address import client_address
from commentsite.web.http.headers import UNTRUSTED_PROXY
from commentsite.web.http.metrics_registry import (
    REGISTRY,
    SHARED_FOLDER_VARIABLE,
    count_limit,
    count_request,
)

bp = Blueprint("metrics", __name__)
DATABASE_UP = "Whether the database answers."
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class DatabaseCollector(Collector):
    """Metrics from the database, read at each request with one small query each. They are the same in all processes."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the metrics, or only `commentsite_database_up 0` if the database does not answer."""
        try:
            oldest_received, oldest_pending, oldest_due, count_by_state = (
                find_oldest_received_time(),
                load_oldest_pending_time(),
                find_oldest_due_time(),
                count_unfinished_by_state(),
            )
        except SQLAlchemyError:
            yield GaugeMetricFamily("commentsite_database_up", DATABASE_UP, 0)
            return
        yield GaugeMetricFamily("commentsite_database_up", DATABASE_UP, 1)
        yield GaugeMetricFamily(
            "commentsite_examination_late_seconds",
            "Age of the oldest comment that is not examined yet.",
            _seconds_since(oldest_received),
        )
        yield GaugeMetricFamily(
            "commentsite_queue_age_seconds",
            "Age of the oldest waiting comment.",
            _seconds_since(oldest_pending),
        )
        yield GaugeMetricFamily(
            "commentsite_outbox_late_seconds",
            "Delay of the oldest unsent email.",
            _seconds_since(oldest_due),
        )
        messages = GaugeMetricFamily(
            "commentsite_messages", "Unsent emails by state.", labels=("state",)
        )
        for state, count in count_by_state.items():
            messages.add_metric((state,), count)
        yield messages


def _seconds_since(since: datetime | None) -> float:
    return max(0.0, (clock.now() - since).total_seconds()) if since else 0.0


def init_app(app: Flask) -> None:
    """Count each response by its route. The path is no label, because it may contain a secret token."""

    @app.after_request
    def _count_response(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else ""
        method = request.method if request.method in METHODS else "?"
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        count_request(method, route, response.status_code, seconds)
        if response.status_code == 429:
            count_limit(route)
        return response


@bp.get("/metrics")
def show() -> Response:
    """Send the metrics to clients in the configured networks. Other clients get a 404."""
    if request.environ.get(UNTRUSTED_PROXY):
        abort(404)  # a proxy that is not trusted passes on requests from anywhere
    try:
        client = ipaddress.ip_address(client_address())
    except ValueError:
        abort(404)
    if not any(client in network for network in runtime().settings.metrics_networks):
        abort(404)
    registry = REGISTRY
    if SHARED_FOLDER_VARIABLE in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library is not typed here
    body = generate_latest(registry)
    database_registry = CollectorRegistry()
    database_registry.register(DatabaseCollector())
    response = Response(
        body + generate_latest(database_registry), content_type="text/plain; version=0.0.4"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
