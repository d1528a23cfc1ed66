"""Benchmark of a letter's page with 100 and with 10,000 comments: its cost must not depend on their number."""

import sqlite3
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import event

from bench.search import insert_row
from commentsite.app import create_app
from commentsite.cli.migrate import upgrade_database
from commentsite.db.session import db
from commentsite.web.caching.store import clear_caches

SIZES = (100, 10_000)
ROUNDS = 60
BOUND = 1.2
NOW = "2026-01-01 00:00:00.000000"
WORDS = "Words as people write them, one after the other, with a thought or two. " * 6


def measure() -> str:
    """Return the table. The sizes alternate, so that both run under the same conditions."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"INSTANCE": folder, "RATELIMIT_ENABLED": "false"})
        with app.app_context():
            upgrade_database()
        fill_database(Path(folder) / "commentsite.db")
        client, seconds, queries = app.test_client(), {n: [] for n in SIZES}, {}
        for _ in range(ROUNDS):
            for size in SIZES:
                clear_caches(app, "pages")  # so that each request renders the page
                start = perf_counter()
                assert client.get(f"/letters/l-{size}").status_code == 200
                seconds[size].append((perf_counter() - start) * 1000)
        for size in SIZES:
            clear_caches(app, "pages")
            queries[size] = _count_queries(app, lambda size=size: client.get(f"/letters/l-{size}"))
    few, many = (median(seconds[n]) for n in SIZES)
    rows = [f"| {n:,} | {median(seconds[n]):.1f} | {queries[n]} |" for n in SIZES]
    return "\n".join(
        [
            f"First page of a letter’s comments, rendered without the page cache, {ROUNDS} alternating rounds on SQLite.",
            f"With {SIZES[1]:,} comments the page takes {many / few:.2f} times as long (bound {BOUND}).",
            "",
            "| comments | median ms | queries |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _count_queries(app, send_request):
    is_query = []
    with app.app_context():
        engine = db.engine

    def record(_connection, _cursor, statement, *_rest):
        is_query.append(statement.lstrip().startswith(("SELECT", "WITH")))

    event.listen(engine, "before_cursor_execute", record)
    send_request()
    event.remove(engine, "before_cursor_execute", record)
    return sum(is_query)


def fill_database(path):
    """Insert two letters with their comments into an empty SQLite database. Each comment has its own address."""
    database, comment = sqlite3.connect(path), 0
    for letter, size in enumerate(SIZES, 1):
        insert_row(database, "letter", id=letter, slug=f"l-{size}", state="published", page_version=1, record_version=1, version_number=1, title=f"With {size}", standfirst="", editors_note="", occasion="", addressee="", body_concerned="", source="", licence="", language="en", topics="[]", created_at=NOW, published_at=NOW, comments_open=1, published_comments=size, withdrawal_reason="", translator="")  # fmt: skip
        insert_row(database, "letter_version", id=letter, letter_id=letter, number=1, title="", standfirst="", source_text="", change="first", change_note="", original_name="", created_at=NOW, published_at=NOW)  # fmt: skip
        for n in range(1, 21):
            insert_row(database, "letter_block", version_id=letter, position=n, kind="paragraph", pid=f"p-{letter}-{n}", number=n, label=str(n), language="", html=f"<p>{WORDS}</p>", text=WORDS)  # fmt: skip
        for n in range(size):
            comment += 1
            root = (
                comment - 1 if n % 2 else None
            )  # every second comment is a reply to the one before
            insert_row(database, "comment", id=comment, letter_id=letter, letter_version=1, parent_id=root, root_id=root, state="published", version=2, held_by="", held="[]", name="Ada Reader", stakeholder_group="CIV", organisation="", capacity="personal", kind="general", stance="none", language="", body=WORDS, body_html=f"<p>{WORDS}</p>", body_hash=f"seeded-{comment}", sanitizer_version=1, submitted_at=NOW, changed_at=NOW, published_at=NOW, receipt_hash=str(comment), receipt_sealed=b"", email_hash=f"seeded-{comment}")  # fmt: skip
            insert_row(database, "comment_target", comment_id=comment, position=0, pid=f"p-{letter}-{1 + n % 20}")  # fmt: skip
    database.commit()
    database.execute("ANALYZE")
    database.close()
