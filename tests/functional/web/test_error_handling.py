"""Oversized bodies, a database that does not answer, and other failures get a page."""

import io
import logging
import re

import pytest

from commentsite.db.session import db, transaction
from commentsite.errors import Invalid
from commentsite.letters.draft import LetterDraft, PermissionDraft
from commentsite.letters.importing.reader import read_letter_file
from commentsite.web.http.logging import JsonFormatter
from tests.support.clients import csrf_token, fill_comment_form, sign_in, submit
from tests.support.factories import (
    add_staff_member,
    make_app,
    publish_draft,
    publish_sample_letter,
    update_site_settings,
)
from tests.support.limits import limited_cpu


def test_a_body_too_large_neither_resets_the_limits_nor_fails(
    tmp_path, template_database, redis_server
):
    app = make_app(tmp_path / "instance", template_database, REDIS_URL=redis_server[0])
    with app.app_context():
        publish_sample_letter()
    client = app.test_client()

    def send(n):
        form = fill_comment_form(client, body=f"Comment number {n} of several.")
        return client.post("/letters/hello/comments", data=form).status_code

    statuses = [send(n) for n in range(4)]
    large = client.post("/letters/hello/comments", data={"body": "x" * 2_500_000}).status_code
    statuses += [send(n) for n in range(4, 8)]
    assert statuses[:4] == [303] * 4
    assert large == 413
    assert statuses[4:] == [303] + [429] * 3
    again = client.post("/letters/hello/comments", data={"body": "x" * 2_500_000})
    assert again.status_code in (413, 429)


def test_readers_and_staff_get_an_error_page_while_the_database_is_away(app, client):
    add_staff_member(app)
    staff = sign_in(app)
    with app.app_context():
        db.session.remove()
        with db.engine.begin() as connection:
            for table in ("site", "staff_role", "letter"):
                connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_away")
    app.extensions["commentsite"].cached_site = None
    for answer in (client.get("/letters/hello"), staff.get("/desk/")):
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers
        assert "<h1" in answer.text
        assert "site-head" not in answer.text
        sheet = re.search(r'href="(/static/css/plain[^"]+)"', answer.text)[1]
        assert client.get(sheet).status_code == 200
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("address", "language"),
    [
        ("/letters/hello", "fr"),
        ("/account/login", "fr"),
        ("/ar/letters/hello", "ar"),
        ("/nothing", "fr"),
    ],
)
def test_an_error_page_is_in_the_language_of_the_site_while_the_database_is_away(
    app, client, address, language
):
    update_site_settings(app, language="fr")
    assert client.get("/letters/hello").status_code == 200
    with app.app_context():
        db.session.remove()
        with db.engine.begin() as connection:
            for table in ("site", "staff_role", "letter"):
                connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_away")
    answer = client.get(address)
    assert answer.status_code == 503
    assert f'<html lang="{language}"' in answer.text
    assert "Try again" not in answer.text


def test_staff_get_an_error_page_in_their_language_while_only_their_account_cannot_be_read(app):
    add_staff_member(app)
    staff = sign_in(app)
    with app.app_context():
        db.session.remove()
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE staff_role RENAME TO staff_role_away")
    for address in ("/fr/account/change", "/fr/account/login"):
        answer = staff.get(address)
        assert answer.status_code == 503
        assert '<html lang="fr"' in answer.text


def test_an_error_page_has_head_and_foot_and_says_where_to_go(client, moderator):
    page = client.get("/nothing")
    assert page.status_code == 404
    assert 'class="site-head' in page.text
    assert 'class="site-foot' in page.text
    assert "Look for it among the letters." in page.text
    assert 'href="/desk/">Dashboard' not in page.text
    for address, sentence in (
        ("/desk/moderation/999", "Look for it from the dashboard."),
        ("/desk/people/", "ask a steward to change your role"),
    ):
        page = moderator.get(address)
        assert page.status_code in {403, 404}
        assert sentence in page.text
        assert 'href="/desk/">Dashboard' in page.text
    assert client.post("/rules").status_code == 405
    assert "use the button or link again" in client.post("/rules").text


def test_pages_about_an_account_have_the_head_of_the_desk_once_signed_in(client, moderator):
    page = client.get("/account/login").text
    assert 'class="site-head' in page
    assert "<title>Sign in – Letters" in page
    page = moderator.get("/account/change").text
    assert 'class="desk-top' in page
    assert "<title>Change your password – desk – Letters" in page


def test_log_lines_hide_email_addresses_and_take_little_time():
    def line(text):
        return JsonFormatter().format(logging.LogRecord("x", 20, "f", 1, text, None, None))

    assert "ada@" not in line("mail to ada@example.org failed")
    with limited_cpu():
        line("a" * 300_000)  # a tenth of them took five seconds once


def test_a_decision_after_signing_out_redirects_to_a_page_that_exists(app, client):
    answer = client.post("/desk/moderation/decisions", data={"comment": "1@1"})
    assert answer.status_code in (302, 303, 400)
    assert "decisions" not in answer.headers.get("Location", "")


def test_a_topic_with_accents_is_found(app, client):
    with app.app_context():
        draft = LetterDraft(
            permission=PermissionDraft("Zoé"),
            title="Accès",
            source_text="Un texte assez long.\n",
            topics=("accès",),
        )
        with transaction():
            publish_draft(draft)
    assert "Accès" in client.get("/letters/?topic=accès").text
    assert "Hello" not in client.get("/letters/?topic=accès").text


def test_front_matter_that_expands_into_a_huge_text_is_refused():
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(8)
    )
    text = "---\ntitle: T\nsource: &s {x: &i [1, 2], y: *i}\noccasion: *s\n---\nText.\n"
    with pytest.raises(Invalid):
        read_letter_file("a.md", text.encode())
    with pytest.raises(Invalid):
        read_letter_file("a.md", f"---\n{bomb}---\nText.\n".encode())


def test_a_file_that_is_too_large_gets_an_error_page_and_is_not_stored(app):
    add_staff_member(app, "editor", "e@staff.example", "Ed")
    editor = sign_in(app, "e@staff.example")
    page = editor.get("/desk/letters/new").text
    token = csrf_token(page)
    data = {"file": (io.BytesIO(b"x" * 2_050_000), "a.txt"), "csrf_token": token}
    answer = editor.post("/desk/letters/new", data=data)
    assert answer.status_code in (413, 422)
    assert "<h1" in answer.text
    assert "a.txt" not in editor.get("/desk/letters/").text


def test_a_comment_caught_by_the_honeypot_looks_ordinary_to_its_author(client):
    submit(client, body="The first in line.")
    form = fill_comment_form(client, body="A second one.", email="b@example.org", nickname="x")
    receipt = client.post("/letters/hello/comments", data=form).headers["Location"]
    assert "1 comment is ahead of it." in client.get(receipt).text


@pytest.mark.parametrize("contact", ["safe@letters.example", "https://letters.example/contact"])
def test_security_txt_names_a_contact_that_works(app, client, contact):
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE site SET contact = '{contact}', version = 2")
    text = client.get("/.well-known/security.txt").text
    wanted = contact if "://" in contact else f"mailto:{contact}"
    assert f"Contact: {wanted}\n" in text
