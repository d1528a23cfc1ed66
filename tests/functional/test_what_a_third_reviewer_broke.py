"""Finds of a cold reading of messages and sanctions: nothing waits in vain, nothing is told of others."""

import re
from datetime import timedelta

import pytest

from commentsite import clock, jobs
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.audit.queries import latest_entries
from commentsite.comments import afterwards
from commentsite.comments.models import Comment
from commentsite.comments.queries import comment_for_update
from commentsite.db import session, transaction
from commentsite.moderation.sanctions import set_sanction
from tests.functional.test_answers_are_told import ask_for
from tests.security.test_cases import submit


@pytest.mark.parametrize("way", ["disown", "erase_comment"])
def test_what_came_with_a_comment_is_asked_about_again_when_that_comment_goes(
    app, client, later, way
):
    ask_for(app, "before_queue")
    for n in range(3):
        submit(client, later, body=f"Number {n} of three.")
    jobs.run_once(app)
    tomorrow = clock.now() + timedelta(hours=25)
    with clock.at(tomorrow):
        jobs.run_once(app)
    with app.app_context():
        asked = [c.id for c in session().query(Comment) if c.ask_at]
        assert asked == []
        with transaction(), clock.at(tomorrow):
            getattr(afterwards, way)(comment_for_update(2), by=READER)
    with app.app_context():
        assert session().get(Comment, 3).ask_at is not None
    folder = app.extensions["commentsite"].settings.instance / "mail"
    before = set(folder.glob("*.eml"))
    with clock.at(tomorrow + timedelta(hours=25)):
        jobs.run_once(app)
    [mail] = set(folder.glob("*.eml")) - before
    assert "/confirm/" in mail.read_text()


def test_the_log_and_the_copy_do_not_say_who_is_sanctioned(app, client, later):
    receipts = {}
    for email in ("under@example.org", "other@example.org"):
        submit(client, later, email=email, body=f"The first words of {email[:5]}.")
    with app.app_context(), transaction():
        vault = app.extensions["commentsite"].vault
        set_sanction(
            1, level="hold", clause="R2", reason="For the desk.", days=9, by=SYSTEM, vault=vault
        )
        assert "comment" not in latest_entries(1)[0].details
    told = []
    for email in ("under@example.org", "other@example.org"):
        receipt = submit(client, later, email=email, body=f"Again {email[:5]}.").headers["Location"]
        page = client.get(receipt).get_data(as_text=True)
        signed = re.search(r'receipt_form" value="([^"]+)"', page)[1]
        client.post(f"{receipt}/edit", data={"receipt_form": signed, "body": f"Other {email[:5]}."})
        copy = client.get(f"{receipt}/data.json").get_json()
        told.append({k: copy[k] for k in ("held", "held_by", "ask_at", "closing_told", "state")})
        receipts[email] = receipt
    assert told[0] == told[1]


def test_an_address_that_cannot_be_written_to_is_refused_with_the_text_kept(client, later):
    answer = submit(client, later, email="jürgen@example.org")
    assert answer.status_code == 422
    assert "I read it twice" in answer.get_data(as_text=True)
    assert submit(client, later, email="juergen@bücher.example").status_code == 303
