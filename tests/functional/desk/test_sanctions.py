"""Editors sanction an email address, and only its owner learns of it."""

from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.sanctions.models import Sanction
from commentsite.db.session import session, transaction
from commentsite.moderation.sanctions import set_sanction
from commentsite.worker import tasks
from tests.support.audit import list_latest_entries, verify_records
from tests.support.clients import (
    comment_id_of,
    fetch_csrf_token,
    receipt_token,
    sign_in,
    submit,
    submit_for_receipt,
)
from tests.support.factories import add_staff_member, update_site_settings
from tests.support.pages import held_reasons
from tests.support.smtp import find_confirmation_link, read_mail_text

REASON = "Three personal attacks in a week, after two warnings."
WORDS = "I read it twice and I agree with the second paragraph."


def sanction(editor, comment=1, **changes):
    address = f"/desk/moderation/{comment}/author"
    fields = {"level": "suspended", "clause": "R2", "reason": REASON, "days": "30"} | changes
    return editor.post(address, data=fields | {"csrf_token": fetch_csrf_token(editor, address)})


@pytest.fixture
def editor(app, client):
    """An editor, on a site with one comment from ada@example.org."""
    submit_for_receipt(client, body="The first comment, which led to it.")
    add_staff_member(app, "editor", "edda@staff.example", "Edda Editor")
    return sign_in(app, "edda@staff.example")


@pytest.mark.parametrize(("level", "held"), [("note", ""), ("hold", "Held: a sanction on")])
def test_moderators_see_the_sanction_beside_each_comment_from_the_address(
    client, editor, level, held
):
    assert sanction(editor, level=level).status_code == 303
    submit_for_receipt(client, email="ADA@example.org")
    page = editor.get("/desk/moderation/2").text
    assert REASON in page
    assert "another person may have typed it" in page
    assert held_reasons(page).startswith(held)
    assert ("Held:" in page) == bool(held)
    submit_for_receipt(client, email="another@example.org", body="Somebody else altogether.")
    assert REASON not in editor.get("/desk/moderation/3").text


def test_a_suspended_commenter_is_notified_by_email_and_their_next_comment_is_not_stored(
    app, client, editor
):
    update_site_settings(app, email_confirmation="before_queue")
    sanction(editor)
    receipt = submit_for_receipt(client)
    link = find_confirmation_link(app)
    page = client.get(link).text
    assert REASON in page
    assert "Confirm this address</button>" not in page
    refused = client.post(link)
    assert refused.status_code == 403
    assert "suspended" in refused.text
    assert "rule-2" in refused.text
    kept = client.get(f"{receipt}/data.json").get_json()
    assert (kept["state"], kept["body"]) == ("awaiting_email", WORDS)
    with app.app_context():
        assert verify_records() == []


def test_a_suspension_ended_early_lets_the_same_comment_in(app, client, editor):
    update_site_settings(app, email_confirmation="before_queue")
    sanction(editor)
    receipt = submit_for_receipt(client)
    link = find_confirmation_link(app)
    page = editor.get("/desk/sanctions/").text
    assert REASON in page
    assert "ada@" not in page
    ended = editor.post(
        "/desk/sanctions/1/end", data={"csrf_token": fetch_csrf_token(editor, "/desk/sanctions/")}
    )
    assert ended.status_code == 303
    signed = receipt_token(client.get(link).text)
    data = {"receipt_form": signed, "comment": comment_id_of(client, receipt)}
    assert client.post(link, data=data).status_code == 303
    assert client.get(f"{receipt}/data.json").get_json()["state"] == "pending"
    again = editor.post(
        "/desk/sanctions/1/end", data={"csrf_token": fetch_csrf_token(editor, "/desk/sanctions/")}
    )
    assert again.status_code == 409


def test_a_suspension_ends_by_itself_and_is_deleted_later(app, client, editor):
    sanction(editor, days="1")
    with clock.freeze_at(clock.now() + timedelta(days=2)):
        assert REASON not in sign_in(app, "edda@staff.example").get("/desk/moderation/1").text
        tasks.run_pass(app)
        with app.app_context():
            assert session().query(Sanction).count() == 1
    with clock.freeze_at(clock.now() + timedelta(days=92)):
        tasks.run_pass(app)
    with app.app_context():
        assert session().query(Sanction).count() == 0


def test_a_suspended_address_is_notified_where_no_confirmation_is_required(app, client, editor):
    sanction(editor)
    submit_for_receipt(client)
    with clock.freeze_at(
        clock.now() + timedelta(hours=25)
    ):  # the address has received its one email of the day
        assert REASON in read_mail_text(app, "ada@example.org")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"level": "for ever"}, "Choose how far"),
        ({"clause": ""}, "Choose the rule"),
        ({"reason": "no"}, "Give the reason"),
        ({"reason": "x" * 501}, "at most 500"),
        ({"days": "366"}, "from 1 to 365"),
        ({"days": "0"}, "from 1 to 365"),
        ({"days": "soon"}, "Not a valid integer"),
    ],
)
def test_an_invalid_sanction_is_refused_and_the_editors_input_stays(editor, changes, error):
    answer = sanction(editor, **changes)
    page = answer.text
    assert answer.status_code == 422
    assert error in page
    assert changes.get("reason", REASON)[:60] in page
    assert "No sanction is active" in editor.get("/desk/sanctions/").text


def test_a_new_sanction_replaces_the_one_before(app, editor):
    sanction(editor, level="note")
    sanction(editor, level="hold", reason="The second decision, after the note.")
    page = editor.get("/desk/moderation/1/author").text
    assert page.index("The second decision") < page.index(REASON)
    assert editor.get("/desk/sanctions/").text.count("End sanction") == 1
    with app.app_context():
        entries = [e for e in list_latest_entries(5) if e.action == "sanction.set"]
        assert entries[0].details == {
            "level": "hold",
            "clause": "R2",
            "rules": 1,
            "days": 30,
            "instead_of": 1,
        }


def test_an_editor_cannot_sanction_their_own_address(client, editor):
    submit_for_receipt(client, email="Edda@staff.example", body="Written by the editor.")
    assert sanction(editor, comment=2).status_code == 403


def test_neither_the_audit_log_nor_the_data_export_shows_a_sanction(app, client, encryption):
    for email in ("under@example.org", "other@example.org"):
        submit(client, email=email, body=f"The first words of {email[:5]}.")
    with app.app_context(), transaction():
        set_sanction(
            1,
            level="hold",
            rule="R2",
            reason="For the desk.",
            days=9,
            by=SYSTEM,
            encryption=encryption,
        )
        assert "comment" not in list_latest_entries(1)[0].details
    exports = []
    for email in ("under@example.org", "other@example.org"):
        receipt = submit_for_receipt(client, email=email, body=f"Again {email[:5]}.")
        page = client.get(receipt).text
        signed = receipt_token(page)
        client.post(f"{receipt}/edit", data={"receipt_form": signed, "body": f"Other {email[:5]}."})
        copy = client.get(f"{receipt}/data.json").get_json()
        exports.append({k: copy[k] for k in ("held", "held_by", "ask_at", "closing_told", "state")})
    assert exports[0] == exports[1]
