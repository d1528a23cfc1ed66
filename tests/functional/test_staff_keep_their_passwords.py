"""Staff reset and change their passwords, and what they chose is what lets them in."""

import re

import pytest
from flask_security.recoverable import generate_reset_password_token

from commentsite.accounts.queries import staff_by_email
from commentsite.db import session
from commentsite.notifications.models import Message
from tests.conftest import PASSWORD, add_person, make_app, sign_in

EMAIL = "mod@staff.example"
NEW = "quite-another-long-one"


def csrf(page: str) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def post(client, address, **data):
    token = csrf(client.get(address).get_data(as_text=True))
    return client.post(address, data={**data, "csrf_token": token})


def lets_in(app, password) -> bool:
    answer = post(app.test_client(), "/account/login", email=EMAIL, password=password)
    return answer.status_code in (302, 303)


def reset_address(app) -> str:
    with app.app_context():
        return f"/account/reset/{generate_reset_password_token(staff_by_email(EMAIL))}"


@pytest.mark.parametrize("way", ["reset", "change"])
def test_the_new_password_lets_in_the_old_does_not_and_a_notice_is_promised(app, way):
    add_person(app)
    if way == "reset":
        answer = post(app.test_client(), reset_address(app), password=NEW, password_confirm=NEW)
    else:
        chosen = {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW}
        answer = post(sign_in(app), "/account/change", **chosen)
    assert answer.status_code in (302, 303)
    assert lets_in(app, NEW)
    assert not lets_in(app, PASSWORD)
    with app.app_context():
        assert session().query(Message).filter_by(kind="staff.password").count() == 1


def test_asking_for_a_reset_answers_alike_and_writes_only_to_staff(app):
    add_person(app)
    answers = []
    for email in (EMAIL, "nobody@staff.example"):
        client = app.test_client()
        answer = post(client, "/account/reset", email=email)
        page = answer if answer.status_code == 200 else client.get(answer.location)
        text = re.sub(r'name="csrf_token"[^>]*', "", page.get_data(as_text=True))
        answers.append((answer.status_code, text.replace(email, "")))
    assert answers[0] == answers[1]
    with app.app_context():
        assert session().query(Message).filter_by(kind="staff.password").count() == 1


def test_a_short_password_is_refused_beside_its_field(app):
    add_person(app)
    page = post(app.test_client(), reset_address(app), password="short", password_confirm="short")
    assert 'aria-invalid="true"' in page.get_data(as_text=True)
    assert lets_in(app, PASSWORD)


def test_asking_for_resets_is_limited(tmp_path, template_database):
    app = make_app(tmp_path / "limited", template_database)
    client = app.test_client()
    statuses = [post(client, "/account/reset", email="a@b.example").status_code for _ in range(11)]
    assert 429 not in statuses[:10]
    assert statuses[10] == 429


def test_only_those_who_may_see_an_address_whole_do(app, client, later, moderator):
    form = later.form(client, email="tania@ministry.example")
    client.post("/letters/hello/comments", data=form)
    seen = moderator.get("/desk/moderation/1").get_data(as_text=True)
    assert "t…@ministry.example" in seen
    assert "tania@" not in seen
    add_person(app, "steward", "s@staff.example", "Stew Ard")
    assert "tania@ministry.example" in sign_in(app, "s@staff.example").get(
        "/desk/moderation/1"
    ).get_data(as_text=True)
