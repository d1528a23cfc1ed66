"""Measure the interface in each language: processor time to render a page, and memory of the process."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

from commentsite.text.languages import INTERFACE_LANGUAGES
from commentsite.web.caching.store import clear_caches
from tests.support.databases import create_demo
from tests.support.factories import SECRET, make_app

ROUNDS = 15
PAGES = ("/letters/the-width-of-a-column", "/transparency", "/rules")
MAX_MEMORY_RATIO = 1.05
PROGRAM = """
import sys
from commentsite.app import create_server_app
from commentsite.web.warm_up import warm_up

def memory():
    with open("/proc/self/smaps_rollup") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("Private_Dirty"))

languages, pages = sys.argv[1].split(","), sys.argv[2:]
app = create_server_app()
warm_up(app)
client = app.test_client()
def read_pages(prefix):
    for page in pages:
        assert client.get(prefix + page).status_code == 200
read_pages("")
before = memory()
for language in languages:
    assert client.get(f"/{language}/privacy").status_code == 200
print(before, memory())
"""


def measure() -> str:
    """Return the tables. The languages take turns, so that a slow moment falls on all of them."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        create_demo(instance)
        seconds = _render_pages(instance)
        before, after = _measure_memory(instance)
    assert after / before <= MAX_MEMORY_RATIO
    rows = []
    for page in PAGES:
        english = seconds["en", page]
        cells = [
            f"{seconds[code, page] * 1000:.1f} ({seconds[code, page] / english:.2f})"
            for code in INTERFACE_LANGUAGES
        ]
        rows.append(f"| `{page}` | {' | '.join(cells)} |")
    return "\n".join(
        [
            f"Milliseconds of processor time to render a page of the demo, median of {ROUNDS} rounds, and the ratio to English.",
            "No page is cached, and the comments are rendered once for each language.",
            "",
            f"| page | {' | '.join(INTERFACE_LANGUAGES)} |",
            f"|---|{'--:|' * len(INTERFACE_LANGUAGES)}",
            *rows,
            "",
            f"A process with pages in English uses {before:.0f} MiB of its own, and {after:.0f} MiB ({after / before:.2f}) once it",
            f"has answered in every language (at most {MAX_MEMORY_RATIO}).",
            "",
        ]
    )


def _render_pages(instance: Path) -> dict[tuple[str, str], float]:
    app = make_app(instance, RATELIMIT_ENABLED="false")
    client = app.test_client()
    times: dict[tuple[str, str], list[float]] = {}
    for round_number in range(ROUNDS + 1):
        for page in PAGES:
            for code in INTERFACE_LANGUAGES:
                clear_caches(app, "pages")
                start = process_time()
                response = client.get(page if code == "en" else f"/{code}{page}")
                passed = process_time() - start
                assert response.status_code == 200
                if round_number:  # the first fills the other caches
                    times.setdefault((code, page), []).append(passed)
    return {key: median(values) for key, values in times.items()}


def _measure_memory(instance: Path) -> tuple[float, float]:
    environment = os.environ | {
        "COMMENTSITE_INSTANCE": str(instance),
        "COMMENTSITE_SECRET_KEY": SECRET,
    }
    others = [code for code in INTERFACE_LANGUAGES if code != "en"]
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, ",".join(others), *PAGES],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    before, after = map(float, finished.stdout.split())
    return before, after
