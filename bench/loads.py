"""Load tests of the site, compared in one run with a bare Flask application, a static file and other systems."""

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psycopg
from sqlalchemy import make_url

from bench import wrk
from bench.peers import Peer, load_peers
from bench.postgres import postgres
from bench.served import (
    Server,
    build_environment,
    fetch,
    measure_memory,
    run_flask,
    run_nginx,
    run_site,
)
from bench.threads import SIZES, fill_database
from commentsite.app import create_app
from commentsite.cli.migrate import upgrade_database

FEW, MANY = (f"/letters/l-{size}" for size in SIZES)
GZIP_HEADERS = {"Accept-Encoding": "gzip"}
WRITERS = 16
FORM = "form_token={token}&name=Reader+{{id}}&email={{id}}%40example.org&stakeholder_group=CIV&capacity=personal&kind=general&stance=none&body={{text}}"


@dataclass
class LoadResults:
    """The results of each load by its name, one for each round."""

    loads: dict[str, list[wrk.Load]] = field(default_factory=lambda: defaultdict(list))

    def median_rate(self, name: str) -> float:
        """Return the median of the requests per second."""
        return median(load.rate for load in self.loads[name])

    def format_row(self, name: str, *against: str) -> str:
        """Return a row of the table. `against` names the loads to compare this one with."""
        results = self.loads[name]
        rates = sorted(load.rate for load in results)
        compared = [
            f"{self.median_rate(name) / self.median_rate(other):.2f}" if self.loads[other] else ""
            for other in against
        ]
        cells = [
            name,
            f"{rates[0]:,.0f} – {self.median_rate(name):,.0f} – {rates[-1]:,.0f}",
            f"{median(load.p50 for load in results):.1f}",
            f"{median(load.p99 for load in results):.1f}",
            str(sum(load.errors for load in results)),
            *compared,
        ]
        return f"| {' | '.join(cells)} |"


def measure() -> str:
    """Return the tables of reading and writing, with the memory and the start-up time of the site."""
    peers = load_peers()
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        folder.chmod(0o755)
        return _measure_reading(folder / "read", peers) + _measure_writing(folder, peers)


def _measure_reading(folder: Path, peers: list[Peer]) -> str:
    _create_site(folder)
    results = LoadResults()
    with ExitStack() as stack:
        ours = stack.enter_context(run_site(folder, 1))
        hello = stack.enter_context(run_flask("hello", folder))
        cold = stack.enter_context(run_flask("cold", folder))
        empty = stack.enter_context(run_flask("empty", folder))
        page = fetch(ours.port, FEW)
        file = stack.enter_context(run_nginx(folder / "nginx", page.encode()))
        same = stack.enter_context(run_flask("same", folder))
        loads = {
            "bare Flask": lambda: wrk.read(hello.url("/")),
            "bare Flask, same bytes": lambda: wrk.read(same.url("/")),
            "static file, same bytes": lambda: wrk.read(file.url("/page.html")),
            "R1": lambda: wrk.read(ours.url(FEW)),
            "R1, gzip (as browsers request it)": lambda: wrk.read(
                ours.url(FEW), headers=GZIP_HEADERS
            ),
            "R1-cold": lambda: wrk.read(cold.url(FEW)),
            "R1-cold, no caches": lambda: wrk.read(empty.url(FEW)),
            "R2": lambda: wrk.read(ours.url(MANY)),
            "R2-cold": lambda: wrk.read(cold.url(MANY)),
            "R1 during writes": lambda: _read_during_writes(ours),
            **{f"R1, {p.name}": p.build_reading_load(100) for p in peers if p.supports("R1")},
        }
        for n in range(wrk.ROUNDS):
            for name in list(loads) if n % 2 == 0 else reversed(loads):
                results.loads[name].append(loads[name]())
        mib, mib_same = measure_memory(ours.pid), measure_memory(same.pid)
    classic = "R1, wordpress-classic"
    lines = [
        "## Reading",
        "",
        f"A letter with {SIZES[0]} published comments ({len(page.encode()):,} bytes; R2: with {SIZES[1]:,}), 16 connections, {wrk.SECONDS} s per load, {wrk.ROUNDS} rounds, loads alternating.",
        "“-cold” renders the page for each request, with cached comment fragments. “During writes” reads while two clients send comments. One serving process each, on SQLite. The table of builds has the usual number of processes.",
        "",
        f"| load | requests/s: min – median – max | p50 ms | p99 ms | errors | × bare Flask | × R1 | × {classic[4:]} |",
        "|---|---|---|---|---|---|---|---|",
        *(results.format_row(name, "bare Flask", "R1", classic) for name in loads),
        "",
        f"R1 is {results.median_rate('R1') / results.median_rate('bare Flask'):.2f} × bare Flask (target: 0.7). Rendered for each request, {SIZES[1]:,} comments cost {results.median_rate('R1-cold') / results.median_rate('R2-cold'):.2f} × {SIZES[0]} (at most 1.1).",
        f"Memory of the site after the test, with its worker: {mib:.0f} MiB PSS (target: at most 120). Bare Flask with the same bytes: {mib_same:.0f} MiB. Start to first answer: {_measure_start(folder):.1f} s (target: at most 1.5).",
        "",
    ]
    return "\n".join(lines) + "\n"


def _read_during_writes(ours: Server) -> wrk.Load:
    with ThreadPoolExecutor(1) as executor:
        form = _build_form(ours)
        sending = executor.submit(_send_comments, ours, form, 2)
        reading = wrk.read(ours.url(FEW), connections=14)
        sending.result()
        return reading


def _measure_writing(root: Path, peers: list[Peer]) -> str:
    results, summaries = LoadResults(), {}
    with ExitStack() as stack:
        embedded = root / "write"
        _create_site(embedded)
        targets = {"W1 on SQLite": (embedded, {})}
        if url := stack.enter_context(postgres()):
            _create_site(root / "pg", DATABASE_URL=url)
            targets["W1 on PostgreSQL"] = (root / "pg", {"DATABASE_URL": url})
        hello = stack.enter_context(run_flask("hello", embedded))
        running = {
            name: stack.enter_context(run_site(folder, **settings))
            for name, (folder, settings) in targets.items()
        }
        loads = {
            "bare Flask": lambda: wrk.read(hello.url("/")),
            **{
                name: lambda s=served: _send_comments(s, _build_form(s), WRITERS)
                for name, served in running.items()
            },
            **{f"W1, {p.name}": p.send_comments for p in peers if p.supports("W1")},
        }
        for n in range(wrk.ROUNDS):
            for name in list(loads) if n % 2 == 0 else reversed(loads):
                results.loads[name].append(loads[name]())
        for name, (folder, settings) in targets.items():
            accepted = sum(load.accepted for load in results.loads[name])
            summaries[name] = (
                f"{name}: {accepted:,} comments acknowledged with 303, {max(0, accepted - _count_stored(folder, settings)):,} of them missing."
            )
    lines = [
        "## Writing",
        "",
        f"Each comment has a different sender. {WRITERS} connections, {wrk.SECONDS} s per load, {wrk.ROUNDS} rounds. The site screens each comment, stores it durably (SQLite: WAL, synchronous FULL) with its audit log entry and its email, and answers 303. Rate limits are off.",
        "",
        "| load | requests/s: min – median – max | p50 ms | p99 ms | errors | × bare Flask | × isso | × wordpress |",
        "|---|---|---|---|---|---|---|---|",
        *(results.format_row(name, "bare Flask", "W1, isso", "W1, wordpress") for name in loads),
        "",
        *summaries.values(),
        "",
    ]
    return "\n".join(lines)


def _send_comments(served: Server, form: str, connections: int) -> wrk.Load:
    run = f"r{time.monotonic_ns()}"
    return wrk.send(served.url(f"{FEW}/comments"), form, run, connections=connections)


def _build_form(served: Server) -> str:
    token = (
        fetch(served.port, FEW)
        .partition('name="form_token"')[2]
        .partition('value="')[2]
        .partition('"')[0]
    )
    time.sleep(2.1)  # the site takes a form sent within two seconds for a robot's
    return FORM.format(token=token)


def _create_site(folder: Path, **settings: str) -> None:
    """Create a site with two letters and their published comments. On PostgreSQL the letter has no comments."""
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app({"INSTANCE": str(folder), **settings})
    with app.app_context():
        upgrade_database()
    if not settings:
        fill_database(folder / "commentsite.db")
        return
    letter = folder / "l-100.md"
    letter.write_text("# L 100\n\nA paragraph.\n\nAnother.\n", encoding="utf-8")
    program = [sys.executable, "-m", "commentsite"]
    command = [*program, "letters", "import", str(letter), "--publish", "--author", "A. Writer"]
    subprocess.run(
        command, env=build_environment(folder, **settings), check=True, capture_output=True
    )


def _count_stored(folder: Path, settings: dict[str, str]) -> int:
    query = "SELECT count(*) FROM comment WHERE email_hash IS NOT NULL AND name LIKE 'Reader %'"
    if not settings:
        with sqlite3.connect(folder / "commentsite.db") as database:
            return int(database.execute(query).fetchone()[0])
    url = make_url(settings["DATABASE_URL"]).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as database:
        return int(database.execute(query).fetchone()[0])


def _measure_start(folder: Path) -> float:
    seconds = []
    for _ in range(wrk.ROUNDS):
        began = time.perf_counter()
        with run_site(folder):
            seconds.append(time.perf_counter() - began)
    return median(seconds)
