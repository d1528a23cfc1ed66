"""Moderators work through the API with a token."""

from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import get_staff_by_email
from commentsite.accounts.services import limit_to_letters
from commentsite.db.session import transaction
from commentsite.letters.queries import get_public_letter
from tests.support.api import CASES, DECISIONS, add_program, authorize, make_token
from tests.support.clients import publish, submit_numbered
from tests.support.factories import (
    add_staff_member,
    comment_states,
    publish_sample_letter,
    require_agreement,
    update_site_settings,
)


def decide(client, headers, comment=1, verdict="publish", version=1, **members):
    sent = {"comment": comment, "version": version, "verdict": verdict}
    return client.post(DECISIONS, json=sent | members, headers=headers)


def test_a_program_reads_the_queue_and_decides(app, client):
    for number in range(3):
        submit_numbered(client, number, body=f"Thought {number}.")
    program = add_program(app)
    first = client.get(f"{CASES}?limit=2", headers=program).get_json()
    rest = client.get(f"{CASES}?limit=2&cursor={first['next']}", headers=program).get_json()
    assert [case["body"] for case in first["items"] + rest["items"]] == [
        "Thought 0.",
        "Thought 1.",
        "Thought 2.",
    ]
    assert rest["next"] is None
    published = decide(client, program)
    assert published.status_code == 201
    assert published.get_json()["state"] == "published"
    assert decide(client, program, 2, "refuse").status_code == 422
    refusal = decide(client, program, 2, "refuse", reason="R5", note="It names a person.")
    assert refusal.status_code == 201
    assert comment_states(app) == ["published", "refused", "pending"]
    found = client.get(f"{CASES}?state=refused", headers=program).get_json()["items"]
    assert [case["id"] for case in found] == [2]


def test_the_second_of_two_moderators_learns_who_was_first(app, client, moderator):
    submit_numbered(client)
    program = add_program(app)
    publish(moderator, 1)
    late = decide(client, program)
    assert late.status_code == 409
    assert "Mona Moderator" in late.get_json()["detail"]


def test_a_verdict_for_two_is_a_vote_first(app, client, second_moderator):
    submit_numbered(client)
    with app.app_context():
        require_agreement("pair")
    members = {"verdict": "refuse", "reason": "R5", "note": "It names a person."}
    vote = decide(client, add_program(app), **members).get_json()
    assert (vote["is_applied"], vote["state"], vote["waits_for"]) == (False, "pending", "second")


def test_a_program_sees_only_the_letters_of_its_owner(app, client):
    with app.app_context():
        publish_sample_letter("other")
    submit_numbered(client, slug="hello")
    submit_numbered(client, 2, slug="other", body="On the other letter.")
    add_staff_member(app, email="limited@staff.example")
    with app.app_context(), transaction():
        owner = get_staff_by_email("limited@staff.example")
        limit_to_letters(owner.id, frozenset({get_public_letter("hello").id}), by=SYSTEM)
    program = authorize(make_token(app, "limited@staff.example"))
    assert [case["letter"] for case in client.get(CASES, headers=program).get_json()["items"]] == ["hello"]  # fmt: skip
    assert decide(client, program, 2).status_code == 403


def test_hidden_authors_stay_hidden(app, client):
    submit_numbered(client, name="Grace Hopper")
    update_site_settings(app, is_blind=True)
    answer = client.get(CASES, headers=add_program(app))
    [case] = answer.get_json()["items"]
    assert (case["is_author_hidden"], case["name"]) == (True, None)
    assert "Grace" not in answer.text


def test_no_answer_has_an_email_address(app, client):
    submit_numbered(client, 7)
    steward = add_program(app, "steward")
    decide(client, steward)
    addresses = (CASES, f"{CASES}?state=published", "/api/v1/comments/1", "/api/v1/letters/hello")
    for address in addresses:
        assert "7@example.org" not in client.get(address, headers=steward).text
