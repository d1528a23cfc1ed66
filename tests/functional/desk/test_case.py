"""A case with notes, history and claims, and with its author hidden where site or letter say so."""

import re
from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.audit.queries import list_latest_entries
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import session, transaction
from commentsite.letters.publication.comment_settings import set_author_anonymity
from commentsite.moderation.models import Claim
from commentsite.site.queries import find_settings
from commentsite.worker import tasks
from tests.support.clients import fetch_csrf_token, post_from_queue, submit, submit_for_receipt

NAME, ORGANISATION = "Quintessa Vandermolen", "Zephyrine Observatory"
MOST = "/desk/moderation/1"


def hide_authors(app, letter=""):
    with app.app_context(), transaction():
        find_settings().is_blind = not letter
        find_settings().version += 1
        set_author_anonymity("hello", letter, by=SYSTEM)


def fetch_desk_pages(app, client):
    """Return each page of the desk with its address, as bytes."""
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


def test_who_wrote_it_is_hidden_on_every_page_of_the_desk_until_it_is_decided(app, client, steward):
    with app.app_context(), transaction():
        find_settings().banned_words = "vandermolen"
        find_settings().version += 1
    sent = {"name": NAME, "organisation": ORGANISATION, "email": "vandermolen@zephyrine.example"}
    submit(client, **sent, capacity="delegate")
    shown = fetch_desk_pages(app, steward)
    assert any(b"Quintessa" in page for _rule, page in shown)  # else this test could not fail
    hide_authors(app)
    for rule, page in fetch_desk_pages(app, steward):
        for canary in (b"Quintessa", b"Vandermolen", b"Zephyrine", b"zephyrine.example"):
            assert canary not in page, (rule, canary)
    many = post_from_queue(steward, "/desk/moderation/many/", all="yes")
    assert NAME not in steward.get(many.headers["Location"]).text
    page = steward.get(MOST).text
    assert "Comment 1" in page
    assert "civil society" in page
    assert "as a delegate" in page
    post_from_queue(steward, "/desk/moderation/decisions", comment="1@1", verdict="publish")
    assert NAME in steward.get(MOST).text


def test_a_letter_can_do_otherwise_and_search_finds_what_it_may(app, client, moderator):
    submit(client, name=NAME)
    hide_authors(app, "yes")
    assert NAME not in moderator.get(MOST).text
    assert "Nothing waits" in moderator.get("/desk/moderation/?q=Quintessa").text
    assert "Nothing waits" in moderator.get("/desk/moderation/?q=ada@example.org").text
    assert "1 waits" in moderator.get("/desk/moderation/?q=twice").text
    hide_authors(app, "no")
    assert NAME in moderator.get(MOST).text
    assert "1 waits" in moderator.get("/desk/moderation/?q=Quintessa").text


def test_a_steward_can_ask_who_wrote_it_and_the_log_says_so(app, client, moderator, steward):
    submit(client, name=NAME)
    hide_authors(app)
    assert post_from_queue(moderator, f"{MOST}/reveal").status_code == 403
    assert steward.get(f"{MOST}/reveal").status_code == 405
    assert NAME in steward.get(post_from_queue(steward, f"{MOST}/reveal").headers["Location"]).text
    assert NAME not in steward.get(MOST).text
    with app.app_context():
        assert list_latest_entries(1)[0].action == "comment.revealed"


def test_notes_are_for_the_desk_and_go_with_the_words(app, client, moderator, second_moderator):
    receipt = submit_for_receipt(client)
    assert (
        post_from_queue(moderator, f"{MOST}/notes", words="She wrote twice before.").status_code
        == 303
    )
    page = second_moderator.get(MOST).text
    assert "She wrote twice before." in page
    assert "Mona Moderator</bdi>, " in page
    for address in (receipt, f"{receipt}/data.json", "/transparency/log.jsonl", "/letters/hello"):
        assert "twice before" not in client.get(address).text
    too_long = post_from_queue(moderator, f"{MOST}/notes", words="x" * 2_001)
    assert "at most 2,000" in moderator.get(too_long.headers["Location"]).text
    assert post_from_queue(moderator, f"{MOST}/notes", words="<b>bold</b>").status_code == 303
    assert "&lt;b&gt;bold" in second_moderator.get(MOST).text
    with app.app_context(), transaction():
        erase_comment(get_comment_for_update(1), by=READER)
    assert "twice before" not in second_moderator.get(MOST).text
    assert post_from_queue(moderator, f"{MOST}/notes", words="More.").status_code == 409


def test_the_history_of_a_comment_is_shown_in_words(client, moderator):
    submit(client)
    post_from_queue(
        moderator, "/desk/moderation/decisions", comment="1@1", verdict="refuse", reason="R5"
    )
    page = re.sub(r"<[^>]+>", "", moderator.get(MOST).text)
    assert "Its author or a reader sent" in page
    assert "Mona Moderator decided: refuse" in page
    assert "comment.decided" not in page


def test_others_see_who_is_at_a_comment_for_ten_minutes(app, client, moderator, second_moderator):
    submit(client)
    moderator.get(MOST)
    assert "is at this" not in second_moderator.get(MOST).text  # looking claims nothing
    post_from_queue(moderator, f"{MOST}/claim")
    assert "Mona Moderator</bdi></b> is at this" in second_moderator.get(MOST).text
    assert "Mona Moderator</bdi>, 0 min" in second_moderator.get("/desk/moderation/").text
    refused = second_moderator.post(f"{MOST}/claim", headers={"Accept": "application/json"},
                          data={"csrf_token": fetch_csrf_token(second_moderator, "/desk/moderation/")})  # fmt: skip
    assert refused.status_code == 409
    assert "Mona Moderator is at this comment since" in refused.get_json()["said"]
    post_from_queue(second_moderator, f"{MOST}/claim", take_over="yes")
    assert "Selma Second</bdi></b> is at this" in moderator.get(MOST).text
    with clock.freeze_at(clock.now() + timedelta(minutes=11)):
        assert "is at this" not in moderator.get(MOST).text
        tasks.run_pass(app)
    with app.app_context():
        assert session().query(Claim).count() == 0
    post_from_queue(second_moderator, f"{MOST}/claim")
    assert (
        post_from_queue(
            moderator, "/desk/moderation/decisions", comment="1@1", verdict="publish"
        ).status_code
        == 303
    )  # it hinders nobody
    assert "is at this" not in second_moderator.get(MOST).text


def test_news_counts_what_came_since_within_ones_letters(client, moderator):
    since = clock.now().isoformat()
    assert moderator.get(
        "/desk/moderation/news.json", query_string={"since": since}
    ).get_json() == {"new": 0}
    submit(client)
    asked = {"since": since}
    assert moderator.get("/desk/moderation/news.json", query_string=asked).get_json() == {"new": 1}
    for nonsense in ("", "yesterday", "2026-01-01T00:00:00", "9" * 400):
        answer = moderator.get("/desk/moderation/news.json", query_string={"since": nonsense})
        assert answer.get_json() == {"new": 0}
    assert client.get("/desk/moderation/news.json").status_code == 303


def test_a_case_asks_only_for_what_its_decisions_need(app, client, moderator):
    submit(client)
    waits = moderator.get(MOST).text
    assert 'name="reason"' in waits
    assert 'name="note"' in waits
    with app.app_context(), transaction():
        get_comment_for_update(1).state = "refused"
    refused = moderator.get(MOST).text
    assert 'name="reason"' not in refused  # it can only be published or taken for spam
    assert 'name="note"' in refused
    with app.app_context(), transaction():
        get_comment_for_update(1).state = "awaiting_email"
    unconfirmed = moderator.get(MOST).text
    assert 'value="spam"' in unconfirmed
    assert 'name="note"' not in unconfirmed


def test_a_moderators_input_stays_although_another_decided_first(app, client, moderator):
    submit(client)
    with app.app_context(), transaction():
        comment = get_comment_for_update(1)
        comment.state, comment.version = "refused", comment.version + 1
    typed = {"facts": "It names a private person.", "note": "Leave the name out.", "reason": "R4"}
    answer = post_from_queue(
        moderator, "/desk/moderation/decisions", verdict="refuse", comment="1@1", **typed
    )
    assert answer.status_code == 409
    page = answer.text
    assert 'value="It names a private person."' in page
    assert 'value="Leave the name out."' in page
    assert '<option value="R4" selected>' in page
