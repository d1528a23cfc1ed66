"""Markup in what staff type is shown as text on every page of the desk, and of the receipt."""

from commentsite.accounts.queries import find_staff_by_email
from commentsite.db.session import transaction
from tests.support.clients import (
    decide,
    post_from_queue,
    sign_in,
    submit_for_receipt,
)
from tests.support.factories import add_staff_member
from tests.support.pages import is_inert

NASTY = "\"><svg onload=alert(1)>'&{{7*7}}"


def list_desk_pages(app) -> list[str]:
    """Return the address of each page of the desk that a steward can open."""
    sample = {"slug": "hello", "action": "withdraw"}
    with app.test_request_context():
        return [
            rule.build({name: sample.get(name, 1) for name in rule.arguments})[1]
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith("/desk/")
            and "GET" in rule.methods
            and "key" not in rule.arguments
        ]


def test_markup_in_texts_of_staff_stays_text(app, client):
    add_staff_member(app, "steward", "nasty@staff.example", NASTY[:80])
    with app.app_context(), transaction():
        find_staff_by_email("nasty@staff.example").organisation = NASTY
    steward = sign_in(app, "nasty@staff.example")
    receipt = submit_for_receipt(client)
    submit_for_receipt(client, email="b@example.org", body="Another thought about this letter.")
    post_from_queue(steward, "/desk/moderation/1/notes", words=NASTY)
    post_from_queue(steward, "/desk/moderation/1/claim")
    post_from_queue(
        steward, "/desk/moderation/2/author", level="note", clause="R2", reason=NASTY, days="5"
    )
    post_from_queue(steward, "/desk/moderation/2/interest/comment", words=NASTY)
    decide(steward, verdict="refuse", reason="R2", note=NASTY, facts=NASTY)
    shown = 0
    for address in [*list_desk_pages(app), receipt, "/transparency/log"]:
        page = steward.get(address)
        if page.mimetype == "text/html":
            assert is_inert(page.text), address
            assert "49" not in page.text.partition("&lt;svg onload")[2][:40], address
            shown += "&lt;svg onload" in page.text
    assert shown >= 5
