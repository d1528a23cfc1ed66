"""kill -9 again and again in the middle of submissions: what was answered 303 is there afterwards."""

import http.client
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

from tests.conftest import SECRET, fields, free_port, make_app, publish_hello

PROGRAM = [sys.executable, "-c", "from commentsite.app import main; main()"]
SUBMISSIONS, SENDERS = 500, 2
KILLED_AFTER = (120, 320)


def ask(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    return answer.status, text


def serve(environment, port):
    process = subprocess.Popen(
        [*PROGRAM, "run", "--port", str(port)],
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(150):
        try:
            if ask(port, "GET", "/healthz")[0] == 200:
                return process
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


class Sender(threading.Thread):
    """Sends its share of comments, each once; one that was cut off stays unanswered."""

    def __init__(self, number, port, form):
        super().__init__()
        self.number, self.port, self.form = number, port, form
        self.answered, self.cut_off = [], 0

    def run(self):
        for n in range(SUBMISSIONS // SENDERS):
            marker = f"Marker {self.number}-{n} of a long load."
            sent = {**self.form, "body": marker, "email": f"a{self.number}-{n}@example.org"}
            try:
                if ask(self.port, "POST", "/letters/hello/comments", urlencode(sent))[0] == 303:
                    self.answered.append(marker)
            except (OSError, http.client.HTTPException):
                self.cut_off += 1
                self.wait_for_the_server()

    def wait_for_the_server(self):
        for _ in range(300):
            try:
                ask(self.port, "GET", "/healthz")
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            else:
                return


def test_every_acknowledged_comment_survives_kill_9(tmp_path, template_database):
    app = make_app(tmp_path / "instance", template_database)
    with app.app_context():
        publish_hello()
    port = free_port()
    environment = {
        **os.environ,
        "COMMENTSITE_INSTANCE": str(tmp_path / "instance"),
        "COMMENTSITE_SECRET_KEY": SECRET,
        "COMMENTSITE_RATELIMIT_ENABLED": "false",
        "COMMENTSITE_BASE_URL": f"http://127.0.0.1:{port}",
    }
    process = serve(environment, port)
    form = fields(ask(port, "GET", "/letters/hello")[1])
    time.sleep(2.1)
    senders = [Sender(number, port, form) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    for threshold in KILLED_AFTER:
        while sum(len(s.answered) for s in senders) < threshold:
            assert any(s.is_alive() for s in senders)
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        process = serve(environment, port)
    for sender in senders:
        sender.join(120)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)

    acknowledged = {marker for sender in senders for marker in sender.answered}
    cut_off = sum(sender.cut_off for sender in senders)
    assert len(acknowledged) + cut_off == SUBMISSIONS
    assert cut_off <= 3 * SENDERS
    database = sqlite3.connect(Path(tmp_path / "instance" / "commentsite.db"))
    stored = {row[0] for row in database.execute("SELECT body FROM comment")}
    assert acknowledged <= stored
    verified = subprocess.run(
        [*PROGRAM, "verify"], check=False, env=environment, capture_output=True, text=True
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert re.search("hold", verified.stdout)
