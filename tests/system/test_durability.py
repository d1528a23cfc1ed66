"""Every comment that was answered with 303 survives kill -9 during submissions."""

import http.client
import sqlite3
import subprocess
import threading
import time
from contextlib import closing

from tests.support.clients import form_fields
from tests.support.factories import make_app, publish_sample_letter
from tests.support.servers import (
    PROGRAM,
    free_port,
    kill_site,
    send_request,
    site_environment,
    start_site,
)

SUBMISSIONS, SENDERS = 500, 2
KILLED_AFTER = (120, 320)


class Sender(threading.Thread):
    """Sends its share of comments, each once. A request that was cut off is not repeated."""

    def __init__(self, number, port, form):
        super().__init__()
        self.number, self.port, self.form = number, port, form
        self.answered, self.cut_off = [], 0

    def run(self):
        for n in range(SUBMISSIONS // SENDERS):
            marker = f"Marker {self.number}-{n} of a long load."
            sent = {**self.form, "body": marker, "email": f"a{self.number}-{n}@example.org"}
            try:
                if send_request(self.port, "POST", "/letters/hello/comments", sent)[0] == 303:
                    self.answered.append(marker)
            except (OSError, http.client.HTTPException):
                self.cut_off += 1
                self.wait_for_the_server()

    def wait_for_the_server(self):
        for _ in range(300):
            try:
                send_request(self.port, "GET", "/healthz")
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            else:
                return


def test_every_acknowledged_comment_survives_kill_9(tmp_path, template_database):
    app = make_app(tmp_path / "instance", template_database)
    with app.app_context():
        publish_sample_letter()
    port = free_port()
    environment = site_environment(
        tmp_path / "instance", RATELIMIT_ENABLED="false", BASE_URL=f"http://127.0.0.1:{port}"
    )
    process = start_site(environment, port)
    form = form_fields(send_request(port, "GET", "/letters/hello")[1])
    time.sleep(2.1)
    senders = [Sender(number, port, form) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    for threshold in KILLED_AFTER:
        while sum(len(s.answered) for s in senders) < threshold:
            assert any(s.is_alive() for s in senders)
            time.sleep(0.005)
        kill_site(process)
        process = start_site(environment, port)
    for sender in senders:
        sender.join(120)
    kill_site(process)

    acknowledged = {marker for sender in senders for marker in sender.answered}
    cut_off = sum(sender.cut_off for sender in senders)
    assert len(acknowledged) + cut_off == SUBMISSIONS
    assert cut_off <= 3 * SENDERS
    with closing(sqlite3.connect(tmp_path / "instance" / "commentsite.db")) as database:
        stored = {row[0] for row in database.execute("SELECT body FROM comment")}
    assert acknowledged <= stored
    verified = subprocess.run(
        [*PROGRAM, "verify"], check=False, env=environment, capture_output=True, text=True
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "The audit log is intact" in verified.stdout
