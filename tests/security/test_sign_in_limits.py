"""Guessing, flooding and silencing: passwords, resets, comments and reports from many addresses at once."""

import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from flask_security import recoverable, verify_password
from passlib.context import CryptContext
from sqlalchemy import event

from commentsite import clock
from commentsite.accounts.queries import find_staff_by_email
from commentsite.comments.emails import confirmation
from commentsite.db.session import db, session, transaction
from commentsite.notifications.models import Message
from commentsite.worker import tasks
from tests.support.clients import (
    csrf_token,
    fetch_csrf_token,
    post_form,
    report_comment,
    sign_in,
    submit,
    submit_for_receipt,
)
from tests.support.factories import (
    PASSWORD,
    add_staff_member,
    comment_states,
    count_messages,
    make_app,
    mark_published,
    publish_sample_letter,
    store_numbered_comment,
    update_site_settings,
)
from tests.support.smtp import read_mail, text_of

EMAIL = "mod@staff.example"
NEW = "quite-another-long-one"
LOGIN, RESET = "/account/login", "/account/reset"


@pytest.fixture
def limited(tmp_path, template_database):
    """A site with limits behind a proxy, so that a test can come from any address."""
    app = make_app(tmp_path / "limited", template_database, TRUSTED_PROXIES="127.0.0.1")
    with app.app_context():
        publish_sample_letter()
    add_staff_member(app)
    return app


def client_at(app, address: str):
    client = app.test_client()
    client.environ_base["HTTP_X_FORWARDED_FOR"] = address
    return client


def addresses(network: str, count: int) -> list[str]:
    """Return one address in each of several networks: /64 of a /56 or a /48, or addresses of a /24."""
    patterns = {
        "/56": "2001:db8:7:4{n:02x}::1",
        "/48": "2001:db8:7:{n:x}00::1",
        "/24": "203.0.113.{n}",
        "anywhere": "2001:db8:{n:x}::1",
    }
    return [patterns[network].format(n=n) for n in range(count)]


def try_password(client, password="wrong-password-here", email=EMAIL):
    return post_form(client, LOGIN, email=email, password=password)


# Passwords


@pytest.mark.parametrize("email", [EMAIL, EMAIL.upper(), "nobody@staff.example"])
def test_wrong_passwords_for_one_account_are_limited_wherever_they_come_from(limited, email):
    answers = [try_password(client_at(limited, a), email=email) for a in addresses("anywhere", 30)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:15] == [200] * 15
    assert set(statuses[15:]) == {429}
    assert int(answers[-1].headers["Retry-After"]) <= 30 * 60
    assert "too many wrong passwords for this account" in answers[-1].text


def test_the_addresses_of_all_languages_share_the_limits(limited):
    languages = ["", "/ar", "/es", "/fr", "/ru", "/zh"]
    statuses = [
        post_form(
            client_at(limited, address),
            f"{languages[n % 6]}{LOGIN}",
            email=EMAIL,
            password="wrong-password-here",
        ).status_code
        for n, address in enumerate(addresses("anywhere", 20))
    ]
    assert statuses == [200] * 15 + [429] * 5
    # So do those of one network.
    answers = [
        post_form(client_at(limited, "198.51.100.9"), f"{prefix}{RESET}", email=f"a{n}@b.example")
        for n, prefix in enumerate(languages * 2)
    ]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429] * 2


def test_guesses_of_strangers_do_not_lock_out_a_browser_that_signed_in_before(limited):
    owner = client_at(limited, "198.51.100.7")
    assert try_password(owner, PASSWORD).status_code == 302
    owner.post("/account/logout", data={"csrf_token": fetch_csrf_token(owner)})
    for address in addresses("anywhere", 20):
        try_password(client_at(limited, address))
    assert try_password(client_at(limited, "198.51.100.9"), PASSWORD).status_code == 429
    assert try_password(owner, PASSWORD).status_code == 302
    assert owner.get("/desk/").status_code == 200


def test_a_reset_lets_an_owner_in_whom_strangers_locked_out(limited):
    for address in addresses("anywhere", 20):
        try_password(client_at(limited, address))
    owner = client_at(limited, "198.51.100.9")
    assert try_password(owner, PASSWORD).status_code == 429
    post_form(owner, RESET, email=EMAIL)
    tasks.run_pass(limited)
    text = text_of(read_mail(limited, EMAIL)[0])
    link = "/account/reset/" + text.partition("/account/reset/")[2].split()[0]
    assert post_form(owner, link, password=NEW, password_confirm=NEW).status_code == 302
    assert try_password(owner, NEW).status_code == 302


def test_right_passwords_use_up_no_attempts(limited):
    for address in addresses("anywhere", 20):
        assert try_password(client_at(limited, address), PASSWORD).status_code == 302


@pytest.mark.parametrize(("network", "allowed"), [("/56", 30), ("/48", 100), ("/24", 100)])
def test_sign_ins_for_many_accounts_from_one_network_are_limited(limited, network, allowed):
    statuses = [
        try_password(client_at(limited, address), email=f"a{n}@b.example").status_code
        for n, address in enumerate(addresses(network, allowed + 2))
    ]
    assert statuses == [200] * allowed + [429, 429]


# Comments and reports


@pytest.mark.parametrize(("network", "allowed"), [("/56", 15), ("/48", 60), ("/24", 60)])
def test_comments_from_one_household_with_many_addresses_are_limited(limited, network, allowed):
    statuses = []
    for n, address in enumerate(addresses(network, allowed + 3)):
        fields = {"email": f"r{n}@example.org", "body": f"Thought {n} about the second part."}
        statuses.append(submit(client_at(limited, address), **fields).status_code)
    assert statuses == [303] * allowed + [429] * 3


@pytest.mark.parametrize(
    ("network", "state"),
    [("/56", "published"), ("/48", "published"), ("/24", "pending"), ("anywhere", "pending")],
)
def test_the_report_threshold_counts_networks_and_not_addresses(app, network, state):
    with app.app_context():
        store_numbered_comment(app, 1)
        mark_published(1)
    update_site_settings(app, report_threshold=3)
    for address in addresses(network, 3):
        assert report_comment(app.test_client(), address=address).status_code == 303
    assert comment_states(app) == [state]


def test_confirmation_messages_beyond_the_hourly_limit_wait_and_the_receipt_says_so(
    app, client, monkeypatch
):
    monkeypatch.setattr(confirmation, "MAX_UNCONFIRMED_PER_HOUR", 3)
    update_site_settings(app, email_confirmation="all")
    receipts = [
        submit_for_receipt(client, email=f"r{n}@example.org", body=f"Thought number {n}.")
        for n in range(8)
    ]
    assert "leave later than usual" in client.get(receipts[-1]).text
    tasks.run_pass(app)
    assert len(read_mail(app)) == 3
    for hours, sent in ((1, 6), (2, 8)):
        with clock.freeze_at(clock.now() + timedelta(hours=hours, minutes=1)):
            tasks.run_pass(app)
        assert len(read_mail(app)) == sent
    assert sorted(m["To"] for m in read_mail(app)) == [f"r{n}@example.org" for n in range(8)]


# Password resets


def ask_for_reset(app, email=EMAIL):
    answer = post_form(app.test_client(), RESET, email=email)
    assert answer.status_code == 303
    return answer


def sent_links(app) -> int:
    tasks.run_pass(app)
    with app.app_context():
        return count_messages(kind="staff.password_reset")


def test_resets_asked_by_strangers_neither_silence_the_notices_nor_the_owner(app):
    add_staff_member(app)
    for _ in range(6):
        ask_for_reset(app)
        assert sent_links(app) == 1  # this link works for a day
    with clock.freeze_at(clock.now() + timedelta(hours=5)):
        for _ in range(3):
            ask_for_reset(app)
        assert sent_links(app) == 2
    chosen = {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW}
    assert post_form(sign_in(app), "/account/change", **chosen).status_code == 302
    with app.app_context():
        assert count_messages(kind="staff.password") == 1
    ask_for_reset(app)  # the links that were sent work no more, so the owner gets another at once
    assert sent_links(app) == 3


def test_links_become_rarer_but_never_stop(app):
    add_staff_member(app)
    start, times = clock.now(), []
    for minutes in range(0, 24 * 60, 5):
        with clock.freeze_at(start + timedelta(minutes=minutes, seconds=1)):
            ask_for_reset(app)
            if sent_links(app) > len(times):
                times.append(minutes)
    assert times[:4] == [0, 5, 20, 80]
    assert len(times) < 12
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert max(pauses) <= 4 * 60


def test_a_link_from_the_worker_resets_the_password_once(app):
    add_staff_member(app)
    ask_for_reset(app, "Mod@staff.example")
    tasks.run_pass(app)
    text = text_of(read_mail(app, EMAIL)[0])
    link = "/account/reset/" + text.partition("/account/reset/")[2].split()[0]
    client = app.test_client()
    assert post_form(client, link, password=NEW, password_confirm=NEW).status_code == 302
    assert post_form(client, LOGIN, email=EMAIL, password=NEW).status_code == 302
    again = app.test_client().get(link)
    assert again.status_code == 302  # to the form that asks for a new link


def test_a_reset_does_the_same_work_for_an_account_and_for_an_unknown_address(app):
    add_staff_member(app)
    add_staff_member(app, email="gone@staff.example", name="Gone Person")
    done = {}
    with app.app_context():
        engine = db.engine
    for email in (EMAIL, "nobody@staff.example", "gone@staff.example"):
        client, statements = app.test_client(), []
        token = csrf_token(client.get(RESET).text)

        def record(_conn, _cursor, statement, *_args, into=statements):
            into.append(statement)

        event.listen(engine, "before_cursor_execute", record)
        answer = client.post(RESET, data={"csrf_token": token, "email": email})
        event.remove(engine, "before_cursor_execute", record)
        page = client.get(answer.location).text.replace(email, "")
        done[email] = (answer.status_code, statements, page.count("<"))
        assert not any("FROM staff" in statement for statement in statements)
    assert len({str(value) for value in done.values()}) == 1


@pytest.mark.parametrize("email", ["", "no address", "a" * 300 + "@example.org", "x@y\r\nBcc: z@y"])
def test_an_impossible_address_is_refused_and_kept_in_the_form(app, email):
    answer = post_form(app.test_client(), RESET, email=email)
    assert answer.status_code == 422


# Hashing and the write lock


@pytest.mark.parametrize("view", ["login", "reset", "change", "verify", "token"])
def test_no_password_is_hashed_while_the_write_lock_is_held(app, monkeypatch, view):
    """Another process can write while a password is hashed."""
    add_staff_member(app)

    client = app.test_client() if view in {"login", "reset", "token"} else sign_in(app)
    with app.app_context():
        link = f"{RESET}/{recoverable.generate_reset_password_token(find_staff_by_email(EMAIL))}"
    wrote = []

    def write_from_elsewhere():
        with app.app_context(), transaction():
            store = Message(
                kind="x", payload_sealed=b"", recipient_hash="", message_id="m",
                created_at=clock.now(), next_attempt_at=clock.now() + timedelta(days=9),
            )  # fmt: skip
            session().add(store)
        wrote.append(1)

    def writing_first(original):
        def wrapped(self, *args, **kwargs):
            thread = threading.Thread(target=write_from_elsewhere)
            thread.start()
            thread.join(3)
            assert not thread.is_alive(), "the write lock is held while a password is hashed"
            return original(self, *args, **kwargs)

        return wrapped

    address, fields = {
        "login": (LOGIN, {"email": EMAIL, "password": PASSWORD}),
        "reset": (RESET, {"email": EMAIL}),
        "token": (link, {"password": NEW, "password_confirm": NEW}),
        "change": (
            "/account/change",
            {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW},
        ),
        "verify": ("/account/verify", {"password": PASSWORD}),
    }[view]
    token = fetch_csrf_token(client, address)
    for name in ("verify", "hash", "verify_and_update"):
        monkeypatch.setattr(CryptContext, name, writing_first(getattr(CryptContext, name)))
    answer = client.post(address, data=fields | {"csrf_token": token})
    assert answer.status_code in {302, 303}, answer.text
    assert bool(wrote) == (view != "reset")  # asking for a link hashes nothing


def test_two_resets_with_one_link_at_the_same_time_set_one_password(any_app, monkeypatch):
    """The second one validated its link before the first one wrote. It must not win."""

    add_staff_member(any_app)
    link = f"{RESET}/{recoverable.generate_reset_password_token(find_staff_by_email(EMAIL))}"
    db.session.remove()
    barrier, original, statuses = threading.Barrier(2), recoverable.hash_password, []

    def hash_together(password):
        hashed = original(password)
        barrier.wait(10)
        return hashed

    monkeypatch.setattr(recoverable, "hash_password", hash_together)

    def reset(number):
        chosen = f"{NEW}-{number}"
        client = any_app.test_client()
        answer = post_form(client, link, password=chosen, password_confirm=chosen)
        statuses.append((answer.status_code, number))

    threads = [threading.Thread(target=reset, args=(n,)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(status for status, _n in statuses) == [302, 409]
    winner = next(number for status, number in statuses if status == 302)
    db.session.remove()
    hashed = find_staff_by_email(EMAIL).password
    assert verify_password(f"{NEW}-{winner}", hashed)
    assert not verify_password(f"{NEW}-{1 - winner}", hashed)
