"""Commenters export their data, and personal data is deleted when its retention time ends."""

import pytest

from commentsite import retention
from commentsite.cli.address_recogniser import AddressRecogniser
from commentsite.comments.models import Comment
from commentsite.db.session import session, transaction
from commentsite.web.caching.store import clear_caches
from tests.support.clients import publish, receipt_token, submit, submit_for_receipt
from tests.support.factories import add_staff_member, copy_as_replies, encryption_of


def test_all_stored_data_is_exported_to_its_author_alone(client, moderator):
    receipt = submit_for_receipt(client, organisation="Open Networks")
    page = client.get(receipt).text
    signed = receipt_token(page)
    client.post(f"{receipt}/edit", data={"receipt_form": signed, "body": "Changed words of mine."})
    publish(moderator, version=2)
    answer = client.get(f"{receipt}/data.json")
    held = answer.json
    assert (held["name"], held["email"], held["organisation"]) == (
        "Ada Reader",
        "ada@example.org",
        "Open Networks",
    )
    assert held["earlier_wordings"][0]["body"].startswith("I read it twice")
    assert held["decisions"][0]["verdict"] == "publish"
    assert held["network_address_is_kept_as_keyed_hash"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not {"email_hash", "receipt_hash", "address_hash"} & held.keys()
    assert client.get("/receipts/none/data.json").status_code == 404


def test_the_export_of_an_erased_comment_holds_nothing_of_its_author(client):
    receipt = submit_for_receipt(client)
    page = client.get(receipt).text
    signed = receipt_token(page)
    client.post(f"{receipt}/erase", data={"receipt_form": signed})
    text = client.get(f"{receipt}/data.json").text
    assert "ada@example.org" not in text
    assert "Ada Reader" not in text


def test_the_privacy_self_test_passes_on_a_sound_site_and_fails_on_a_leak(app, client, moderator):
    submit(client)
    publish(moderator)
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["privacy", "self-test"])
    assert done.exit_code == 0, done.output
    assert " 0 found." in done.output
    with app.app_context(), transaction():
        copy_as_replies(21)
        for number in (2, 22):
            session().get(Comment, number).name = "ADA@example.org"  # as a careless template would
    clear_caches(app, "pages")
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["privacy", "self-test"])
    assert done.exit_code == 1
    assert "The page /letters/hello shows the email address" in done.output
    assert "The page /letters/hello/comments/1/replies?after=21 shows the email" in done.output
    assert "ada@example.org" not in done.output.lower()


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("Write to ada@example.org.", True),
        ("<a href='mailto:Ada@Example.org?subject=x'>", True),
        ("ada&#64;example.org", True),
        ("AdaReaderada@example.orgNext", True),  # as the text of a PDF can run together
        ("mod@staff.example", True),
        ("bda@example.org, ada@example.com and ada@", False),
        ("contact@example.org", False),
    ],
)
def test_an_address_is_recognised_whatever_stands_around_it(app, client, words, is_found):
    submit(client)
    add_staff_member(app)
    with app.app_context():
        recogniser = AddressRecogniser(encryption_of(app), "contact@example.org")
        assert recogniser.has_address(words) is is_found
        assert recogniser.count_addresses() == 2


def test_the_privacy_self_test_reads_pdfs(app, client, moderator):
    submit(client)
    publish(moderator)
    with app.app_context(), transaction():
        session().get(Comment, 1).name = "ADA@example.org"
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["privacy", "self-test"])
    assert "The page /letters/hello/letter.pdf shows the email address" in done.output


def test_logging_continues_after_the_privacy_self_test(app, client, log_lines):
    with app.app_context():
        app.test_cli_runner().invoke(args=["privacy", "self-test"])
    assert '"event": "request"' not in log_lines()
    client.get("/rules")
    assert log_lines().count('"event": "request"') == 1


def test_the_privacy_page_shows_the_retention_rules_that_the_worker_applies(client):
    page = client.get("/privacy").text
    for row in retention.RETENTION_RULES:
        assert (row.period % {"n": row.amount} if row.amount else row.period) in page
    assert "%(n)d" not in page
