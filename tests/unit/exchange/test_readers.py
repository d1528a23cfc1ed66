"""Each reader says what the file of its system says: states, parents, times and names, and what it leaves out."""

import json
import sqlite3
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from commentsite.errors import Invalid
from commentsite.exchange.importers.records import (
    LeftOut,
    PageStatus,
    ReadOptions,
    SourceComment,
    SourcePage,
    System,
)
from commentsite.exchange.importers.registry import READERS
from tests.support.exports import DISQUS, disqus_post, mail, waline, waline_comment, wp_comment, wxr


def read(tmp_path, system, content, **options):
    file = tmp_path / "export"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(READERS[System(system)](file, ReadOptions(**options)))


def comments_of(records):
    return {one.source_id: one for one in records if isinstance(one, SourceComment)}


def states_of(records):
    return {number: one.status.value for number, one in comments_of(records).items()}


def parents_of(records):
    return {number: one.parent_id for number, one in comments_of(records).items()}


# WordPress


def test_states_of_wordpress_are_kept_and_a_plugin_s_state_goes_to_a_moderator(tmp_path):
    states = ["1", "0", "trash", "post-trashed", "awaiting-plugin"]
    content = wxr(*(wp_comment(number, state) for number, state in enumerate(states, 1)))
    records = read(tmp_path, "wordpress", content)
    assert states_of(records) == {
        "1": "visible",
        "2": "pending",
        "3": "deleted",
        "4": "withheld",
        "5": "pending",
    }
    assert "awaiting-plugin" in comments_of(records)["5"].remarks[0]


@pytest.mark.parametrize("hidden", [{"status": "private"}, {"status": "draft"}, {"password": "x"}])
def test_comments_of_a_post_that_was_not_public_are_not_published(tmp_path, hidden):
    records = read(tmp_path, "wordpress", wxr(wp_comment(1), wp_comment(2, "0"), **hidden))
    assert set(states_of(records).values()) == {"withheld"}
    assert next(one for one in records if isinstance(one, SourcePage)).status is PageStatus.HIDDEN


def test_pingbacks_and_notes_among_editors_are_left_out_with_a_reason(tmp_path):
    content = wxr(
        wp_comment(1, kind="pingback"), wp_comment(2, kind="note"), wp_comment(3, kind="")
    )
    records = read(tmp_path, "wordpress", content)
    assert list(comments_of(records)) == ["3"]
    reasons = [one.reason for one in records if isinstance(one, LeftOut)]
    assert reasons == ["A pingback, which a program wrote.", "A note among editors."]


def test_a_post_keeps_its_author_date_language_and_categories(tmp_path):
    [page] = read(tmp_path, "wordpress", wxr())
    assert page.title == "On 5 & more"
    assert (page.author, page.language, page.topics) == ("Léna Q.", "fr-FR", ("Routes",))
    assert page.written_at == datetime(2019, 3, 1, 8, tzinfo=UTC)


def test_names_are_unescaped_once_and_times_are_those_in_utc(tmp_path):
    records = read(tmp_path, "wordpress", wxr(wp_comment(1, name="Q &amp;amp; A", parent=9)))
    comment = comments_of(records)["1"]
    assert comment.name == "Q & A"
    assert comment.submitted_at == datetime(2019, 3, 2, 10, tzinfo=UTC)
    assert comment.parent_id == "9"


def test_a_file_that_is_not_well_formed_is_refused_with_its_lines_and_mended_on_request(tmp_path):
    content = wxr(wp_comment(1, text="rings a \x07 bell & more")).replace(
        "old.example/post-5/", "old.example/?p=5&x=1"
    )
    with pytest.raises(Invalid) as refusal:
        read(tmp_path, "wordpress", content)
    lines = content.splitlines()
    bad = [str(n) for n, line in enumerate(lines, 1) if "?p=5" in line or "bell" in line]
    assert refusal.value.details["lines"] == ", ".join(bad)
    records = read(tmp_path, "wordpress", content, repairs=True)
    assert comments_of(records)["1"].text == "rings a  bell & more"
    assert records[-1].address == "https://old.example/?p=5&x=1"


def test_comments_that_stand_before_the_password_of_their_post_are_not_published(tmp_path):
    comment, password = wp_comment(1), "<wp:post_password>x</wp:post_password>"
    content = wxr(comment, password="x").replace(comment, "").replace(password, comment + password)
    records = read(tmp_path, "wordpress", content)
    assert states_of(records) == {"1": "withheld"}
    assert comments_of(records)["1"].page_id == "5"


def test_comments_of_one_author_and_moment_are_told_apart_by_their_ids(tmp_path):
    records = read(tmp_path, "wordpress", wxr(wp_comment(1), wp_comment(2)))
    assert list(comments_of(records)) == ["1", "2"]


def test_kinds_of_posts_that_are_no_letters_share_a_reason(tmp_path):
    records = read(tmp_path, "wordpress", wxr(kind="attachment"))
    assert records == [LeftOut("post 5", "The kind “attachment” is not a letter.")]


def test_a_document_type_with_entities_is_refused(tmp_path):
    content = wxr().replace("<rss", '<!DOCTYPE rss [<!ENTITY word "words">]>\n<rss', 1)
    with pytest.raises(Invalid):
        read(tmp_path, "wordpress", content)


# Disqus


def test_spam_and_deleted_posts_of_disqus_are_not_taken_for_public_ones(tmp_path):
    posts = [
        disqus_post(1),
        disqus_post(2, spam="true"),
        disqus_post(3, deleted="true", spam="true"),
        disqus_post(4, parent=3),
    ]
    records = read(tmp_path, "disqus", DISQUS.format(posts="".join(posts)))
    assert states_of(records) == {"1": "visible", "2": "refused", "3": "deleted", "4": "visible"}
    assert parents_of(records)["4"] == "3"
    assert records[0] == SourcePage("7", "A", "https://old.example/a/")


# Isso


def isso_database(path, *rows):
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE TABLE threads (id INTEGER PRIMARY KEY, uri TEXT, title TEXT);"
            "CREATE TABLE comments (tid INTEGER, id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT,"
            " modified FLOAT, mode INTEGER, remote_addr TEXT, text TEXT, author TEXT, email TEXT);"
            "INSERT INTO threads VALUES (1, '/a/', 'Cats & <dogs>');"
        )
        database.executemany("INSERT INTO comments VALUES (1, ?, ?, 0.5, ?, ?, '', ?, ?, ?)", rows)
        dump = "\n".join(database.iterdump())
    database.close()
    return dump


ISSO_ROWS = [
    (1, None, 9.5, 1, "*Yes*", "Q &amp; A", "q@example.org"),
    (2, 1, None, 2, "Waits", None, None),
    (3, None, None, 4, "", None, "left@example.org"),
    (4, 3, None, 1, "Below", "Petra", None),
]


@pytest.mark.parametrize("form", ["database", "dump"])
def test_isso_is_read_from_its_database_and_from_a_dump(tmp_path, form):
    path = tmp_path / "comments.db"
    dump = isso_database(path, *ISSO_ROWS)
    records = read(tmp_path, "isso", dump if form == "dump" else path.read_bytes())
    assert states_of(records) == {"1": "visible", "2": "pending", "3": "deleted", "4": "visible"}
    assert parents_of(records) == {"1": None, "2": "1", "3": None, "4": "3"}
    comment = comments_of(records)["1"]
    assert (comment.name, comment.text) == ("Q & A", "*Yes*")
    assert comment.submitted_at == datetime(1970, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)
    assert comment.edited_at == datetime(1970, 1, 1, 0, 0, 9, 500_000, tzinfo=UTC)
    assert records[0].title == "Cats & <dogs>"


def test_the_address_that_a_deleted_comment_of_isso_still_has_is_not_taken_over(tmp_path):
    records = read(tmp_path, "isso", isso_database(tmp_path / "db", *ISSO_ROWS))
    assert comments_of(records)["3"].email == ""


@pytest.mark.parametrize(
    "statement", ["ATTACH DATABASE 'other.db' AS other;", "DROP TABLE comments;", "not sql;"]
)
def test_a_dump_may_only_create_and_fill_its_tables(tmp_path, statement):
    dump = isso_database(tmp_path / "db", *ISSO_ROWS)
    with pytest.raises(Invalid):
        read(tmp_path, "isso", dump.replace("COMMIT;", f"{statement}\nCOMMIT;"))


# Remark42


def remark42(*comments):
    header = {"version": 1, "users": [], "posts": []}
    return "\n".join(json.dumps(line) for line in (header, *comments))


def remark42_comment(number, **changes):
    return {
        "id": number,
        "pid": "",
        "orig": "**Yes**",
        "text": "<p><strong>Yes</strong></p>",
        "user": {"name": "Petra", "ip": "0af3"},
        "locator": {"site": "s", "url": "https://old.example/a/"},
        "time": "2020-01-01T10:00:00.123456789Z",
        "title": "Cats &amp; dogs",
    } | changes


def test_a_deleted_comment_of_remark42_keeps_its_place_without_its_author(tmp_path):
    content = remark42(
        remark42_comment("a", delete=True, orig=None, text=""), remark42_comment("b", pid="a")
    )
    records = read(tmp_path, "remark42", content)
    assert states_of(records) == {"a": "deleted", "b": "visible"}
    assert parents_of(records)["b"] == "a"
    assert comments_of(records)["a"].name == ""
    assert records[0].title == "Cats & dogs"


def test_the_time_of_an_edit_in_remark42_is_kept(tmp_path):
    edit = {"time": "2020-01-01T10:05:00Z", "summary": "typo"}
    records = read(tmp_path, "remark42", remark42(remark42_comment("a", edit=edit)))
    assert comments_of(records)["a"].edited_at == datetime(2020, 1, 1, 10, 5, tzinfo=UTC)


def test_a_reply_of_remark42_to_a_missing_comment_is_kept(tmp_path):
    records = read(tmp_path, "remark42", remark42(remark42_comment("b", pid="gone")))
    assert states_of(records) == {"b": "visible"}
    assert parents_of(records) == {"b": "gone"}


def test_a_comment_that_remark42_imported_has_html_only(tmp_path):
    records = read(tmp_path, "remark42", remark42(remark42_comment("a", orig=None)))
    comment = comments_of(records)["a"]
    assert (comment.text_format.value, comment.text) == ("html", "<p><strong>Yes</strong></p>")


# Waline


def test_times_of_waline_need_the_zone_of_its_server(tmp_path):
    with pytest.raises(Invalid, match="no time zone"):
        read(tmp_path, "waline", waline(waline_comment(1)))
    zone = ZoneInfo("Asia/Shanghai")
    records = read(tmp_path, "waline", waline(waline_comment(1)), time_zone=zone)
    assert comments_of(records)["1"].submitted_at == datetime(2020, 1, 1, 10, tzinfo=UTC)


def test_a_reply_to_a_comment_that_waline_deleted_answers_the_top_of_the_thread(tmp_path):
    content = waline(waline_comment(1), waline_comment(3, pid=2, rid=1))
    assert parents_of(read(tmp_path, "waline", content, time_zone=UTC))["3"] == "1"


def test_states_of_waline(tmp_path):
    states = ["approved", "waiting", "spam", "odd"]
    content = waline(*(waline_comment(n, status=state) for n, state in enumerate(states)))
    found = states_of(read(tmp_path, "waline", content, time_zone=UTC))
    assert list(found.values()) == ["visible", "pending", "refused", "pending"]


def test_passwords_of_waline_are_not_read(tmp_path):
    assert "$2a$08$hash" not in repr(
        read(tmp_path, "waline", waline(waline_comment(1)), time_zone=UTC)
    )


# Twikoo, Artalk


def test_what_twikoo_marks_as_spam_goes_to_a_moderator(tmp_path):
    rows = [
        {
            "_id": "a",
            "url": "/a/",
            "created": 1_577_872_800_000,
            "comment": "<p>Yes</p>",
            "nick": "P",
        },
        {"_id": "b", "url": "/a/", "created": 0, "comment": "x", "isSpam": True, "pid": "gone"},
    ]
    records = read(tmp_path, "twikoo", json.dumps({"code": 0, "data": rows}))
    assert states_of(records) == {"a": "visible", "b": "pending"}
    assert parents_of(records)["b"] == "gone"
    assert comments_of(records)["a"].submitted_at == datetime(2020, 1, 1, 10, tzinfo=UTC)


def artalk(**changes):
    row = {
        "id": "1",
        "rid": "0",
        "content": "Yes",
        "is_pending": "false",
        "created_at": "2020-01-01 18:00:00 +0800",
        "nick": "Petra",
        "page_key": "/a/",
    }
    return json.dumps([row | changes])


@pytest.mark.parametrize(
    ("value", "state"),
    [("true", "pending"), (True, "pending"), ("false", "visible"), (False, "visible")],
)
def test_artalk_writes_truth_as_booleans_or_words(tmp_path, value, state):
    records = read(tmp_path, "artalk", artalk(is_pending=value))
    assert states_of(records) == {"1": state}
    assert comments_of(records)["1"].submitted_at == datetime(2020, 1, 1, 10, tzinfo=UTC)


def test_a_reply_of_artalk_answers_the_comment_that_it_names(tmp_path):
    records = read(tmp_path, "artalk", artalk(id="3", rid="2"))
    assert parents_of(records) == {"3": "2"}


def test_an_unknown_truth_value_is_refused(tmp_path):
    with pytest.raises(Invalid):
        read(tmp_path, "artalk", artalk(is_pending="maybe"))


# django-comments-xtd


def xtd(*rows, with_texts=True):
    texts, places = [], []
    for number, parent, removed, public in rows:
        fields = {
            "content_type": ["blog", "entry"],
            "object_pk": "4",
            "user": None,
            "user_name": "Petra",
            "user_email": "",
            "comment": "*Yes*",
            "submit_date": "2020-01-01T10:00:00Z",
            "is_public": public,
            "is_removed": removed,
        }
        texts.append({"model": "django_comments.comment", "pk": number, "fields": fields})
        place = {"parent_id": parent}
        places.append({"model": "django_comments_xtd.xtdcomment", "pk": number, "fields": place})
    return json.dumps([*(texts if with_texts else []), *places])


def test_a_comment_below_a_removed_one_is_withheld_and_does_not_wait(tmp_path):
    rows = [(1, 1, True, True), (2, 1, False, False), (3, 2, False, False), (4, 4, False, False)]
    records = read(tmp_path, "django-comments-xtd", xtd(*rows))
    assert states_of(records) == {"1": "deleted", "2": "withheld", "3": "withheld", "4": "pending"}
    assert parents_of(records) == {"1": None, "2": "1", "3": "2", "4": None}


def test_a_dump_without_the_texts_of_the_comments_is_refused(tmp_path):
    with pytest.raises(Invalid, match="dumpdata"):
        read(tmp_path, "django-comments-xtd", xtd((1, 1, False, True), with_texts=False))


# Plone


def test_a_conversation_of_plone_that_is_not_complete_is_refused(tmp_path):
    conversation = {"@id": "https://old.example/a", "items_total": 30, "items": []}
    with pytest.raises(Invalid, match="batch_size"):
        read(tmp_path, "plone", json.dumps([{"uuid": "u", "conversation": conversation}]))


def test_comments_of_plone_wait_because_its_file_has_no_states(tmp_path):
    comment = {
        "comment_id": "1",
        "in_reply_to": None,
        "author_name": "Petra",
        "author_username": None,
        "text": {"data": "Yes", "mime-type": "text/plain"},
        "creation_date": "2020-01-01T10:00:00+00:00",
    }
    conversation = {"@id": "https://old.example/a", "items_total": 1, "items": [comment]}
    records = read(tmp_path, "plone", json.dumps([{"uuid": "u", "conversation": conversation}]))
    assert states_of(records) == {"1": "pending"}


# Archives of mailing lists


def test_a_thread_becomes_a_letter_with_comments(tmp_path):
    archive = mail(1, "First") + mail(2, "Second", answers=1) + mail(3, "Third", answers=2)
    [page, *comments] = read(tmp_path, "mbox", archive)
    assert (page.source_id, page.title, page.text.strip()) == ("<1@l>", "Routes", "First")
    assert page.status is PageStatus.HIDDEN  # a list is no permission to publish
    assert [(one.source_id, one.parent_id) for one in comments] == [
        ("<2@l>", None),
        ("<3@l>", "<2@l>"),
    ]
    assert comments[0].submitted_at == datetime(2020, 1, 1, 10, tzinfo=UTC)


def test_another_message_can_be_the_letter(tmp_path):
    archive = mail(1, "First") + mail(2, "Second", answers=1) + mail(9, "Elsewhere")
    [comment, page] = read(tmp_path, "mbox", archive, first_message="<2@l>")
    assert (page.source_id, comment.source_id) == ("<2@l>", "<1@l>")


def test_a_line_that_begins_with_from_does_not_end_a_message(tmp_path):
    archive = mail(
        1, "I agree.\n\nFrom my side there is more.\n\nFrom 2020 on, nothing changed in 2021"
    )
    [page] = read(tmp_path, "mbox", archive)
    assert "From my side" in page.text
    assert "nothing changed" in page.text


def test_one_sign_comes_off_in_an_archive_of_public_inbox_and_none_elsewhere(tmp_path):
    text = ">From A\n>>From B"
    [page] = read(tmp_path, "mbox", mail(1, text, separator="mboxrd@z"))
    assert page.text.strip() == "From A\n>From B"
    archive = mail(1, "x") + mail(2, text, answers=1)
    [_page, comment] = read(tmp_path, "mbox", archive)
    assert comment.text.strip() == text
    assert ">From" in comment.remarks[0]


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("petra at example.org (Petra Q)", ("Petra Q", "petra@example.org")),
        ('"Q & A" <q@example.org>', ("Q & A", "q@example.org")),
        ("q@example.org", ("q@example.org", "q@example.org")),
        ("=?utf-8?b?2LnZhNmK?= <a@example.org>", ("علي", "a@example.org")),
    ],
)
def test_authors_of_mails_in_every_form(tmp_path, sender, expected):
    archive = mail(1, "x") + mail(2, "y", answers=1, sender=sender)
    [_page, comment] = read(tmp_path, "mbox", archive)
    assert (comment.name, comment.email) == expected


# All


@pytest.mark.parametrize("system", list(READERS))
@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"hello", b"<a/>", b"\x00\xff" * 20, b'["x"]']
)
def test_a_file_of_another_kind_is_refused_with_a_sentence(tmp_path, system, content):
    with pytest.raises(Invalid) as refusal:
        read(tmp_path, system, content)
    assert refusal.value.message % refusal.value.details
