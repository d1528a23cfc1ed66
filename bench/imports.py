"""Benchmark of `commentsite import wordpress`: its rate, its memory, and the rate at which WordPress stores comments."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from time import perf_counter

from tests.interop.servers import run_wordpress
from tests.support.servers import PROGRAM, site_environment

COMMENTS = 100_000
POSTS = 20
INSERTED = 3_000  # by WordPress
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
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><language>en-GB</language>
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
        seconds, cpu, mib, stored = run_import(folder / "dense", file)
        assert stored == COMMENTS
        rate = COMMENTS / seconds
        rows = [
            f"| {file.stat().st_size // 1_000_000} MB | {stored:,} | {seconds:.1f} | {cpu:.1f} | {mib:.0f} |"
        ]
        file.unlink()
        for size in SIZES_MB:
            write_wxr(file, 2_000, size * 1_000_000)
            taken, busy, peak, stored = run_import(folder / f"sparse-{size}", file)
            rows.append(f"| {size} MB | {stored:,} | {taken:.1f} | {busy:.1f} | {peak:.0f} |")
            file.unlink()
        (folder / "wordpress").mkdir()
        with run_wordpress(folder / "wordpress") as site:
            timed = json.loads(site.call("insert", WP_COUNT=str(INSERTED)))
            version = site.version
    other = timed["comments"] / timed["seconds"]
    return "\n".join(
        [
            (
                f"A WXR file with {COMMENTS:,} comments into SQLite, with the log, the search index and sealed addresses:"
                f" {rate:,.0f} a second (at least {MIN_RATE:,}). Half of the texts have marks or entities."
            ),
            (
                f"WordPress {version} on MariaDB stores {other:,.0f} a second with wp_insert_comment(), the function"
                f" of its importer: {rate / other:.1f} times fewer."
            ),
            f"Memory is the peak of the largest process (at most {MAX_MIB} MiB). The other files hold mostly pictures and revisions.",
            "",
            "| file | comments | seconds | of processor time | MiB |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


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


def run_import(instance: Path, file: Path) -> tuple[float, float, float, int]:
    """Return the seconds, those of the processors, the peak of memory in MiB, and the number of comments stored."""
    instance.mkdir()
    environment = site_environment(instance)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    subprocess.run([*PROGRAM, "db", "upgrade"], env=environment, check=True, capture_output=True)
    start = perf_counter()
    child = subprocess.Popen(
        [*PROGRAM, "import", "wordpress", str(file)], env=environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = perf_counter() - start
    assert child.returncode == 0
    with closing(sqlite3.connect(instance / "commentsite.db")) as database:
        (count,) = database.execute("SELECT count(*) FROM imported_comment").fetchone()
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, count
