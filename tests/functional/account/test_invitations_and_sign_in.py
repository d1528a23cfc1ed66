"""Staff are invited, set up a second factor, see where they are signed in, and look after letters."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask_security import verify_password
from flask_security.utils import get_hmac
from passlib.hash import argon2

from commentsite import clock
from commentsite.accounts import sessions
from commentsite.accounts.models import Invitation, StaffSession
from commentsite.accounts.queries import find_staff_by_email
from commentsite.db.session import db, session, transaction
from commentsite.worker import tasks
from tests.support.audit import list_latest_entries
from tests.support.clients import (
    csrf_token,
    fetch_csrf_token,
    fill_comment_form,
    post_form,
    set_up_second_factor,
    sign_in,
    submit,
    totp_code,
)
from tests.support.factories import (
    PASSWORD,
    add_staff_member,
    list_private_actions,
    publish_sample_letter,
)
from tests.support.pages import visible_text
from tests.support.smtp import read_mail, text_of

MOD = "mod@staff.example"


def staff_id_of(app, email=MOD) -> int:
    with app.app_context():
        return find_staff_by_email(email).id


def read_letters(app) -> list[str]:
    """Return each message as its recipient and its text."""
    return [f"{m['To']}\n{text_of(m)}" for m in read_mail(app)]


def enter_password(app, email=MOD):
    client = app.test_client()
    answer = post_form(client, "/account/login", email=email, password=PASSWORD)
    assert answer.headers["Location"].startswith("/account/tf-validate")
    return client


def invite(steward, **changes):
    new = {"email": "edda@staff.example", "role": "editor"} | changes
    return post_form(steward, "/desk/people/", **new)


def invitation_link(app) -> str:
    text = next(m for m in read_letters(app) if m.startswith("edda@staff.example"))
    return re.search(r"/account/invitation/\S+", text)[0]


JOIN = {"name": "Edda Editor", "group": "ACA", "organisation": "A School"}
CHOSEN = {"password": PASSWORD, "again": PASSWORD}


def test_an_invitation_works_once_and_grants_the_role_and_letters(app, steward):
    assert invite(steward, letters="1").status_code == 303
    assert "edda@staff.example" in steward.get("/desk/people/").text
    link = invitation_link(app)
    client = app.test_client()
    assert "edda@staff.example" in client.get(link).text
    assert client.head(link).status_code == 200  # scanners of mail use nothing up
    assert client.post(link, data=JOIN | CHOSEN).status_code == 400  # without the form's token
    assert post_form(client, link, **JOIN, **CHOSEN).status_code == 303
    assert client.get(link).status_code == 404
    assert sign_in(app, "edda@staff.example").get("/desk/letters/hello/edit").status_code == 200
    with app.app_context():
        edda = find_staff_by_email("edda@staff.example")
        assert [entry.letter_id for entry in edda.scope] == [1]
        assert (edda.stakeholder_group, edda.organisation) == ("ACA", "A School")
        assert "staff.joined" in {entry.action for entry in list_latest_entries(3)}
        assert "edda" not in str([(e.object, e.details) for e in list_latest_entries(20)]).lower()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": " "}, "Enter a name"),
        ({"password": "short", "again": "short"}, "at least 12"),
        ({"again": "something else"}, "The two passwords are different."),
    ],
)
def test_an_invited_person_sees_each_mistake_and_the_form_keeps_the_input(
    app, steward, changes, says
):
    invite(steward)
    link = invitation_link(app)
    answer = post_form(app.test_client(), link, **(JOIN | CHOSEN | changes))
    page = answer.text
    assert answer.status_code == 422
    assert says in page
    assert "A School" in page
    assert PASSWORD not in page


@pytest.mark.parametrize("how", ["taken back", "too old"])
def test_a_revoked_or_expired_invitation_opens_nothing(app, steward, how):
    invite(steward)
    link = invitation_link(app)
    client = app.test_client()
    form = JOIN | CHOSEN | {"csrf_token": fetch_csrf_token(client, link)}
    if how == "taken back":
        take_back = "/desk/people/invitations/1/take-back"
        assert post_form(steward, take_back, page="/desk/people/").status_code == 303
        assert client.post(link, data=form).status_code == 404
    else:
        with clock.freeze_at(clock.now() + timedelta(hours=73)):
            assert client.post(link, data=form).status_code == 404
            tasks.run_pass(app)
    with app.app_context():
        assert session().query(Invitation).count() == 0
        assert find_staff_by_email("edda@staff.example") is None
    steward = sign_in(app, "steward@staff.example")
    assert invite(steward).status_code == 303  # and another can be sent


def test_one_address_is_invited_once_at_a_time(steward):
    assert invite(steward).status_code == 303
    answer = invite(steward, email="Edda@STAFF.example")
    assert answer.status_code == 409
    assert "This address already has an invitation." in answer.text


def test_a_second_factor_is_asked_for_after_the_password(app, moderator):
    key = set_up_second_factor(moderator)
    client = enter_password(app)
    assert client.get("/desk/").status_code == 303  # the password alone opens nothing
    wrong = post_form(client, "/account/tf-validate", code="000000")
    assert wrong.status_code == 200
    right = post_form(client, "/account/tf-validate", code=totp_code(key, steps=1))
    assert right.status_code == 302
    assert client.get("/desk/").status_code == 200
    assert "shown only once" not in client.get("/account/mf-recovery-codes").text


def test_recovery_codes_are_shown_once_work_once_and_can_be_replaced(app, moderator):
    set_up_second_factor(moderator)
    page = post_form(moderator, "/account/mf-recovery-codes", generate_new_codes="1").text
    first = re.findall(r"<li><code>([0-9a-f-]{14})</code>", page)
    assert len(first) == 10
    for address in ("", "?show_codes=1"):
        again = moderator.get(f"/account/mf-recovery-codes{address}").text
        assert first[0] not in again
    client = enter_password(app)
    assert post_form(client, "/account/mf-recovery", code=first[0]).status_code == 302
    assert client.get("/desk/").status_code == 200
    assert "9 left" in client.get("/desk/me/").text
    assert post_form(enter_password(app), "/account/mf-recovery", code=first[0]).status_code == 200
    post_form(moderator, "/account/mf-recovery-codes", generate_new_codes="1")
    assert post_form(enter_password(app), "/account/mf-recovery", code=first[1]).status_code == 200


def test_staff_set_up_a_required_second_factor_before_anything_else(app, steward, moderator):
    set_up_second_factor(steward)
    page = steward.get("/desk/settings/").text
    sent = dict(
        re.findall(r'<input(?![^>]*type="checkbox")[^>]*name="(\w+)"[^>]*value="([^"]*)"', page)
    )
    sent |= dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\n([^<]*)</textarea>', page))
    sent |= {"email_confirmation": "off", "staff_need_second_factor": "1"}
    assert steward.post("/desk/settings/", data=sent).status_code == 303
    for address in ("/desk/", "/desk/moderation/", "/desk/me/"):
        assert moderator.get(address).headers["Location"] == "/account/tf-setup"
    assert "This site requires it for all staff." in moderator.get("/account/tf-setup").text
    set_up_second_factor(moderator)
    assert moderator.get("/desk/").status_code == 200
    assert steward.get("/desk/people/").text.count("<td>Set up</td>") == 2


def test_a_form_sent_after_the_session_was_revoked_leads_back_to_its_page(app, moderator):
    page = "/desk/moderation/?sort=oldest"
    data = {"csrf_token": csrf_token(moderator.get(page).text), "comment": "1@1", "verdict": "spam"}
    with app.app_context(), transaction():
        sessions.revoke_all_sessions(staff_id_of(app))
    for referrer, opened in (
        (f"http://127.0.0.1:8000{page}", page),
        ("http://other.example/desk/", "/desk/"),
        ("", "/desk/"),
    ):
        answer = moderator.post(
            "/desk/moderation/decisions", data=data, headers={"Referer": referrer}
        )
        address = urlsplit(answer.headers["Location"])
        assert (answer.status_code, address.path) == (303, "/account/login")
        assert parse_qs(address.query)["next"] == [opened]


def test_a_steward_resets_a_lost_second_factor(app, steward, moderator):
    set_up_second_factor(moderator)
    number = staff_id_of(app)
    answer = post_form(steward, f"/desk/people/{number}/factor", page=f"/desk/people/{number}")
    assert answer.status_code == 303
    assert moderator.get("/desk/").status_code == 303  # signed out
    assert sign_in(app).get("/desk/").status_code == 200  # by the password alone
    assert any(
        "reset two-step verification for your account" in " ".join(text.split())
        for text in read_letters(app)
        if text.startswith(MOD)
    )
    with app.app_context():
        assert "staff.factor_taken_away" in list_private_actions()


def test_sessions_are_listed_and_ended_one_by_one_or_all_except_the_current_one(app, moderator):
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    others = [sign_in(app) for _ in range(3)]
    third = app.test_client()
    page = third.get("/account/login").text
    third.post(
        "/account/login",
        headers={"User-Agent": firefox},
        data={
            "email": MOD,
            "password": PASSWORD,
            "csrf_token": csrf_token(page),
        },
    )
    page = moderator.get("/desk/me/").text
    assert "Firefox, Linux" in page
    assert "Gecko" not in page
    assert (page.count("(this session)"), page.count("End session<")) == (1, 4)
    with app.app_context():
        last = session().query(StaffSession).order_by(StaffSession.id.desc()).first().id
    assert (
        post_form(moderator, f"/desk/me/sessions/{last}/end", page="/desk/me/").status_code == 303
    )
    assert third.get("/desk/").status_code == 303
    assert others[0].get("/desk/").status_code == 200
    assert post_form(moderator, "/desk/me/sessions/end-others", page="/desk/me/").status_code == 303
    assert [other.get("/desk/").status_code for other in others] == [303] * 3
    assert moderator.get("/desk/").status_code == 200


def test_a_steward_ends_all_sessions_of_a_person(app, steward, moderator):
    number = staff_id_of(app)
    page = steward.get(f"/desk/people/{number}").text
    assert "End all sessions" in page
    post_form(steward, f"/desk/people/{number}/sessions", page=f"/desk/people/{number}")
    assert moderator.get("/desk/").status_code == 303


def test_the_last_use_of_a_session_is_recorded_at_intervals(app, moderator):
    def seen():
        with app.app_context():
            return session().query(StaffSession).one().seen_at

    first = seen()
    with clock.freeze_at(clock.now() + timedelta(minutes=2)):
        moderator.get("/desk/")
    assert seen() == first
    with clock.freeze_at(clock.now() + timedelta(minutes=10)):
        moderator.get("/desk/")
    assert seen() > first


def test_expired_sessions_are_deleted(app, moderator):
    with clock.freeze_at(clock.now() + timedelta(hours=13)):
        assert moderator.get("/desk/").status_code == 303
        tasks.run_pass(app)
    with app.app_context():
        assert session().query(StaffSession).count() == 0


def test_a_moderator_limited_to_letters_sees_no_others(app, client, steward, moderator):
    with app.app_context():
        publish_sample_letter("other")
    submit(client, name="Hanna Hello")
    client.post(
        "/letters/other/comments", data=fill_comment_form(client, "other", name="Otto Other")
    )
    number = staff_id_of(app)
    limited = post_form(
        steward, f"/desk/people/{number}/letters", page=f"/desk/people/{number}", letters="1"
    )
    assert limited.status_code == 303
    for address, count in (
        ("/desk/", "1 Waiting for a decision"),
        ("/desk/moderation/", "1 waits"),
    ):
        page = visible_text(moderator.get(address).text)
        assert "Hanna Hello" in page
        assert "Otto Other" not in page
        assert count in page
    everything = post_form(steward, f"/desk/people/{number}/letters", page=f"/desk/people/{number}")
    assert everything.status_code == 303
    assert "Otto Other" in moderator.get("/desk/moderation/").text


def test_a_steward_cannot_be_limited_and_a_new_steward_no_longer_is(app, steward, moderator):
    number = staff_id_of(app)
    there = f"/desk/people/{number}"
    post_form(steward, f"{there}/letters", page=there, letters="1")
    post_form(steward, f"{there}/role", page="/desk/people/", role="steward")
    with app.app_context(), transaction():
        assert find_staff_by_email(MOD).scope == []
    answer = post_form(steward, f"{there}/letters", page=there, letters="1")
    assert answer.status_code == 422


@pytest.mark.parametrize("any_app", ["sqlite", "postgresql"], indirect=True)
def test_a_password_that_was_hashed_more_cheaply_is_hashed_again(any_app):
    add_staff_member(any_app)
    with transaction():
        user = find_staff_by_email("mod@staff.example")
        user.password = cheap = argon2.using(memory_cost=32).hash(get_hmac(PASSWORD))
    db.session.remove()
    assert sign_in(any_app).get("/desk/").status_code == 200
    db.session.remove()
    now = find_staff_by_email("mod@staff.example").password
    assert now != cheap
    assert verify_password(PASSWORD, now)
