"""Other comment systems, where somebody has them running: BENCH_PEERS names a folder with a JSON file for each.

A file says `name` and `scenarios`: R1 with the `url` of a page with a hundred comments, W1 with the
`url`, `ctype` and `body` of a comment, in which `{id}` and `{text}` are filled in.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import wrk

COMPARED = ("wordpress-classic", "wordpress", "isso")


@dataclass(frozen=True)
class Peer:
    """One of them."""

    name: str
    scenarios: dict[str, Any]

    def has(self, load: str) -> bool:
        """Say whether it is known how to put this load on it."""
        return load in self.scenarios

    def reads(self, _comments: int) -> Callable[[], wrk.Load]:
        """Return the load of reading its page with a hundred comments."""
        said = self.scenarios["R1"]
        return lambda: wrk.read(said["url"], headers=said.get("headers", {}))

    def writes(self) -> wrk.Load:
        """Send comments to it."""
        said = self.scenarios["W1"]
        headers = {**said.get("headers", {}), "Content-Type": said["ctype"]}
        run = f"r{time.monotonic_ns()}"
        return wrk.send(said["url"], said["body"], run, headers=headers)


def peers() -> list[Peer]:
    """Return those that are described; none where nothing is said."""
    folder = os.environ.get("BENCH_PEERS")
    described = (
        [json.loads(path.read_text()) for path in sorted(Path(folder).glob("*.json"))]
        if folder
        else []
    )
    return [Peer(said["name"], said["scenarios"]) for said in described if said["name"] in COMPARED]
