"""Other comment systems to compare with. BENCH_PEERS names a folder with a JSON file for each running system.

A file has `name` and `scenarios`. R1 has the `url` of a page with a hundred comments. W1 has the `url`, `ctype` and
`body` of a request that sends a comment, with the placeholders `{id}` and `{text}`.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import wrk

PEER_NAMES = ("wordpress-classic", "wordpress", "isso")


@dataclass(frozen=True)
class Peer:
    """Another comment system."""

    name: str
    scenarios: dict[str, Any]

    def supports(self, load: str) -> bool:
        """Return whether the file describes this load."""
        return load in self.scenarios

    def build_reading_load(self, _comments: int) -> Callable[[], wrk.Load]:
        """Return the load that reads the page with a hundred comments."""
        scenario = self.scenarios["R1"]
        return lambda: wrk.read(scenario["url"], headers=scenario.get("headers", {}))

    def send_comments(self) -> wrk.Load:
        scenario = self.scenarios["W1"]
        headers = {**scenario.get("headers", {}), "Content-Type": scenario["ctype"]}
        run = f"r{time.monotonic_ns()}"
        return wrk.send(scenario["url"], scenario["body"], run, headers=headers)


def load_peers() -> list[Peer]:
    """Return the systems that the folder describes, or none without BENCH_PEERS."""
    folder = os.environ.get("BENCH_PEERS")
    descriptions = (
        [json.loads(path.read_text()) for path in sorted(Path(folder).glob("*.json"))]
        if folder
        else []
    )
    return [Peer(d["name"], d["scenarios"]) for d in descriptions if d["name"] in PEER_NAMES]
