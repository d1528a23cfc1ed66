"""One load at a time against one address of this machine, by wrk."""

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
    """What came of a load: answers in a second, milliseconds, and how many were no answer or none of those wanted."""

    rate: float
    p50: float
    p99: float
    bad: int
    accepted: int = 0


def read(url: str, *, connections: int = 16, headers: dict[str, str] | None = None) -> Load:
    """Ask for one address again and again."""
    return _run(url, "read.lua", connections, headers or {}, {})


def send(
    url: str, form: str, run: str, *, connections: int = 16, headers: dict[str, str] | None = None
) -> Load:
    """Send comments; `form` is a body with {id} and {text}, `run` makes their words new."""
    with NamedTemporaryFile("w", suffix=".form") as file:
        file.write(form)
        file.flush()
        return _run(
            url, "send.lua", connections, headers or {}, {"LOAD_FORM": file.name, "LOAD_RUN": run}
        )


def _run(
    url: str, script: str, connections: int, headers: dict[str, str], told: dict[str, str]
) -> Load:
    assert (urlsplit(url).hostname or "").startswith("127."), "only this machine is measured"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--timeout", "20s"]
    command += ["-s", str(LUA / script)]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    printed = subprocess.run(
        [*command, url], env={**os.environ, **told}, capture_output=True, text=True, check=True
    ).stdout
    said = json.loads(printed[printed.index('{"requests"') :].splitlines()[0])
    seconds = said["microseconds"] / 1e6
    answered = said.get("accepted", said["requests"])
    return Load(
        rate=answered / seconds,
        p50=said["p50"] / 1000,
        p99=said["p99"] / 1000,
        bad=said["requests"] - answered if "accepted" in said else said["bad"],
        accepted=answered,
    )
