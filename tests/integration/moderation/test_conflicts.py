"""A conflict of interest keeps a member of staff from every act on a comment, not from decisions alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.queries import build_actor, get_staff_member
from commentsite.accounts.services import add_staff
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.comments.submission import Submission
from commentsite.db.session import session, transaction
from commentsite.errors import NotAllowed
from commentsite.moderation import sanctions
from commentsite.moderation.conflicts.policy import CONFLICT_MESSAGES, ConflictKind
from commentsite.moderation.conflicts.services import declare_conflict
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.models import QualityReview
from commentsite.moderation.quality import services as quality
from commentsite.moderation.quality.queries import count_open_reviews
from tests.support.clients import sign_in
from tests.support.factories import PASSWORD, submit_by_service
from tests.support.pages import visible_text

#: What makes the one editor of the test a party to the case, by kind of conflict.
CONFLICTS = {
    ConflictKind.WROTE_COMMENT: {"email": "ada@example.org"},
    ConflictKind.WROTE_LETTER: {"name": "Amina Author"},
    ConflictKind.SUBJECT: {"name": "Sven Svensson"},
    ConflictKind.REPLIED: {"email": "rita@example.org"},
    ConflictKind.SAME_ORGANISATION: {"organisation": "Reading Room"},
    ConflictKind.DECLARED: {},
}
EDITOR = {"email": "ed@staff.example", "name": "Edda Editor", "organisation": "Other House"}


def submit(app, **changes):
    given = {
        "name": "Ada Reader",
        "email": "ada@example.org",
        "stakeholder_group": "CIV",
        "organisation": "",
        "capacity": "personal",
        "body": "A considered answer.",
        "kind": "general",
        "paragraphs": (),
        "stance": "none",
        "parent_id": None,
        "notify_of_replies": False,
        "honeypot": "",
        "form_age": 60.0,
        "network_address": None,
    }
    with transaction():
        return submit_by_service(
            Submission(**given | changes), app.extensions["commentsite"].encryption
        ).comment.id


def settle(app, comment_id, by=SYSTEM):
    with transaction():
        version = get_comment_for_update(comment_id).version
        return decide(
            comment_id,
            version,
            Verdict.PUBLISH,
            rule="",
            note="",
            by=by,
            encryption=app.extensions["commentsite"].encryption,
        ).id


def add_editor(role=RoleName.EDITOR, **changes):
    from flask_security import hash_password  # noqa: PLC0415  # needs an application

    with transaction():
        number = add_staff(
            by=SYSTEM, role=role, password_hash=hash_password(PASSWORD), **EDITOR | changes
        ).id
    return build_actor(get_staff_member(number))


@pytest.fixture
def case(any_app):
    """A published answer that speaks for an organisation, in a thread of three, drawn for a quality review."""
    first = submit(any_app, name="Paula", email="paula@example.org", body="The first of a thread.")
    settle(any_app, first)
    number = submit(
        any_app,
        parent_id=first,
        organisation="Reading Room",
        capacity="on_behalf_of",
        body="Sven Svensson said the opposite last year, and he was right to.",
    )
    decision = settle(any_app, number)
    reply = submit(
        any_app, name="Rita", email="rita@example.org", body="I differ.", parent_id=number
    )
    settle(any_app, reply)
    with transaction():
        session().add(
            QualityReview(
                month=f"{clock.now() - timedelta(days=31):%Y-%m}",
                comment_id=number,
                decision_id=decision,
                drawn_at=clock.now(),
            )
        )
    return number


def acts(app, case):
    encryption = app.extensions["commentsite"].encryption
    return {
        "sanction": lambda by: sanctions.set_sanction(
            case,
            level="note",
            rule="R2",
            reason="Three attacks.",
            days=3,
            by=by,
            encryption=encryption,
        ),
        "review": lambda by: quality.submit_review(
            1, "publish", rule="", by=by, encryption=encryption
        ),
    }


def posts(case):
    return {
        f"/desk/moderation/{case}/author": {
            "level": "note", "clause": "R2", "reason": "Three attacks.", "days": "3"
        },
        "/desk/reviews/1": {"verdict": "publish"},
        f"/desk/moderation/{case}/delegation": {"act": "verify", "evidence": "A signed letter."},
        f"/desk/moderation/{case}/campaign": {"act": "group"},
    }  # fmt: skip


def token(client):
    page = client.get("/desk/me").get_data(as_text=True)
    return page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


def declared_by(editor, case):
    with transaction():
        declare_conflict(editor.user_id, "We are cousins.", by=editor, comment_id=case)


@pytest.mark.parametrize("tie", CONFLICTS)
def test_each_kind_of_conflict_keeps_an_editor_from_each_act(any_app, case, tie):
    editor = add_editor(**CONFLICTS[tie])
    if tie is ConflictKind.DECLARED:
        declared_by(editor, case)
    for name, act in acts(any_app, case).items():
        with pytest.raises(NotAllowed) as refused, transaction():
            act(editor)
        assert refused.value.message == CONFLICT_MESSAGES[tie], name
    client = sign_in(any_app, editor.email)
    signed = {"csrf_token": token(client)}
    for address, sent in posts(case).items():
        answer = client.post(address, data=sent | signed)
        assert answer.status_code == 403, address
        assert CONFLICT_MESSAGES[tie] in visible_text(answer.text), address


def test_without_a_conflict_each_act_goes_through(any_app, case):
    editor = add_editor()
    client = sign_in(any_app, editor.email)
    signed = {"csrf_token": token(client)}
    sent = posts(case)
    campaign = sent.popitem()
    for address, said in sent.items():
        assert client.post(address, data=said | signed).status_code == 303, address
    answer = client.post(campaign[0], data=campaign[1] | signed)
    assert (
        answer.status_code == 409
    )  # refused by the comment, which is like no other, not by a conflict
    assert "There is no similar comment to group this one with." in answer.get_data(as_text=True)


@pytest.mark.parametrize("tie", CONFLICTS)
def test_a_review_that_a_conflict_forbids_is_not_offered(any_app, case, tie):
    encryption = any_app.extensions["commentsite"].encryption
    editor = add_editor(**CONFLICTS[tie])
    if tie is ConflictKind.DECLARED:
        declared_by(editor, case)
        assert count_open_reviews(editor.user_id, "") == 0
    assert quality.find_next_review_for(editor, encryption) is None
    session().rollback()


def test_a_review_about_another_letter_is_not_offered_to_limited_staff(any_app, case):
    encryption = any_app.extensions["commentsite"].encryption
    editor = add_editor(name="Sven Limited")
    assert quality.find_next_review_for(editor, encryption) is not None
    assert count_open_reviews(editor.user_id, "", letter_ids=frozenset({1})) == 1
    limited = replace(editor, letter_ids=frozenset({99}))
    assert quality.find_next_review_for(limited, encryption) is None
    assert count_open_reviews(limited.user_id, "", letter_ids=limited.letter_ids) == 0
    with pytest.raises(NotAllowed, match="limited to certain letters"), transaction():
        quality.submit_review(1, "publish", rule="", by=limited, encryption=encryption)


def test_a_review_after_one_that_a_conflict_forbids_is_offered(any_app, case):
    encryption = any_app.extensions["commentsite"].encryption
    editor = add_editor(name="Sven Svensson")
    other = submit(any_app, name="Otto", email="otto@example.org", body="Another matter.")
    decision = settle(any_app, other)
    with transaction():
        session().add(
            QualityReview(
                month="2026-01", comment_id=other, decision_id=decision, drawn_at=clock.now()
            )
        )
    assert quality.find_next_review_for(editor, encryption).review.comment_id == other
    assert get_comment(case).state == "published"
    assert session().query(Comment).count() == 4
    session().rollback()
