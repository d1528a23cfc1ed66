"""The external check with a real HTTP server: its requests, and the effect of its answers."""

import json
import re
import socket
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import chain
from urllib.parse import parse_qs

import pytest
from sqlalchemy import text

from commentsite import clock, config
from commentsite.accounts.permissions import READER
from commentsite.audit.queries import list_latest_entries_about
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.comments.screening.models import ExternalCheck
from commentsite.db.session import db, session, transaction
from commentsite.errors import ConfigurationError
from commentsite.integrations.akismet import (
    AkismetService,
    AkismetUnavailable,
    CheckRequest,
    is_spam,
)
from commentsite.worker import tasks
from tests.support.audit import verify_records
from tests.support.clients import receipt_token, sign_in, submit
from tests.support.factories import SECRET, add_staff_member, make_app, publish_sample_letter
from tests.support.servers import free_port

KEY = "0123456789ab"
REQUEST = CheckRequest(
    "https://letters.example", "https://letters.example/letters/x", "en", "Words."
)


class Answering(BaseHTTPRequestHandler):
    """Send the prepared answers of the server and store the requests."""

    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.path, dict(self.headers), sent))
        status, body = self.server.answers.pop(0) if self.server.answers else (200, b"false")
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def service():
    server = HTTPServer(("127.0.0.1", 0), Answering)
    server.asked, server.answers = [], []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def site_with_akismet(folder, template, url, **more):
    app = make_app(
        folder, template, RATELIMIT_ENABLED="false", AKISMET_URL=url, AKISMET_KEY=KEY, **more
    )
    with app.app_context():
        publish_sample_letter()
    yield app


@pytest.fixture
def asking(tmp_path, template_database, service):
    with site_with_akismet(tmp_path / "asking", template_database, service.url) as app:
        yield app


def submit_as_new_client(app, **changes):
    client = app.test_client()
    answer = submit(client, **changes)
    assert answer.status_code == 303
    return client, answer.headers["Location"]


def state_of(app, number=1):
    with app.app_context():
        check, comment = session().get(ExternalCheck, number), get_comment(number)
        return (
            check and check.state,
            str(comment.state),
            comment.held_by_check,
            [r["rule"] for r in comment.hold_reasons],
        )


def test_a_spam_result_is_shown_to_moderators_and_decides_nothing(asking, service):
    service.answers = [(200, b"true")]
    submit_as_new_client(asking)
    assert not service.asked  # never while the reader waits
    tasks.run_pass(asking)
    assert state_of(asking) == ("spam", "pending", "akismet", ["first_reading", "akismet"])
    with asking.app_context():
        entry = list_latest_entries_about("comment:1", 1)[0]
        assert (entry.action, entry.actor) == ("comment.screened", "system")
        assert entry.details == {"state": "pending", "rule_version": 1}
        assert verify_records() == []
        assert get_comment(1).version == 1  # a decision made meanwhile still fits
    add_staff_member(asking)
    page = sign_in(asking).get("/desk/moderation/1").text
    assert "spam according to the external check" in page
    tasks.run_pass(asking)
    assert len(service.asked) == 1


def test_a_graver_reason_stays_first_and_a_clean_result_changes_nothing(asking, service):
    service.answers = [(200, b"true"), (200, b"false")]
    submit_as_new_client(asking, body="See https://a.example now.")
    submit_as_new_client(asking, body="Words without any.")
    tasks.run_pass(asking)
    assert state_of(asking)[2:] == ("links_unknown", ["links_unknown", "akismet"])
    assert state_of(asking, 2) == ("clean", "pending", "first_reading", ["first_reading"])


def test_the_external_service_receives_the_text_and_nothing_about_its_author(asking, service):
    submit_as_new_client(
        asking,
        name="Canary Name",
        organisation="Canary Organisation",
        email="canary@hidden.example",
        body="Write to canary@hidden.example or CANARY+x@hidden.example. Ünïcode & <b>all</b>.",
    )
    tasks.run_pass(asking)
    [(path, headers, sent)] = service.asked
    assert path == "/1.1/comment-check"
    assert parse_qs(sent) == {
        "api_key": [KEY],
        "blog": ["http://127.0.0.1:8000"],
        "user_ip": ["0.0.0.0"],
        "permalink": ["http://127.0.0.1:8000/letters/hello"],
        "comment_type": ["comment"],
        "comment_content": ["Write to (address) or (address) Ünïcode & <b>all</b>."],
        "blog_lang": ["en"],
        "blog_charset": ["UTF-8"],
    }
    told = json.dumps(headers) + sent
    assert not re.search(r"canary", told, re.IGNORECASE)


def test_no_external_check_runs_unless_it_is_configured(app, client, service):
    submit(client)
    tasks.run_pass(app)
    with app.app_context():
        assert session().get(ExternalCheck, 1) is None


def test_a_comment_sent_before_the_check_was_configured_is_never_checked(app, client, service):
    submit(client)
    instance = app.extensions["commentsite"].settings.instance
    again = make_app(instance, AKISMET_URL=service.url, AKISMET_KEY=KEY)
    tasks.run_pass(again)
    assert not service.asked


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"invalid"),
        (200, b""),
        (200, b"true" * 100),
        (500, b"true"),
        (302, b""),
        (200, b"\xff"),
    ],
)
def test_an_invalid_answer_leaves_the_comment_unchanged_and_the_check_is_repeated(
    asking, service, answer
):
    service.answers = [answer] * 20
    submit_as_new_client(asking)
    began = clock.now()
    for hours in range(0, 60, 6):
        with clock.freeze_at(began + timedelta(hours=hours)):
            tasks.run_pass(asking)
    assert len(service.asked) == 5
    assert {path for path, _, _ in service.asked} == {
        "/1.1/comment-check"
    }  # redirects are not followed
    assert state_of(asking) == ("failed", "pending", "first_reading", ["first_reading"])
    with asking.app_context():
        assert verify_records() == []
        told = asking.test_cli_runner().invoke(args=["doctor"]).output
    assert "The external check of some comments failed." in told
    assert KEY not in told


def test_an_answer_after_an_hour_still_counts(asking, service):
    service.answers = [(503, b"busy"), (200, b"true")]
    submit_as_new_client(asking)
    tasks.run_pass(asking)
    tasks.run_pass(asking)  # too early to ask again
    assert len(service.asked) == 1
    with clock.freeze_at(clock.now() + timedelta(hours=1)):
        tasks.run_pass(asking)
    assert state_of(asking)[0] == "spam"


def test_no_external_check_for_a_settled_or_unconfirmed_comment(asking, service):
    with asking.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE site SET email_confirmation = 'before_queue'"))
    asking.extensions["commentsite"].site = None
    submit_as_new_client(asking)
    submit_as_new_client(asking, body="Words of a robot.", nickname="filled")
    tasks.run_pass(asking)
    assert not service.asked


def test_an_edited_text_is_checked_again_and_an_erased_one_is_not(asking, service):
    service.answers = [(200, b"true"), (200, b"false")]
    client, receipt = submit_as_new_client(asking)
    tasks.run_pass(asking)
    assert client.get(f"{receipt}/data.json").json["service_asked_about_words"] == "spam"
    page = client.get(receipt).text
    signed = receipt_token(page)
    client.post(f"{receipt}/edit", data={"receipt_form": signed, "body": "Better words."})
    tasks.run_pass(asking)
    assert parse_qs(service.asked[1][2])["comment_content"] == ["Better words."]
    assert state_of(asking) == ("clean", "pending", "edited", ["first_reading", "edited"])
    with asking.app_context():
        with transaction():
            erase_comment(get_comment_for_update(1), by=READER)
        assert session().get(ExternalCheck, 1) is None


def test_the_result_for_an_erased_text_is_discarded(asking, service, monkeypatch):
    submit_as_new_client(asking)

    def erase_meanwhile(*_args, **_kwargs):
        with transaction():
            erase_comment(get_comment_for_update(1), by=READER)
        return True

    monkeypatch.setattr(tasks, "is_spam", erase_meanwhile)
    tasks.run_pass(asking)
    assert state_of(asking)[1:] == ("withdrawn", "first_reading", [])
    with asking.app_context():
        assert verify_records() == []


def test_an_unreachable_service_is_logged_and_does_not_delay_other_tasks(
    tmp_path, template_database, log_lines
):
    away = f"http://127.0.0.1:{free_port()}"
    with site_with_akismet(tmp_path / "away", template_database, away) as app:
        submit_as_new_client(app)
        tasks.run_pass(app)
        assert state_of(app) == ("waiting", "pending", "first_reading", ["first_reading"])
        assert "gave no answer: ConnectionRefusedError" in log_lines()
        assert KEY not in log_lines()
        assert list((tmp_path / "away" / "mail").glob("*.eml"))  # the message went out all the same


@contextmanager
def slow_server(pieces, pause):
    """Serve one response in pieces. Each piece arrives before the timeout, the whole does not."""
    stop = threading.Event()

    def serve():
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            for piece in pieces:
                if stop.wait(pause):
                    return
                try:
                    connection.sendall(piece)
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stop.set()
        thread.join()


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"t", b"r", b"u", b"e"],
        [b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n", b"X-B: 1\r\n", b"X-C: 1\r\n", b"\r\ntrue"],
        [],
        [b"\x00\xffnothing of http\r\n"],
    ],
)
def test_a_slow_hanging_or_invalid_response_ends_at_the_timeout(pieces):
    with slow_server(pieces, pause=0.2) as url, pytest.raises(AkismetUnavailable):
        is_spam(AkismetService(url, KEY), REQUEST, timeout=0.5)


def test_a_slow_tls_handshake_ends_at_the_timeout():
    record = b"\x16\x03\x03\x40\x00"  # the head of a long record of TLS, of which little comes
    sent = []

    def pieces():
        for _ in range(100):  # 20 seconds
            sent.append(b"\x02")
            yield sent[-1]

    with (
        slow_server(chain([record], pieces()), pause=0.2) as url,
        pytest.raises(AkismetUnavailable),
    ):
        is_spam(AkismetService(url.replace("http:", "https:"), KEY), REQUEST, timeout=0.5)
    assert len(sent) < 100


@pytest.mark.parametrize(
    ("url", "key", "sentence"),
    [
        ("https://rest.akismet.com", "", "AKISMET_URL is set without COMMENTSITE_AKISMET_KEY"),
        ("", KEY, "AKISMET_KEY is set without COMMENTSITE_AKISMET_URL"),
        ("http://rest.akismet.com", KEY, "unencrypted"),
        ("ftp://rest.akismet.com", KEY, "not the base URL of a service"),
        ("https://user:pass@rest.akismet.com", KEY, "not the base URL of a service"),
        ("https://rest.akismet.com:port", KEY, "not the base URL of a service"),
        ("https://[", KEY, "not the base URL of a service"),
        ("https://rest.akismet.com", "two words", "not a valid key"),
    ],
)
def test_an_incomplete_or_unsafe_setting_stops_the_start(tmp_path, url, key, sentence):
    given = {
        "INSTANCE": str(tmp_path),
        "SECRET_KEY": SECRET,
        "AKISMET_URL": url,
        "AKISMET_KEY": key,
    }
    with pytest.raises(ConfigurationError, match=sentence):
        config.load_settings(given)
