"""kill -9 in the middle of submissions: what was answered 303 is there afterwards."""

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
    acknowledged: list[str] = []

    def send(worker):
        for n in range(250):
            marker = f"Marker {worker}-{n} of a long load."
            data = urlencode({**form, "body": marker, "email": f"a{worker}-{n}@example.org"})
            try:
                if ask(port, "POST", "/letters/hello/comments", data)[0] == 303:
                    acknowledged.append(marker)
            except (OSError, http.client.HTTPException):
                return

    threads = [threading.Thread(target=send, args=(w,)) for w in range(2)]
    for thread in threads:
        thread.start()
    while len(acknowledged) < 150 and any(t.is_alive() for t in threads):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    for thread in threads:
        thread.join(30)
    process.wait(10)
    assert acknowledged

    database = sqlite3.connect(Path(tmp_path / "instance" / "commentsite.db"))
    stored = {row[0] for row in database.execute("SELECT body FROM comment")}
    assert set(acknowledged) <= stored
    verified = subprocess.run(
        [*PROGRAM, "verify"], check=False, env=environment, capture_output=True, text=True
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert re.search("hold", verified.stdout)
