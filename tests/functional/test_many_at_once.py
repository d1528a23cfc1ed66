"""Many comments at once, undone within seconds, by keys of one's own: over HTTP, without a script."""

import re
from datetime import timedelta

import pytest

from commentsite import clock, jobs
from commentsite.accounts.permissions import SYSTEM
from commentsite.accounts.queries import staff_by_email
from commentsite.audit.queries import latest_entries
from commentsite.comments.models import Comment
from commentsite.db import session, transaction
from commentsite.moderation import batches
from commentsite.moderation.models import Batch, Decision
from commentsite.notifications.models import Message
from commentsite.site.queries import settings_row
from tests.conftest import a_moment_later, add_person, publish_hello, sign_in
from tests.functional.test_a_reader_reports import report
from tests.functional.test_answers_are_told import confirm
from tests.security.test_cases import submit
from tests.security.test_people_and_scopes import limit_to_letters

DECISIONS = "/desk/moderation/decisions"
REFUSE = {"verdict": "refuse", "reason": "R5"}


def text(answer):
    return answer.get_data(as_text=True)


def say(client, path, **sent):
    token = re.search(r'name="csrf_token" value="([^"]+)"', text(client.get("/desk/moderation/")))
    return client.post(path, data={"csrf_token": token[1], **sent})


def states(app):
    with app.app_context():
        return [str(c.state) for c in session().query(Comment).order_by(Comment.id)]


def some(client, later, n):
    for number in range(n):
        body, email = f"Number {number} of some, as I see it.", f"a{number}@example.org"
        submit(client, later, body=body, email=email)


def bare(answer):
    return answer.headers["Location"].partition("?")[0]


@pytest.fixture
def second(app):
    add_person(app, email="second@staff.example", name="Second Person")
    return sign_in(app, "second@staff.example")


@pytest.fixture
def in_pairs(app):
    with app.app_context(), transaction():
        settings_row().moderation_mode = "pair"


def test_all_that_match_are_counted_first_and_what_comes_later_is_none_of_them(
    app, client, later, moderator
):
    some(client, later, 3)
    answer = say(moderator, "/desk/moderation/many/?group=CIV", all="yes")
    page = text(moderator.get(answer.headers["Location"]))
    assert "3 comments are chosen" in page
    assert "3 <bdi>Hello</bdi>" in page
    submit(client, later, body="This one came later.", email="late@example.org")
    missing = say(moderator, bare(answer), verdict="refuse", facts="Typed once.")
    assert missing.status_code == 422
    assert "Typed once." in text(missing)
    assert say(moderator, bare(answer), **REFUSE, facts="Off topic.").status_code == 303
    assert states(app) == ["refused"] * 3 + ["pending"]
    with app.app_context():
        assert {d.facts for d in session().query(Decision)} == {"Off topic."}


def test_each_has_a_result_of_its_own_and_nothing_is_decided_twice(app, client, later, moderator):
    some(client, later, 3)
    say(moderator, DECISIONS, comment="2@1", verdict="spam")
    named = ["1@1", "2@1", "3@1", "99@1"]
    many = say(moderator, DECISIONS, comment=named, verdict="publish")
    page = text(moderator.get(many.headers["Location"]))
    assert states(app) == ["published", "spam", "published"]
    assert "2 could not be decided." in page
    assert "has marked as spam this comment at" in page
    assert "There is no comment at this address." in page
    assert say(moderator, bare(many), verdict="publish").status_code == 303
    assert say(moderator, bare(many), **REFUSE).status_code == 409
    with app.app_context():
        assert session().query(Decision).count() == 3


@pytest.mark.usefixtures("in_pairs")
def test_a_second_person_is_still_needed_for_each(app, client, later, moderator, second):
    some(client, later, 2)
    sent = {"comment": ["1@1", "2@1"], **REFUSE}
    answer = say(moderator, DECISIONS, **sent)
    assert "2 wait for a second person." in text(moderator.get(answer.headers["Location"]))
    assert states(app) == ["pending", "pending"]
    say(second, DECISIONS, **sent)
    assert states(app) == ["refused", "refused"]


def test_v12_what_somebody_chose_is_theirs_and_so_are_their_letters(app, client, later, moderator):
    with app.app_context():
        publish_hello("other")
    some(client, later, 1)
    form = later.form(client, slug="other", body="About the other letter.", email="b@example.org")
    client.post("/letters/other/comments", data=form)
    add_person(app, email="narrow@staff.example", name="Narrow Person")
    with app.app_context(), transaction():
        limit_to_letters(staff_by_email("narrow@staff.example").id, frozenset({1}), by=SYSTEM)
    narrow = sign_in(app, "narrow@staff.example")
    mine = bare(say(narrow, "/desk/moderation/many/", all="yes"))
    assert "1 comment is chosen" in text(narrow.get(mine))
    assert moderator.get(mine).status_code == 404
    assert say(moderator, mine, verdict="spam").status_code == 404
    both = say(narrow, DECISIONS, comment=["1@1", "2@1"], verdict="spam")
    assert "1 could not be decided." in text(narrow.get(both.headers["Location"]))
    assert states(app) == ["spam", "pending"]


def test_hundreds_are_decided_some_in_a_request(app, client, later, moderator, monkeypatch):
    monkeypatch.setattr(batches, "AT_A_TIME", 2)
    some(client, later, 5)
    there = bare(say(moderator, "/desk/moderation/many/", all="yes"))
    say(moderator, there, verdict="publish")
    page = text(moderator.get(there))
    assert "2 of 5 decided" in page
    assert "Go on with the next" in page
    for _ in range(2):
        say(moderator, there, verdict="publish")
    assert states(app) == ["published"] * 5
    assert "Undo all 5" in text(moderator.get(there))
    say(moderator, f"{there}/undo")
    assert states(app) == ["pending"] * 5


def test_what_was_chosen_is_forgotten_after_a_day(app, client, later, moderator):
    some(client, later, 1)
    say(moderator, "/desk/moderation/many/", all="yes")
    assert say(moderator, "/desk/moderation/many/").status_code == 422
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        jobs.run_once(app)
    with app.app_context():
        assert session().query(Batch).count() == 0


@pytest.mark.parametrize("verdict", ["publish", "refuse", "return", "spam"])
def test_a_decision_is_undone_within_seconds_and_nobody_was_told(
    app, client, later, moderator, verdict
):
    submit(client, later)
    confirm(app, client, "ada@example.org")
    said = {"comment": "1@1", "verdict": verdict, "reason": "R5"}
    page = text(moderator.get(say(moderator, DECISIONS, **said).headers["Location"]))
    undo = re.search(r'action="(/desk/moderation/decisions/\d+/undo)"', page)[1]
    jobs.run_once(app)
    stands = client.get("/letters/hello/comments/1").status_code
    assert stands == (303 if verdict == "publish" else 404)
    assert say(moderator, undo).status_code == 303
    assert states(app) == ["pending"]
    assert client.get("/letters/hello/comments/1").status_code == 404
    assert "I read it twice" not in text(client.get("/letters/hello"))
    with a_moment_later():
        jobs.run_once(app)
    with app.app_context():
        kinds = {m.kind for m in session().query(Message)}
        assert kinds <= {"comment.received", "comment.confirm"}
        assert [e.action for e in latest_entries(2)] == ["comment.undone", "comment.decided"]
    say(moderator, DECISIONS, comment="1@3", verdict="publish")
    assert states(app) == ["published"]
    for _ in range(2):
        with a_moment_later():
            jobs.run_once(app)
    with app.app_context():
        told = session().query(Message).filter_by(kind="comment.published")
        assert [m.state for m in told] == ["sent"]


def test_undoing_has_an_end_and_belongs_to_who_decided(app, client, later, moderator, second):
    submit(client, later)
    say(moderator, DECISIONS, comment="1@1", verdict="spam")
    undo = f"{DECISIONS}/1/undo"
    assert say(second, undo).status_code == 403
    with a_moment_later():
        late = say(moderator, undo)
        assert late.status_code == 409
        assert "You can decide anew." in text(late)
        assert "/undo" not in text(moderator.get("/desk/moderation/?done=1"))
    assert say(moderator, undo).status_code == 303
    assert say(moderator, undo).status_code == 409
    assert say(moderator, f"{DECISIONS}/99/undo").status_code == 404


def test_nothing_is_undone_once_somebody_else_went_on(app, client, later, moderator, second):
    submit(client, later)
    say(moderator, DECISIONS, comment="1@1", verdict="publish")
    say(second, DECISIONS, comment="1@2", verdict="restrict", reason="R2")
    assert say(moderator, f"{DECISIONS}/1/undo").status_code == 409
    assert states(app) == ["restricted"]


@pytest.mark.usefixtures("in_pairs")
def test_a_vote_before_stands_again_when_the_second_is_undone(
    app, client, later, moderator, second
):
    submit(client, later)
    add_person(app, email="third@staff.example", name="Third Person")
    third = sign_in(app, "third@staff.example")
    say(moderator, DECISIONS, comment="1@1", **REFUSE)
    say(second, DECISIONS, comment="1@1", **REFUSE)
    assert states(app) == ["refused"]
    say(second, f"{DECISIONS}/2/undo")
    assert states(app) == ["pending"]
    say(third, DECISIONS, comment="1@3", **REFUSE)
    assert states(app) == ["refused"]
    with app.app_context():
        votes = session().query(Decision).order_by(Decision.id)
        assert [vote.is_settling for vote in votes] == [False, False, True]


@pytest.mark.usefixtures("in_pairs")
def test_a_vote_is_taken_back_too(app, client, later, moderator, second):
    submit(client, later)
    say(moderator, DECISIONS, comment="1@1", **REFUSE)
    say(moderator, f"{DECISIONS}/1/undo")
    say(second, DECISIONS, comment="1@1", **REFUSE)
    assert states(app) == ["pending"]
    say(moderator, DECISIONS, comment="1@1", verdict="publish")
    assert states(app) == ["pending"]  # they differ; a third decides


def test_a_removal_that_is_undone_leaves_reports_open(app, client, later, moderator):
    submit(client, later)
    say(moderator, DECISIONS, comment="1@1", verdict="publish")
    report(client)
    assert "reader reports it" in text(moderator.get("/desk/moderation/1"))
    say(moderator, DECISIONS, comment="1@2", verdict="restrict", reason="R2")
    say(moderator, f"{DECISIONS}/2/undo")
    assert states(app) == ["published"]
    assert "reader reports it" in text(moderator.get("/desk/moderation/1"))
    assert "I read it twice" in text(client.get("/letters/hello"))


def keys_on(client):
    return text(client.get("/desk/moderation/")).replace("&#34;", '"')


def test_keys_are_ones_own_and_kept(app, moderator, second):
    chosen = dict(zip(["next", "previous", "select", "publish", "refuse", "return", "spam", "undo", "find", "help"],
                      "nkxpruszö?", strict=True))  # fmt: skip
    assert say(moderator, "/desk/me/keys", **chosen).status_code == 303
    assert '"next": "n"' in keys_on(moderator)
    twice = say(moderator, "/desk/me/keys", **{**chosen, "spam": "n", "help": "h"})
    assert twice.status_code == 422
    assert "Two acts cannot have the same key." in text(twice)
    assert 'name="help" value="h"' in text(twice)
    assert say(moderator, "/desk/me/keys", **{**chosen, "spam": ""}).status_code == 422
    say(moderator, "/desk/me/keys", **chosen, off="yes")
    assert "data-off" in keys_on(moderator)
    assert '"next": "j"' in keys_on(second)
    say(moderator, "/desk/me/keys", act="reset")
    assert '"next": "j"' in keys_on(moderator)
    assert "data-off" not in keys_on(moderator)
