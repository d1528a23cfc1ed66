"""Decide a case: the fields that a refusal opens, its sentence for the author, and the case that opens next."""

import re
from datetime import timedelta

import pytest

from commentsite import clock
from tests.support.audit import list_latest_entries
from tests.support.clients import (
    confirm_email,
    decide,
    fetch_case,
    post_from_queue,
    submit,
    submit_for_receipt,
    submit_numbered,
)
from tests.support.clock import after_undo_window
from tests.support.factories import comment_states, outbox_kinds
from tests.support.pages import visible_text
from tests.support.smtp import read_mail

DECISIONS = "/desk/moderation/decisions"


def are_fields_open(page: str) -> bool:
    return not re.search(r'<fieldset class="because[^"]*"\s+hidden\s+disabled', page)


def case_name(page: str) -> str:
    return visible_text(re.search(r'<h2 id="case-h">(.*?)</h2>', page, re.DOTALL)[1])


def press(moderator, verdict, version="1@1", **fields):
    return post_from_queue(moderator, DECISIONS, comment=version, verdict=verdict, **fields)


@pytest.mark.parametrize("verdict", ["return", "refuse"])
def test_the_first_press_opens_the_fields_and_names_no_mistake(app, client, moderator, verdict):
    submit(client)
    assert not are_fields_open(fetch_case(moderator))
    page = press(moderator, verdict)
    assert page.status_code == 422
    assert are_fields_open(page.text)
    assert not re.search(r'aria-invalid="true"|class="field bad"', page.text)
    assert re.search(r'<select[^>]*id="reason"[^>]*autofocus', page.text)
    assert re.search(rf'value="{verdict}"\s+data-confirm="[a-z]*"\s*>', page.text)
    assert comment_states(app) == ["pending"]


def test_a_refusal_says_what_breaks_the_rule_and_nothing_typed_is_lost(app, client, moderator):
    receipt = submit_for_receipt(client)
    fields = {"reason": "R5", "facts": " ", "note": ""}
    page = press(moderator, "refuse", **fields)
    assert page.status_code == 422
    assert "Say in one sentence what in the comment breaks the rule." in page.text
    assert re.search(r'<textarea[^>]*id="facts"[^>]*aria-invalid="true"[^>]*autofocus', page.text)
    assert '<option value="R5" selected>' in page.text
    unruled = press(moderator, "refuse", reason="", facts="It sells something.", note="")
    assert "It sells something.</textarea>" in unruled.text
    assert "Choose the rule that the comment breaks." in unruled.text
    assert comment_states(app) == ["pending"]
    # A program that knows only the note goes on working.
    assert press(moderator, "refuse", reason="R5", note="It sells something.").status_code == 303
    shown = visible_text(client.get(receipt).text)
    assert shown.count("It sells something.") == 1
    assert "What in the comment breaks it It sells something." in shown


def test_a_removal_needs_a_sentence_and_a_return_does_not(app, client, moderator):
    submit_numbered(client, 1)
    submit_numbered(client, 2, body="A second comment.")
    decide(moderator, 1, "publish")
    assert press(moderator, "restrict", "1@2", reason="R2", facts="").status_code == 422
    assert press(moderator, "restrict", "1@2", reason="R2", facts="It shouts.").status_code == 303
    assert press(moderator, "return", "2@1", reason="R2").status_code == 303
    assert comment_states(app) == ["restricted", "returned"]


def test_a_bulk_refusal_needs_a_sentence_and_keeps_the_selection(app, client, moderator):
    for number in (1, 2):
        submit_numbered(client, number, body=f"Comment {number}.")
    several = {"comment": ["1@1", "2@1"], "verdict": "refuse", "reason": "R5"}
    page = post_from_queue(moderator, DECISIONS, **several)
    assert page.status_code == 422
    assert "2 comments are selected" in page.text
    assert "Say in one sentence" in page.text
    batch = re.search(r'action="(/desk/moderation/many/[^"?]+)"', page.text)[1]
    again = {"verdict": "refuse", "reason": "R5", "facts": "Both are advertising."}
    assert post_from_queue(moderator, batch, **again).status_code == 303
    assert "Results for 2 comments" in moderator.get(batch).text
    assert comment_states(app) == ["refused", "refused"]


def test_after_a_decision_the_next_waiting_case_opens_and_never_a_published_one(client, moderator):
    for number in range(1, 5):
        submit_numbered(client, number, name=f"Reader {number}", body=f"Comment {number}.")
    decide(moderator, 1, "publish")
    decide(moderator, 2, "publish")
    work = post_from_queue(moderator, DECISIONS, comment="3@1", verdict="publish")
    assert case_name(moderator.get(work.headers["Location"]).text) == "Reader 4"
    for view in ("?state=published", "?state=all"):
        number = 1 if view.endswith("published") else 2
        removed = post_from_queue(
            moderator, DECISIONS + view, comment=f"{number}@2", verdict="spam"
        )
        page = moderator.get(removed.headers["Location"]).text
        assert case_name(page) == "Reader 4"
        assert 'id="cases-h">1 waits for a moderator' in page
    # A search leads back to the comment that it found.
    found = post_from_queue(
        moderator, f"{DECISIONS}?state=all&q=Comment", comment="3@2", verdict="spam"
    )
    page = moderator.get(found.headers["Location"]).text
    assert case_name(page).startswith("Reader 3")
    assert "All comments, 4 found" in page


def test_after_a_conflict_the_next_waiting_case_opens(client, moderator, second_moderator):
    for number in range(1, 3):
        submit_numbered(client, number, name=f"Reader {number}", body=f"Comment {number}.")
    decide(second_moderator, 1, "publish")
    answer = press(moderator, "publish")
    assert answer.status_code == 409
    said = visible_text(re.search(r'class="undo overtaken".*?</div>', answer.text, re.DOTALL)[0])
    assert re.search(r"Reader 1 : Selma Second published this comment at \d\d:\d\d:\d\d\.", said)
    assert case_name(answer.text) == "Reader 2"
    assert 'id="cases-h">1 waits for a moderator' in answer.text
    # Words that were typed keep their case open.
    decide(second_moderator, 2, "spam")
    typed = press(moderator, "refuse", "2@1", reason="R5", facts="It is off topic.")
    assert typed.status_code == 409
    assert case_name(typed.text).startswith("Reader 2")
    assert "It is off topic.</textarea>" in typed.text


def test_ages_are_marked_before_and_after_the_promised_time(client, moderator):
    for hours, number in ((30, 1), (20, 2), (2, 3)):
        with clock.freeze_at(clock.now() - timedelta(hours=hours)):
            submit_numbered(client, number, body=f"Comment {number}.")
    page = moderator.get("/desk/moderation/").text
    ages = [visible_text(age) for age in re.findall(r'<span class="age .*?</b></span>|<span class="age ">.*?</span>', page, re.DOTALL)]  # fmt: skip
    assert [age.replace(" ·", ",") for age in ages] == ["30 h, overdue", "20 h, due in 4 h", "2 h"]
    assert 'class="due overdue"' in page
    decide(moderator, 1, "publish")
    assert "overdue" not in moderator.get("/desk/moderation/?state=published").text


def test_the_notice_says_what_can_be_done_while_undo_is_possible_and_after(client, moderator):
    submit(client)
    done = press(moderator, "publish").headers["Location"]
    notice = re.search(r'<div class="undo".*?</form>', moderator.get(done).text, re.DOTALL)[0]
    assert re.search(r"You can undo this for \d+ seconds?\.\s+Then the author is told\.", notice)
    assert "/desk/moderation/1?reply=yes#reply-body" in notice
    with after_undo_window():
        page = moderator.get(done).text
        assert "The time to undo is over. Open the comment to decide again." in visible_text(page)
        assert "/undo" not in page


def test_staff_reply_from_the_desk_under_their_name_and_its_subscribers_are_notified(
    app, client, moderator
):
    submit(client, notify="yes")
    confirm_email(app, client, "ada@example.org")
    assert "Reply as staff" not in fetch_case(moderator)
    decide(moderator, 1, "publish")
    assert "Reply as staff" in fetch_case(moderator)
    empty = post_from_queue(moderator, "/desk/moderation/1/reply", body="  ")
    assert empty.status_code == 422
    assert "Write your reply before you publish it." in empty.text
    with after_undo_window():
        words = "Thank you: we corrected *paragraph two*."
        assert post_from_queue(moderator, "/desk/moderation/1/reply", body=words).status_code == 303
    letter = client.get("/letters/hello").text
    reply = visible_text(letter.partition('id="comment-2"')[2].partition("</article>")[0])
    assert "Mona Moderator staff of this site" in reply
    assert "we corrected paragraph two ." in reply
    with app.app_context():
        assert [entry.action for entry in list_latest_entries(2)] == [
            "comment.staff_reply",
            "comment.submitted",
        ]
        assert "comment.published" in outbox_kinds()
    with clock.freeze_at(clock.now() + timedelta(minutes=2)):
        subjects = [mail["Subject"] for mail in read_mail(app, "ada@example.org")]
    assert any("Mona Moderator" in subject or "repl" in subject.lower() for subject in subjects), (
        subjects
    )
    again = post_from_queue(moderator, "/desk/moderation/1/reply", body=words)
    assert again.status_code == 409
    assert words in again.text
    assert "staff of this site" in fetch_case(moderator, 2)


def test_a_comment_that_is_not_published_takes_no_reply(app, client, moderator):
    submit(client)
    assert post_from_queue(moderator, "/desk/moderation/1/reply", body="Soon.").status_code == 409
    assert comment_states(app) == ["pending"]
