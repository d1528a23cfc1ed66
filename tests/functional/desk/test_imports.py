"""A steward imports a file at the desk, and the worker does the work."""

import io

from commentsite.worker.imports import run_import, start_waiting_import
from tests.support.clients import fetch_csrf_token, fetch_page
from tests.support.exports import wp_comment, wxr

FILE = wxr(wp_comment(1), wp_comment(2, kind="note"))


def upload(steward, content=FILE, **fields):
    data = {
        "csrf_token": fetch_csrf_token(steward, "/desk/imports/"),
        "system": "wordpress",
    } | fields
    if content is not None:
        data["files"] = (io.BytesIO(content.encode()), "export.xml")
    return steward.post("/desk/imports/", data=data, content_type="multipart/form-data")


def run(app, answer):
    """Let the worker run the import that a form has started, and return the address of its page."""
    address = answer.headers["Location"]
    run_import(app, int(address.rpartition("/")[2]))
    return address


def test_a_steward_imports_a_file_and_reads_what_became_of_it(app, steward):
    answer = upload(steward)
    assert answer.status_code == 303
    address = answer.headers["Location"]
    waiting = steward.get(address)
    assert "The worker is reading the file" in waiting.text
    assert waiting.headers["Refresh"]
    run(app, answer)
    page = fetch_page(steward, address)
    assert "The import is done" in page
    assert "A note among editors." in page
    assert "Refresh" not in steward.get(address).headers
    with steward.get(f"{address}/report.csv") as report:
        assert report.text.splitlines()[0] == "kind,source_id,outcome,target,remarks"
    assert "Some words" in fetch_page(steward, "/letters/post-5")
    assert "export.xml" in fetch_page(steward, address)
    assert "Sada Steward" in fetch_page(steward, "/desk/imports/")


def test_a_preview_stores_nothing(app, steward):
    address = run(app, upload(steward, dry_run="1"))
    assert "Nothing was imported" in fetch_page(steward, address)
    assert steward.get("/letters/post-5").status_code == 404


def test_a_preview_names_the_letters_that_would_become_drafts(app, steward):
    page = fetch_page(steward, run(app, upload(steward, wxr(status="draft"), dry_run="1")))
    assert "Letters that would become drafts" in page
    assert "<li><bdi>On 5 &amp; more</bdi></li>" in page
    public = fetch_page(steward, run(app, upload(steward, wxr(), dry_run="1")))
    assert "<li><bdi>" not in public


def test_a_file_that_cannot_be_read_is_refused_with_its_sentence(app, steward):
    address = run(app, upload(steward, "<rss></rss>"))
    assert "The file is not an export of WordPress" in fetch_page(steward, address)


def test_a_wrong_form_says_so_and_keeps_its_fields(steward):
    answer = upload(steward, None, site="Old letters")
    assert answer.status_code == 422
    assert "Choose the file that the other system exported." in answer.text
    assert 'value="Old letters"' in answer.text
    assert upload(steward, system="blog").status_code == 422
    assert upload(steward, time_zone="Atlantis/Main").status_code == 422
    assert upload(steward, language="?").status_code == 422


def test_an_import_that_was_interrupted_goes_on_with_the_next_worker(app, steward, monkeypatch):
    answer = upload(steward)
    runtime = app.extensions["commentsite"]
    started = []

    def hold(thread):
        started.append(thread)

    monkeypatch.setattr("threading.Thread.start", hold)
    assert start_waiting_import(app, runtime) == 1
    assert start_waiting_import(app, runtime) == 0  # one at a time
    monkeypatch.undo()
    started[0].run()
    assert "The import is done" in fetch_page(steward, answer.headers["Location"])
    assert start_waiting_import(app, runtime) == 0
