"""A real SMTP server and a real Redis, running and stopped."""

import subprocess

from commentsite.db.session import db
from commentsite.web.http.extensions import limiter
from commentsite.web.http.rate_limits import exceeds_burst_limit
from commentsite.worker import tasks
from tests.support.clients import fill_comment_form, submit
from tests.support.factories import detect_languages, make_app, publish_sample_letter
from tests.support.servers import free_port
from tests.support.smtp import run_mail_server


def test_an_email_waits_while_the_mail_server_is_down_and_is_sent_once(tmp_path, template_database):
    port = free_port()
    app = make_app(
        tmp_path / "instance",
        template_database,
        MAIL_URL=f"smtp://127.0.0.1:{port}",
        RATELIMIT_ENABLED="false",
    )
    with app.app_context():
        publish_sample_letter()
    client = app.test_client()
    assert submit(client).status_code == 303
    detect_languages(app)
    assert tasks.run_pass(app) == 0  # the mail server is not running yet
    with app.app_context(), db.engine.begin() as connection:
        state = "UPDATE outbox SET next_attempt_at = created_at WHERE state = 'waiting'"
        assert connection.exec_driver_sql(state).rowcount == 1
    with run_mail_server(port) as mailbox:
        assert tasks.run_pass(app) == 1
        assert tasks.run_pass(app) == 0
    [envelope] = mailbox.envelopes
    assert envelope.rcpt_tos == ["ada@example.org"]
    assert b"/receipts/" in envelope.content


def test_rate_limits_are_shared_by_redis_and_still_apply_without_it(
    tmp_path, template_database, redis_server
):
    url, process = redis_server
    one = make_app(tmp_path / "instance", template_database, REDIS_URL=url)
    with one.app_context():
        publish_sample_letter()
    two = make_app(tmp_path / "instance", None, REDIS_URL=url)

    def send(app, n):
        client = app.test_client()
        form = fill_comment_form(client, body=f"Comment number {n} of several.")
        return client.post("/letters/hello/comments", data=form).status_code

    together = [send(app, n) for n, app in enumerate([one, two, one, two, one, two, one])]
    assert together == [303] * 5 + [429] * 2
    kept = subprocess.run(
        ["redis-cli", "-u", url, "keys", "*"], capture_output=True, text=True, check=True
    )
    assert kept.stdout.strip()
    assert "127.0.0.1" not in kept.stdout  # Redis never receives a network address
    process.kill()
    process.wait()
    alone = [send(one, 10 + n) for n in range(7)]
    assert alone == [303] * 5 + [429] * 2


def test_a_comment_is_accepted_while_other_threads_find_redis_down(
    tmp_path, template_database, redis_server, monkeypatch
):
    url, process = redis_server
    app = make_app(tmp_path / "instance", template_database, REDIS_URL=url)
    process.kill()
    process.wait()
    with app.test_request_context():
        counter = limiter.limiter
        count = counter.hit

        def hit(*asked):
            monkeypatch.setattr(
                limiter, "_storage_dead", True
            )  # as another thread would at this moment
            return count(*asked)

        monkeypatch.setattr(counter, "hit", hit)
        assert exceeds_burst_limit(1) is False
