"""A case with its notes, its history and who is at it; and decided blindly where the site or the letter says so."""

import re
from datetime import timedelta

import pytest

from commentsite import clock, jobs
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.audit.queries import latest_entries
from commentsite.comments.afterwards import erase_comment
from commentsite.comments.queries import comment_for_update
from commentsite.db import session, transaction
from commentsite.letters.own_ways import set_blind
from commentsite.moderation.models import Claim
from commentsite.site.queries import settings_row
from tests.conftest import add_person, sign_in
from tests.functional.test_many_at_once import DECISIONS, REFUSE, say, text
from tests.security.test_cases import submit

NAME, ORGANISATION = "Quintessa Vandermolen", "Zephyrine Observatory"
MOST = "/desk/moderation/1"


@pytest.fixture
def second(app):
    add_person(app, email="second@staff.example", name="Second Person")
    return sign_in(app, "second@staff.example")


@pytest.fixture
def steward(app):
    add_person(app, "steward", "s@staff.example", "Stew Ard")
    return sign_in(app, "s@staff.example")


def blind(app, letter=""):
    with app.app_context(), transaction():
        settings_row().is_blind = not letter
        settings_row().version += 1
        set_blind("hello", letter, by=SYSTEM)


def everything_of_the_desk(app, client):
    """Every page of the desk that somebody can open, as bytes."""
    with app.test_request_context():
        rules = [r for r in app.url_map.iter_rules() if r.rule.startswith("/desk/")]
        found = [
            (
                rule.rule,
                rule.build({n: 1 if n.endswith("_id") else "hello" for n in rule.arguments})[1],
            )
            for rule in rules
            if "GET" in rule.methods and not {"key", "number"} & rule.arguments
        ]
    return [(rule, client.get(address).data) for rule, address in found]


def test_who_wrote_it_is_hidden_on_every_page_of_the_desk_until_it_is_decided(
    app, client, later, steward
):
    with app.app_context(), transaction():
        settings_row().banned_words = "vandermolen"
        settings_row().version += 1
    sent = {"name": NAME, "organisation": ORGANISATION, "email": "vandermolen@zephyrine.example"}
    submit(client, later, **sent, capacity="delegate")
    shown = everything_of_the_desk(app, steward)
    assert any(b"Quintessa" in page for _rule, page in shown)  # else this test could not fail
    blind(app)
    for rule, page in everything_of_the_desk(app, steward):
        for canary in (b"Quintessa", b"Vandermolen", b"Zephyrine", b"zephyrine.example"):
            assert canary not in page, (rule, canary)
    many = say(steward, "/desk/moderation/many/", all="yes")
    assert NAME not in text(steward.get(many.headers["Location"]))
    page = text(steward.get(MOST))
    assert "Comment 1" in page
    assert "civil society" in page
    assert "as a delegate" in page
    say(steward, DECISIONS, comment="1@1", verdict="publish")
    assert NAME in text(steward.get(MOST))


def test_a_letter_can_do_otherwise_and_search_finds_what_it_may(app, client, later, moderator):
    submit(client, later, name=NAME)
    blind(app, "yes")
    assert NAME not in text(moderator.get(MOST))
    assert "Nothing waits" in text(moderator.get("/desk/moderation/?q=Quintessa"))
    assert "Nothing waits" in text(moderator.get("/desk/moderation/?q=ada@example.org"))
    assert "1 waits" in text(moderator.get("/desk/moderation/?q=twice"))
    blind(app, "no")
    assert NAME in text(moderator.get(MOST))
    assert "1 waits" in text(moderator.get("/desk/moderation/?q=Quintessa"))


def test_a_steward_can_ask_who_wrote_it_and_the_log_says_so(app, client, later, moderator, steward):
    submit(client, later, name=NAME)
    blind(app)
    assert say(moderator, f"{MOST}/reveal").status_code == 403
    assert steward.get(f"{MOST}/reveal").status_code == 405
    assert NAME in text(steward.get(say(steward, f"{MOST}/reveal").headers["Location"]))
    assert NAME not in text(steward.get(MOST))
    with app.app_context():
        assert latest_entries(1)[0].action == "comment.revealed"


def test_notes_are_for_the_desk_and_go_with_the_words(app, client, later, moderator, second):
    receipt = submit(client, later).headers["Location"]
    assert say(moderator, f"{MOST}/notes", words="She wrote twice before.").status_code == 303
    page = text(second.get(MOST))
    assert "She wrote twice before." in page
    assert "Mona Moderator</bdi>, " in page
    for address in (receipt, f"{receipt}/data.json", "/transparency/log.jsonl", "/letters/hello"):
        assert "twice before" not in text(client.get(address))
    too_long = say(moderator, f"{MOST}/notes", words="x" * 2_001)
    assert "at most 2,000" in text(moderator.get(too_long.headers["Location"]))
    assert say(moderator, f"{MOST}/notes", words="<b>bold</b>").status_code == 303
    assert "&lt;b&gt;bold" in text(second.get(MOST))
    with app.app_context(), transaction():
        erase_comment(comment_for_update(1), by=READER)
    assert "twice before" not in text(second.get(MOST))
    assert say(moderator, f"{MOST}/notes", words="More.").status_code == 409


def test_history_is_told_in_words(client, later, moderator):
    submit(client, later)
    say(moderator, DECISIONS, comment="1@1", **REFUSE)
    page = re.sub(r"<[^>]+>", "", text(moderator.get(MOST)))
    assert "Its author or a reader sent" in page
    assert "Mona Moderator decided: refuse" in page
    assert "comment.decided" not in page


def test_others_see_who_is_at_a_comment_for_ten_minutes(app, client, later, moderator, second):
    submit(client, later)
    moderator.get(MOST)
    assert "is at this" not in text(second.get(MOST))  # looking claims nothing
    say(moderator, f"{MOST}/claim")
    assert "Mona Moderator</bdi></b> is at this" in text(second.get(MOST))
    assert "Mona Moderator</bdi>, 0 min" in text(second.get("/desk/moderation/"))
    refused = second.post(f"{MOST}/claim", headers={"Accept": "application/json"},
                          data={"csrf_token": token(second)})  # fmt: skip
    assert refused.status_code == 409
    assert "Mona Moderator is at this comment since" in refused.get_json()["said"]
    say(second, f"{MOST}/claim", take_over="yes")
    assert "Second Person</bdi></b> is at this" in text(moderator.get(MOST))
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert "is at this" not in text(moderator.get(MOST))
        jobs.run_once(app)
    with app.app_context():
        assert session().query(Claim).count() == 0
    say(second, f"{MOST}/claim")
    assert (
        say(moderator, DECISIONS, comment="1@1", verdict="publish").status_code == 303
    )  # it hinders nobody
    assert "is at this" not in text(second.get(MOST))


def token(client):
    page = text(client.get("/desk/moderation/"))
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def test_news_counts_what_came_since_within_ones_letters(client, later, moderator):
    since = clock.now().isoformat()
    assert moderator.get(
        "/desk/moderation/news.json", query_string={"since": since}
    ).get_json() == {"new": 0}
    submit(client, later)
    asked = {"since": since}
    assert moderator.get("/desk/moderation/news.json", query_string=asked).get_json() == {"new": 1}
    for nonsense in ("", "yesterday", "2026-01-01T00:00:00", "9" * 400):
        answer = moderator.get("/desk/moderation/news.json", query_string={"since": nonsense})
        assert answer.get_json() == {"new": 0}
    assert client.get("/desk/moderation/news.json").status_code == 303


def test_a_case_asks_only_for_what_its_decisions_need(app, client, later, moderator):
    submit(client, later)
    waits = text(moderator.get(MOST))
    assert 'name="reason"' in waits
    assert 'name="note"' in waits
    with app.app_context(), transaction():
        comment_for_update(1).state = "refused"
    refused = text(moderator.get(MOST))
    assert 'name="reason"' not in refused  # it can only be published or taken for spam
    assert 'name="note"' in refused
    with app.app_context(), transaction():
        comment_for_update(1).state = "awaiting_email"
    unconfirmed = text(moderator.get(MOST))
    assert 'value="spam"' in unconfirmed
    assert 'name="note"' not in unconfirmed


def test_what_was_typed_is_kept_though_somebody_else_was_quicker(app, client, later, moderator):
    submit(client, later)
    with app.app_context(), transaction():
        comment = comment_for_update(1)
        comment.state, comment.version = "refused", comment.version + 1
    typed = {"facts": "It names a private person.", "note": "Leave the name out.", "reason": "R4"}
    answer = say(moderator, DECISIONS, verdict="refuse", comment="1@1", **typed)
    assert answer.status_code == 409
    page = text(answer)
    assert 'value="It names a private person."' in page
    assert 'value="Leave the name out."' in page
    assert '<option value="R4" selected>' in page
