"""An event reaches its receiver although the worker is killed while it waits for the answer."""

import sqlite3
import subprocess
from contextlib import closing

from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import transaction
from commentsite.webhooks.services import create_webhook, send_test_event
from tests.support.factories import encryption_of, make_app
from tests.support.receivers import run_receiver
from tests.support.servers import PROGRAM, site_environment, wait_until


def test_an_event_is_sent_again_after_kill_9_with_the_same_id(tmp_path, letter_database):
    settings = {"WEBHOOK_NETWORKS": "127.0.0.0/8"}
    app = make_app(tmp_path / "instance", letter_database, **settings)
    environment = site_environment(tmp_path / "instance", **settings)
    with run_receiver() as receiver:
        with app.app_context(), transaction():
            options = {"encryption": encryption_of(app), "networks": app_networks(app)}
            webhook, _secret = create_webhook(
                "Test", receiver.url, ["letter.published"], by=SYSTEM, **options
            )
            send_test_event(webhook.id, by=SYSTEM)
        receiver.gate.clear()
        worker = subprocess.Popen([*PROGRAM, "worker"], env=environment)
        try:
            wait_until(lambda: receiver.received)
        finally:
            worker.kill()
            worker.wait()
        receiver.gate.set()
        with closing(sqlite3.connect(tmp_path / "instance" / "commentsite.db")) as database:
            state = database.execute("SELECT state FROM webhook_delivery").fetchone()
            assert state == ("leased",)
            database.execute("UPDATE webhook_delivery SET lease_until = '2020-01-01 00:00:00'")
            database.commit()
        subprocess.run([*PROGRAM, "jobs", "run"], check=True, env=environment)
        assert len(receiver.received) == 2
        assert len({message.headers["webhook-id"] for message in receiver.received}) == 1
        with closing(sqlite3.connect(tmp_path / "instance" / "commentsite.db")) as database:
            row = database.execute("SELECT state, attempts FROM webhook_delivery").fetchone()
    assert row == ("sent", 2)


def app_networks(app):
    return app.extensions["commentsite"].settings.webhook_networks
