"""Stewards change settings and staff accounts, and other staff cannot."""

import re

import pytest

from commentsite.accounts.permissions import SYSTEM, Actor, Permission
from commentsite.accounts.queries import build_actor, find_staff_by_email
from commentsite.accounts.services import set_active
from commentsite.db.session import transaction
from commentsite.errors import NotAllowed
from tests.support.audit import list_latest_entries
from tests.support.clients import csrf_token, sign_in, submit
from tests.support.factories import add_staff_member


def page_and_token(client, address):
    page = client.get(address).text
    return page, csrf_token(page)


def settings_as_shown(page):
    sent = dict(
        re.findall(r'<input(?![^>]*type="checkbox")[^>]*name="(\w+)"[^>]*value="([^"]*)"', page)
    )
    sent |= dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\n([^<]*)</textarea>', page))
    sent |= dict(re.findall(r'<input type="checkbox" name="(\w+)" value="(1)" checked', page))
    sent |= dict(
        re.findall(r'<input type="radio"[^>]*name="(\w+)"[^>]*value="(\w+)" checked', page)
    )
    return sent


def test_settings_change_what_readers_see_and_are_audited(app, client, steward):
    assert "Letters on Internet Governance" in client.get("/").text
    page, _ = page_and_token(steward, "/desk/settings/")
    sent = settings_as_shown(page) | {"title": "The Open Letter", "answer_hours": "12"}
    assert steward.post("/desk/settings/", data=sent).status_code == 303
    assert "The Open Letter" in client.get("/").text
    assert "within 12 hours" in client.get("/letters/hello").text
    with app.app_context():
        entry = list_latest_entries(1)[0]
    assert (entry.action, entry.details["settings"]) == ("site.changed", ["answer_hours", "title"])
    assert "The Open Letter" not in str(entry.details)


def test_a_removed_group_is_no_longer_offered_and_keeps_its_name(app, client, steward, moderator):
    submit(client, stakeholder_group="MED")
    page, token = page_and_token(moderator, "/desk/moderation/1")
    moderator.post(
        "/desk/moderation/decisions",
        data={"comment": "1@1", "verdict": "publish", "csrf_token": token},
    )
    page, _ = page_and_token(steward, "/desk/settings/")
    sent = settings_as_shown(page)
    sent["groups"] = sent["groups"].replace("MED media", "YTH youth")
    assert steward.post("/desk/settings/", data=sent).status_code == 303
    page = client.get("/letters/hello").text
    assert '<option value="YTH">youth' in page
    assert '<option value="MED">' not in page
    assert "media" in page.partition('id="leave"')[0]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("title", " ", "cannot be empty"),
        ("answer_hours", "0", "from 1 to 720"),
        ("answer_hours", "soon", "Not a valid integer"),
        ("groups", "CIV civil society", "Keep the group UND"),
        ("groups", "UND prefer not to say\ncivil society", "is not a group"),
        ("email_confirmation", "always", "Choose one of these"),
    ],
)
def test_an_invalid_setting_gets_an_error_beside_its_field(app, steward, name, text, sentence):
    page, _ = page_and_token(steward, "/desk/settings/")
    sent = settings_as_shown(page) | {"tagline": "Typed and not lost", name: text}
    answer = steward.post("/desk/settings/", data=sent)
    page = answer.text
    assert answer.status_code == 422
    assert sentence in page
    assert f'id="{name}-error"' in page
    assert "Typed and not lost" in page


def test_the_second_of_two_stewards_is_refused_and_loses_no_input(steward):
    page, _ = page_and_token(steward, "/desk/settings/")
    sent = settings_as_shown(page)
    assert steward.post("/desk/settings/", data=sent | {"title": "One"}).status_code == 303
    answer = steward.post("/desk/settings/", data=sent | {"title": "Another"})
    assert answer.status_code == 409
    assert "Another" in answer.text
    assert "One" in steward.get("/").text


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"email": "nobody"}, 422),
        ({"email": ""}, 422),
        ({"role": "owner"}, 422),
        ({"letters": "99"}, 422),
        ({"role": "steward", "letters": "1"}, 422),
        ({"email": "MOD@staff.example"}, 409),
    ],
)
def test_an_invalid_invitation_is_refused(steward, moderator, changes, status):
    _, token = page_and_token(steward, "/desk/people/")
    new = {"email": "new@staff.example", "role": "editor"} | changes
    answer = steward.post("/desk/people/", data=new | {"csrf_token": token})
    page = answer.text
    assert answer.status_code == status
    assert f'value="{new["email"]}"' in page
    assert 'id="invited"' not in page


def test_a_deactivated_account_is_signed_out_at_once_and_can_be_activated_again(
    app, steward, moderator
):
    assert moderator.get("/desk/").status_code == 200
    _, token = page_and_token(steward, "/desk/people/")
    with app.app_context():
        number = find_staff_by_email("mod@staff.example").id
    steward.post(f"/desk/people/{number}/active", data={"active": "no", "csrf_token": token})
    assert moderator.get("/desk/").status_code == 303
    steward.post(f"/desk/people/{number}/active", data={"active": "yes", "csrf_token": token})
    assert sign_in(app).get("/desk/").status_code == 200


def test_a_changed_role_applies_from_the_next_request(app, steward, moderator):
    assert moderator.get("/desk/letters/").status_code == 403
    _, token = page_and_token(steward, "/desk/people/")
    with app.app_context():
        number = find_staff_by_email("mod@staff.example").id
    steward.post(f"/desk/people/{number}/role", data={"role": "editor", "csrf_token": token})
    assert moderator.get("/desk/letters/").status_code == 303  # a role changed ends every session
    assert sign_in(app).get("/desk/letters/").status_code == 200


def test_stewards_cannot_deactivate_themselves_or_each_other_at_once(app, steward):
    add_staff_member(app, "steward", "other@staff.example", "Otto Other")
    with app.app_context():
        one, two = (
            find_staff_by_email("steward@staff.example"),
            find_staff_by_email("other@staff.example"),
        )
        first, second = build_actor(one), build_actor(two)
        with pytest.raises(NotAllowed), transaction():
            set_active(one.id, is_active=False, by=first)
        with transaction():
            set_active(two.id, is_active=False, by=first)
        with pytest.raises(NotAllowed), transaction():  # decided on what was true before
            set_active(one.id, is_active=False, by=second)
        with transaction():
            set_active(two.id, is_active=True, by=SYSTEM)
        nobody = Actor(label="x", permissions=frozenset({Permission.MODERATE}))
        with pytest.raises(NotAllowed), transaction():
            set_active(two.id, is_active=False, by=nobody)


def test_a_mistake_in_the_room_for_comments_is_linked_to_its_field(steward):
    assert 'href="/desk/allowances/"' in steward.get("/desk/settings/").text
    _, token = page_and_token(steward, "/desk/allowances/")
    answer = steward.post("/desk/allowances/", data={"csrf_token": token, "network": "nonsense"})
    assert answer.status_code == 422
    assert re.search(
        r'<div class="summary" role="alert" tabindex="-1">\s*<h2><a href="#network">', answer.text
    )
