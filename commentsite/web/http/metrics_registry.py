"""Prometheus counters of this process, for /metrics."""

from prometheus_client import CollectorRegistry, Counter, Histogram

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
