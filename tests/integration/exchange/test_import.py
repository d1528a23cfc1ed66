"""Import files of other systems, on both databases: what is public, what waits, and what a second run adds."""

import csv
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from commentsite.audit.models import AuditEntry
from commentsite.audit.services import record_event
from commentsite.comments.models import Comment
from commentsite.db.session import session, transaction
from commentsite.exchange import conversion, page_texts, staging
from commentsite.exchange.models import ImportedComment
from commentsite.exchange.services import read_page_text
from commentsite.letters.models import Letter
from commentsite.moderation.transparency.queries import load_transparency_report
from commentsite.moderation.transparency.verification import find_inconsistencies
from tests.support.audit import verify_records
from tests.support.clients import fetch_page
from tests.support.exports import mail, waline, waline_comment, wp_comment, wp_post, wxr, wxr_of
from tests.support.factories import outbox_kinds


@pytest.fixture
def run_import(any_app, tmp_path):
    """Run `commentsite import` on a file with this content, and return what it prints."""

    def run(system, content, *options, status=0):
        file = tmp_path / "export"
        file.write_text(content, encoding="utf-8")
        arguments = ["import", system, str(file), *map(str, options)]
        result = any_app.test_cli_runner().invoke(args=arguments)
        assert result.exit_code == status, result.output
        return result.output

    return run


def imported():
    """Return the imported comments by their ids in the other system."""
    query = select(ImportedComment.source_id, Comment).join(
        Comment, Comment.id == ImportedComment.comment_id
    )
    return {row.source_id: row.Comment for row in session().execute(query)}


def states():
    return {source_id: str(comment.state) for source_id, comment in imported().items()}


def letter_of(title):
    return session().scalars(select(Letter).where(Letter.title == title)).one()


def test_a_public_post_becomes_a_public_letter_with_its_date_and_comments(any_app, run_import):
    run_import(
        "wordpress", wxr(wp_comment(1, text="Words <b>of</b> Petra"), wp_comment(2, parent=1))
    )
    letter = letter_of("On 5 & more")
    assert letter.published_at == datetime(2019, 3, 1, 8, tzinfo=UTC)
    page = fetch_page(any_app.test_client(), f"/letters/{letter.slug}")
    assert "Words <strong>of</strong> Petra" in page
    assert "Léna Q." in page
    assert letter.published_comment_count == 2
    comments = imported()
    assert comments["2"].parent_id == comments["1"].id
    assert comments["1"].submitted_at == datetime(2019, 3, 2, 10, tzinfo=UTC)


def test_the_site_can_change_while_the_text_of_a_letter_is_read(any_app, run_import, monkeypatch):
    def read(page):
        with any_app.app_context(), transaction():
            record_event("system", "letter.read", "letter:1")
        return read_page_text(page)

    monkeypatch.setattr(page_texts, "read_page_text", read)
    run_import("wordpress", wxr(wp_comment(1)))
    assert "letter.read" in session().scalars(select(AuditEntry.action)).all()
    assert states() == {"1": "published"}


def test_only_what_was_public_is_public(any_app, run_import):
    run_import(
        "wordpress", wxr(*(wp_comment(n, state) for n, state in enumerate(["1", "0", "trash"])))
    )
    assert states() == {"0": "published", "1": "pending", "2": "withdrawn"}
    deleted = imported()["2"]
    assert (deleted.name, deleted.body, deleted.email_sealed) == ("", "", None)
    run_import(
        "wordpress", wxr(wp_comment(10), wp_comment(11, "0"), status="private"), "--site", "b"
    )
    assert {states()["10"], states()["11"]} == {"refused"}


def test_the_log_and_the_report_call_imported_comments_imported(any_app, run_import):
    run_import(
        "wordpress", wxr(*(wp_comment(n, state) for n, state in enumerate(["1", "0", "trash"])))
    )
    entries = session().scalars(select(AuditEntry.action)).all()
    assert entries.count("comment.imported") == 3
    assert not verify_records()
    report = load_transparency_report()
    assert find_inconsistencies(report) == []
    assert (report.total.submitted, report.total.imported, report.total.decided) == (3, 3, 0)
    assert report.total.automated == 0
    assert "3 comments came from another system" in fetch_page(
        any_app.test_client(), "/transparency"
    )


def test_a_second_run_adds_only_what_is_new(run_import):
    run_import("wordpress", wxr(wp_comment(1)))
    output = run_import("wordpress", wxr(wp_comment(1), wp_comment(2, parent=1)))
    assert "1  comment there already" in output
    comments = imported()
    assert len(comments) == 2
    assert comments["2"].parent_id == comments["1"].id
    # The parent is not in the file any more.
    run_import("wordpress", wxr(wp_comment(3, parent=2)))
    comments = imported()
    assert (comments["3"].parent_id, comments["3"].root_id) == (comments["2"].id, comments["1"].id)


def test_two_sites_of_one_system_are_told_apart(run_import):
    run_import("wordpress", wxr(wp_comment(1)))
    run_import(
        "wordpress", wxr(wp_comment(1, text="Other words"), wp_comment(2, parent=1)), "--site", "b"
    )
    bodies = session().scalars(select(Comment.body).order_by(Comment.id)).all()
    assert bodies == ["Some words", "Other words", "Some words"]


def test_a_reply_to_a_missing_comment_is_kept_and_never_put_under_a_stranger_s(run_import):
    run_import("wordpress", wxr(wp_comment(1)))
    output = run_import("waline", waline(waline_comment(2, pid=1)), "--time-zone", "UTC")
    assert imported()["2"].parent_id is None
    assert "The comment that it answers is missing" in output


def test_a_public_reply_to_a_waiting_comment_stays_readable(any_app, run_import):
    comments = [
        wp_comment(1),
        wp_comment(2, "0", parent=1),
        wp_comment(3, parent=2, text="A late word"),
    ]
    output = run_import("wordpress", wxr(*comments))
    assert "so it stands one place higher" in output
    assert imported()["3"].parent_id == imported()["1"].id
    page = fetch_page(any_app.test_client(), f"/letters/{letter_of('On 5 & more').slug}")
    assert "A late word" in page


def test_comments_that_answer_each_other_in_a_loop_are_kept(run_import):
    run_import("wordpress", wxr(wp_comment(1, parent=2), wp_comment(2, parent=1)))
    assert [comment.parent_id for comment in imported().values()] == [None, None]


def test_addresses_are_sealed_and_network_addresses_are_not_stored(run_import):
    run_import("wordpress", wxr(wp_comment(1)))
    comment = imported()["1"]
    assert comment.email_sealed
    assert comment.network_address_hash is None
    row = " ".join(str(getattr(comment, name.key)) for name in Comment.__mapper__.column_attrs)
    assert "p@example.org" not in row
    assert "192.0.2.7" not in row


def test_nobody_is_told_of_an_imported_comment(run_import):
    run_import("wordpress", wxr(wp_comment(1), wp_comment(2, "0", parent=1)))
    assert outbox_kinds() == []


def test_comments_of_an_address_go_to_the_letter_that_the_map_names(run_import, tmp_path):
    table = tmp_path / "map.csv"
    table.write_text("/a/,hello\n/typo/,hello\n", encoding="utf-8")
    options = ("--time-zone", "UTC", "--map", table)
    output = run_import("waline", waline(waline_comment(1)), *options)
    assert "The map names “/typo/”, and no file has such a page." in output
    letter = session().get_one(Letter, imported()["1"].letter_id)
    assert letter.slug == "hello"


def test_comments_of_an_address_without_a_letter_go_to_a_draft(any_app, run_import):
    output = run_import("waline", waline(waline_comment(1)), "--time-zone", "UTC")
    assert "It is a draft, because the file has its address only." in output
    letter = session().get_one(Letter, imported()["1"].letter_id)
    assert str(letter.state) == "draft"
    assert any_app.test_client().get(f"/letters/{letter.slug}").status_code == 404


def test_a_thread_of_mails_becomes_a_draft_with_comments(run_import):
    run_import("mbox", mail(1, "First of all") + mail(2, "1. Second\n3. Third", answers=1))
    assert str(letter_of("Routes").state) == "draft"
    assert states() == {"<2@l>": "published"}
    assert "3. Third" in imported()["<2@l>"].body_html


def test_an_old_address_leads_to_the_letter(any_app, run_import):
    run_import("wordpress", wxr(wp_comment(1)).replace("/post-5/", "/2019/03/post-5/"))
    client, slug = any_app.test_client(), letter_of("On 5 & more").slug
    answer = client.get("/2019/03/post-5/")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/letters/{slug}")
    assert client.get("/2019/03/post-6/").status_code == 404
    run_import("wordpress", wxr().replace("/post-5/", "/?p=5"), "--site", "b")
    assert client.get("/?p=5").status_code == 301


def test_a_page_without_comments_becomes_a_page_of_the_site(any_app, run_import):
    content = wxr(kind="page").replace("/post-5/", "/info/about-us/")
    assert "1  page taken" in run_import("wordpress", content, "--dry-run")
    assert "1  page taken" in run_import("wordpress", content)
    client = any_app.test_client()
    answer = client.get("/info/about-us/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/pages/about-us")
    assert "A paragraph." in fetch_page(client, "/pages/about-us")
    assert "1  page there already" in run_import("wordpress", content)
    hidden = wxr(kind="page", status="private").replace("/post-5/", "/about-us/")
    output = run_import("wordpress", hidden, "--site", "b")
    assert "Its address is /pages/about-us-2, because another page has or had" in output
    assert client.get("/pages/about-us-2").status_code == 404
    assert client.get("/about-us/").status_code == 404
    assert not verify_records()


def test_a_page_with_comments_becomes_a_letter_also_if_they_come_later(any_app, run_import):
    output = run_import("wordpress", wxr(wp_comment(1), kind="page"))
    assert "It has comments, so it is a letter and no page of the site." in output
    assert str(letter_of("On 5 & more").state) == "published"
    run_import("wordpress", wxr(kind="page"), "--site", "b")
    output = run_import("wordpress", wxr(wp_comment(1), kind="page"), "--site", "b")
    assert "An earlier import made it a page of the site" in output
    assert len(imported()) == 1  # by source id, which both sites have
    assert len(session().scalars(select(Comment)).all()) == 2


def test_a_letter_that_cannot_be_public_says_why(run_import):
    content = wxr(wp_comment(1)).replace("<language>fr-FR</language>", "")
    assert "It is a draft: Choose the language of this letter." in run_import("wordpress", content)


def test_a_dry_run_stores_nothing(run_import):
    output = run_import("wordpress", wxr(wp_comment(1), wp_comment(2, kind="note")), "--dry-run")
    assert "1  comment taken" in output
    assert "1  comment left out" in output
    assert imported() == {}


def test_a_dry_run_names_the_letters_that_would_become_drafts(run_import):
    posts = [
        wp_post(1),
        wp_post(2, status="draft"),
        wp_post(3).replace("<dc:creator>lena</dc:creator>", ""),
        wp_post(4).replace("2019-03-01 08:00:00", "0000-00-00 00:00:00"),
        wp_post(5, status="draft", kind="page"),  # no letter
    ]
    output = run_import("wordpress", wxr_of(*posts), "--dry-run")
    _before, _heading, after = output.partition("Letters that would become drafts: 3\n")
    titles = [line.strip() for line in after.splitlines()[:3]]
    assert titles == ["On 2 & more", "On 3 & more", "On 4 & more"]
    assert "It is a draft, because the file does not have its date." in after
    real = run_import("wordpress", wxr_of(*posts))
    assert real.count("It is a draft") == 3
    assert "would become" not in real


def test_the_report_of_a_dry_run_names_drafts_and_no_ids(run_import, tmp_path):
    report = tmp_path / "report.csv"
    content = wxr(wp_comment(1), status="draft")
    run_import("wordpress", content, "--dry-run", "--report", report)
    with report.open(encoding="utf-8", newline="") as file:
        targets = {row["kind"]: row["target"] for row in csv.DictReader(file)}
    assert targets == {"letter": "draft:On 5 & more", "comment": ""}


def test_a_dry_run_names_a_draft_without_the_signs_that_steer_a_terminal(run_import):
    comment = {
        "id": "1",
        "content": "Yes",
        "created_at": "2020-01-01 18:00:00 +0800",
        "page_key": "/a/",
        "page_title": "A \x1b[2J\u202epage",
    }
    output = run_import("artalk", json.dumps([comment]), "--dry-run")
    assert "           A [2Jpage\n" in output


def test_a_dry_run_names_the_first_twenty_drafts(run_import):
    posts = (wp_post(number, status="draft") for number in range(1, 23))
    output = run_import("wordpress", wxr_of(*posts), "--dry-run")
    assert "Letters that would become drafts: 22\n" in output
    assert "On 20 & more\n           …" in output
    assert "On 21 &" not in output


def test_the_report_names_every_row(run_import, tmp_path):
    report = tmp_path / "report.csv"
    comments = [wp_comment(1), wp_comment(2, kind="note"), wp_comment(3, name="n" * 90)]
    run_import("wordpress", wxr(*comments), "--report", report)
    with report.open(encoding="utf-8", newline="") as file:
        rows = {(row["kind"], row["source_id"]): row for row in csv.DictReader(file)}
    assert rows["letter", "5"]["outcome"] == "taken"
    assert [rows["comment", str(n)]["outcome"] for n in (1, 2, 3)] == [
        "taken",
        "left out",
        "changed",
    ]
    assert "shortened" in rows["comment", "3"]["remarks"]


def test_a_text_that_is_too_long_to_show_is_kept_and_named(run_import, tmp_path):
    report = tmp_path / "report.csv"
    text = "Words and more of them. " * 600
    run_import("wordpress", wxr(wp_comment(1, text=text)), "--report", report)
    assert imported()["1"].body == text.strip()
    assert "first 10,000 characters" in report.read_text(encoding="utf-8")


def test_a_large_import_converts_texts_in_a_second_process(run_import, monkeypatch):
    monkeypatch.setattr(conversion, "MIN_COMMENTS", 2)
    monkeypatch.setattr(staging, "BATCH", 2)
    texts = ["Plain", "Words <b>of</b> Petra", "R&amp;D", "`x` 2 * 3", "سؤال عن الطريق"]
    comments = [wp_comment(n, text=text) for n, text in enumerate(texts)]
    run_import("wordpress", wxr(*comments), "--site", "a")
    found = {number: (one.body, one.body_html) for number, one in imported().items()}
    assert len(found) == len(texts)
    assert found["1"][1] == "<p>Words <strong>of</strong> Petra</p>"
    assert found["4"][0] == texts[4]


def test_a_long_thread_and_a_large_file_keep_their_order(run_import):
    chain = [wp_comment(n, parent=n - 1, text=f"Number {n}") for n in range(1, 1101)]
    run_import("wordpress", wxr(*reversed(chain)))
    comments = imported()
    assert all(comments[str(n)].parent_id == comments[str(n - 1)].id for n in range(2, 1101))
    assert {comment.root_id for comment in comments.values()} == {None, comments["1"].id}
