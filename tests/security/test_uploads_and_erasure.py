"""Uploaded files, answers and reports of strangers, and traces after an erasure."""

import io
import sqlite3
from contextlib import closing
from pathlib import Path

from commentsite.worker import tasks
from tests.support.clients import (
    csrf_token,
    fill_comment_form,
    publish,
    report_comment,
    sign_in,
    submit,
    submit_for_receipt,
)
from tests.support.factories import add_staff_member, make_app, publish_sample_letter
from tests.support.pages import is_inert

EVIL = b"<!doctype html><title>x</title><h1>Hello</h1><p>First paragraph here.</p><script>alert(1)</script>"


def test_a_browser_never_renders_an_uploaded_file_as_the_type_it_claims(app):
    add_staff_member(app, "editor", "ed@staff.example", "Edda Editor")
    editor = sign_in(app, "ed@staff.example")
    page = editor.get("/desk/letters/new").text
    for name in ("letter.html", "image.svg"):
        sent = {"csrf_token": csrf_token(page), "file": (io.BytesIO(EVIL), name)}
        answer = editor.post("/desk/letters/new", data=sent, content_type="multipart/form-data")
        if name == "image.svg":
            assert answer.status_code == 422
            continue
        slug = answer.headers["Location"].split("/")[3]
        original = editor.get(f"/desk/letters/{slug}/original/1")
        assert original.data == EVIL
        assert original.headers["Content-Type"] == "application/octet-stream"
        assert original.headers["Content-Disposition"].startswith("attachment")
        assert original.headers["X-Content-Type-Options"] == "nosniff"


def test_after_erasing_no_byte_of_personal_data_is_in_the_database_file(app, client, moderator):
    person = {
        "name": "Quillon Erasable",
        "email": "quillon@erasable.example",
        "organisation": "Erasable Networks",
        "body": "Marmalade lighthouse xylophone, said nobody else.",
        "capacity": "on_behalf_of",
    }
    receipt = submit_for_receipt(client, **person)
    publish(moderator)
    assert "Marmalade" in client.get("/letters/hello").text
    page = client.get(receipt).text
    signed = page.partition('name="receipt_form" value="')[2].partition('"')[0]
    assert client.post(f"{receipt}/erase", data={"receipt_form": signed}).status_code == 303
    for address in ("/letters/hello", "/search?q=Marmalade", "/letters/hello/feed.json", receipt):
        text = client.get(address).text.replace("q=Marmalade", "")
        assert "lighthouse" not in text, address
        assert "Erasable" not in text, address
    tasks.run_pass(app)
    file = Path(app.instance_path) / "commentsite.db"
    with closing(sqlite3.connect(file)) as connection:
        rows = "\n".join(connection.iterdump())
    journal = file.with_name("commentsite.db-wal")
    raw = file.read_bytes().lower() + (journal.read_bytes().lower() if journal.exists() else b"")
    for word in ("marmalade", "lighthouse", "quillon", "erasable"):
        assert word not in rows.lower()
        assert word.encode() not in raw


def test_an_answer_belongs_to_a_published_comment_of_the_same_letter(app, client, moderator):
    with app.app_context():
        publish_sample_letter("other")
    submit(client)
    assert submit(client, body="Too early.", parent="1").status_code == 422
    publish(moderator)
    assert submit(client, body="In time.", parent="1").status_code == 303
    form = fill_comment_form(client, slug="other", body="Elsewhere.", parent="1")
    assert client.post("/letters/other/comments", data=form).status_code == 422
    for parent in ("0", "-1", "999999", "1e3", "1 ", "x"):
        answer = submit(client, body=f"Parent {parent}.", parent=parent)
        assert answer.status_code in {303, 422}, parent
        if answer.status_code == 303:
            assert parent.strip() == "1"


def test_reports_are_limited_and_escaped_and_do_not_pile_up(tmp_path, template_database):
    app = make_app(tmp_path / "limited", template_database)
    with app.app_context():
        publish_sample_letter()
    add_staff_member(app)
    moderator, client = sign_in(app), app.test_client()
    submit(client)
    publish(moderator)
    sent = [
        report_comment(client, words=f"<script>alert({n})</script> it attacks me")
        for n in range(12)
    ]
    assert [a.status_code for a in sent] == [303] * 10 + [429] * 2
    assert is_inert(moderator.get("/desk/moderation/1").text)
    assert "I read it twice" in client.get("/letters/hello").text
