"""The public map of positions, and the register of objections from the receipt to the desk and back."""

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.audit.queries import list_entries_about
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import transaction
from commentsite.letters.publication.corrections import withdraw_letter
from commentsite.summaries.objections.queries import list_open
from tests.support.clients import (
    fetch_page,
    post_form,
    post_receipt_form,
    sign_in,
    submit_and_identify,
)
from tests.support.comment_positions import list_pids, store_position, store_positions
from tests.support.factories import add_staff_member, count_messages, mark_published
from tests.support.pages import visible_text

MAP = "/letters/hello/map"


def test_the_map_says_in_words_how_each_group_stands_and_who_was_not_heard(app, client):
    with app.app_context():
        first, second, _third = list_pids()
        store_positions(("GOV", 0, 5), ("BUS", 6, 0), ("CIV", 9, 3), ("TEC", 1, 1), pid=first)
        with transaction():
            store_position("UND", "support_with_changes", second, campaign_id=1)
            store_position("BUS", "neutral", second, campaign_id=1)
    answer = client.get(MAP)
    text = visible_text(answer.text)
    for words in (
        "Groups diverge", "For: business. Against: government.", "9 for, 3 against", "75% for",
        "uncertain", "too few", "1 with changes", "1 neutral", "Group not stated",
        "Groups not heard academia, intergovernmental organisation, media",
        "Groups with too few people technical community",
        "27 comments, 27 people,", "1 campaign of the same text, 2 people in campaigns",
        "No group has 4 people who took a side.",
        "“business” supports it more than “government”, with little doubt.",
        "The interval runs from 47% to 91%.",
    ):  # fmt: skip
        assert words in text, words
    # Five people are too few for a percentage, in the table and in the intervals.
    assert "0% for" not in text
    assert f'href="/letters/hello?group=GOV&amp;paragraph={first}#comments"' in answer.text
    assert 'aria-label="Read: technical community: 2 people commented, too few' in answer.text
    assert "Set-Cookie" not in answer.headers
    assert client.head(MAP).headers["ETag"] == answer.headers["ETag"]
    again = client.get(MAP, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert f'href="{MAP}"' in fetch_page(client)


def test_a_letter_without_positions_has_an_empty_map_to_which_it_does_not_link(app, client):
    text = visible_text(fetch_page(client, MAP))
    assert "No one has taken a position on this letter yet." in text
    assert f'href="{MAP}"' not in fetch_page(client)
    with app.app_context(), transaction():
        withdraw_letter("hello", "At the wish of its author.", by=SYSTEM)
    fetch_page(client, MAP, status=404)


@pytest.fixture
def objection(app, client):
    """The receipt of a published comment that opposes a paragraph, and its number."""
    with app.app_context():
        (first, *_) = list_pids()
    receipt, number = submit_and_identify(
        client, body="I oppose the first paragraph.", stance="oppose", kind="paragraph",
        paragraphs=first, stakeholder_group="BUS",
    )  # fmt: skip
    with app.app_context():
        mark_published(number)
    return receipt, number


def test_an_author_objects_an_editor_answers_and_the_author_has_the_last_word(
    app, client, objection
):
    receipt, number = objection
    assert post_receipt_form(client, receipt, "objection").status_code == 303
    assert post_receipt_form(client, receipt, "objection").status_code == 409
    assert "Objection, open" in visible_text(fetch_page(client))
    assert "Objection, open to paragraph 1 · business" in visible_text(fetch_page(client, MAP))
    with app.app_context():
        assert len(list_open([1])) == 1
    early = post_receipt_form(client, receipt, "objection/reaction", satisfied="no")
    assert "There is no answer to your objection yet." in early.text

    add_staff_member(app, "editor", "insider@staff.example", "Ines Insider", "CIV")
    insider = sign_in(app, "insider@staff.example")
    waiting = "1 Objections without an answer"
    assert waiting not in visible_text(fetch_page(insider, "/desk/"))  # another group answers
    desk = "/desk/letters/hello/objections"
    refused = post_form(insider, f"{desk}/1", desk, response="It is fine.", status="addressed")
    assert refused.status_code == 403
    add_staff_member(app, "editor", "editor@staff.example", "Edda Editor", "TEC")
    editor = sign_in(app, "editor@staff.example")
    assert waiting in visible_text(fetch_page(editor, "/desk/"))
    empty = post_form(editor, f"{desk}/1", desk, response="  ", status="addressed")
    assert empty.status_code == 422
    unchosen = post_form(editor, f"{desk}/1", desk, response="We read it.", status="open")
    assert unchosen.status_code == 422
    assert "We read it." in unchosen.text
    post_form(editor, f"{desk}/1", desk, response="We weighed it.", status="addressed")
    with app.app_context():
        assert list_open([1]) == []
    assert waiting not in visible_text(fetch_page(editor, "/desk/"))

    unsure = post_receipt_form(client, receipt, "objection/reaction", reaction="Half of it.")
    assert unsure.status_code == 422
    assert 'value="Half of it."' in unsure.text
    post_receipt_form(client, receipt, "objection/reaction", satisfied="no", reaction="Half of it.")
    text = visible_text(fetch_page(client, MAP))
    assert "We weighed it." in text
    assert "Its author is not satisfied with this answer." in text
    assert "Half of it." in text
    assert client.get(f"{receipt}/data.json").get_json()["objection"]["reaction"] == "Half of it."
    post_receipt_form(client, receipt, "quote-as", quote_as="count")
    text = visible_text(fetch_page(client, MAP))
    assert ("Half of it." in text, "We weighed it." in text) == (False, True)
    post_receipt_form(client, receipt, "objection/withdraw")
    assert "Objection, withdrawn" in visible_text(fetch_page(client, MAP))
    with app.app_context():
        about = list_entries_about(f"comment:{number}")
        entries = [e.action for e in about if e.action.startswith("objection.")]
    assert [action.partition(".")[2] for action in entries] == [
        "recorded", "answered", "reacted", "withdrawn"
    ]  # fmt: skip
    post_receipt_form(client, receipt, "erase")
    assert client.get(f"{receipt}/data.json").get_json()["objection"]["reaction"] == ""


def test_an_editor_records_published_comments_of_the_letter_only(app, client, objection):
    _receipt, number = objection
    add_staff_member(app, "editor", "editor@staff.example", "Edda Editor", "TEC")
    editor = sign_in(app, "editor@staff.example")
    desk = "/desk/letters/hello/objections"
    assert "I oppose the first paragraph." in visible_text(fetch_page(editor, desk))
    assert post_form(editor, desk, comment="999").status_code == 404
    assert post_form(editor, desk, comment=str(number)).status_code == 303
    assert post_form(editor, desk, comment=str(number)).status_code == 409
    supporting, other = submit_and_identify(client, body="I agree.", stance="support")
    assert post_receipt_form(client, supporting, "objection").status_code == 409
    assert post_form(editor, desk, comment=str(other)).status_code == 409  # not published yet


def test_the_objection_of_a_person_who_asked_only_to_be_counted_is_not_quoted(app, client):
    with app.app_context(), transaction():
        number = store_position("MED", "oppose", quote_as="count", body="A secret thought.")
    add_staff_member(app, "editor", "editor@staff.example", "Edda Editor", "TEC")
    editor = sign_in(app, "editor@staff.example")
    post_form(editor, "/desk/letters/hello/objections", comment=str(number))
    text = visible_text(fetch_page(client, MAP))
    assert "Objection, open to the letter as a whole · from a person who asked only" in text
    assert "A secret thought." not in text


def test_the_author_of_an_answered_objection_gets_an_email_if_the_address_is_confirmed(
    app, client, objection
):
    receipt, number = objection
    post_receipt_form(client, receipt, "objection")
    add_staff_member(app, "editor", "editor@staff.example", "Edda Editor", "TEC")
    editor, desk = sign_in(app, "editor@staff.example"), "/desk/letters/hello/objections"
    for is_confirmed in (False, True):
        with app.app_context():
            if is_confirmed:
                with transaction():
                    get_comment_for_update(number).email_confirmed_at = clock.now()
        post_form(editor, f"{desk}/1", desk, response="We weighed it.", status="addressed")
        with app.app_context():
            assert count_messages(kind="objection.answered") == is_confirmed
