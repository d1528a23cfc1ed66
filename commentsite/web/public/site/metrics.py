"""What operators watch: requests by route, pages kept, limits hit, how old the queue is, what mail waits.

Each process counts for itself. Where several serve (`commentsite run --workers`), they share files
in the folder PROMETHEUS_MULTIPROC_DIR names, as the library asks.
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
from commentsite.moderation.queue.queries import load_oldest_pending_time
from commentsite.notifications.queries import count_unfinished_by_state, find_oldest_due_time
from commentsite.web.context import runtime
from commentsite.web.http.client_address import client_address
from commentsite.web.http.metrics_registry import OWN, count_limit, count_request

bp = Blueprint("metrics", __name__)
DATABASE_UP = "Whether the database answers."
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class FromTheDatabase(Collector):
    """What is the same for every process: read when asked, one small query each."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the age of the queue and the messages by state; nothing but its absence while the database is away."""
        try:
            oldest, due, waiting = (
                load_oldest_pending_time(),
                find_oldest_due_time(),
                count_unfinished_by_state(),
            )
        except SQLAlchemyError:
            yield GaugeMetricFamily("commentsite_database_up", DATABASE_UP, 0)
            return
        yield GaugeMetricFamily("commentsite_database_up", DATABASE_UP, 1)
        yield GaugeMetricFamily(
            "commentsite_queue_age_seconds", "How long the oldest comment waits.", _age(oldest)
        )
        yield GaugeMetricFamily(
            "commentsite_outbox_late_seconds", "How late the oldest message is.", _age(due)
        )
        messages = GaugeMetricFamily(
            "commentsite_messages", "Messages by state.", labels=("state",)
        )
        for state, number in waiting.items():
            messages.add_metric((state,), number)
        yield messages


def _age(since: datetime | None) -> float:
    return max(0.0, (clock.now() - since).total_seconds()) if since else 0.0


def init_app(app: Flask) -> None:
    """Count every answer, by the route and never by the address, which may be a key."""

    @app.after_request
    def _count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else ""
        method = request.method if request.method in METHODS else "?"
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        count_request(method, route, response.status_code, seconds)
        if response.status_code == 429:
            count_limit(route)
        return response


@bp.get("/metrics")
def read() -> Response:
    """Hand out the figures to those whom the settings allow; for others there is no such page."""
    try:
        client = ipaddress.ip_address(client_address())
    except ValueError:
        abort(404)
    if not any(client in network for network in runtime().settings.metrics_networks):
        abort(404)
    registry = OWN
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library is not typed here
    body = generate_latest(registry)
    shared = CollectorRegistry()
    shared.register(FromTheDatabase())
    response = Response(body + generate_latest(shared), content_type="text/plain; version=0.0.4")
    response.headers["Cache-Control"] = "no-store"
    return response
