"""Prometheus counters of this process, for /metrics."""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, values

SHARED_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "commentsite_requests", "Requests by route.", ("method", "route", "status"), registry=REGISTRY
)
REQUEST_SECONDS = Histogram(
    "commentsite_request_seconds", "Time to answer, by route.", ("route",), registry=REGISTRY
)
PAGES = Counter(
    "commentsite_pages",
    "Public pages: not modified (same), from a cache (again, kept, shared), or rendered (drawn).",
    ("how",),
    registry=REGISTRY,
)
LIMITS = Counter(
    "commentsite_limits_hit",
    "Requests beyond a rate limit, by route, and comments held in a burst.",
    ("limit",),
    registry=REGISTRY,
)


def share_counters(folder: str) -> None:
    """Keep the counters in files of this folder, so that each process can add up those of all.

    Call it before anything is counted, and before the server forks. The library reads the variable when it is
    imported, which has happened by then.
    """
    os.environ[SHARED_FOLDER_VARIABLE] = folder
    values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]


def count_page(how: str) -> None:
    """Count a public page. Dashboards use the values of `how`: same, again, kept, shared, drawn."""
    PAGES.labels(how).inc()


def count_limit(name: str) -> None:
    """Count a request beyond a rate limit. `name` is the route, or "burst"."""
    LIMITS.labels(name).inc()


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answered request by its route. Never pass the address, since that of a receipt is a secret."""
    REQUESTS.labels(method, route, status).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)
