"""An editor writes a record of positions at the workbench: comments, positions, holders, texts and wordings."""

import re

import pytest

from commentsite.comments.models import Comment
from commentsite.db.session import session, transaction
from commentsite.summaries.models import Position, PositionComment, Summary
from tests.support.clients import csrf_token
from tests.support.factories import mark_published, store_numbered_comment

RECORD = "/desk/letters/hello/positions"
WORDS = "We ask that both positions be printed side by side, and nothing less."


@pytest.fixture
def comments(app):
    """Comment 1 may be quoted by name, 2 by group, 3 is only counted, 4 is late."""
    with app.app_context():
        for number, quote_as in enumerate(("name", "group", "count", "group"), 1):
            body = f"{WORDS} Number {number}."
            store_numbered_comment(app, number, body=body, stakeholder_group="CIV")
            mark_published(number)
            with transaction():
                comment = session().get(Comment, number)
                comment.quote_as, comment.is_late = quote_as, number == 4


@pytest.fixture
def record(editor, comments):
    """A record with one question and two positions of it."""
    post(editor, "")
    post(editor, "/questions", question="Should both positions be printed?")
    post(editor, "/questions/1/add", title="Side by side")
    post(editor, "/questions/1/add", title="One text")
    return editor


def post(editor, path, *, json=False, **fields):
    sent = {"csrf_token": csrf_token(editor.get(RECORD).text)} | fields
    headers = {"Accept": "application/json"} if json else {}
    return editor.post(RECORD + path, data=sent, headers=headers)


def stored(editor, model, key):
    with editor.application.app_context():
        return session().get(model, key)


def test_an_editor_begins_a_record_and_sees_comments_beside_questions(record):
    page = record.get(RECORD).text
    assert "Should both positions be printed?" in page
    assert page.index("Side by side") < page.index("One text")
    assert "4 texts" in page
    assert "4 not yet used" in page
    assert "only to be counted" in page
    assert record.get("/desk/letters/hello/edit").text.count(RECORD) == 1


def test_a_comment_is_added_to_a_position_with_its_words_unchanged(record):
    assert post(record, "/comments", comment="1", position="1").status_code == 303
    quoted = post(
        record, "/comments", json=True, comment="2", position="1",
        quotation="both positions be printed […] nothing less",
    )  # fmt: skip
    assert quoted.status_code == 200
    assert "nothing less" in quoted.json["evidence"]
    assert "2 people stand behind it." in quoted.json["evidence"]
    assert quoted.json["unused"] == "2 not yet used"
    row = stored(record, PositionComment, (1, 2))
    assert (row.quotation, row.comment_version) == ("both positions be printed […] nothing less", 2)
    unused = record.get(f"{RECORD}?use=unused").text
    assert 'id="comment-3"' in unused
    assert 'id="comment-1"' not in unused


@pytest.mark.parametrize(
    ("comment", "quotation", "reason"),
    [
        ("1", "both positions must be printed", "not the words of the comment"),
        ("1", "th positions", "not the words of the comment"),
        ("3", "both positions", "asked only to be counted"),
        ("4", "both positions", "after the closing time"),
    ],
)
def test_words_that_may_not_be_printed_are_refused_and_stay_in_the_form(
    record, comment, quotation, reason
):
    answer = post(record, "/comments", comment=comment, position="1", quotation=quotation)
    assert answer.status_code == 422
    assert reason in answer.text
    assert stored(record, PositionComment, (1, int(comment))) is None
    if comment == "1":
        assert f">\n{quotation}</textarea>" in answer.text


def test_two_editors_of_one_text_lose_no_words(record):
    def save(**fields):
        return post(record, "/1", title="Side by side", revision="1", **fields)

    assert save(body="Ours came first.", json=True).json["revision"] == 2
    answer = save(body="Mine came second.", json=True)
    assert answer.status_code == 409
    page = save(body="Mine came second.")
    assert page.status_code == 409
    for text in ("Ours came first.", "Mine came second.", "Keep mine", "Keep theirs"):
        assert text in page.text
        assert text in answer.json["conflict"]
    assert stored(record, Position, 1).body == "Ours came first."
    merged = {"merged.title": "Side by side", "merged.body": "Both.", "keep": "merged"}
    assert post(record, "/1", revision="2", **merged).status_code == 303
    assert stored(record, Position, 1).body == "Both."


def test_different_texts_of_the_record_do_not_conflict(record, steward):
    for name in ("overview", "limits"):
        answer = post(record, f"/texts/{name}", json=True, text=f"About {name}.", revision="1")
        assert answer.json["revision"] == 2
    again = post(record, "/texts/overview", json=True, text="Other words.", revision="1")
    assert again.status_code == 409
    post(record, "/outcome", outcome="no_report", revision="1")
    post(record, "/order", order_rule="lot", revision="2")
    post(record, "/language", language="fr", revision="3")
    assert post(record, "/order", order_rule="title", revision="3").status_code == 409
    summary = stored(record, Summary, 1)
    assert (summary.overview, summary.outcome) == ("About overview.", "no_report")
    assert summary.language == "fr"
    assert len(summary.lot) == 20
    sentence = "edited the record of positions of"
    assert sentence not in record.get("/desk/audit/").text  # part of its beginning
    for text in ("One view.", "Another view."):
        revision = "1" if text == "One view." else "2"
        post(steward, "/texts/analysis", text=text, revision=revision)
    assert record.get("/desk/audit/").text.count(sentence) == 1


def test_the_balance_of_a_question_is_said_in_words(record):
    post(record, "/1", title="Side by side", revision="1", body="word " * 412)
    post(record, "/2", title="One text", revision="1", body="word " * 398)
    page = record.get(RECORD).text
    assert "412 words" in page
    assert "Balanced: the shortest has 96% of the longest." in page
    post(record, "/2", title="One text", revision="2", body="word " * 200)
    assert "Not balanced: the shortest has 48% of the longest." in record.get(RECORD).text


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"kind": "group", "group": "GOV"}, "government"),
        ({"kind": "person", "comment": "1"}, "Name 1"),
        ({"kind": "person", "name": "Ada Invited"}, "not named before they agree"),
        ({"kind": "person", "comment": "2"}, "did not agree to be named"),
        ({"kind": "organisation", "comment": "1"}, "named no organisation"),
        ({"kind": "group"}, "Choose a stakeholder group"),
        ({"kind": "organisation"}, "Enter the name of the holder"),
    ],
)
def test_a_person_is_a_holder_only_as_far_as_they_allowed(record, fields, shown):
    answer = post(record, "/1/holders", **fields)
    page = record.get(RECORD).text if answer.status_code == 303 else answer.text
    assert shown in page


def test_a_wording_gets_brackets_and_becomes_a_position(record):
    pid = re.search(r'value="(p-\w+)"', record.get(RECORD).text)[1]
    post(record, "/alternatives", paragraph=pid, text="Both texts.", group="CIV", name="Evelyn")
    post(record, "/alternatives", paragraph=pid, text="One text.", comment="1")
    post(record, "/alternatives/1/status", status="bracketed")
    page = record.get(RECORD).text
    assert "[Both texts.]" in page
    assert "Evelyn" not in page
    assert "Alt 2 for paragraph 1" in page
    assert "Name 1, " in page
    post(record, "/alternatives/2/promote", question="1", title="A third way")
    assert stored(record, Position, 3).body == "One text."
    assert stored(record, PositionComment, (3, 1)) is not None
    assert post(record, "/alternatives/2/status", status="agreed").status_code == 409
    refused = post(record, "/alternatives", paragraph=pid, text="Kept words")
    assert refused.status_code == 422
    assert "Kept words" in refused.text


def test_a_position_and_then_its_question_can_be_deleted(record):
    post(record, "/comments", comment="1", position="1", quotation="nothing less")
    post(record, "/1/holders", kind="group", group="GOV")
    assert post(record, "/questions/1/delete").status_code == 409
    for number in ("1", "2"):
        assert post(record, f"/{number}/delete", revision="1").status_code == 303
    assert post(record, "/questions/1/delete").status_code == 303
    assert "Add the first one" in record.get(RECORD).text


def test_a_record_is_about_published_letters_that_no_other_record_has(record):
    assert "part of a record" in post(record, "").text
    refused = post(record, "/letters", letters="/letters/none", revision="1")
    assert refused.status_code == 422
    assert "/letters/none" in refused.text


def test_a_record_is_published_once_nothing_is_missing(record):
    page = record.get(f"{RECORD}/publication").text
    for sentence in ("needs a title and a text", "Name at least one holder", "Write the overview"):
        assert sentence in page
    for name in ("overview", "limits"):
        post(record, f"/texts/{name}", text="The comments were open for a month.", revision="1")
    post(record, "/outcome", outcome="divergent_positions_recorded", revision="1")
    for number, title in (("1", "Side by side"), ("2", "One text")):
        post(record, f"/{number}", title=title, body=f"Number {number} says it all.", revision="1")
        post(record, f"/{number}/holders", kind="group", group="CIV")
    assert "Number 1 says it all." in record.get("/desk/letters/hello/record/preview").text
    assert "Nothing is missing" in record.get(f"{RECORD}/publication").text
    assert post(record, "/publication").status_code == 303
    assert "Number 1 says it all." in record.get("/letters/hello/summary").text
    assert "published the record of positions of" in record.get("/desk/audit/").text
    post(record, "/outcome", outcome="no_report", revision="2")
    assert post(record, "/publication").status_code == 422  # without a note on the change
    assert post(record, "/publication", change_note="No report is made.").status_code == 303
    assert "No report is made." in record.get(f"{RECORD}/publication").text
