"""A site as in production, with its services, each of which can be killed and started again."""

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

PROGRAM = [sys.executable, "-m", "commentsite"]
LETTER = (
    "# A letter\n\nThe first paragraph says what happened.\n\nThe second says why it matters.\n"
)
REQUEST_TIMEOUT = 15.0  # seconds
CLOSED_BY_SERVER = (ConnectionError, http.client.RemoteDisconnected)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_for(condition, seconds=30.0):
    """Wait until the condition is true, and return the seconds it took."""
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.02)
    raise TimeoutError(condition)


class Mailbox:
    """A mail server that counts how often it receives each message."""

    def __init__(self):
        self.received = Counter()
        self.port, self.controller = free_port(), None

    def start(self):
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self):
        if self.controller:
            self.controller.stop()
        self.controller = None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802, ARG002  # the name that aiosmtpd requires
        match = re.search(rb"^Message-ID: <([^@]+)@", envelope.content, re.MULTILINE)
        self.received[match[1].decode()] += 1
        return "250 OK"


class Postgres:
    """A durable PostgreSQL server that can be killed with all its processes."""

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
        """Kill the main process. The others end with it."""
        pid = int((self.root / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not Path(f"/proc/{pid}").exists())


class Redis:
    """A Redis server without persistence."""

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
    """The server and its worker on a free port, with their own instance folder."""

    def __init__(self, folder, mailbox, *, has_letter=False, **settings):
        self.folder, self.port, self.process = folder, free_port(), None
        self.database_url = settings.get("DATABASE_URL", "")
        values = {
            "INSTANCE": str(folder),
            "SECRET_KEY": "for-these-faults-only-0123456789-abcdef",
            "MAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
            "RATELIMIT_ENABLED": "false",
            **settings,
        }
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("COMMENTSITE_")},
            **{f"COMMENTSITE_{name}": value for name, value in values.items()},
        }
        folder.mkdir(exist_ok=True)
        self.log = (folder.parent / "site.log").open("ab")
        (folder.parent / "letter.md").write_text(LETTER)
        self.run_command("db", "upgrade")
        if has_letter:
            return
        self.run_command(
            "letters",
            "import",
            str(folder.parent / "letter.md"),
            "--publish",
            "--author",
            "A. Writer",
        )

    def run_command(self, *args):
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

    def stop(self):
        """Stop the server after it has completed its requests."""
        self.process.terminate()
        self.process.wait(60)

    def find_worker_pid(self):
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

    def request(self, method, path, body=None, headers=FORM, port=None):
        connection = http.client.HTTPConnection(
            "127.0.0.1", port or self.port, timeout=REQUEST_TIMEOUT
        )
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def is_readable(self, port=None):
        try:
            return self.request("GET", "/letters/a-letter?sort=newest", port=port)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def fetch_form(self):
        page = self.request("GET", "/letters/a-letter")[1]
        token = re.search(r'name="form_token"[^>]*value="([^"]+)"', page)[1]
        time.sleep(2.1)  # the site takes a form sent within two seconds for a robot's
        return {
            "name": "Ada Reader",
            "stakeholder_group": "CIV",
            "capacity": "personal",
            "kind": "general",
            "stance": "none",
            "form_token": token,
        }

    def load_bodies(self):
        if not self.database_url:
            with sqlite3.connect(self.folder / "commentsite.db") as database:
                return {row[0] for row in database.execute("SELECT body FROM comment")}
        url = make_url(self.database_url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as database:
            return {row[0] for row in database.execute("SELECT body FROM comment")}


class Load:
    """A few threads that send comments, and the answers they received."""

    def __init__(self, site, senders=2, pause=0.05, prefix="a"):
        self.site, self.form, self.pause = site, site.fetch_form(), pause
        self.prefix = prefix
        self.stop, self.lock = threading.Event(), threading.Lock()
        self.acknowledged, self.answers, self.unclean = set(), Counter(), []
        self.last_accepted_at, self.readers = 0.0, count(1)
        self.threads = [threading.Thread(target=self.send, args=(n,)) for n in range(senders)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def build_headers(self):
        """Return headers as from a proxy, with a new network address, so that rate limits count each request alone."""
        n = next(self.readers)
        return {**FORM, "X-Forwarded-For": f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"}

    def send(self, sender):
        number = 0
        while not self.stop.wait(self.pause):
            number += 1
            name = f"{self.prefix}{sender}-{number}"
            self.send_comment(f"Marker {name} of a long load.", name)

    def send_comment(self, body, name):
        sent = urlencode({**self.form, "body": body, "email": f"{name}@example.org"})
        try:
            status, page = self.site.request(
                "POST", "/letters/a-letter/comments", sent, self.build_headers()
            )
        except CLOSED_BY_SERVER:
            with self.lock:
                self.answers["closed"] += 1
            return
        except (OSError, http.client.HTTPException) as problem:
            with self.lock:
                self.unclean.append(type(problem).__name__)
            return
        with self.lock:
            self.answers[status] += 1
            if status == 303:
                self.acknowledged.add(body)
                self.last_accepted_at = time.monotonic()
            elif "<h1" not in page:
                self.unclean.append(str(status))

    def measure_recovery(self, ended):
        """Return the seconds from the end of the fault to the next accepted comment."""
        wait_for(lambda: self.last_accepted_at > ended, 40)
        return self.last_accepted_at - ended


class Bench:
    """A temporary folder, a mail server and further services. All of them are removed at the end."""

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

    def start_service(self, kind):
        service = kind(self.root / kind.__name__.lower() if kind is Postgres else self.root)
        self.stack.callback(service.kill)
        return service

    def start_site(self, **settings):
        site = Site(self.root / "instance", self.mailbox, **settings)
        site.start()
        self.stack.callback(site.kill)
        wait_for(site.is_readable)
        return site
