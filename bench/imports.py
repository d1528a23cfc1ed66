"""Benchmark of `commentsite import wordpress`: its rate, its memory, and the rate of WordPress.

BENCH_WORDPRESS_IMPORTER names a folder with the plug-in WordPress Importer (github.com/WordPress/wordpress-importer).
Without it only wp_insert_comment() is measured, the function with which the plug-in stores a comment.
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bench.commands import CommandRun, run_command
from tests.interop.servers import run_wordpress
from tests.support.servers import PROGRAM, site_environment

COMMENTS = 100_000
POSTS = 20
INSERTED = 3_000  # by WordPress
IMPORTED = 10_000  # by its plug-in
SIZES_MB = (300, 1_000)  # of files that are sparse in comments
MIN_RATE = 2_000  # comments a second
MAX_MIB = 150
WORDS = [
    "a",
    "letter",
    "about",
    "the",
    "road",
    "bridge",
    "council",
    "people",
    "water",
    "because",
    "thought",
    "market",
    "answer",
    "night",
]
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><language>en-GB</language><wp:wxr_version>1.2</wp:wxr_version>
"""
ITEM = """<item><title>Post {n}</title><link>http://old.example/post-{n}/</link><dc:creator>ana</dc:creator>
<content:encoded><![CDATA[{text}]]></content:encoded><wp:post_id>{n}</wp:post_id>
<wp:post_date_gmt>2020-01-01 10:00:00</wp:post_date_gmt><wp:status>{status}</wp:status>
<wp:post_type>{kind}</wp:post_type><wp:post_password></wp:post_password>
"""
COMMENT = """<wp:comment><wp:comment_id>{n}</wp:comment_id><wp:comment_author><![CDATA[Reader {who}]]></wp:comment_author>
<wp:comment_author_email>r{who}@example.org</wp:comment_author_email><wp:comment_author_url></wp:comment_author_url>
<wp:comment_author_IP>192.0.2.7</wp:comment_author_IP><wp:comment_date>2020-02-01 10:00:00</wp:comment_date>
<wp:comment_date_gmt>2020-02-01 10:{minute:02}:{second:02}</wp:comment_date_gmt>
<wp:comment_content><![CDATA[{text}]]></wp:comment_content><wp:comment_approved>1</wp:comment_approved>
<wp:comment_type>comment</wp:comment_type><wp:comment_parent>{parent}</wp:comment_parent>
<wp:comment_user_id>0</wp:comment_user_id></wp:comment>
"""


def measure() -> str:
    """Return the tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "dense.xml"
        write_wxr(file, COMMENTS)
        run, stored = run_import(folder / "dense", file)
        assert stored == COMMENTS
        rate = COMMENTS / run.seconds
        rows = [_format_row(file, run, stored)]
        file.unlink()
        for size in SIZES_MB:
            write_wxr(file, 2_000, size * 1_000_000)
            rows.append(_format_row(file, *run_import(folder / f"sparse-{size}", file)))
            file.unlink()
        comparison = list(_measure_wordpress(folder, rate))
    return "\n".join(
        [
            (
                f"A WXR file with {COMMENTS:,} comments into SQLite, with the log, the search index and sealed addresses:"
                f" {rate:,.0f} a second (at least {MIN_RATE:,}). Half of the texts have marks or entities."
            ),
            *comparison,
            f"Memory is the peak of the main process (at most {MAX_MIB} MiB). The other files hold mostly pictures and revisions.",
            "",
            "| file | comments | seconds | of processor time | MiB |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _format_row(file: Path, run: CommandRun, stored: int) -> str:
    size = file.stat().st_size // 1_000_000
    return f"| {size} MB | {stored:,} | {run.seconds:.1f} | {run.cpu_seconds:.1f} | {run.peak_mib:.0f} |"


def _measure_wordpress(folder: Path, rate: float) -> Iterator[str]:
    """Yield a sentence for each way in which WordPress stores comments."""
    (folder / "wordpress").mkdir()
    with run_wordpress(folder / "wordpress") as site:
        timed = json.loads(site.call("insert", WP_COUNT=str(INSERTED)))
        yield _compare(
            f"WordPress {site.version} on MariaDB, wp_insert_comment() alone", timed, rate
        )
        if importer := os.environ.get("BENCH_WORDPRESS_IMPORTER"):
            file = folder / "for-wordpress.xml"
            write_wxr(file, IMPORTED)
            timed = json.loads(site.call("import", WXR=str(file), WP_IMPORTER=importer))
            timed["comments"] -= INSERTED
            yield _compare(f"Its plug-in WordPress Importer, a file with {IMPORTED:,}", timed, rate)


def _compare(name: str, timed: dict, rate: float) -> str:
    other = timed["comments"] / timed["seconds"]
    return f"{name}: {other:,.0f} a second. The rate here is {rate / other:.2g} times that."


def write_wxr(path: Path, comments: int, size: int = 0) -> None:
    """Write a WXR file with posts and comments, filled to its size with entries that are no letters."""
    pick, number = random.Random(7), 0
    with path.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        for post in range(1, POSTS + 1):
            text = f"<p>{' '.join(pick.choices(WORDS, k=80))}</p>"
            file.write(ITEM.format(n=post, text=text, status="publish", kind="post"))
            first = number + 1
            for _ in range(comments // POSTS):
                number += 1
                parent = (
                    pick.randint(first, number - 1) if number > first and pick.random() < 0.4 else 0
                )
                file.write(COMMENT.format(n=number, who=number % 5_000, minute=number // 60 % 60, second=number % 60,
                                          text=write_text(pick, is_plain=number % 2 == 0), parent=parent))  # fmt: skip
            file.write("</item>\n")
        filler, other = "Words of a revision. " * 400, POSTS
        while file.tell() < size:
            other += 1
            file.write(
                ITEM.format(n=other, text=filler, status="inherit", kind="revision") + "</item>\n"
            )
        file.write("</channel></rss>\n")


def write_text(pick: random.Random, *, is_plain: bool) -> str:
    words = pick.choices(WORDS, k=pick.randint(10, 120))
    if not is_plain:
        words.insert(
            3, pick.choice(["R&amp;D", "<em>really</em>", "<strong>no</strong>", "2 &lt; 3"])
        )
    return " ".join(words)


def run_import(instance: Path, file: Path) -> tuple[CommandRun, int]:
    """Return the measures of the import, and the number of comments stored."""
    instance.mkdir()
    environment = site_environment(instance)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    subprocess.run([*PROGRAM, "db", "upgrade"], env=environment, check=True, capture_output=True)
    run = run_command([*PROGRAM, "import", "wordpress", str(file)], environment)
    with closing(sqlite3.connect(instance / "commentsite.db")) as database:
        (count,) = database.execute("SELECT count(*) FROM imported_comment").fetchone()
    return run, count
