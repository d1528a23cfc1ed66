"""Prepared notes: stewards keep them, and moderators choose one to fill the fields of a decision."""

import re

from tests.support.audit import list_latest_entries
from tests.support.clients import fetch_case, post_form, post_from_queue, submit, submit_numbered
from tests.support.factories import comment_states

NOTES = "/desk/moderation/notes/"
ADVERT = {"title": "Advertising", "text": "You may send it again without the link.", "rule": "R5", "language": "fr"}  # fmt: skip


def add_note(steward, **changes):
    return post_form(steward, f"{NOTES}new", **ADVERT | changes)


def test_a_steward_keeps_the_notes_and_the_audit_log_records_each_change(app, steward, moderator):
    assert "There is no note yet." in moderator.get(NOTES).text
    assert add_note(steward).status_code == 303
    page = steward.get(f"{NOTES}1").text
    assert "You may send it again without the link.</textarea>" in page
    changed = ADVERT | {"title": "Advertisement", "version": "1"}
    assert post_form(steward, f"{NOTES}1", **changed).status_code == 303
    stale = post_form(steward, f"{NOTES}1", **changed | {"text": "Typed in an old page."})
    assert stale.status_code == 409
    assert "Typed in an old page.</textarea>" in stale.text
    listed = moderator.get(NOTES).text
    assert "Advertisement" in listed
    assert "French" in listed
    assert f"{NOTES}1/delete" not in listed
    deleted = post_form(steward, f"{NOTES}1/delete", NOTES)
    assert 'value="You may send it again without the link."' in deleted.text  # to be kept after all
    assert steward.get(f"{NOTES}1").status_code == 404
    with app.app_context():
        entries = [e for e in list_latest_entries(9) if e.action.startswith("prepared_note.")]
    assert [(e.action, e.object, e.details.get("fields")) for e in entries] == [
        ("prepared_note.deleted", "prepared_note:1", None),
        ("prepared_note.changed", "prepared_note:1", ["title"]),
        ("prepared_note.added", "prepared_note:1", None),
    ]


def test_nothing_typed_is_lost_when_another_steward_deletes_a_note(client, steward, moderator):
    add_note(steward)
    submit(client)
    post_form(steward, f"{NOTES}1/delete", NOTES)
    answer = post_form(steward, f"{NOTES}1", NOTES, **ADVERT | {"text": "Typed in an old page."})
    assert answer.status_code == 409
    assert "Typed in an old page.</textarea>" in answer.text
    assert f'action="{NOTES}new"' in answer.text
    fields = {"fields_of": "refuse", "prepared_note": "1", "facts": "It sells."}
    filled = post_from_queue(moderator, "/desk/moderation/1/fill-in", comment="1@1", **fields)
    assert "This note was deleted" in filled.text
    assert "It sells.</textarea>" in filled.text


def test_a_note_with_a_mistake_is_refused_and_stays_in_the_form(steward, moderator):
    for field, value in (("title", " "), ("text", ""), ("text", "x" * 2_001), ("rule", "R99"), ("language", "no such")):  # fmt: skip
        answer = add_note(steward, **{field: value})
        assert answer.status_code == 422, field
        assert re.search(rf'id="{field}-error"', answer.text), field
    assert moderator.get(f"{NOTES}new").status_code == 403


def test_a_chosen_note_fills_the_fields_without_scripts(app, client, steward, moderator):
    add_note(steward)
    add_note(steward, title="In English", language="en", rule="")
    submit(client)
    page = fetch_case(moderator)
    titles = re.findall(r'<option[^>]*data-rule="\w*">\s*(.*?)\s*</option>', page)
    assert titles == ["In English", "Advertising"]  # the letter is in English
    assert 'data-text="You may send it again without the link."' in page
    fields = {"fields_of": "refuse", "prepared_note": "1", "facts": "It sells.", "note": "Hello.", "reason": ""}  # fmt: skip
    filled = post_from_queue(moderator, "/desk/moderation/1/fill-in", comment="1@1", **fields)
    assert filled.status_code == 200
    assert "\nHello.\n\nYou may send it again without the link.</textarea>" in filled.text
    assert "It sells.</textarea>" in filled.text
    assert '<option value="R5" selected>' in filled.text
    assert re.search(r'value="refuse"\s+data-confirm="explain"\s*>', filled.text)
    assert comment_states(app) == ["pending"]


def test_a_chosen_note_fills_the_fields_of_a_bulk_decision(client, steward, moderator):
    add_note(steward)
    for number in (1, 2):
        submit_numbered(client, number, body=f"Comment {number}.")
    batch = post_from_queue(moderator, "/desk/moderation/many/", all="yes").headers["Location"]
    assert "Prepared note" in moderator.get(batch).text
    filled = post_from_queue(moderator, f"{batch}/fill-in", prepared_note="1", verdict="refuse")
    assert "You may send it again without the link.</textarea>" in filled.text
    assert re.search(r'value="refuse"\s+checked', filled.text)
