"""Compare this build with an earlier one, in turns: reading, rendering and sending comments.

BENCH_BASE names a commit of this repository. Each build serves the demo site with its usual number of processes.
"""

import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from bench import wrk
from bench.loads import FORM, LoadResults
from bench.peers import load_peers
from bench.postgres import postgres
from bench.served import (
    PROGRAM,
    ROOT,
    Server,
    build_environment,
    fetch,
    get_same_page_path,
    run_flask,
    run_site,
)
from commentsite.cli.serve import count_serving_processes

READ_LETTER = "/letters/the-width-of-a-column"  # with a hundred published comments
COMMENTED_LETTER = "/letters/we-dropped-the-route"  # which W1 sends comments to
BARE_FLASK = "R1, bare Flask"
MAX_BACKLOG_SECONDS = 60
_UNEXAMINED = "SELECT count(*) FROM comment_examination"


@dataclass(frozen=True)
class Build:
    """A build with its site on SQLite: the server as in production, and one that renders each page."""

    folder: Path
    served: Server
    cold: Server


def measure() -> str:
    """Return the table of builds."""
    results, backlogs = LoadResults(), []
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = stack.enter_context(_serve(ROOT, root / "ours", count_serving_processes()))
        earlier = stack.enter_context(_checked_out(root / "tree"))
        loads = _list_loads("this build", ours)
        same = stack.enter_context(_serve_same_bytes(ours, root / "same"))
        loads[BARE_FLASK] = lambda: wrk.read(same.url("/"))
        if earlier:
            loads |= _list_loads(
                "earlier build", stack.enter_context(_serve(earlier, root / "earlier", 1))
            )
        if url := stack.enter_context(postgres()):
            settings = {"DATABASE_URL": url}
            _create_demo(ROOT, root / "pg", **settings)
            served = stack.enter_context(run_site(root / "pg", **settings))
            loads["W1 on PostgreSQL, this build"] = lambda: _send(served)
        loads |= {f"W1, {p.name}": p.send_comments for p in load_peers() if p.supports("W1")}
        loads |= {
            f"R1-cold, {p.name}": p.build_reading_load(100)
            for p in load_peers()
            if p.supports("R1")
        }
        for n in range(wrk.ROUNDS):
            for name in list(loads) if n % 2 == 0 else reversed(loads):
                results.loads[name].append(loads[name]())
                if name == "W1, this build":
                    backlogs.append(_wait(lambda: _count(ours.folder, _UNEXAMINED)))
                elif "PostgreSQL" in name:
                    _wait(lambda: _count_on_postgres(url, _UNEXAMINED))
        accepted = sum(load.accepted for load in results.loads["W1, this build"])
        missing = max(0, accepted - _count_stored(ours.folder))
    lines = [
        f"R1 reads the demo's letter with 101 published comments. W1 sends comments to another. 16 connections, {wrk.SECONDS} s per load, {wrk.ROUNDS} rounds, loads in turns. This build has {count_serving_processes()} serving processes, the earlier one ({os.environ.get('BENCH_BASE', 'none')}) its usual one.",
        "",
        "| load | requests/s: min – median – max | p50 ms | p99 ms | errors | × earlier build | × isso | × wordpress |",
        "|---|---|---|---|---|---|---|---|",
        *(
            results.format_row(
                name,
                f"{name.split(',')[0].split(' ')[0]}, earlier build",
                "W1, isso",
                "W1, wordpress",
            )
            for name in loads
        ),
        "",
        f"R1 is {results.median_rate('R1, this build') / results.median_rate(BARE_FLASK):.2f} × a bare Flask that sends the same bytes with as many processes.",
        "",
        f"W1: {accepted:,} comments acknowledged with 303, {missing} of them missing. The last comment was examined {max(backlogs):.1f} s after the end of its load (the slowest of {len(backlogs)}).",
        "",
    ]
    return "\n".join(lines)


@contextmanager
def _checked_out(folder: Path) -> Iterator[Path | None]:
    """Check out the earlier build, if BENCH_BASE names one."""
    if not (commit := os.environ.get("BENCH_BASE")):
        yield None
        return
    git = ("git", "-C", str(ROOT), "worktree")
    subprocess.run([*git, "add", "--detach", str(folder), commit], check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


@contextmanager
def _serve(tree: Path, folder: Path, workers: int) -> Iterator[Build]:
    _create_demo(tree, folder)
    with (
        run_site(folder, tree=tree) as served,
        run_flask("cold", folder, workers, tree=tree) as cold,
    ):
        yield Build(folder, served, cold)


@contextmanager
def _serve_same_bytes(build: Build, folder: Path) -> Iterator[Server]:
    """Let a bare Flask send the page that the build sends, with as many processes."""
    file = get_same_page_path(folder)
    file.parent.mkdir(parents=True)
    file.write_text(fetch(build.served.port, READ_LETTER))
    with run_flask("same", folder, count_serving_processes()) as server:
        yield server


def _create_demo(tree: Path, folder: Path, **settings: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    environment = build_environment(folder, **settings) | {"PYTHONPATH": str(tree)}
    subprocess.run([*PROGRAM, "demo"], cwd=tree, env=environment, check=True, capture_output=True)


def _list_loads(name: str, build: Build) -> dict[str, Callable[[], wrk.Load]]:
    return {
        f"R1, {name}": lambda: wrk.read(build.served.url(READ_LETTER)),
        f"R1-cold, {name}": lambda: wrk.read(build.cold.url(READ_LETTER)),
        f"W1, {name}": lambda: _send(build.served),
    }


def _send(served: Server) -> wrk.Load:
    token = fetch(served.port, COMMENTED_LETTER).partition('name="form_token"')[2]
    token = token.partition('value="')[2].partition('"')[0]
    time.sleep(2.1)  # the site takes a form sent within two seconds for a robot's
    form = FORM.format(token=token)
    return wrk.send(served.url(f"{COMMENTED_LETTER}/comments"), form, f"r{time.monotonic_ns()}")


def _wait(count_unexamined: Callable[[], int]) -> float:
    """Wait until no comment is to be examined, so that the next load has the machine. Return the seconds."""
    began = time.monotonic()
    while count_unexamined():
        if time.monotonic() - began > MAX_BACKLOG_SECONDS:
            break
        time.sleep(0.1)
    return time.monotonic() - began


def _count_stored(folder: Path) -> int:
    return _count(folder, "SELECT count(*) FROM comment WHERE name LIKE 'Reader %'")


def _count_on_postgres(url: str, query: str) -> int:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as database:
        return int(database.execute(query).fetchone()[0])


def _count(folder: Path, query: str) -> int:
    with sqlite3.connect(folder / "commentsite.db") as database:
        return int(database.execute(query).fetchone()[0])
