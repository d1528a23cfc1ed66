"""What editors decide about whoever writes from an address, and what its owner alone learns of it."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from commentsite import clock, jobs
from commentsite.audit.queries import latest_entries
from commentsite.comments.models import Sanction
from commentsite.db import session, transaction
from commentsite.moderation.transparency import verify
from commentsite.site.queries import settings_row
from tests.conftest import add_person, sign_in

REASON = "Three personal attacks in a week, after two warnings."
WORDS = "I read it twice and I agree with the second paragraph."


def token(client, address) -> str:
    page = client.get(address).get_data(as_text=True)
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def sanction(editor, comment=1, **changes):
    address = f"/desk/moderation/{comment}/author"
    said = {"level": "suspended", "clause": "R2", "reason": REASON, "days": "30"} | changes
    return editor.post(address, data=said | {"csrf_token": token(editor, address)})


def send(client, later, **changes) -> str:
    answer = client.post("/letters/hello/comments", data=later.form(client, **changes))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"]


def mail_to(app, address) -> str:
    jobs.run_once(app)
    folder = app.extensions["commentsite"].settings.instance / "mail"
    read = [message_from_bytes(f.read_bytes(), policy=policy.default) for f in folder.glob("*.eml")]
    return "\n".join(m.get_content() for m in read if m["To"] == address)


def receipt_number(client, receipt) -> str:
    return str(client.get(f"{receipt}/data.json").get_json()["id"])


def confirmation(app, address="ada@example.org") -> str:
    return re.findall(r"/receipts/\S+/confirm/\S+", mail_to(app, address))[-1]


def ask_for_confirmation(app, how):
    with app.app_context(), transaction():
        row = settings_row()
        row.email_confirmation = how
        row.version += 1


@pytest.fixture
def editor(app, client, later):
    """An editor, before whom lies one comment by ada@example.org."""
    send(client, later, body="The first comment, which led to it.")
    add_person(app, "editor", "edda@staff.example", "Edda Editor")
    return sign_in(app, "edda@staff.example")


@pytest.mark.parametrize(("level", "held"), [("note", "first reading"), ("hold", "a sanction on")])
def test_moderators_see_what_holds_beside_each_comment_of_the_address(
    client, later, editor, level, held
):
    assert sanction(editor, level=level).status_code == 303
    send(client, later, email="ADA@example.org")
    page = editor.get("/desk/moderation/2").get_data(as_text=True)
    assert REASON in page
    assert "anybody could have typed it" in page
    assert held in re.search(r"<b>Held:</b>(.*?)</p>", page)[1]
    send(client, later, email="another@example.org", body="Somebody else altogether.")
    assert REASON not in editor.get("/desk/moderation/3").get_data(as_text=True)


def test_a_suspension_is_told_to_the_mailbox_and_the_comment_is_not_taken_there(
    app, client, later, editor
):
    ask_for_confirmation(app, "before_queue")
    sanction(editor)
    receipt = send(client, later)
    link = confirmation(app)
    page = client.get(link).get_data(as_text=True)
    assert REASON in page
    assert "Confirm this address</button>" not in page
    refused = client.post(link)
    assert refused.status_code == 403
    assert "suspended" in refused.get_data(as_text=True)
    assert "rule-2" in refused.get_data(as_text=True)
    kept = client.get(f"{receipt}/data.json").get_json()
    assert (kept["state"], kept["body"]) == ("awaiting_email", WORDS)
    with app.app_context():
        assert verify() == []


def test_a_suspension_ended_early_lets_the_same_comment_in(app, client, later, editor):
    ask_for_confirmation(app, "before_queue")
    sanction(editor)
    receipt = send(client, later)
    link = confirmation(app)
    page = editor.get("/desk/sanctions/").get_data(as_text=True)
    assert REASON in page
    assert "ada@" not in page
    ended = editor.post(
        "/desk/sanctions/1/end", data={"csrf_token": token(editor, "/desk/sanctions/")}
    )
    assert ended.status_code == 303
    signed = re.search(
        r'name="receipt_form" value="([^"]+)"', client.get(link).get_data(as_text=True)
    )[1]
    data = {"receipt_form": signed, "comment": receipt_number(client, receipt)}
    assert client.post(link, data=data).status_code == 303
    assert client.get(f"{receipt}/data.json").get_json()["state"] == "pending"
    again = editor.post(
        "/desk/sanctions/1/end", data={"csrf_token": token(editor, "/desk/sanctions/")}
    )
    assert again.status_code == 409


def test_a_suspension_ends_by_itself_and_is_forgotten_later(app, client, later, editor):
    sanction(editor, days="1")
    with clock.at(clock.now() + timedelta(days=2)):
        assert REASON not in sign_in(app, "edda@staff.example").get("/desk/moderation/1").get_data(
            as_text=True
        )
        jobs.run_once(app)
        with app.app_context():
            assert session().query(Sanction).count() == 1
    with clock.at(clock.now() + timedelta(days=92)):
        jobs.run_once(app)
    with app.app_context():
        assert session().query(Sanction).count() == 0


def test_where_no_address_is_confirmed_the_mailbox_is_told_all_the_same(app, client, later, editor):
    sanction(editor)
    send(client, later)
    with clock.at(clock.now() + timedelta(hours=25)):  # it had its one message of the day
        assert REASON in mail_to(app, "ada@example.org")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"level": "for ever"}, "Choose how far"),
        ({"clause": ""}, "Choose the rule"),
        ({"reason": "no"}, "Say why"),
        ({"reason": "x" * 501}, "at most 500"),
        ({"days": "366"}, "from 1 to 365"),
        ({"days": "0"}, "from 1 to 365"),
        ({"days": "soon"}, "Not a valid integer"),
    ],
)
def test_what_cannot_be_decided_is_said_and_nothing_typed_is_lost(editor, changes, says):
    answer = sanction(editor, **changes)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert says in page
    assert changes.get("reason", REASON)[:60] in page
    assert "None holds" in editor.get("/desk/sanctions/").get_data(as_text=True)


def test_a_new_decision_takes_the_place_of_the_one_before(app, editor):
    sanction(editor, level="note")
    sanction(editor, level="hold", reason="The second decision, after the note.")
    page = editor.get("/desk/moderation/1/author").get_data(as_text=True)
    assert page.index("The second decision") < page.index(REASON)
    assert editor.get("/desk/sanctions/").get_data(as_text=True).count("End it now") == 1
    with app.app_context():
        told = [e for e in latest_entries(5) if e.action == "sanction.set"]
        assert told[0].details == {
            "level": "hold",
            "clause": "R2",
            "rules": 1,
            "days": 30,
            "instead_of": 1,
        }


def test_nobody_decides_about_their_own_address(client, later, editor):
    send(client, later, email="Edda@staff.example", body="Written by the editor.")
    assert sanction(editor, comment=2).status_code == 403
