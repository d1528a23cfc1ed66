"""A token opens what its scopes and the present role of its owner both allow, and nothing for any other person."""

from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.models import ApiToken
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.queries import get_staff_by_email
from commentsite.accounts.services import change_role, set_active, set_password
from commentsite.db.session import session, transaction
from tests.support.api import (
    CASES,
    DECISIONS,
    HELLO,
    LETTERS,
    NEW_LETTER,
    add_program,
    authorize,
    make_token,
)
from tests.support.factories import add_staff_member, update_site_settings

DECISION = {"comment": 1, "version": 1, "verdict": "publish"}
#: The requests, the scope that each needs, and the statuses of one that is let through.
REQUESTS = {
    ("GET", CASES): ("moderation:read", {200}),
    ("POST", DECISIONS): ("moderation:decide", {404}),
    ("POST", LETTERS): ("letters:write", {201}),
    ("PATCH", HELLO): ("letters:write", {428}),
    ("GET", HELLO): ("letters:write", {200}),
}
BODIES = {DECISIONS: DECISION, LETTERS: NEW_LETTER, HELLO: {"title": "X"}}
SCOPES = ["moderation:read", "moderation:decide", "letters:write", "letters:publish"]


def send(client, method, address, headers):
    body = {} if method == "GET" else {"json": BODIES[address]}
    return client.open(address, method=method, headers=headers, **body)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_opens_only_what_its_scope_names(app, client, scope):
    program = add_program(app, "steward", scope)
    for (method, address), (needed, statuses) in REQUESTS.items():
        answer = send(client, method, address, program)
        expected = statuses if scope == needed else {403}
        assert answer.status_code in expected, (method, address)
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Cache-Control"] == "private, no-store"
        if expected == {403}:
            assert needed in answer.headers["WWW-Authenticate"]


def test_publishing_needs_its_own_scope(app, client):
    program = add_program(app, "editor", "letters:write")
    for members in ({"state": "published"}, {"comments_open": False}):
        answer = client.patch(HELLO, json=members, headers=program | {"If-Match": "*"})
        assert answer.status_code == 403


def test_tokens_that_are_unknown_malformed_expired_or_revoked_get_one_answer(app, client):
    add_staff_member(app, email="owner@staff.example")
    token = make_token(app, "owner@staff.example", days=1)
    assert client.get(CASES, headers=authorize(token)).status_code == 200
    wrong = [f"{token}x", token[:-1], token.upper(), "cst_", "x", "cst_" + "é" * 5]
    headers = [authorize(value) for value in wrong]
    headers += [{"Authorization": value} for value in ("Basic YTpi", "Bearer", "Bearer  ", token)]
    answers = [client.get(CASES, headers=header) for header in headers]
    with clock.freeze_at(clock.now() + timedelta(days=1, seconds=1)):
        answers.append(client.get(CASES, headers=authorize(token)))
    with app.app_context(), transaction():
        session().query(ApiToken).delete()
    answers.append(client.get(CASES, headers=authorize(token)))
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.data for answer in answers}) == 1
    assert {"WWW-Authenticate" in answer.headers for answer in answers} == {True}


def test_the_table_holds_no_token(app):
    add_staff_member(app, email="owner@staff.example")
    token = make_token(app, "owner@staff.example")
    with app.app_context():
        [row] = session().query(ApiToken).all()
        stored = " ".join(str(value) for value in vars(row).values())
    assert token not in stored
    assert token[4:12] not in stored.replace(token[:8], "")


@pytest.mark.parametrize("change", ["suspended", "other role", "other password"])
def test_tokens_end_with_the_account_the_role_and_the_password(app, client, change):
    add_staff_member(app, email="owner@staff.example")
    program = authorize(make_token(app, "owner@staff.example"))
    assert client.get(CASES, headers=program).status_code == 200
    with app.app_context(), transaction():
        owner = get_staff_by_email("owner@staff.example").id
        if change == "suspended":
            set_active(owner, is_active=False, by=SYSTEM)
        elif change == "other role":
            change_role(owner, RoleName.EDITOR, by=SYSTEM)
        else:
            set_password(owner, "x", by=SYSTEM)
    assert client.get(CASES, headers=program).status_code == 401


def test_a_moderator_gets_no_letters_whatever_the_token_says(app, client):
    program = add_program(app, "moderator", "moderation:read")
    with app.app_context(), transaction():
        row = session().query(ApiToken).one()
        row.scopes = SCOPES
    assert send(client, "POST", LETTERS, program).status_code == 403
    assert client.get(HELLO, headers=program).status_code == 403


def test_a_site_that_requires_a_second_factor_requires_it_of_tokens(app, client):
    program = add_program(app)
    update_site_settings(app, staff_need_second_factor=True)
    answer = client.get(CASES, headers=program)
    assert answer.status_code == 403
    assert "two-step" in answer.get_json()["detail"]


def test_a_session_of_the_desk_opens_nothing_in_the_api(steward):
    assert steward.get(CASES).status_code == 401
    assert steward.post(LETTERS, json=NEW_LETTER).status_code == 401


def test_what_a_token_is_answered_is_not_repeated_to_readers(app, client):
    program = add_program(app, "editor")
    assert "text" in client.get(HELLO, headers=program).get_json()
    reader = client.get(HELLO)
    assert "text" not in reader.get_json()
    assert "Authorization" in reader.headers["Vary"]
    assert "Set-Cookie" not in reader.headers
