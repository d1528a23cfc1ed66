"""Benchmark of a published record of positions with 5,000 and with 50,000 comments: its page and its CSV file."""

import tempfile
import tracemalloc
from pathlib import Path
from statistics import median
from time import process_time

from bench.record import GROUPS, MAX_CPU, MAX_RATIO, SIZES, fill_database
from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.app import create_app
from commentsite.cli.migrate import upgrade_database
from commentsite.db.session import session, transaction
from commentsite.summaries.compilation.builder import SiteGroups
from commentsite.summaries.models import Summary
from commentsite.summaries.publication.services import publish_version
from commentsite.summaries.states import Outcome
from commentsite.web.caching.store import clear_caches

ROUNDS = 5


def measure() -> str:
    """Return the table, after an assertion of the bounds. The sizes alternate."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"INSTANCE": folder, "RATELIMIT_ENABLED": "false"})
        with app.app_context():
            upgrade_database()
        fill_database(Path(folder) / "commentsite.db")
        seconds = {(name, size): [] for name in ("publish", "page", "csv") for size in SIZES}
        for letter, size in enumerate(SIZES, 1):
            seconds["publish", size].append(publish(app, letter))
        client, memory = app.test_client(), {}
        for _ in range(ROUNDS):
            for size in SIZES:
                clear_caches(app, "pages")  # so that each request renders the page
                for name, path in (("page", "summary"), ("csv", "summary.csv")):
                    start = process_time()
                    read(client, f"/letters/l-{size}/{path}")
                    seconds[name, size].append(process_time() - start)
        for size in SIZES:
            tracemalloc.start()
            read(client, f"/letters/l-{size}/summary.csv")
            memory[size] = tracemalloc.get_traced_memory()[1] / 1e6
            tracemalloc.stop()
    cpu = {key: median(values) for key, values in seconds.items()}
    few, many = SIZES
    ratio = cpu["page", many] / cpu["page", few]
    assert ratio <= MAX_RATIO
    assert cpu["page", many] <= MAX_CPU
    rows = [
        f"| {name} | {cpu[name, few]:.3f} | {cpu[name, many]:.3f} | {cpu[name, many] / cpu[name, few]:.1f} |"
        for name in ("publish", "page", "csv")
    ]
    return "\n".join(
        [
            (
                "CPU seconds on SQLite: publication of a record once, then its page and its CSV file, median of "
                f"{ROUNDS} rounds without the page cache."
            ),
            (
                f"The page takes {ratio:.1f} times as long with ten times the comments (bound {MAX_RATIO}, and "
                f"{MAX_CPU:.0f} s)."
            ),
            (
                f"The CSV file is streamed: it takes at most {memory[few]:.1f} MB and {memory[many]:.1f} MB of memory, "
                "the compressed contributors included."
            ),
            "",
            f"| | {few:,} comments | {many:,} comments | ratio |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def publish(app, letter):
    """Publish a record without questions, and return the CPU time."""
    now = clock.now()
    with app.app_context():
        with transaction():
            summary = Summary(
                letter_id=letter, language="en", outcome=Outcome.NO_REPORT, overview="All wrote.",
                limits="Those who wrote chose themselves.", created_at=now, changed_at=now,
            )  # fmt: skip
            session().add(summary)
            session().flush()
            number = summary.id
        start = process_time()
        with transaction():
            publish_version(number, by=SYSTEM, groups=SiteGroups(GROUPS, GROUPS))
        return process_time() - start


def read(client, path):
    """Read an answer in parts, as a server sends it."""
    response = client.get(path, buffered=False)
    assert response.status_code == 200
    for _part in response.iter_encoded():
        pass
    response.close()
