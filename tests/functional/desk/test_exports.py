"""A steward exports the site at the desk, and the worker writes the file."""

import io
import zipfile
from datetime import timedelta

from commentsite import clock
from commentsite.worker.exports import delete_exports, run_export, start_waiting_export
from tests.support.clients import fetch_page, post_form, submit_for_receipt


def start(app, steward, **fields):
    """Start an export, let the worker write it, and return the address of its page."""
    address = post_form(steward, "/desk/exports/", **fields).headers["Location"]
    run_export(app, int(address.rpartition("/")[2]))
    return address


def read_names(steward, address):
    with steward.get(f"{address}/file.zip") as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"
        return zipfile.ZipFile(io.BytesIO(answer.data))


def test_a_steward_exports_the_site_and_downloads_the_file_for_a_day(app, steward):
    submit_for_receipt(app.test_client(), email="ada@example.org")
    answer = post_form(steward, "/desk/exports/")
    address = answer.headers["Location"]
    waiting = steward.get(address)
    assert "starts the export within a few seconds" in waiting.text
    assert waiting.headers["Refresh"]
    assert steward.get(f"{address}/file.zip").status_code == 404
    run_export(app, 1)
    page = steward.get(address)
    assert "The file is ready until" in page.text
    assert "Refresh" not in page.headers
    with read_names(steward, address) as archive:
        assert b"ada@example.org" not in archive.read("comments.jsonl")
    assert "Sada Steward" in fetch_page(steward, "/desk/exports/")
    with clock.freeze_at(clock.now() + timedelta(hours=25)), app.app_context():
        assert delete_exports(app.extensions["commentsite"]) == 1
    assert list(app.extensions["commentsite"].settings.exports_path.iterdir()) == []


def test_addresses_are_exported_on_request_and_the_file_can_be_deleted_at_once(app, steward):
    submit_for_receipt(app.test_client(), email="ada@example.org")
    address = start(app, steward, email_addresses="1")
    assert "It holds email addresses." in fetch_page(steward, address)
    with read_names(steward, address) as archive:
        assert b"ada@example.org" in archive.read("comments.jsonl")
    post_form(steward, f"{address}/delete", address)
    assert "The file was deleted" in fetch_page(steward, address)
    assert steward.get(f"{address}/file.zip").status_code == 404


def test_an_export_that_was_interrupted_is_written_by_the_next_worker(app, steward, monkeypatch):
    address = post_form(steward, "/desk/exports/").headers["Location"]
    started = []

    def hold(thread):
        started.append(thread)

    monkeypatch.setattr("threading.Thread.start", hold)
    with app.app_context():
        assert start_waiting_export(app) == 1
        assert start_waiting_export(app) == 0  # one at a time
    monkeypatch.undo()
    started[0].run()
    assert "The file is ready" in fetch_page(steward, address)


def test_a_failure_is_told_and_leaves_no_file(app, steward, monkeypatch):
    def fail(*_):
        raise ValueError

    monkeypatch.setattr("commentsite.exchange.exporters.jobs.write_export", fail)
    address = start(app, steward)
    assert "stopped at an unexpected error" in fetch_page(steward, address)
