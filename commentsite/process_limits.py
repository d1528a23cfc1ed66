"""Limits of memory and time for child processes that read or draw untrusted content."""

import resource


def lower_limit(kind: int, limit: int) -> None:
    """Lower a limit of this process. One that the system already holds lower stays."""
    _, highest = resource.getrlimit(kind)
    if highest != resource.RLIM_INFINITY:
        limit = min(limit, highest)
    resource.setrlimit(kind, (limit, limit))
