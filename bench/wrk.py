"""Run one load test with wrk against a server on this machine."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

LUA = Path(__file__).parent / "lua"
QUICK = bool(os.environ.get("BENCH_QUICK"))
SECONDS, ROUNDS = (2, 1) if QUICK else (6, 3)


@dataclass(frozen=True)
class Load:
    """The result: requests per second, latency in milliseconds, and the number of failed or unexpected responses."""

    rate: float
    p50: float
    p99: float
    errors: int
    accepted: int = 0


def read(url: str, *, connections: int = 16, headers: dict[str, str] | None = None) -> Load:
    """Request one URL repeatedly."""
    return _run(url, "read.lua", connections, headers or {}, {})


def send(
    url: str, form: str, run: str, *, connections: int = 16, headers: dict[str, str] | None = None
) -> Load:
    """Send comments. `form` is a request body with {id} and {text}. `run` makes the texts of each run different."""
    with NamedTemporaryFile("w", suffix=".form") as file:
        file.write(form)
        file.flush()
        return _run(
            url, "send.lua", connections, headers or {}, {"LOAD_FORM": file.name, "LOAD_RUN": run}
        )


def _run(
    url: str, script: str, connections: int, headers: dict[str, str], environment: dict[str, str]
) -> Load:
    assert (urlsplit(url).hostname or "").startswith("127."), (
        "load tests must not reach another machine"
    )
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--timeout", "20s"]
    command += ["-s", str(LUA / script)]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    output = subprocess.run(
        [*command, url],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    summary = json.loads(output[output.index('{"requests"') :].splitlines()[0])
    seconds = summary["microseconds"] / 1e6
    answered = summary.get("accepted", summary["requests"])
    return Load(
        rate=answered / seconds,
        p50=summary["p50"] / 1000,
        p99=summary["p99"] / 1000,
        errors=summary["requests"] - answered if "accepted" in summary else summary["bad"],
        accepted=answered,
    )
