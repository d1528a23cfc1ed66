"""A site as in service, with its neighbours, that can be killed and started again."""

import http.client
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import psycopg
from aiosmtpd.controller import Controller
from sqlalchemy import make_url

PROGRAM = [sys.executable, "-c", "from commentsite.__main__ import main; main()"]
LETTER = (
    "# A letter\n\nThe first paragraph says what happened.\n\nThe second says why it matters.\n"
)
PATIENCE = 15.0  # seconds after which an answer counts as none
BY_THE_HOST = (ConnectionError, http.client.RemoteDisconnected)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_for(condition, seconds=30.0):
    """Return the seconds it took."""
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.02)
    raise TimeoutError(condition)


class Mailbox:
    """A mail server that counts how often each message came."""

    def __init__(self):
        self.came = Counter()
        self.port, self.controller = free_port(), None

    def start(self):
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self):
        if self.controller:
            self.controller.stop()
        self.controller = None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802, ARG002  # aiosmtpd calls it so
        found = re.search(rb"^Message-ID: <([^@]+)@", envelope.content, re.MULTILINE)
        self.came[found[1].decode()] += 1
        return "250 OK"


class Postgres:
    """A PostgreSQL that is durable, and can be killed with everything it runs."""

    def __init__(self, root):
        self.root, self.port = root, free_port()
        self.bin = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self.as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        root.mkdir()
        root.chmod(0o711)
        if self.as_user:
            shutil.chown(root, "postgres", "postgres")
        self.run("initdb", "-D", root / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8")
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"
        self.start()

    def run(self, name, *args):
        subprocess.run(
            [*self.as_user, str(self.bin / name), *map(str, args)],
            check=True,
            cwd="/",
            stdout=subprocess.DEVNULL,
        )

    def start(self):
        options = f"-h 127.0.0.1 -p {self.port} -k {self.root}"
        log = self.root / "log"
        self.run("pg_ctl", "-D", self.root / "data", "-w", "-l", log, "-o", options, "start")

    def kill(self):
        """Kill the first process, which takes all others with it."""
        pid = int((self.root / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not Path(f"/proc/{pid}").exists())


class Redis:
    """A Redis that keeps nothing."""

    def __init__(self, root):
        self.root, self.port = root, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--save", "", "--dir", str(self.root)],
            stdout=subprocess.DEVNULL,
        )

    def kill(self):
        self.process.kill()
        self.process.wait()


class Site:
    """The server and its worker on a free port, over a folder of their own."""

    def __init__(self, folder, mailbox, **settings):
        self.folder, self.port, self.process = folder, free_port(), None
        self.database_url = settings.get("DATABASE_URL", "")
        given = {
            "INSTANCE": str(folder),
            "SECRET_KEY": "for-these-faults-only-0123456789-abcdef",
            "MAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
            "RATELIMIT_ENABLED": "false",
            **settings,
        }
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("COMMENTSITE_")},
            **{f"COMMENTSITE_{name}": value for name, value in given.items()},
        }
        folder.mkdir(exist_ok=True)
        self.log = (folder.parent / "site.log").open("ab")
        (folder.parent / "letter.md").write_text(LETTER)
        self.command("db", "upgrade")
        self.command("letters", "import", str(folder.parent / "letter.md"), "--publish")

    def command(self, *args):
        return subprocess.run(
            [*PROGRAM, *args],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def start(self):
        self.process = subprocess.Popen(
            [*PROGRAM, "run", "--port", str(self.port)],
            env=self.environment,
            start_new_session=True,
            stdout=self.log,
            stderr=self.log,
        )

    def kill(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def end(self):
        """Let it finish what it is at."""
        self.process.terminate()
        self.process.wait(60)

    def worker(self):
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,comm=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        found = [
            line
            for line in listed.splitlines()
            if "letters-worker" in line or "--until-parent-ends" in line
        ]
        return int(found[0].split()[0]) if found else None

    def ask(self, method, path, body=None, headers=FORM, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def reads(self, port=None):
        try:
            return self.ask("GET", "/letters/a-letter?sort=newest", port=port)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def form(self):
        page = self.ask("GET", "/letters/a-letter")[1]
        token = re.search(r'name="form_token"[^>]*value="([^"]+)"', page)[1]
        time.sleep(2.1)  # a form must be two seconds old
        return {
            "name": "Ada Reader",
            "stakeholder_group": "CIV",
            "capacity": "personal",
            "kind": "general",
            "stance": "none",
            "form_token": token,
        }

    def bodies(self):
        if not self.database_url:
            with sqlite3.connect(self.folder / "commentsite.db") as database:
                return {row[0] for row in database.execute("SELECT body FROM comment")}
        url = make_url(self.database_url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as database:
            return {row[0] for row in database.execute("SELECT body FROM comment")}


class Load:
    """A few people who send comments, and what they were told."""

    def __init__(self, site, senders=2, pause=0.05):
        self.site, self.form, self.pause = site, site.form(), pause
        self.stop, self.lock = threading.Event(), threading.Lock()
        self.acknowledged, self.told, self.neither = set(), Counter(), []
        self.last, self.readers = 0.0, count(1)
        self.threads = [threading.Thread(target=self.send, args=(n,)) for n in range(senders)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def reader(self):
        """Return headers as a proxy gives them, for a reader who was never here: limits count each alone."""
        n = next(self.readers)
        return {**FORM, "X-Forwarded-For": f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"}

    def send(self, sender):
        number = 0
        while not self.stop.wait(self.pause):
            number += 1
            self.send_one(f"Marker {sender}-{number} of a long load.", f"a{sender}-{number}")

    def send_one(self, body, name):
        sent = urlencode({**self.form, "body": body, "email": f"{name}@example.org"})
        try:
            status, page = self.site.ask("POST", "/letters/a-letter/comments", sent, self.reader())
        except BY_THE_HOST:
            with self.lock:
                self.told["closed"] += 1
            return
        except (OSError, http.client.HTTPException) as problem:
            with self.lock:
                self.neither.append(type(problem).__name__)
            return
        with self.lock:
            self.told[status] += 1
            if status == 303:
                self.acknowledged.add(body)
                self.last = time.monotonic()
            elif "<h1" not in page:
                self.neither.append(str(status))

    def back_to_normal(self, ended):
        """Return how long after the end of the fault a comment was taken again."""
        wait_for(lambda: self.last > ended, 40)
        return self.last - ended


class Bench:
    """A folder, a mail server, and what is started beside; all gone at the end."""

    def __enter__(self):
        self.stack = ExitStack()
        self.root = Path(tempfile.mkdtemp(prefix="faults-"))
        self.root.chmod(0o711)
        self.stack.callback(shutil.rmtree, self.root, ignore_errors=True)
        self.mailbox = Mailbox()
        self.mailbox.start()
        self.stack.callback(self.mailbox.stop)
        return self

    def __exit__(self, *_):
        self.stack.close()

    def beside(self, kind):
        made = kind(self.root / kind.__name__.lower() if kind is Postgres else self.root)
        self.stack.callback(made.kill)
        return made

    def site(self, **settings):
        made = Site(self.root / "instance", self.mailbox, **settings)
        made.start()
        self.stack.callback(made.kill)
        wait_for(made.reads)
        return made
