"""Files, answers, reports and erasure: what a stranger can leave here, and what nobody can find again."""

import io
import sqlite3
from pathlib import Path

from commentsite import jobs
from tests.conftest import add_person, make_app, publish_hello, sign_in
from tests.functional.test_a_reader_reports import report
from tests.security.test_cases import csrf, is_inert, publish, submit

EVIL = b"<!doctype html><title>x</title><h1>Hello</h1><p>First paragraph here.</p><script>alert(1)</script>"


def test_v05_a_file_somebody_sent_is_never_shown_by_the_browser_as_what_it_pretends_to_be(app):
    add_person(app, "editor", "ed@staff.example", "Edda Editor")
    editor = sign_in(app, "ed@staff.example")
    page = editor.get("/desk/letters/new").get_data(as_text=True)
    for name in ("letter.html", "image.svg"):
        sent = {"csrf_token": csrf(page), "file": (io.BytesIO(EVIL), name)}
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


def test_v32_after_erasing_nothing_of_the_person_is_in_the_file_of_the_database(
    app, client, later, moderator
):
    person = {
        "name": "Quillon Erasable",
        "email": "quillon@erasable.example",
        "organisation": "Erasable Networks",
        "body": "Marmalade lighthouse xylophone, said nobody else.",
        "capacity": "on_behalf_of",
    }
    receipt = submit(client, later, **person).headers["Location"]
    publish(moderator)
    assert "Marmalade" in client.get("/letters/hello").get_data(as_text=True)
    page = client.get(receipt).get_data(as_text=True)
    signed = page.partition('name="receipt_form" value="')[2].partition('"')[0]
    assert client.post(f"{receipt}/erase", data={"receipt_form": signed}).status_code == 303
    for address in ("/letters/hello", "/letters/?q=Marmalade", "/letters/hello/feed.json", receipt):
        text = client.get(address).get_data(as_text=True).replace("q=Marmalade", "")
        assert "lighthouse" not in text, address
        assert "Erasable" not in text, address
    jobs.run_once(app)
    file = Path(app.instance_path) / "commentsite.db"
    with sqlite3.connect(file) as connection:
        rows = "\n".join(connection.iterdump())
    journal = file.with_name("commentsite.db-wal")
    raw = file.read_bytes().lower() + (journal.read_bytes().lower() if journal.exists() else b"")
    for word in ("marmalade", "lighthouse", "quillon", "erasable"):
        assert word not in rows.lower()
        assert word.encode() not in raw


def test_v39_an_answer_belongs_to_a_published_comment_of_the_same_letter(
    app, client, later, moderator
):
    with app.app_context():
        publish_hello("other")
    submit(client, later)
    assert submit(client, later, body="Too early.", parent="1").status_code == 422
    publish(moderator)
    assert submit(client, later, body="In time.", parent="1").status_code == 303
    form = later.form(client, slug="other", body="Elsewhere.", parent="1")
    assert client.post("/letters/other/comments", data=form).status_code == 422
    for parent in ("0", "-1", "999999", "1e3", "1 ", "x"):
        answer = submit(client, later, body=f"Parent {parent}.", parent=parent)
        assert answer.status_code in {303, 422}, parent
        if answer.status_code == 303:
            assert parent.strip() == "1"


def test_v42_reports_are_limited_escaped_and_pile_up_on_nobody(tmp_path, template_database, later):
    app = make_app(tmp_path / "limited", template_database)
    with app.app_context():
        publish_hello()
    add_person(app)
    moderator, client = sign_in(app), app.test_client()
    submit(client, later)
    publish(moderator)
    sent = [report(client, words=f"<script>alert({n})</script> it attacks me") for n in range(12)]
    assert [a.status_code for a in sent] == [303] * 10 + [429] * 2
    assert is_inert(moderator.get("/desk/moderation/1").get_data(as_text=True))
    assert "I read it twice" in client.get("/letters/hello").get_data(as_text=True)
