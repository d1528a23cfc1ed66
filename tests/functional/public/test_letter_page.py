"""The view models of a letter's page: dates, notices for removed comments, marks of changes."""

import re
from datetime import UTC, date, datetime
from gzip import compress
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from commentsite.comments.states import CommentState
from commentsite.letters.text.version_diff import BlockChange
from commentsite.paths import find_resource_folder
from commentsite.site.rulebook import Clause
from commentsite.text.diff import DiffSegment
from commentsite.text.direction import estimate_direction
from commentsite.web.public.letters.comment_form import build_sent_form
from commentsite.web.public.letters.comment_view import build_tombstone
from commentsite.web.public.letters.form_view import build_form_view
from commentsite.web.public.letters.letter_view import find_date_to_show
from commentsite.web.public.letters.versions import build_diff_row, leave_out_unchanged
from tests.support.pages import visible_text

STATIC = find_resource_folder("static")
WRITTEN = date(2026, 10, 12)
RULE = Clause("R4", 4, "private data", "Do not publish private data.", version=2)


@pytest.mark.parametrize(
    ("occasion", "shown"),
    [
        ("", WRITTEN),
        ("Osh", WRITTEN),
        ("Osh, 12 October 2026", None),
        ("أوش، ١٢ تشرين الأول/أكتوبر ٢٠٢٦", None),
        ("12 rules of 2025", WRITTEN),
    ],
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
        ("new", None, "Added text"),
        ("moved", None, "Moved from paragraph 3"),
        ("gone", None, "Removed text"),
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


def test_removed_and_added_words_stay_apart_and_unchanged_parts_can_be_left_out(app):
    segments = [DiffSegment("same", "on "), DiffSegment("old", "two"), DiffSegment("new", "three")]
    changes = [
        BlockChange("p-1", "same", "paragraph", "1", "1", []),
        BlockChange("p-2", "same", "paragraph", "2", "2", []),
        BlockChange("p-3", "edited", "paragraph", "3", "3", segments),
    ]
    with app.test_request_context():
        rows = [build_diff_row(change, None, {}) for change in changes]
        shorter = leave_out_unchanged(rows)
    assert "".join(segment.text for segment in rows[2].segments) == "on two three"
    assert [row.mark for row in shorter] == ["2 unchanged parts", ""]


def test_the_head_of_a_corrected_letter_names_its_dates_and_its_changes(demo_app):
    reader = demo_app.test_client()
    page = reader.get("/letters/we-dropped-the-route").text
    words = visible_text(page)
    assert words.count("12 October 2026") == page.count("12 October 2026")
    assert re.search(r"Published on \d+ October 2026 \. Version 2 of", words)
    changes = "/letters/we-dropped-the-route/changes/1/2"
    assert f'href="{changes}"' in page
    assert "written on version 1" in words  # at the comment on the paragraph that was edited
    assert words.count("written on version 1") == words.count("(edited since")
    whole, only = reader.get(changes).text, reader.get(f"{changes}?only=changes").text
    assert ">two</del> <ins>three</ins>" in whole
    assert "\n2. Where a public record" in whole
    frame = len(reader.get("/privacy").text) / 2  # what all pages have in common
    assert len(only) - frame < (len(whole) - frame) / 2
    assert "Jahongir Toktosunov" in only
    assert (
        reader.get(f"{changes}?only=nothing").headers["ETag"] == reader.get(changes).headers["ETag"]
    )
    assert "Jahongir Toktosunov" in reader.get("/letters/we-dropped-the-route/versions/1").text


def test_every_text_of_an_arabic_letter_has_its_language_and_direction(demo_app):
    reader = demo_app.test_client()
    page = reader.get("/letters/an-address-the-form-refuses").text
    main = BeautifulSoup(page, "html.parser").find("main")

    def find_language(element):
        return next(e["lang"] for e in [element, *element.parents] if e.get("lang"))

    for string in main.find_all(string=re.compile(r"[^\W\d]")):
        if string.find_parent(["script", "option"]) or string.find_parent(
            attrs={"aria-hidden": "true"}
        ):
            continue
        is_arabic = estimate_direction(string) == "rtl"
        assert is_arabic == (find_language(string.parent) == "ar") or string.find_parent("bdi"), (
            string
        )
    note = main.select_one(".note span")
    assert (note["lang"], note["dir"]) == ("ar", "rtl")
    entry = BeautifulSoup(reader.get("/").text, "html.parser").select_one(".entry[dir=rtl]")
    assert entry.h2["lang"] == entry.select_one(".stand")["lang"] == "ar"


def test_a_letter_of_a_hundred_comments_weighs_little(demo_app):
    page = demo_app.test_client().get("/letters/the-width-of-a-column").text
    scripts = [STATIC / name for name in re.findall(r'src="/static/(js/[^"?]+)', page)]
    assert len(scripts) == 3
    styles = [
        STATIC / "css" / f"{name}.css"
        for name in ("tokens", "base", "layout", "components", "print")
    ]
    files = [path.read_bytes() for path in (*scripts, *styles)]
    assert sum(len(compress(data)) for data in (page.encode(), *files)) <= 59_400
