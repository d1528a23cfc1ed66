"""An author appeals from the receipt; somebody who did not decide before says what becomes of it, and why."""

import re

import pytest
from sqlalchemy import text

from commentsite.accounts.permissions import READER
from commentsite.comments.afterwards import confirm_email
from commentsite.comments.queries import comment_by_id, comment_for_update
from commentsite.db import session, transaction
from commentsite.moderation.transparency import verify
from tests.conftest import add_person, sign_in
from tests.functional.test_a_span_is_removed import csrf, decide, send

BODY = "Paragraph two is wrong about the year, and Ana lives at Lindenstrasse 14."
WHY = "I quoted a public register, and paragraph two is about nothing else."
FACTS = "The register is public; nothing in it is private."


def receipt_form(page):
    return re.search(r'name="receipt_form" value="([^"]+)"', page)[1]


def of_decision(page):
    return re.search(r'name="decision" value="(\d+)"', page)[1]


def appeal(client, receipt, words=WHY, **changes):
    page = client.get(receipt).get_data(as_text=True)
    sent = {
        "receipt_form": receipt_form(page),
        "decision": of_decision(page) if 'name="decision"' in page else "1",
        "words": words,
        **changes,
    }
    return client.post(f"{receipt}/appeal", data=sent)


def on_appeal(client, receipt, act, number=1, **changes):
    page = client.get(receipt).get_data(as_text=True)
    sent = {"receipt_form": receipt_form(page), "appeal": number, **changes}
    return client.post(f"{receipt}/appeal/{act}", data=sent)


def case_form(desk, number=1):
    page = desk.get(f"/desk/appeals/{number}").get_data(as_text=True)
    shown = re.search(r'name="shown" value="([^"]+)"', page)
    return {"csrf_token": csrf(page), "shown": shown[1] if shown else "1.1"}


def judge(desk, outcome, number=1, facts=FACTS, **changes):
    sent = {**case_form(desk, number), "outcome": outcome, "facts": facts, **changes}
    return desk.post(f"/desk/appeals/{number}/outcome", data=sent)


def read(client, address):
    return client.get(address).get_data(as_text=True)


def state_of(app, number):
    with app.app_context():
        return str(comment_by_id(number).state)


def messages(app):
    with app.app_context():
        kinds = session().execute(text("SELECT kind FROM outbox ORDER BY id")).scalars().all()
        return [kind for kind in kinds if kind.startswith(("appeal.", "staff."))]


@pytest.fixture
def second(app):
    add_person(app, email="second@staff.example", name="Selma Second")
    return sign_in(app, "second@staff.example")


@pytest.fixture
def refused(app, client, later, moderator):
    receipt, number = send(client, later, body=BODY)
    with app.app_context(), transaction():
        confirm_email(comment_for_update(number), by=READER)
    assert decide(moderator, number, "refuse", reason="R4").status_code == 303
    return receipt, number


def test_from_a_refusal_to_a_published_comment(app, client, moderator, second, refused):
    receipt, number = refused
    page = read(client, receipt)
    assert "Somebody who did not decide before reads it" in page
    assert appeal(client, receipt).status_code == 303
    assert "Waits to be read" in read(client, receipt)
    listed = read(second, "/desk/appeals/")
    assert "Ada Reader" in listed
    case = read(second, "/desk/appeals/1")
    assert WHY in case
    assert BODY in case
    assert "Rule 4" in case
    assert judge(second, "overturned").status_code == 303
    assert state_of(app, number) == "published"
    assert BODY in read(client, "/letters/hello")
    assert client.get(f"/letters/hello/comments/{number}").status_code == 303
    told = read(client, receipt)
    assert "The decision was overturned" in told
    assert FACTS in told
    assert messages(app) == ["appeal.filed", "appeal.overturned"]
    with app.app_context():
        assert verify() == []
