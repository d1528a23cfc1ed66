"""A case with notes, history and claims, and with its author hidden where site or letter say so."""

import re
from datetime import timedelta

import pytest

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import session, transaction
from commentsite.letters.publication.comment_settings import set_author_anonymity
from commentsite.moderation.models import Claim
from commentsite.site.queries import find_settings
from commentsite.worker import tasks
from tests.support.audit import list_latest_entries
from tests.support.clients import (
    add_and_sign_in,
    decide,
    fetch_csrf_token,
    fetch_page,
    post_from_queue,
    submit,
    submit_for_receipt,
)
from tests.support.commands import run_command
from tests.support.own_exports import comment_record, letter_record, write_own_export
from tests.support.pages import held_reasons, visible_text

NAME, ORGANISATION = "Quintessa Vandermolen", "Zephyrine Observatory"
CASE = "/desk/moderation/1"


def hide_authors(app, letter=""):
    with app.app_context(), transaction():
        find_settings().is_blind = not letter
        find_settings().version += 1
        set_author_anonymity("hello", letter, by=SYSTEM)


def fetch_desk_pages(app, client):
    """Return the route and the body of each page of the desk."""
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


def test_an_anonymised_author_is_hidden_on_every_page_of_the_desk_until_the_decision(
    app, client, steward
):
    with app.app_context(), transaction():
        find_settings().banned_words = "vandermolen"
        find_settings().version += 1
    sent = {"name": NAME, "organisation": ORGANISATION, "email": "vandermolen@zephyrine.example"}
    submit(client, **sent, capacity="delegate")
    shown = fetch_desk_pages(app, steward)
    assert any(b"Quintessa" in page for _rule, page in shown)  # otherwise this test could not fail
    hide_authors(app)
    for rule, page in fetch_desk_pages(app, steward):
        for canary in (b"Quintessa", b"Vandermolen", b"Zephyrine", b"zephyrine.example"):
            assert canary not in page, (rule, canary)
    many = post_from_queue(steward, "/desk/moderation/many/", all="yes")
    assert NAME not in steward.get(many.headers["Location"]).text
    page = steward.get(CASE).text
    assert "Comment 1" in page
    assert "civil society" in page
    assert "as a delegate" in page
    post_from_queue(steward, "/desk/moderation/decisions", comment="1@1", verdict="publish")
    assert NAME in steward.get(CASE).text


def test_a_letter_can_override_anonymity_and_search_finds_no_hidden_author(app, client, moderator):
    submit(client, name=NAME)
    hide_authors(app, "yes")
    assert NAME not in moderator.get(CASE).text
    assert "Waiting, 0 found" in moderator.get("/desk/moderation/?q=Quintessa").text
    assert "Waiting, 0 found" in moderator.get("/desk/moderation/?q=ada@example.org").text
    assert "All comments, 0 found" in moderator.get("/desk/moderation/?q=Quintessa&state=all").text
    assert "Waiting, 1 found" in moderator.get("/desk/moderation/?q=twice").text
    hide_authors(app, "no")
    assert NAME in moderator.get(CASE).text
    assert "Waiting, 1 found" in moderator.get("/desk/moderation/?q=Quintessa").text


def test_a_steward_can_reveal_the_author_and_the_audit_log_records_it(
    app, client, moderator, steward
):
    submit(client, name=NAME)
    hide_authors(app)
    assert post_from_queue(moderator, f"{CASE}/reveal").status_code == 403
    assert steward.get(f"{CASE}/reveal").status_code == 405
    assert NAME in steward.get(post_from_queue(steward, f"{CASE}/reveal").headers["Location"]).text
    assert NAME not in steward.get(CASE).text
    with app.app_context():
        assert list_latest_entries(1)[0].action == "comment.revealed"


def test_notes_are_visible_to_staff_only_and_are_erased_with_the_comment(
    app, client, moderator, second_moderator
):
    receipt = submit_for_receipt(client)
    assert (
        post_from_queue(moderator, f"{CASE}/notes", words="She wrote twice before.").status_code
        == 303
    )
    page = second_moderator.get(CASE).text
    assert "She wrote twice before." in page
    assert "Mona Moderator</bdi>, " in page
    for address in (receipt, f"{receipt}/data.json", "/transparency/log.jsonl", "/letters/hello"):
        assert "twice before" not in client.get(address).text
    too_long = post_from_queue(moderator, f"{CASE}/notes", words="x" * 2_001)
    assert "at most 2,000" in moderator.get(too_long.headers["Location"]).text
    assert post_from_queue(moderator, f"{CASE}/notes", words="<b>bold</b>").status_code == 303
    assert "&lt;b&gt;bold" in second_moderator.get(CASE).text
    with app.app_context(), transaction():
        erase_comment(get_comment_for_update(1), by=READER)
    assert "twice before" not in second_moderator.get(CASE).text
    assert post_from_queue(moderator, f"{CASE}/notes", words="More.").status_code == 409


def test_the_history_of_a_comment_is_shown_in_plain_english(client, moderator):
    submit(client)
    decide(moderator, 1, "refuse", reason="R5")
    page = re.sub(r"<[^>]+>", "", moderator.get(CASE).text)
    assert "The author sent the comment" in re.sub(r"\s+", " ", page)
    assert "Mona Moderator refused the comment" in page
    assert "comment.decided" not in page


def test_other_moderators_see_a_claim_for_ten_minutes(app, client, moderator, second_moderator):
    submit(client)
    moderator.get(CASE)
    assert (
        "has been reviewing this" not in second_moderator.get(CASE).text
    )  # opening a case does not claim it
    post_from_queue(moderator, f"{CASE}/claim")
    assert "Mona Moderator</bdi></b> has been reviewing this" in second_moderator.get(CASE).text
    assert "Mona Moderator</bdi>, 0 min" in second_moderator.get("/desk/moderation/").text
    refused = second_moderator.post(f"{CASE}/claim", headers={"Accept": "application/json"},
                          data={"csrf_token": fetch_csrf_token(second_moderator, "/desk/moderation/")})  # fmt: skip
    assert refused.status_code == 409
    assert "Mona Moderator has been reviewing this comment since" in refused.get_json()["said"]
    post_from_queue(second_moderator, f"{CASE}/claim", take_over="yes")
    assert "Selma Second</bdi></b> has been reviewing this" in moderator.get(CASE).text
    with clock.freeze_at(clock.now() + timedelta(minutes=11)):
        assert "has been reviewing this" not in moderator.get(CASE).text
        tasks.run_pass(app)
    with app.app_context():
        assert session().query(Claim).count() == 0
    post_from_queue(second_moderator, f"{CASE}/claim")
    assert (
        post_from_queue(
            moderator, "/desk/moderation/decisions", comment="1@1", verdict="publish"
        ).status_code
        == 303
    )  # another moderator can decide all the same
    assert "has been reviewing this" not in second_moderator.get(CASE).text


def test_new_comments_since_a_moment_are_counted(client, moderator):
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


def test_the_decision_form_shows_only_the_fields_that_its_verdicts_need(app, client, moderator):
    submit(client)
    waits = moderator.get(CASE).text
    assert 'name="reason"' in waits
    assert 'name="note"' in waits
    with app.app_context(), transaction():
        get_comment_for_update(1).state = "refused"
    refused = moderator.get(CASE).text
    assert (
        'name="reason"' not in refused
    )  # a refused comment can only be published or marked as spam
    assert 'name="note"' in refused
    with app.app_context(), transaction():
        get_comment_for_update(1).state = "awaiting_email"
    unconfirmed = moderator.get(CASE).text
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
    assert "\nIt names a private person.</textarea>" in page
    assert "\nLeave the name out.</textarea>" in page
    assert '<option value="R4" selected>' in page


def test_a_claim_is_taken_over_at_an_address_of_its_own(client, moderator, second_moderator):
    submit(client)
    post_from_queue(moderator, f"{CASE}/claim")
    assert f'formaction="{CASE}/claim/take-over"' in second_moderator.get(CASE).text
    assert post_from_queue(second_moderator, f"{CASE}/claim/take-over").status_code == 303
    assert "You are reviewing this." in second_moderator.get(CASE).text


def test_the_reason_for_holding_a_comment_disappears_when_it_is_decided(client, moderator):
    submit(client, body="See https://a.example for more.")
    assert "a link from a new sender (a.example)" in held_reasons(moderator.get(CASE).text)
    post_from_queue(moderator, "/desk/moderation/decisions", comment="1@1", verdict="publish")
    page = moderator.get(CASE).text
    assert "Held:" not in page
    assert "a link from a new sender (" in visible_text(page)  # the facts still name the check
    assert "links_unknown" not in visible_text(page.partition('id="case"')[2])


def test_a_comment_that_no_check_flagged_is_not_called_held(client, moderator):
    submit(client)
    page = moderator.get(CASE).text
    assert "Held:" not in page
    assert "first_reading" not in visible_text(page)


@pytest.mark.parametrize(
    ("address", "action"), [("delegation/verify", "delegation/revoke"), ("delegation", "")]
)
def test_an_editor_verifies_and_revokes_a_delegation(app, client, moderator, address, action):
    submit(client, capacity="on_behalf_of", organisation="Open Networks")
    fields = {"evidence": "A signed letter."}
    assert post_from_queue(moderator, f"{CASE}/{address}", **fields).status_code == 403
    editor = add_and_sign_in(app, "editor", "ed@staff.example", "Edda Editor")
    assert post_from_queue(editor, f"{CASE}/{address}", **fields).status_code == 303
    assert "The delegation is verified." in editor.get(CASE).text
    revoke = {"act": "doubt"} if not action else {}
    assert post_from_queue(editor, f"{CASE}/{action or address}", **revoke).status_code == 303
    assert "The verification is revoked." in editor.get(CASE).text
    assert post_from_queue(editor, f"{CASE}/delegation/revoke").status_code == 409


def test_a_moderator_groups_and_separates_similar_texts(client, moderator):
    text = "We ask the working group to publish its minutes and to name everybody who took part."
    submit(client, body=text)
    submit(client, body=text.replace("minutes", "records"), email="bo@example.org")
    case = "/desk/moderation/2"
    assert "Group as the same text" in moderator.get(case).text
    assert post_from_queue(moderator, f"{case}/campaign/add").status_code == 303
    assert "2 people sent this text" in moderator.get(case).text
    assert post_from_queue(moderator, f"{case}/campaign/remove").status_code == 303
    assert "Group as the same text" in moderator.get(case).text


@pytest.mark.parametrize(
    ("path", "fields", "others"),
    [
        ("interest/comment", {}, 303),
        ("interest/letter", {}, 403),
        ("interest", {"about": "comment"}, 303),
        ("interest", {"about": "letter"}, 403),
    ],
)
def test_a_moderator_declares_a_conflict_of_interest_from_a_case(
    client, moderator, path, fields, others
):
    submit(client)
    submit(client, body="Another comment on the same letter.", email="bo@example.org")
    declared = post_from_queue(moderator, f"{CASE}/{path}", words="A colleague.", **fields)
    assert declared.status_code == 303
    assert "Your conflict of interest is recorded." in moderator.get(CASE).text
    for comment_id, status in ((1, 403), (2, others)):
        answer = post_from_queue(
            moderator, "/desk/moderation/decisions", comment=f"{comment_id}@1", verdict="publish"
        )
        assert answer.status_code == status


def test_the_line_about_an_assignment_is_empty_until_the_case_is_assigned(client, moderator):
    submit(client)
    page = moderator.get(CASE).text
    assert '<p role="status" class="claim-said"></p>' in page  # the stylesheet hides it
    post_from_queue(moderator, f"{CASE}/claim")
    assert 'class="claim-said">You are reviewing this.' in moderator.get(CASE).text.replace(
        "\n", ""
    )


def test_a_case_tells_what_was_decided_before_the_import(app, steward, tmp_path):
    at = "2026-02-01T00:00:00Z"
    history = [
        {"event": "report", "at": at, "state": "upheld", "rule": "R1"},
        {
            "event": "decision",
            "at": at,
            "by": "Mona",
            "verdict": "restrict",
            "rule": "R1",
            "rules_version": 3,
            "text": "Too rude",
        },
        {"event": "appeal", "at": at, "by": "Ada", "state": "upheld", "text": "It was not"},
        {"event": "note", "at": at, "by": "Mona", "text": "Ask Ada"},
    ]
    comments = [comment_record(41, state="restricted", history=history)]
    file = write_own_export(tmp_path / "x.zip", [letter_record()], comments)
    assert run_command(app, "import", "json", file).exit_code == 0
    text = visible_text(fetch_page(steward, CASE))
    for sentence in (
        "Source: Another site of this kind (export)",
        "Id in the source: 41",
        "A reader reported the comment",
        "A moderator removed the comment",
        "Mona removed the comment",
        "Rule R1 there, in version 3 of the rules",
        "Too rude",
        "Its author appealed",
        "The decision was upheld",
        "Decided by Ada",
        "Mona wrote a note",
    ):
        assert sentence in text, sentence
    hide_authors(app)
    with app.app_context(), transaction():
        get_comment_for_update(1).state = "pending"
    text = visible_text(fetch_page(steward, CASE))
    assert "Mona removed the comment" in text
    assert "It was not" not in text
    assert "Id in the source" not in text
