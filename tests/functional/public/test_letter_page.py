"""The view models of a letter's page: dates, notices for removed comments, marks of changes."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from commentsite.comments.states import CommentState
from commentsite.letters.text.version_diff import BlockChange
from commentsite.site.rulebook import Clause
from commentsite.web.public.letters.comment_form import build_sent_form
from commentsite.web.public.letters.comment_view import build_tombstone
from commentsite.web.public.letters.form_view import build_form_view
from commentsite.web.public.letters.letter_view import find_date_to_show
from commentsite.web.public.letters.versions import build_diff_row

WRITTEN = date(2026, 10, 12)
RULE = Clause("R4", 4, "private data", "Do not publish private data.", version=2)


@pytest.mark.parametrize(
    ("occasion", "shown"),
    [("", WRITTEN), ("Osh", WRITTEN), ("Osh, 12 October 2026", None)],
)
def test_the_date_of_writing_is_not_shown_twice(app, occasion, shown):
    with app.test_request_context():
        letter = SimpleNamespace(date_written=WRITTEN, occasion=occasion)
        assert find_date_to_show(letter) == shown


@pytest.mark.parametrize(
    ("state", "clause", "heading", "explanation"),
    [
        (CommentState.WITHDRAWN, None, "Withdrawn by its author", ""),
        (CommentState.PENDING, None, "Held", "A moderator is reviewing this comment."),
        (
            CommentState.RETURNED,
            None,
            "Returned to its author",
            "The author has been asked to change it.",
        ),
        (CommentState.SPAM, None, "Removed", ""),
        (
            CommentState.RESTRICTED,
            RULE,
            "Removed under rule 4",
            "The author has been told the reason.",
        ),
    ],
)
def test_the_notice_in_place_of_a_comment_names_the_reason(
    app, state, clause, heading, explanation
):
    comment = SimpleNamespace(state=state, changed_at=datetime(2026, 3, 1, tzinfo=UTC))
    with app.test_request_context():
        tombstone = build_tombstone(comment, clause)
        assert (tombstone.heading, tombstone.explanation) == (heading, explanation)
        assert tombstone.rule_url == ("/rules/2#rule-4" if clause else "")


@pytest.mark.parametrize(
    ("change", "link", "mark"),
    [
        ("same", None, ""),
        ("edited", None, ""),
        (
            "edited",
            SimpleNamespace(relation="split", target_pid=None),
            "Split into several paragraphs",
        ),
        ("new", None, "Added"),
        ("moved", None, "Moved from paragraph 3"),
        ("gone", None, "Removed"),
        (
            "gone",
            SimpleNamespace(relation="merged", target_pid="p-2"),
            "Removed: the text is now in paragraph 2",
        ),
    ],
)
def test_each_change_of_a_paragraph_is_named(app, change, link, mark):
    with app.test_request_context():
        row = build_diff_row(
            BlockChange("p-3", change, "paragraph", "3", None, []), link, {"p-2": "2"}
        )
        assert (row.label, row.mark) == ("3", mark)


@pytest.mark.parametrize(("body", "has_text"), [("", False), ("My comment.", True)])
def test_the_form_promises_that_text_is_kept_only_if_there_is_text(app, body, has_text):
    letter = SimpleNamespace(id=1, slug="hello")
    with app.test_request_context(method="POST", data={"body": body}):
        form = build_sent_form(1)
        assert not form.validate()
        view = build_form_view(form, letter, [], parent=None)
        assert view.has_text == has_text
        assert view.errors
        assert view.error_heading.endswith("then send the comment.")
