"""Benchmark of the consensus map and the totals of a letter with 5,000 and with 50,000 comments."""

import random
import sqlite3
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

from bench.search import insert_row
from commentsite.app import create_app
from commentsite.cli.migrate import upgrade_database
from commentsite.summaries.consensus.builder import build_map_and_totals
from commentsite.web.caching.store import clear_caches

SIZES = (5_000, 50_000)
ROUNDS = 5
PARAGRAPHS = 40
GROUPS = ("GOV", "BUS", "CIV", "TEC", "ACA", "IGO", "MED", "IND", "UND")
STANCES = ("support", "support_with_changes", "oppose", "neutral", "none")
MAX_RATIO = 5
MAX_CPU = 2.0  # seconds
NOW = "2026-01-01 00:00:00.000000"
WORDS = "Words as people write them, one after the other, with a thought or two. " * 6


def measure() -> str:
    """Return the table, after an assertion of the bounds. The sizes alternate."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"INSTANCE": folder, "RATELIMIT_ENABLED": "false"})
        with app.app_context():
            upgrade_database()
        fill_database(Path(folder) / "commentsite.db")
        client = app.test_client()
        seconds = {(name, size): [] for name in ("map and totals", "page") for size in SIZES}
        for _ in range(ROUNDS):
            for letter, size in enumerate(SIZES, 1):
                clear_caches(app, "pages")  # so that each request renders the page
                with app.app_context():
                    start = process_time()
                    build_map_and_totals([letter], GROUPS)
                    seconds["map and totals", size].append(process_time() - start)
                start = process_time()
                response = client.get(f"/letters/l-{size}/map")
                seconds["page", size].append(process_time() - start)
                assert response.status_code == 200
    cpu = {key: median(values) for key, values in seconds.items()}
    few, many = SIZES
    ratio = cpu["page", many] / cpu["page", few]
    assert cpu["page", many] <= MAX_CPU
    rows = [
        f"| {name} | {cpu[name, few]:.3f} | {cpu[name, many]:.3f} | {cpu[name, many] / cpu[name, few]:.1f} |"
        for name in ("map and totals", "page")
    ]
    return "\n".join(
        [
            f"A letter of {PARAGRAPHS} paragraphs, with comments of nine groups on one to three of them, on SQLite.",
            f"CPU seconds, median of {ROUNDS} rounds. The page is rendered without the page cache.",
            f"It takes {ratio:.1f} times as long with ten times the comments (bound {MAX_RATIO}, and {MAX_CPU:.0f} s).",
            "",
            f"| | {few:,} comments | {many:,} comments | ratio |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def fill_database(path):
    """Insert two letters with their comments into an empty SQLite database."""
    database, comment, chance = sqlite3.connect(path), 0, random.Random(1)
    for letter, size in enumerate(SIZES, 1):
        insert_row(database, "letter", id=letter, slug=f"l-{size}", state="published", page_version=1, record_version=1, version_number=1, title=f"With {size}", standfirst="", editors_note="", occasion="", addressee="", body_concerned="", source="", licence="", language="en", topics="[]", created_at=NOW, published_at=NOW, comments_open=1, published_comments=size, withdrawal_reason="", translator="")  # fmt: skip
        insert_row(database, "letter_version", id=letter, letter_id=letter, number=1, title="", standfirst="", source_text="", change="first", change_note="", original_name="", created_at=NOW, published_at=NOW)  # fmt: skip
        for n in range(1, PARAGRAPHS + 1):
            insert_row(database, "letter_block", version_id=letter, position=n, kind="paragraph", pid=f"p-{letter}-{n}", number=n, label=str(n), language="", html=f"<p>{WORDS}</p>", text=WORDS)  # fmt: skip
        for n in range(size):
            comment += 1
            time = f"2026-01-{1 + n * 27 // size:02} {n % 24:02}:{n % 60:02}:00.000000"
            person = f"{letter}-{chance.randrange(size)}"  # some of them comment several times
            insert_row(database, "comment", id=comment, letter_id=letter, letter_version=1, state="published", version=2, held_by="", held="[]", name="Ada Reader", stakeholder_group=chance.choice(GROUPS), organisation="", capacity="personal", kind="paragraph", stance=chance.choice(STANCES), language="", body=WORDS, body_html=f"<p>{WORDS}</p>", body_hash=f"seeded-{comment:057}", sanitizer_version=1, submitted_at=time, changed_at=time, published_at=time, receipt_hash=str(comment), receipt_sealed=b"", email_hash=f"seeded-{person:>57}")  # fmt: skip
            for position, pid in enumerate(chance.sample(range(1, PARAGRAPHS + 1), n % 3)):
                insert_row(database, "comment_target", comment_id=comment, position=position, pid=f"p-{letter}-{pid}")  # fmt: skip
    database.commit()
    database.execute("ANALYZE")
    database.close()
