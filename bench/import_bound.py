"""Measure the fastest import with these libraries and tables, beside the program itself and WordPress.

`import_file` is written by hand for the file that `bench.imports` writes. It does only what an imported comment cannot
do without: it parses the file, cleans the HTML, encrypts the address and the receipt, hashes what is looked up by a
hash, appends a chained entry to the log, and writes the rows and both full-text indexes. It has no objects, no checks
of its input, no order of replies, no earlier runs, no remarks and no report. So its rate is a bound that the program
can approach and not pass.

`python -m bench.import_bound DATABASE FILE KIND` runs it once, into an upgraded database.
BENCH_WORDPRESS_IMPORTER names a folder with the plug-in WordPress Importer, which takes part if it is set.
"""

import json
import os
import re
import secrets
import sqlite3
import subprocess
import sys
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from hmac import digest
from multiprocessing import Pipe, Process
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from xml.parsers.expat import ParserCreate

from cryptography.fernet import Fernet
from selectolax.lexbor import LexborHTMLParser

from bench.imports import POSTS, run_import, write_wxr
from bench.search import insert_row
from commentsite.comments.sanitizer import render_comment_html
from tests.interop.servers import WordPress, run_wordpress
from tests.support.servers import PROGRAM, site_environment

COMMENTS = 40_000
ROUNDS = 2
PLUGIN = "WordPress Importer"
AIM = 20  # times its rate
BATCH = 500  # comments in a transaction, as in the program
CHUNK = 1 << 16  # bytes
OWN_SHARE = 6  # every sixth text
_NAMESPACE = "http://wordpress.org/export/1.2/}"
_FIELDS = ("comment_id", "comment_author", "comment_author_email", "comment_date_gmt", "comment_content", "comment_parent")  # fmt: skip
_PLAIN = re.compile(r"[a-zA-Z ,.]+")
_WORD = re.compile(r"[0-9]+|[a-z]+")
_MARKS = {"em": "*", "strong": "**"}
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
#: The values that are equal in each row of a comment.
_CONSTANTS = {
    "letter_version": 1, "state": "published", "version": 1, "held_by": "", "held": "[]", "stakeholder_group": "UND",
    "organisation": "", "capacity": "personal", "kind": "general", "stance": "none", "language": "",
    "sanitizer_version": 2, "is_imported": 1,
}  # fmt: skip
_COLUMNS = (
    "id", "letter_id", "parent_id", "root_id", "name", "email_sealed", "email_hash", "body", "body_html", "body_hash",
    "submitted_at", "changed_at", "published_at", "receipt_hash", "receipt_sealed", "words_salt", "repetition",
)  # fmt: skip
_INSERT_COMMENT = (
    f"INSERT INTO comment ({', '.join(_COLUMNS)}, {', '.join(_CONSTANTS)})"  # constants
    f" VALUES ({', '.join('?' * len(_COLUMNS))}, {', '.join(map(repr, _CONSTANTS.values()))})"
)
_INSERTS = (
    _INSERT_COMMENT,
    "INSERT INTO imported_comment (comment_id, source_key, source_id, run_id) VALUES (?, ?, ?, 1)",
    "INSERT INTO search_desk (rowid, facets, author, body) VALUES (?, ?, ?, ?)",
    "INSERT INTO search_comment (rowid, words) VALUES (?, ?)",
    "INSERT INTO audit_entry (seq, at, actor, action, object, details, prev, hash) VALUES (?, ?, 'system', 'comment.imported', ?, ?, ?, ?)",
)
_COUNT_COMMENTS = """
UPDATE letter SET published_comments = (SELECT count(*) FROM comment WHERE letter_id = letter.id)
"""
#: Letter, then the fields of a comment in the order of _FIELDS.
Comment = tuple[int, list[str]]
#: Markdown and HTML.
Text = tuple[str, str]
ConvertedBatch = tuple[list[Comment], list[Text]]
KINDS = {
    "two": "by hand, two processes",
    "one": "by hand, one process",
    "rows": "SQLite alone, with all rows in memory",
}


def read_batches(path: Path) -> Iterator[list[Comment]]:
    """Yield the comments of each letter in batches. In this file a parent stands before its replies."""
    comments: list[Comment] = []
    fields: dict[str, str] = {}
    text: list[str] = []
    letter = 0
    wanted = {_NAMESPACE + name: name for name in _FIELDS}

    def end(name: str) -> None:
        nonlocal letter
        if field := wanted.get(name):
            fields[field] = "".join(text)
        elif name == f"{_NAMESPACE}post_id":
            letter += 1
        elif name == f"{_NAMESPACE}comment":
            comments.append((letter, [fields[name] for name in _FIELDS]))
        text.clear()

    parser = ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = lambda _name, _attributes: text.clear()
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            parser.Parse(chunk)
            while len(comments) >= BATCH:
                yield comments[:BATCH]
                del comments[:BATCH]
    if comments:
        yield comments


def convert(text: str) -> Text:
    """Return the Markdown and the safe HTML of a comment."""
    if _PLAIN.fullmatch(text):
        return text, f"<p>{text}</p>"
    body = LexborHTMLParser(text).body
    assert body is not None
    parts = []
    for node in body.iter(include_text=True):
        mark = _MARKS.get(node.tag or "", "")
        parts.append(f"{mark}{node.text()}{mark}")
    markdown = "".join(parts)
    return markdown, render_comment_html(markdown)


def convert_here(batches: Iterable[list[Comment]]) -> Iterator[ConvertedBatch]:
    """Yield each batch with its converted texts."""
    for batch in batches:
        yield batch, [convert(values[4]) for _, values in batch]


def convert_beside(batches: Iterable[list[Comment]]) -> Iterator[ConvertedBatch]:
    """Convert most texts of each batch in a second process while the batch before it is stored.

    The share that this process converts keeps both equally busy.
    """
    ours, other = Pipe()
    child = Process(target=_serve, args=(other,), daemon=True)
    child.start()
    waiting = None
    for batch in batches:
        texts = [values[4] for _, values in batch]
        own = len(texts) // OWN_SHARE
        ours.send(texts[own:])
        if waiting:
            yield waiting
        waiting = batch, [convert(text) for text in texts[:own]] + ours.recv()
    if waiting:
        yield waiting
    child.terminate()


def _serve(connection: Any) -> None:
    while True:
        connection.send([convert(text) for text in connection.recv()])


def store_rows(database: sqlite3.Connection, tables: Sequence[list[tuple[Any, ...]]]) -> None:
    """Store the rows of one batch in one transaction."""
    database.execute("BEGIN IMMEDIATE")
    for query, rows in zip(_INSERTS, tables, strict=True):
        database.executemany(query, rows)
    database.execute("COMMIT")


class RowBuilder:
    """Builds the rows of comments for each of the statements in _INSERTS."""

    def __init__(self) -> None:
        self._fernet = Fernet(urlsafe_b64encode(secrets.token_bytes(32)))
        self._key = secrets.token_bytes(32)
        now = datetime.now(UTC)
        self._now = f"{now:%Y-%m-%d %H:%M:%S.%f}"
        self._logged = now.isoformat(timespec="microseconds")
        self._number, self._hash = 0, "0" * 64
        self._places: dict[str, tuple[int, int]] = {}  # ids here and of the root, by id in the file
        self._seen: dict[tuple[str, str], int] = {}

    def build(
        self, batch: Sequence[Comment], texts: Sequence[Text]
    ) -> tuple[list[tuple[Any, ...]], ...]:
        """Return the rows of each table."""
        tables: tuple[list[tuple[Any, ...]], ...] = ([], [], [], [], [])
        for (letter, values), (body, html) in zip(batch, texts, strict=True):
            rows = self._build(letter, values, body, html)
            for table, row in zip(tables, rows, strict=True):
                table.append(row)
        return tables

    def _build(
        self, letter: int, values: list[str], body: str, html: str
    ) -> tuple[tuple[Any, ...], ...]:
        source_id, name, email, written, _text, parent = values
        self._number += 1
        number = self._number
        parent_id, root_id = self._places.get(parent, (None, None))
        self._places[source_id] = number, root_id or number
        email_hash = digest(self._key, b"email\0" + email.lower().encode(), "sha256").hex()
        words = " ".join(body.casefold().split())
        body_hash = sha256(words.encode()).hexdigest()
        repetition = self._seen.get((email_hash, body_hash), 0)
        self._seen[email_hash, body_hash] = repetition + 1
        receipt = secrets.token_urlsafe(16).encode()
        salt = secrets.token_bytes(32)
        content = f'{{"body":{json.dumps(body)},"name":{json.dumps(name)},"organisation":""}}'
        content_hash = sha256(salt + content.encode()).hexdigest()
        details = f'{{"content_hash":"{content_hash}","import":1,"state":"published"}}'
        entry = (
            f'{{"action":"comment.imported","actor":"system","at":"{self._logged}","details":{details},'
            f'"object":"comment:{number}","prev":"{self._hash}","seq":{number}}}'
        )
        prev, self._hash = self._hash, sha256(entry.encode()).hexdigest()
        author, tokens = (" ".join(_WORD.findall(text.lower())) for text in (name, body))
        return (
            (
                number, letter, parent_id, root_id, name, self._fernet.encrypt(email.encode()), email_hash, body, html,
                body_hash, f"{written}.000000", self._now, f"{written}.000000", sha256(receipt).hexdigest(),
                self._fernet.encrypt(receipt), salt.hex(), repetition,
            ),
            (number, sha256(f"wordpress\0\0comment\0{source_id}".encode()).hexdigest(), source_id),
            (number, f"statepublished letter{letter} groupund", f" {author} ", f" {tokens} "),
            (number, f"{author} {tokens}"),
            (number, self._now, f"comment:{number}", details, prev, self._hash),
        )  # fmt: skip


def import_file(path: Path, file: Path, kind: str) -> float:
    """Import the file into an upgraded database in one of the ways in KINDS, and return the seconds."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for pragma in _PRAGMAS:
            database.execute(f"PRAGMA {pragma}")
        _add_letters(database)
        builder, convert_batches = RowBuilder(), convert_here if kind == "one" else convert_beside
        rows = (builder.build(*batch) for batch in convert_batches(read_batches(file)))
        if kind == "rows":
            rows = iter(list(rows))
        start = perf_counter()
        for tables in rows:
            store_rows(database, tables)
        database.execute(_COUNT_COMMENTS)
        return perf_counter() - start


def _add_letters(database: sqlite3.Connection) -> None:
    database.execute("BEGIN")
    now = "2020-01-01 10:00:00.000000"
    for number in range(1, POSTS + 1):
        insert_row(database, "letter", id=number, slug=f"post-{number}", state="published", page_version=1, record_version=1, version_number=1, title=f"Post {number}", standfirst="", editors_note="", occasion="", addressee="", body_concerned="", source="", licence="", language="en", topics="[]", created_at=now, published_at=now, comments_open=1, published_comments=0, withdrawal_reason="", translator="")  # fmt: skip
    insert_row(database, "import_run", id=1, system="wordpress", started_by="system", started_at=now, counts="{}", file_names="[]", options="{}", is_dry_run=0, stored=0, problem="")  # fmt: skip
    database.execute("COMMIT")


def measure() -> str:
    """Return the table. The programs take turns, each with the same file and an empty database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = folder / "export.xml"
        write_wxr(file, COMMENTS)
        programs: dict[str, Callable[[Path], float]] = {
            "this program, with its start": lambda instance: run_import(instance, file)[0].seconds
        }
        for kind, name in KINDS.items():
            programs[name] = partial(_run_bound, file, kind)
        if importer := os.environ.get("BENCH_WORDPRESS_IMPORTER"):
            (folder / "wordpress").mkdir()
            site = stack.enter_context(run_wordpress(folder / "wordpress"))
            programs[f"{PLUGIN}, WordPress {site.version}"] = lambda _: _run_plugin(
                site, importer, file
            )
        seconds: dict[str, list[float]] = {name: [] for name in programs}
        for number in range(ROUNDS):
            for name, run in programs.items():
                seconds[name].append(run(folder / f"{number}-{len(seconds[name])}-{hash(name)}"))
    return _write_table(seconds)


def _run_bound(file: Path, kind: str, instance: Path) -> float:
    instance.mkdir()
    environment = site_environment(instance)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    subprocess.run([*PROGRAM, "db", "upgrade"], env=environment, check=True, capture_output=True)
    path = instance / "commentsite.db"
    command = [sys.executable, "-m", "bench.import_bound", str(path), str(file), kind]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    subprocess.run([*PROGRAM, "verify"], env=environment, check=True, capture_output=True)
    with closing(sqlite3.connect(path)) as database:
        for table in (
            "comment",
            "imported_comment",
            "search_comment",
            "search_desk",
            "audit_entry",
        ):
            (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # a constant
            assert count >= COMMENTS, table
    return float(done.stdout)


def _run_plugin(site: WordPress, importer: str, file: Path) -> float:
    site.empty()
    timed = json.loads(site.call("import", WXR=str(file), WP_IMPORTER=importer))
    assert timed["comments"] == COMMENTS, timed["messages"]
    return float(timed["seconds"])


def _write_table(seconds: dict[str, list[float]]) -> str:
    rates = {name: COMMENTS / median(values) for name, values in seconds.items()}
    ours = next(iter(rates.values()))
    rows = [
        f"| {name} | {' '.join(f'{COMMENTS / value:,.0f}' for value in seconds[name])} | {rate:,.0f} | {rate / ours:.2f} |"
        for name, rate in rates.items()
    ]
    lines = [
        f"A file with {COMMENTS:,} comments. Comments a second in {ROUNDS} rounds, in turns, and the median.",
        "",
        "| program | rounds | median | × this program |",
        "|---|---|---:|---:|",
        *rows,
        "",
    ]
    by_hand, sqlite = rates[KINDS["two"]], rates[KINDS["rows"]]
    *_, (last, plugin) = rates.items()
    if last.startswith(PLUGIN):
        goal = AIM * plugin
        conclusion = (
            f"{AIM} times the rate of {PLUGIN} are {goal:,.0f} a second: {goal / by_hand:.1f} times the rate by hand in two"
            f" processes, and {goal / sqlite:.1f} times that of SQLite alone."
        )
        lines += [conclusion, ""]
    return "\n".join(lines)


if __name__ == "__main__":
    print(import_file(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
