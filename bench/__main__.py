"""Run the benchmarks and write their results to bench/results/."""

import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import (
    builds,
    exports,
    import_bound,
    imports,
    languages,
    loads,
    queue,
    record,
    record_files,
    sanitizer,
    scale,
    screening,
    search,
    threads,
)

RESULTS = Path(__file__).parent / "results"
MEASUREMENTS = {
    "builds": builds.measure,
    "exports": exports.measure,
    "import_bound": import_bound.measure,
    "imports": imports.measure,
    "languages": languages.measure,
    "loads": loads.measure,
    "queue": queue.measure,
    "record": record.measure,
    "record_files": record_files.measure,
    "sanitizer": sanitizer.measure,
    "scale": scale.measure,
    "screening": screening.measure,
    "search": search.measure,
    "threads": threads.measure,
}


def main() -> None:
    """Run all benchmarks, or those named on the command line."""
    for name in sys.argv[1:] or MEASUREMENTS:
        table = MEASUREMENTS[name]()
        head = f"# {name}\n\n{datetime.now(UTC):%Y-%m-%d}, CPython {platform.python_version()}, {platform.machine()}\n\n"
        (RESULTS / f"{name}.md").write_text(head + table, encoding="utf-8")
        print(head + table)


main()
