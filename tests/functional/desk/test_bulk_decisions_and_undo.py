"""Bulk decisions, undo within seconds, and keyboard shortcuts, over HTTP without JavaScript."""

import re
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import find_staff_by_email
from commentsite.accounts.services import limit_to_letters
from commentsite.db.session import session, transaction
from commentsite.moderation.bulk import services as bulk
from commentsite.moderation.models import Batch, Decision
from commentsite.notifications.models import Message
from commentsite.site.queries import find_settings
from commentsite.worker import tasks
from tests.support.audit import list_latest_entries
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
REFUSE = {"verdict": "refuse", "reason": "R5", "facts": "Off topic."}


def submit_several(client, n):
    for number in range(n):
        body, email = f"Number {number} of some, as I see it.", f"a{number}@example.org"
        submit(client, body=body, email=email)


def redirect_path(answer):
    return answer.headers["Location"].partition("?")[0]


@pytest.fixture
def in_pairs(app):
    with app.app_context(), transaction():
        find_settings().moderation_mode = "pair"


def test_selecting_all_matches_counts_them_and_excludes_later_comments(app, client, moderator):
    submit_several(client, 3)
    answer = post_from_queue(moderator, "/desk/moderation/many/?group=CIV", all="yes")
    page = moderator.get(answer.headers["Location"]).text
    assert "3 comments are selected" in page
    assert "<span>3</span> <bdi>Hello</bdi>" in page
    submit(client, body="This one came later.", email="late@example.org")
    missing = post_from_queue(
        moderator, redirect_path(answer), verdict="refuse", facts="Typed once."
    )
    assert missing.status_code == 422
    assert "Typed once." in missing.text
    assert post_from_queue(moderator, redirect_path(answer), **REFUSE).status_code == 303
    assert comment_states(app) == ["refused"] * 3 + ["pending"]
    with app.app_context():
        assert {d.facts for d in session().query(Decision)} == {"Off topic."}


def test_each_comment_of_a_batch_has_its_own_result_and_none_is_decided_twice(
    app, client, moderator
):
    submit_several(client, 3)
    post_from_queue(moderator, DECISIONS, comment="2@1", verdict="spam")
    selected = ["1@1", "2@1", "3@1", "99@1"]
    batch = post_from_queue(moderator, DECISIONS, comment=selected, verdict="publish")
    page = moderator.get(batch.headers["Location"]).text
    assert comment_states(app) == ["published", "spam", "published"]
    assert "2 could not be decided." in page
    assert "2 comments are published." in page
    assert "marked this comment as spam at" in page
    assert "There is no comment at this address." in page
    assert post_from_queue(moderator, redirect_path(batch), verdict="publish").status_code == 303
    assert post_from_queue(moderator, redirect_path(batch), **REFUSE).status_code == 409
    with app.app_context():
        assert session().query(Decision).count() == 3


@pytest.mark.usefixtures("in_pairs")
def test_a_bulk_refusal_needs_a_second_moderator_for_each_comment(
    app, client, moderator, second_moderator
):
    submit_several(client, 2)
    fields = {"comment": ["1@1", "2@1"], **REFUSE}
    answer = post_from_queue(moderator, DECISIONS, **fields)
    assert "2 wait for a second moderator." in moderator.get(answer.headers["Location"]).text
    assert comment_states(app) == ["pending", "pending"]
    post_from_queue(second_moderator, DECISIONS, **fields)
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
    batch = redirect_path(post_from_queue(narrow, "/desk/moderation/many/", all="yes"))
    assert "1 comment is selected" in narrow.get(batch).text
    assert moderator.get(batch).status_code == 404
    assert post_from_queue(moderator, batch, verdict="spam").status_code == 404
    both = post_from_queue(narrow, DECISIONS, comment=["1@1", "2@1"], verdict="spam")
    assert "1 could not be decided." in narrow.get(both.headers["Location"]).text
    assert comment_states(app) == ["spam", "pending"]


def test_a_large_batch_is_decided_in_chunks_and_undone_at_once(app, client, moderator, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK_SIZE", 2)
    submit_several(client, 5)
    batch = redirect_path(post_from_queue(moderator, "/desk/moderation/many/", all="yes"))
    post_from_queue(moderator, batch, verdict="publish")
    page = moderator.get(batch).text
    assert "2 of 5 decided" in page
    assert "Continue with the next comments" in page
    for _ in range(2):
        post_from_queue(moderator, batch, verdict="publish")
    assert comment_states(app) == ["published"] * 5
    assert "Undo all 5 decisions" in moderator.get(batch).text
    post_from_queue(moderator, f"{batch}/undo")
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
    fields = {"comment": "1@1", "verdict": verdict, "reason": "R5", "note": "Off topic."}
    page = moderator.get(post_from_queue(moderator, DECISIONS, **fields).headers["Location"]).text
    undo = re.search(r'action="(/desk/moderation/decisions/\d+/undo)"', page)[1]
    tasks.run_pass(app)
    permalink = client.get("/letters/hello/comments/1")
    assert permalink.status_code == (303 if verdict == "publish" else 404)
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
        messages = session().query(Message).filter_by(kind="comment.published")
        assert [m.state for m in messages] == ["sent"]


def test_only_the_moderator_who_decided_can_undo_and_only_for_ten_seconds(
    app, client, moderator, second_moderator
):
    submit(client)
    post_from_queue(moderator, DECISIONS, comment="1@1", verdict="spam")
    undo = f"{DECISIONS}/1/undo"
    assert post_from_queue(second_moderator, undo).status_code == 403
    with after_undo_window():
        late = post_from_queue(moderator, undo)
        assert late.status_code == 409
        assert "You can take a new decision." in late.text
        assert "/undo" not in moderator.get("/desk/moderation/?done=1").text
    assert post_from_queue(moderator, undo).status_code == 303
    assert post_from_queue(moderator, undo).status_code == 409
    assert post_from_queue(moderator, f"{DECISIONS}/99/undo").status_code == 404


def test_a_decision_cannot_be_undone_after_another_moderator_decided(
    app, client, moderator, second_moderator
):
    submit(client)
    post_from_queue(moderator, DECISIONS, comment="1@1", verdict="publish")
    post_from_queue(
        second_moderator,
        DECISIONS,
        comment="1@2",
        verdict="restrict",
        reason="R2",
        note="It shouts.",
    )
    assert post_from_queue(moderator, f"{DECISIONS}/1/undo").status_code == 409
    assert comment_states(app) == ["restricted"]


@pytest.mark.usefixtures("in_pairs")
def test_the_first_vote_counts_again_when_the_second_is_undone(
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
def test_a_moderator_undoes_a_vote(app, client, moderator, second_moderator):
    submit(client)
    post_from_queue(moderator, DECISIONS, comment="1@1", **REFUSE)
    post_from_queue(moderator, f"{DECISIONS}/1/undo")
    post_from_queue(second_moderator, DECISIONS, comment="1@1", **REFUSE)
    assert comment_states(app) == ["pending"]
    post_from_queue(moderator, DECISIONS, comment="1@1", verdict="publish")
    assert comment_states(app) == ["pending"]  # the votes differ: a third moderator decides


def test_a_removal_that_is_undone_leaves_reports_open(app, client, moderator):
    submit(client)
    post_from_queue(moderator, DECISIONS, comment="1@1", verdict="publish")
    report_comment(client)
    assert "1 report by a reader" in moderator.get("/desk/moderation/1").text
    post_from_queue(
        moderator, DECISIONS, comment="1@2", verdict="restrict", reason="R2", note="It shouts."
    )
    post_from_queue(moderator, f"{DECISIONS}/2/undo")
    assert comment_states(app) == ["published"]
    assert "1 report by a reader" in moderator.get("/desk/moderation/1").text
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
    assert "Two actions cannot have the same key." in twice.text
    assert re.search(r'name="help"\s+value="h"', twice.text)
    assert post_from_queue(moderator, "/desk/me/keys", **{**chosen, "spam": ""}).status_code == 422
    post_from_queue(moderator, "/desk/me/keys", **chosen, off="yes")
    assert "data-off" in shortcuts_on_page(moderator)
    assert '"next": "j"' in shortcuts_on_page(second_moderator)
    post_from_queue(moderator, "/desk/me/keys", act="reset")
    assert '"next": "j"' in shortcuts_on_page(moderator)
    assert "data-off" not in shortcuts_on_page(moderator)


def test_a_form_that_is_sent_twice_at_once_adds_no_second_result(
    app, client, moderator, monkeypatch
):
    submit_several(client, 2)
    batch = redirect_path(post_from_queue(moderator, "/desk/moderation/many/", all="yes"))
    both = [(1, 1), (2, 1)]
    monkeypatch.setattr(bulk, "next_chunk", lambda _batch: both)  # as another request saw it
    post_from_queue(moderator, batch, verdict="publish")
    post_from_queue(moderator, batch, verdict="publish")
    page = moderator.get(batch).text
    assert "2 comments are published." in page
    assert "could not be decided" not in page
