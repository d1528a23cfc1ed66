"""Compare what `commentsite import isso` stores with what a real Isso has."""

import sqlite3
import subprocess
import urllib.error
import venv
from contextlib import closing
from html import unescape
from pathlib import Path
from urllib.parse import quote

from tests.interop import sites
from tests.interop.servers import ask_json, run
from tests.support.servers import free_port, is_ready, wait_until

VERSION = "0.14.0"
CONFIG = """[general]
dbpath = {folder}/comments.db
host = http://letters.example/
[server]
listen = http://127.0.0.1:{port}/
[moderation]
enabled = true
purge-after = 30d
[guard]
enabled = false
"""
STATES = {1: "published", 2: "pending", 4: "withdrawn"}


def check_import(folder: Path) -> list[str]:
    """Return the differences between Isso and what was imported from its database."""
    port = free_port()
    (folder / "isso.cfg").write_text(CONFIG.format(folder=folder, port=port))
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", f"isso=={VERSION}", "setuptools<81")
    server = subprocess.Popen(
        [python.with_name("isso"), "-c", folder / "isso.cfg", "run"],
        stdout=subprocess.DEVNULL,
        stderr=(folder / "isso.log").open("w"),
    )
    try:
        wait_until(lambda: is_ready(port, "/?uri=/ready/") or has_started(port))
        fill(f"http://127.0.0.1:{port}", folder / "comments.db")
    finally:
        server.terminate()
        server.wait()
    with closing(sqlite3.connect(folder / "comments.db")) as database:
        database.row_factory = sqlite3.Row
        rows = {str(row["id"]): row for row in database.execute("SELECT * FROM comments")}
        dump = "\n".join(database.iterdump())
    print(f"Isso {VERSION}: {len(rows)} comments")
    (folder / "dump.sql").write_text(dump, encoding="utf-8")
    problems = []
    for name in ("comments.db", "dump.sql"):
        instance = folder / f"instance-{name}"
        print(sites.import_file(instance, "isso", folder / name))
        with sites.open_site(instance):
            problems += [f"{name}: {text}" for text in compare(rows, sites.read_comments())]
    return problems


def has_started(port: int) -> bool:
    try:
        ask_json("GET", f"http://127.0.0.1:{port}/?uri=%2Fready%2F")
    except urllib.error.HTTPError:
        return True  # 404: a page without comments
    except OSError:
        return False
    return True


def fill(server: str, database: Path) -> None:
    """Write comments by Isso's own API. Two thirds are approved as its moderation link does."""
    texts = ["A first comment.", "**Marks** & <b>signs</b>", "سؤال عن الطريق", "道を直すのは誰ですか。",
             "1. One\n2. Two", "Two paragraphs.\r\n\r\nThe second.", "> quoted\n\nanswer", "`code_with_marks`"]  # fmt: skip
    parent = None
    for number, text in enumerate(texts):
        for page in ("/letter/1/", "/page?id=7&x=ü"):
            fields = {"text": text, "author": f"Q & A {number}", "email": f"q{number}@example.org",
                      "title": "Cats & <dogs>", "parent": parent if page == "/letter/1/" else None}  # fmt: skip
            made = ask_json("POST", f"{server}/new?uri={quote(page, safe='')}", fields)
            if page == "/letter/1/" and number % 3 == 0:
                parent = made["id"]
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE comments SET mode = 1 WHERE id % 3 != 0")
        connection.execute("UPDATE comments SET mode = 4, text = '', author = '' WHERE id = 1")


def compare(rows: dict, found: dict) -> list[str]:
    problems = [f"comment {number}: missing" for number in rows.keys() - found.keys()]
    for number, (comment, parent, email) in found.items():
        row = rows[number]
        is_gone = row["mode"] == 4
        above = str(row["parent"]) if row["parent"] else None
        if row["mode"] == 1 and above and rows[above]["mode"] == 2:
            above = None  # Isso has one level of answers
        values = {
            "state": (STATES[row["mode"]], str(comment.state)),
            "parent": (above, parent),
            "date": (int(row["created"]), int(comment.submitted_at.timestamp())),
            "name": ("" if is_gone else unescape(row["author"]), comment.name),
            "address": ("" if is_gone else unescape(row["email"] or ""), email),
            "text": ("" if is_gone else row["text"].replace("\r\n", "\n"), comment.body),
        }
        problems += [
            f"comment {number}: {name} is {here!r}, expected {there!r}"
            for name, (there, here) in values.items()
            if there != here
        ]
    return problems
