"""What this process counts about itself, for /metrics."""

from prometheus_client import CollectorRegistry, Counter, Histogram

OWN = CollectorRegistry()
REQUESTS = Counter(
    "commentsite_requests", "Requests by route.", ("method", "route", "status"), registry=OWN
)
SECONDS = Histogram(
    "commentsite_request_seconds", "Time to answer, by route.", ("route",), registry=OWN
)
PAGES = Counter(
    "commentsite_pages", "Public pages: same (304), kept, or drawn.", ("how",), registry=OWN
)
LIMITS = Counter(
    "commentsite_limits_hit", "Limits met: by route, or the burst.", ("limit",), registry=OWN
)


def count_page(how: str) -> None:
    """Count how a public page was answered."""
    PAGES.labels(how).inc()


def count_limit(name: str) -> None:
    """Count that somebody met a limit: the route that refused, or the burst that held a comment."""
    LIMITS.labels(name).inc()


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answer, by the route and never by the address, which may be a key."""
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(route).observe(seconds)
