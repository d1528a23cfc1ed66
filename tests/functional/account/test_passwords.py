"""Staff reset and change their passwords."""

import re

import pytest
from flask_security.recoverable import generate_reset_password_token

from commentsite.accounts.queries import find_staff_by_email
from commentsite.db.session import session
from commentsite.notifications.models import Message
from commentsite.worker import tasks
from tests.support.clients import fill_comment_form, post_form, sign_in
from tests.support.factories import PASSWORD, add_staff_member, make_app

EMAIL = "mod@staff.example"
NEW = "quite-another-long-one"


def can_sign_in(app, password) -> bool:
    answer = post_form(app.test_client(), "/account/login", email=EMAIL, password=password)
    return answer.status_code in (302, 303)


def reset_link(app) -> str:
    with app.app_context():
        return f"/account/reset/{generate_reset_password_token(find_staff_by_email(EMAIL))}"


@pytest.mark.parametrize("way", ["reset", "change"])
def test_the_new_password_works_the_old_does_not_and_a_notice_is_queued(app, way):
    add_staff_member(app)
    if way == "reset":
        answer = post_form(app.test_client(), reset_link(app), password=NEW, password_confirm=NEW)
    else:
        chosen = {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW}
        answer = post_form(sign_in(app), "/account/change", **chosen)
    assert answer.status_code in (302, 303)
    assert can_sign_in(app, NEW)
    assert not can_sign_in(app, PASSWORD)
    with app.app_context():
        assert session().query(Message).filter_by(kind="staff.password").count() == 1


def test_a_reset_request_gets_the_same_answer_for_all_and_an_email_only_for_staff(app):
    add_staff_member(app)
    answers = []
    for email in (EMAIL, "nobody@staff.example"):
        client = app.test_client()
        answer = post_form(client, "/account/reset", email=email)
        page = answer if answer.status_code == 200 else client.get(answer.location)
        text = re.sub(r'name="csrf_token"[^>]*', "", page.text)
        answers.append((answer.status_code, text.replace(email, "")))
    assert answers[0] == answers[1]
    tasks.run_pass(app)
    with app.app_context():
        assert session().query(Message).filter_by(kind="staff.password_reset").count() == 1


def test_a_short_password_is_refused_beside_its_field(app):
    add_staff_member(app)
    page = post_form(app.test_client(), reset_link(app), password="short", password_confirm="short")
    assert 'aria-invalid="true"' in page.text
    assert can_sign_in(app, PASSWORD)


def test_reset_requests_are_rate_limited(tmp_path, template_database):
    app = make_app(tmp_path / "limited", template_database)
    client = app.test_client()
    statuses = [
        post_form(client, "/account/reset", email="a@b.example").status_code for _ in range(11)
    ]
    assert 429 not in statuses[:10]
    assert statuses[10] == 429


def test_only_staff_with_the_permission_see_an_email_address(app, client, moderator):
    form = fill_comment_form(client, email="tania@ministry.example")
    client.post("/letters/hello/comments", data=form)
    seen = moderator.get("/desk/moderation/1").text
    assert "t…@ministry.example" in seen
    assert "tania@" not in seen
    add_staff_member(app, "steward", "s@staff.example", "Stew Ard")
    assert (
        "tania@ministry.example" in sign_in(app, "s@staff.example").get("/desk/moderation/1").text
    )
