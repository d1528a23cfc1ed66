"""The site beside a bare Flask, a static file and other comment systems: the same loads, in turns, in one run."""

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
from bench.peers import Peer, peers
from bench.postgres import postgres
from bench.served import Served, ask, bare, environment, memory, site, static
from bench.threads import SIZES, fill
from commentsite.app import create_app
from commentsite.cli.migrate import upgrade_database

FEW, MANY = (f"/letters/l-{size}" for size in SIZES)
PACKED = {"Accept-Encoding": "gzip"}
WRITERS = 16
FORM = "form_token={token}&name=Reader+{{id}}&email={{id}}%40example.org&stakeholder_group=CIV&capacity=personal&kind=general&stance=none&body={{text}}"


@dataclass
class Measured:
    """What each load came to, by its name, a round after the other."""

    loads: dict[str, list[wrk.Load]] = field(default_factory=lambda: defaultdict(list))

    def rate(self, name: str) -> float:
        """Return the median of a load."""
        return median(load.rate for load in self.loads[name])

    def row(self, name: str, *against: str) -> str:
        """Return a line of the table, the load compared with others."""
        found = self.loads[name]
        rates = sorted(load.rate for load in found)
        compared = [
            f"{self.rate(name) / self.rate(other):.2f}" if self.loads[other] else ""
            for other in against
        ]
        cells = [
            name,
            f"{rates[0]:,.0f} – {self.rate(name):,.0f} – {rates[-1]:,.0f}",
            f"{median(load.p50 for load in found):.1f}",
            f"{median(load.p99 for load in found):.1f}",
            str(sum(load.bad for load in found)),
            *compared,
        ]
        return f"| {' | '.join(cells)} |"


def measure() -> str:
    """Return the tables of reading and of writing, with what they cost in memory and how long a start takes."""
    others = peers()
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        folder.chmod(0o755)
        return _reading(folder / "read", others) + _writing(folder, others)


def _reading(folder: Path, others: list[Peer]) -> str:
    _seed(folder)
    seen = Measured()
    with ExitStack() as stack:
        ours = stack.enter_context(site(folder))
        hello = stack.enter_context(bare("hello", folder))
        cold = stack.enter_context(bare("cold", folder))
        empty = stack.enter_context(bare("empty", folder))
        page = ask(ours.port, FEW)
        file = stack.enter_context(static(folder / "nginx", page.encode()))
        same = stack.enter_context(bare("same", folder))
        loads = {
            "bare Flask": lambda: wrk.read(hello.url("/")),
            "bare Flask, the same bytes": lambda: wrk.read(same.url("/")),
            "a static file of the same bytes": lambda: wrk.read(file.url("/page.html")),
            "R1": lambda: wrk.read(ours.url(FEW)),
            "R1, as browsers ask: packed": lambda: wrk.read(ours.url(FEW), headers=PACKED),
            "R1-cold": lambda: wrk.read(cold.url(FEW)),
            "R1-cold, nothing kept at all": lambda: wrk.read(empty.url(FEW)),
            "R2": lambda: wrk.read(ours.url(MANY)),
            "R2-cold": lambda: wrk.read(cold.url(MANY)),
            "mixed: R1": lambda: _mixed(ours),
            **{f"R1, {p.name}": p.reads(100) for p in others if p.has("R1")},
        }
        for n in range(wrk.ROUNDS):
            for name in list(loads) if n % 2 == 0 else reversed(loads):
                seen.loads[name].append(loads[name]())
        mib, mib_same = memory(ours.pid), memory(same.pid)
    classic = "R1, wordpress-classic"
    lines = [
        "## Reading",
        "",
        f"A letter with {SIZES[0]} published comments ({len(page.encode()):,} bytes; R2: with {SIZES[1]:,}), 16 connections, {wrk.SECONDS} s a load, {wrk.ROUNDS} rounds, each load in turn.",
        "-cold draws the page each time, and finds what each comment on it looked like when it was drawn before. mixed reads while two people send comments. One serving process each, on SQLite.",
        "",
        f"| load | a second: least – median – most | p50 ms | p99 ms | bad | × bare Flask | × R1 | × {classic[4:]} |",
        "|---|---|---|---|---|---|---|---|",
        *(seen.row(name, "bare Flask", "R1", classic) for name in loads),
        "",
        f"R1 is {seen.rate('R1') / seen.rate('bare Flask'):.2f} × bare Flask (to reach: 0.7); drawn each time, {SIZES[1]:,} comments cost {seen.rate('R1-cold') / seen.rate('R2-cold'):.2f} × {SIZES[0]} (at most 1.1).",
        f"Memory of the embedded site after it, worker and all: {mib:.0f} MiB PSS (at most 120); of the bare Flask with the same bytes {mib_same:.0f}. Start to first answer: {_start(folder):.1f} s (at most 1.5).",
        "",
    ]
    return "\n".join(lines) + "\n"


def _mixed(ours: Served) -> wrk.Load:
    with ThreadPoolExecutor(1) as beside:
        form = _form(ours)
        sending = beside.submit(_send, ours, form, 2)
        reading = wrk.read(ours.url(FEW), connections=14)
        sending.result()
        return reading


def _writing(root: Path, others: list[Peer]) -> str:
    seen, kept = Measured(), {}
    with ExitStack() as stack:
        embedded = root / "write"
        _seed(embedded)
        targets = {"W1 on SQLite": (embedded, {})}
        if url := stack.enter_context(postgres()):
            _seed(root / "pg", DATABASE_URL=url)
            targets["W1 on PostgreSQL"] = (root / "pg", {"DATABASE_URL": url})
        hello = stack.enter_context(bare("hello", embedded))
        running = {
            name: stack.enter_context(site(folder, **told))
            for name, (folder, told) in targets.items()
        }
        loads = {
            "bare Flask": lambda: wrk.read(hello.url("/")),
            **{
                name: lambda s=served: _send(s, _form(s), WRITERS)
                for name, served in running.items()
            },
            **{f"W1, {p.name}": p.writes for p in others if p.has("W1")},
        }
        for n in range(wrk.ROUNDS):
            for name in list(loads) if n % 2 == 0 else reversed(loads):
                seen.loads[name].append(loads[name]())
        for name, (folder, told) in targets.items():
            accepted = sum(load.accepted for load in seen.loads[name])
            kept[name] = (
                f"{name}: {accepted:,} were answered 303; {max(0, accepted - _stored(folder, told)):,} of them are missing."
            )
    lines = [
        "## Writing",
        "",
        f"Comments of as many people, {WRITERS} connections, {wrk.SECONDS} s a load, {wrk.ROUNDS} rounds; each is screened, stored durably (SQLite: WAL, synchronous FULL) with its row of the log and its message, and answered 303. Limits are off.",
        "",
        "| load | a second: least – median – most | p50 ms | p99 ms | bad | × bare Flask | × isso | × wordpress |",
        "|---|---|---|---|---|---|---|---|",
        *(seen.row(name, "bare Flask", "W1, isso", "W1, wordpress") for name in loads),
        "",
        *kept.values(),
        "",
    ]
    return "\n".join(lines)


def _send(served: Served, form: str, connections: int) -> wrk.Load:
    run = f"r{time.monotonic_ns()}"
    return wrk.send(served.url(f"{FEW}/comments"), form, run, connections=connections)


def _form(served: Served) -> str:
    token = (
        ask(served.port, FEW)
        .partition('name="form_token"')[2]
        .partition('value="')[2]
        .partition('"')[0]
    )
    time.sleep(2.1)  # a form must be two seconds old
    return FORM.format(token=token)


def _seed(folder: Path, **settings: str) -> None:
    """Make a site with two letters; the rows go in as they are, and the comments of both count as read."""
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app({"INSTANCE": str(folder), **settings})
    with app.app_context():
        upgrade_database()
    if not settings:
        fill(folder / "commentsite.db")
        return
    letter = folder / "l-100.md"
    letter.write_text("# L 100\n\nA paragraph.\n\nAnother.\n", encoding="utf-8")
    program = [sys.executable, "-c", "from commentsite.app import main; main()"]
    command = [*program, "letters", "import", str(letter), "--publish"]
    subprocess.run(command, env=environment(folder, **settings), check=True, capture_output=True)


def _stored(folder: Path, settings: dict[str, str]) -> int:
    query = "SELECT count(*) FROM comment WHERE email_hash IS NOT NULL AND name LIKE 'Reader %'"
    if not settings:
        with sqlite3.connect(folder / "commentsite.db") as database:
            return int(database.execute(query).fetchone()[0])
    url = make_url(settings["DATABASE_URL"]).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as database:
        return int(database.execute(query).fetchone()[0])


def _start(folder: Path) -> float:
    seconds = []
    for _ in range(wrk.ROUNDS):
        began = time.perf_counter()
        with site(folder):
            seconds.append(time.perf_counter() - began)
    return median(seconds)
