"""Bulk decisions, undo within seconds, and keyboard shortcuts, over HTTP without JavaScript."""

import re
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import find_staff_by_email
from commentsite.accounts.services import limit_to_letters
from commentsite.audit.queries import list_latest_entries
from commentsite.db.session import session, transaction
from commentsite.moderation.bulk import services as bulk
from commentsite.moderation.models import Batch, Decision
from commentsite.notifications.models import Message
from commentsite.site.queries import find_settings
from commentsite.worker import tasks
from tests.support.clients import (
    confirm_email,
    fill_comment_form,
    post_from_queue,
    report_comment,
    sign_in,
    submit,
)
from tests.support.clock import after_undo_window
from tests.support.factories import add_staff_member, comment_states, publish_sample_letter

DECISIONS = "/desk/moderation/decisions"
REFUSE = {"verdict": "refuse", "reason": "R5"}


def submit_several(client, n):
    for number in range(n):
        body, email = f"Number {number} of some, as I see it.", f"a{number}@example.org"
        submit(client, body=body, email=email)


def path_of(answer):
    return answer.headers["Location"].partition("?")[0]


@pytest.fixture
def in_pairs(app):
    with app.app_context(), transaction():
        find_settings().moderation_mode = "pair"


def test_all_that_match_are_counted_first_and_what_comes_later_is_none_of_them(
    app, client, moderator
):
    submit_several(client, 3)
    answer = post_from_queue(moderator, "/desk/moderation/many/?group=CIV", all="yes")
    page = moderator.get(answer.headers["Location"]).text
    assert "3 comments are chosen" in page
    assert "3 <bdi>Hello</bdi>" in page
    submit(client, body="This one came later.", email="late@example.org")
    missing = post_from_queue(moderator, path_of(answer), verdict="refuse", facts="Typed once.")
    assert missing.status_code == 422
    assert "Typed once." in missing.text
    assert (
        post_from_queue(moderator, path_of(answer), **REFUSE, facts="Off topic.").status_code == 303
    )
    assert comment_states(app) == ["refused"] * 3 + ["pending"]
    with app.app_context():
        assert {d.facts for d in session().query(Decision)} == {"Off topic."}


def test_each_has_a_result_of_its_own_and_nothing_is_decided_twice(app, client, moderator):
    submit_several(client, 3)
    post_from_queue(moderator, DECISIONS, comment="2@1", verdict="spam")
    named = ["1@1", "2@1", "3@1", "99@1"]
    many = post_from_queue(moderator, DECISIONS, comment=named, verdict="publish")
    page = moderator.get(many.headers["Location"]).text
    assert comment_states(app) == ["published", "spam", "published"]
    assert "2 could not be decided." in page
    assert "has marked as spam this comment at" in page
    assert "There is no comment at this address." in page
    assert post_from_queue(moderator, path_of(many), verdict="publish").status_code == 303
    assert post_from_queue(moderator, path_of(many), **REFUSE).status_code == 409
    with app.app_context():
        assert session().query(Decision).count() == 3


@pytest.mark.usefixtures("in_pairs")
def test_a_second_person_is_still_needed_for_each(app, client, moderator, second_moderator):
    submit_several(client, 2)
    sent = {"comment": ["1@1", "2@1"], **REFUSE}
    answer = post_from_queue(moderator, DECISIONS, **sent)
    assert "2 wait for a second person." in moderator.get(answer.headers["Location"]).text
    assert comment_states(app) == ["pending", "pending"]
    post_from_queue(second_moderator, DECISIONS, **sent)
    assert comment_states(app) == ["refused", "refused"]


def test_a_moderator_cannot_open_the_bulk_selection_of_another_or_beyond_their_letters(
    app, client, moderator
):
    with app.app_context():
        publish_sample_letter("other")
    submit_several(client, 1)
    form = fill_comment_form(
        client, slug="other", body="About the other letter.", email="b@example.org"
    )
    client.post("/letters/other/comments", data=form)
    add_staff_member(app, email="narrow@staff.example", name="Narrow Person")
    with app.app_context(), transaction():
        limit_to_letters(find_staff_by_email("narrow@staff.example").id, frozenset({1}), by=SYSTEM)
    narrow = sign_in(app, "narrow@staff.example")
    mine = path_of(post_from_queue(narrow, "/desk/moderation/many/", all="yes"))
    assert "1 comment is chosen" in narrow.get(mine).text
    assert moderator.get(mine).status_code == 404
    assert post_from_queue(moderator, mine, verdict="spam").status_code == 404
    both = post_from_queue(narrow, DECISIONS, comment=["1@1", "2@1"], verdict="spam")
    assert "1 could not be decided." in narrow.get(both.headers["Location"]).text
    assert comment_states(app) == ["spam", "pending"]


def test_hundreds_are_decided_some_in_a_request(app, client, moderator, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK_SIZE", 2)
    submit_several(client, 5)
    there = path_of(post_from_queue(moderator, "/desk/moderation/many/", all="yes"))
    post_from_queue(moderator, there, verdict="publish")
    page = moderator.get(there).text
    assert "2 of 5 decided" in page
    assert "Go on with the next" in page
    for _ in range(2):
        post_from_queue(moderator, there, verdict="publish")
    assert comment_states(app) == ["published"] * 5
    assert "Undo all 5" in moderator.get(there).text
    post_from_queue(moderator, f"{there}/undo")
    assert comment_states(app) == ["pending"] * 5


def test_a_bulk_selection_is_deleted_after_a_day(app, client, moderator):
    submit_several(client, 1)
    post_from_queue(moderator, "/desk/moderation/many/", all="yes")
    assert post_from_queue(moderator, "/desk/moderation/many/").status_code == 422
    with clock.freeze_at(clock.now() + timedelta(days=1, minutes=1)):
        tasks.run_pass(app)
    with app.app_context():
        assert session().query(Batch).count() == 0


@pytest.mark.parametrize("verdict", ["publish", "refuse", "return", "spam"])
def test_a_moderator_undoes_a_decision_within_seconds_and_no_message_went_out(
    app, client, moderator, verdict
):
    submit(client)
    confirm_email(app, client, "ada@example.org")
    said = {"comment": "1@1", "verdict": verdict, "reason": "R5"}
    page = moderator.get(post_from_queue(moderator, DECISIONS, **said).headers["Location"]).text
    undo = re.search(r'action="(/desk/moderation/decisions/\d+/undo)"', page)[1]
    tasks.run_pass(app)
    stands = client.get("/letters/hello/comments/1").status_code
    assert stands == (303 if verdict == "publish" else 404)
    assert post_from_queue(moderator, undo).status_code == 303
    assert comment_states(app) == ["pending"]
    assert client.get("/letters/hello/comments/1").status_code == 404
    assert "I read it twice" not in client.get("/letters/hello").text
    with after_undo_window():
        tasks.run_pass(app)
    with app.app_context():
        kinds = {m.kind for m in session().query(Message)}
        assert kinds <= {"comment.received", "comment.confirm"}
        assert [e.action for e in list_latest_entries(2)] == ["comment.undone", "comment.decided"]
    post_from_queue(moderator, DECISIONS, comment="1@3", verdict="publish")
    assert comment_states(app) == ["published"]
    for _ in range(2):
        with after_undo_window():
            tasks.run_pass(app)
    with app.app_context():
        told = session().query(Message).filter_by(kind="comment.published")
        assert [m.state for m in told] == ["sent"]


def test_undoing_has_an_end_and_belongs_to_who_decided(app, client, moderator, second_moderator):
    submit(client)
    post_from_queue(moderator, DECISIONS, comment="1@1", verdict="spam")
    undo = f"{DECISIONS}/1/undo"
    assert post_from_queue(second_moderator, undo).status_code == 403
    with after_undo_window():
        late = post_from_queue(moderator, undo)
        assert late.status_code == 409
        assert "You can decide anew." in late.text
        assert "/undo" not in moderator.get("/desk/moderation/?done=1").text
    assert post_from_queue(moderator, undo).status_code == 303
    assert post_from_queue(moderator, undo).status_code == 409
    assert post_from_queue(moderator, f"{DECISIONS}/99/undo").status_code == 404


def test_nothing_is_undone_once_somebody_else_went_on(app, client, moderator, second_moderator):
    submit(client)
    post_from_queue(moderator, DECISIONS, comment="1@1", verdict="publish")
    post_from_queue(second_moderator, DECISIONS, comment="1@2", verdict="restrict", reason="R2")
    assert post_from_queue(moderator, f"{DECISIONS}/1/undo").status_code == 409
    assert comment_states(app) == ["restricted"]


@pytest.mark.usefixtures("in_pairs")
def test_a_vote_before_stands_again_when_the_second_is_undone(
    app, client, moderator, second_moderator
):
    submit(client)
    add_staff_member(app, email="third@staff.example", name="Third Person")
    third = sign_in(app, "third@staff.example")
    post_from_queue(moderator, DECISIONS, comment="1@1", **REFUSE)
    post_from_queue(second_moderator, DECISIONS, comment="1@1", **REFUSE)
    assert comment_states(app) == ["refused"]
    post_from_queue(second_moderator, f"{DECISIONS}/2/undo")
    assert comment_states(app) == ["pending"]
    post_from_queue(third, DECISIONS, comment="1@3", **REFUSE)
    assert comment_states(app) == ["refused"]
    with app.app_context():
        votes = session().query(Decision).order_by(Decision.id)
        assert [vote.is_applied for vote in votes] == [False, False, True]


@pytest.mark.usefixtures("in_pairs")
def test_a_vote_is_taken_back_too(app, client, moderator, second_moderator):
    submit(client)
    post_from_queue(moderator, DECISIONS, comment="1@1", **REFUSE)
    post_from_queue(moderator, f"{DECISIONS}/1/undo")
    post_from_queue(second_moderator, DECISIONS, comment="1@1", **REFUSE)
    assert comment_states(app) == ["pending"]
    post_from_queue(moderator, DECISIONS, comment="1@1", verdict="publish")
    assert comment_states(app) == ["pending"]  # they differ; a third decides


def test_a_removal_that_is_undone_leaves_reports_open(app, client, moderator):
    submit(client)
    post_from_queue(moderator, DECISIONS, comment="1@1", verdict="publish")
    report_comment(client)
    assert "reader reports it" in moderator.get("/desk/moderation/1").text
    post_from_queue(moderator, DECISIONS, comment="1@2", verdict="restrict", reason="R2")
    post_from_queue(moderator, f"{DECISIONS}/2/undo")
    assert comment_states(app) == ["published"]
    assert "reader reports it" in moderator.get("/desk/moderation/1").text
    assert "I read it twice" in client.get("/letters/hello").text


def shortcuts_on_page(client):
    return client.get("/desk/moderation/").text.replace("&#34;", '"')


def test_keyboard_shortcuts_are_saved_for_each_moderator(app, moderator, second_moderator):
    chosen = dict(zip(["next", "previous", "select", "publish", "refuse", "return", "spam", "undo", "find", "help"],
                      "nkxpruszö?", strict=True))  # fmt: skip
    assert post_from_queue(moderator, "/desk/me/keys", **chosen).status_code == 303
    assert '"next": "n"' in shortcuts_on_page(moderator)
    twice = post_from_queue(moderator, "/desk/me/keys", **{**chosen, "spam": "n", "help": "h"})
    assert twice.status_code == 422
    assert "Two acts cannot have the same key." in twice.text
    assert 'name="help" value="h"' in twice.text
    assert post_from_queue(moderator, "/desk/me/keys", **{**chosen, "spam": ""}).status_code == 422
    post_from_queue(moderator, "/desk/me/keys", **chosen, off="yes")
    assert "data-off" in shortcuts_on_page(moderator)
    assert '"next": "j"' in shortcuts_on_page(second_moderator)
    post_from_queue(moderator, "/desk/me/keys", act="reset")
    assert '"next": "j"' in shortcuts_on_page(moderator)
    assert "data-off" not in shortcuts_on_page(moderator)
