"""The page of a record of positions, its versions, and the places of the site that mention it."""

import json

import pytest

from commentsite.accounts.permissions import SYSTEM
from commentsite.comments.models import Comment
from commentsite.comments.sanitizer import render_comment_html
from commentsite.comments.states import CommentState
from commentsite.comments.transitions import change_state
from commentsite.db.session import session, transaction
from commentsite.letters.publication.corrections import withdraw_letter
from commentsite.letters.queries import get_public_letter
from commentsite.letters.slugs import change_slug
from commentsite.summaries.models import Objection, Position, PositionComment, SummaryLetter
from commentsite.summaries.states import Outcome
from tests.support import records
from tests.support.commands import run_command
from tests.support.factories import publish_sample_letter, store_numbered_comment

PAGE = "/letters/annex/summary"


@pytest.fixture
def record(app):
    """The id of a published record of positions."""
    with app.app_context():
        summary_id = records.seed_consultation()
        records.publish_record(summary_id)
    return summary_id


def publish_second_version(app, summary_id):
    with app.app_context():
        with transaction():
            position = session().query(Position).order_by(Position.id).first()
            position.body = position.body.replace("every proposal", "each proposal")
        records.publish_record(summary_id, "A holder corrected a word.")


def test_the_page_states_the_outcome_and_all_sections(client, record):
    page = client.get(PAGE).get_data(as_text=True)
    assert "<strong>No report.</strong>" in page
    assert "The positions stand side by side below." in page
    for heading in (
        *("Overview and next steps", "Positions", "Consensus map", "Contributors"),
        *("Summary of comments", "Analysis", "Alternative wordings", "Objections"),
        *("What the letter leaves out", "Campaigns", "Late comments", "Method", "Limits"),
        *("Groups not heard", "Inquiries", "About this record"),
    ):
        assert f">{heading}</h2>" in page
    assert "was asked and has not confirmed" in page
    assert "confirms that this text is fair" in page
    assert "[The second paragraph in other words.]" in page
    assert "by the time when each position was first stated" in page
    assert "intergovernmental organisation, media" in page


def test_readers_and_caches_get_the_same_page(client, record):
    answer = client.get(PAGE)
    assert "Set-Cookie" not in answer.headers
    assert client.head(PAGE).headers["ETag"] == answer.headers["ETag"]
    again = client.get(PAGE, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for extension in ("docx", "ods", "csv", "json"):
        etag = client.head(f"{PAGE}.{extension}").headers["ETag"]
        assert client.get(f"{PAGE}.{extension}", headers={"If-None-Match": etag}).status_code == 304


def test_a_second_version_shows_the_difference_and_leaves_the_first_as_it_was(app, client, record):
    before = client.get(f"{PAGE}.json").data
    etag = client.get(PAGE).headers["ETag"]
    publish_second_version(app, record)
    assert client.get(PAGE).headers["ETag"] != etag
    page = client.get(f"{PAGE}/changes/1/2").get_data(as_text=True)
    assert "<del>every</del>" in page
    assert "<ins>each</ins>" in page
    assert "A holder corrected a word." in page
    assert client.get(f"{PAGE}/versions/1.json").data == before
    assert "This is an earlier version." in client.get(f"{PAGE}/versions/1").get_data(as_text=True)
    assert "each proposal" in client.get(PAGE).get_data(as_text=True)
    # The text has changed since the holder called it fair.
    assert "called an earlier wording fair" in client.get(PAGE).get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    [
        "/letters/hello/summary",
        "/letters/hello/summary.json",
        "/letters/none/summary",
        f"{PAGE}/versions/2",
        f"{PAGE}/versions/99999999999999999999",
        f"{PAGE}/changes/1/2",
        f"{PAGE}/cite/word",
        f"{PAGE}.txt",
    ],
)
def test_what_does_not_exist_is_not_found(client, record, path):
    assert client.get(path).status_code == 404


def test_a_former_address_leads_to_the_record(app, client, record):
    with app.app_context(), transaction():
        change_slug("annex", "appendix", by=SYSTEM)
    for path in ("summary", "summary.json", "summary/versions/1", "summary/cite/ris"):
        answer = client.get(f"/letters/annex/{path}")
        assert (answer.status_code, answer.headers["Location"]) == (
            301,
            f"/letters/appendix/{path}",
        )


def test_the_record_of_a_withdrawn_letter_is_gone_and_still_says_what_was_said(app, client, record):
    with app.app_context(), transaction():
        withdraw_letter("annex", "The author asked for it.", by=SYSTEM)
    answer = client.get(PAGE)
    assert answer.status_code == 410
    assert "The author asked for it." in answer.get_data(as_text=True)
    assert "No report." in answer.get_data(as_text=True)
    assert client.get(f"{PAGE}.json").status_code == 404
    assert client.get(f"{PAGE}/versions/1").status_code == 404


def test_a_comment_that_is_taken_back_is_left_out_of_the_published_version(app, client, record):
    with app.app_context(), transaction():
        quoted = session().query(Comment).filter_by(name="Reader 8").one()
        quoted.state = CommentState.WITHDRAWN
        letter = get_public_letter("annex")
        letter.page_version += 1
    page = client.get(PAGE).get_data(as_text=True)
    assert "Reader 8" not in page
    assert "1 comment that this version names is no longer published." in page
    for extension in ("csv", "json"):
        assert "Reader 8" not in client.get(f"{PAGE}.{extension}").get_data(as_text=True)
    assert "has another hash today" in page


def test_a_comment_taken_back_on_any_letter_of_the_record_is_left_out(app, client):
    with app.app_context():
        publish_sample_letter("second")
        store_numbered_comment(app, 1, "second", quote_as="name")
        summary_id = records.seed_consultation()
        with transaction():
            comment = session().query(Comment).filter_by(name="Name 1").one()
            comment.state, comment.published_at = CommentState.PUBLISHED, records.START
            second = get_public_letter("second")
            session().add(SummaryLetter(summary_id=summary_id, letter_id=second.id, position=0))
        records.publish_record(summary_id)
    assert "Name 1<" in client.get(PAGE).get_data(as_text=True)
    etag = client.get(f"{PAGE}.csv").headers["ETag"]
    with app.app_context(), transaction():
        comment = session().query(Comment).filter_by(name="Name 1").one()
        change_state(comment, CommentState.WITHDRAWN, by=SYSTEM, action="comment.withdrawn")
    assert "Name 1<" not in client.get(PAGE).get_data(as_text=True)
    again = client.get(f"{PAGE}.csv", headers={"If-None-Match": etag})
    assert (again.status_code, "Name 1," in again.get_data(as_text=True)) == (200, False)


def test_words_redacted_since_and_comments_whose_publication_was_undone_are_left_out(
    app, client, record
):
    words = "I would keep the whole list in it. 12"
    assert words in client.get(PAGE).get_data(as_text=True)
    with app.app_context(), transaction():
        redacted = session().query(Comment).filter(Comment.body.endswith(" 12")).one()
        redacted.body = redacted.body_html = "I read the draft twice. [redacted]"
        redacted.unredacted_sealed = b"sealed"
        undone = session().query(Comment).filter_by(name="Reader 8").one()
        undone.state, undone.published_at = CommentState.PENDING, None
        get_public_letter("annex").page_version += 1
    page = client.get(PAGE).get_data(as_text=True)
    assert "I read the draft twice. [redacted]" in page
    assert "has another hash today" in page
    for text in (page, client.get(f"{PAGE}.json").get_data(as_text=True)):
        assert words not in text
        assert "Reader 8" not in text


def test_a_comment_taken_back_before_a_version_is_no_part_of_it(app, client):
    with app.app_context():
        summary_id = records.seed_consultation(outcome=Outcome.AGREED)
        with transaction():
            for objection in session().query(Objection):
                session().get(Comment, objection.comment_id).state = CommentState.WITHDRAWN
            for row in session().query(PositionComment).filter(PositionComment.quotation != ""):
                comment = session().get(Comment, row.comment_id)
                comment.body = comment.body.replace("keep", "**keep**")
                comment.body_html = render_comment_html(comment.body)
        # Objections that are not in the register do not block it, nor quotations without asterisks.
        records.publish_record(summary_id)
    page = client.get(PAGE).get_data(as_text=True)
    assert "Replies by the staff are comments of no group" in page
    assert "I would keep the whole list" in page
    assert "No objection was recorded." in page
    assert "has another hash today" not in page


def test_the_site_says_that_a_record_exists(client, record):
    for path in ("/letters/annex", "/", "/letters/", "/authors/Amina%20Author"):
        assert "Record of positions, version 1" in client.get(path).get_data(as_text=True)
    assert "Record of positions" not in client.get("/letters/hello").get_data(as_text=True)
    assert f"{PAGE}</loc>" in client.get("/sitemap.xml").get_data(as_text=True)
    items = client.get("/feed.json").json["items"]
    assert "Record of positions on “Hello”" in {item["title"] for item in items}


def test_the_record_can_be_cited(client, record):
    for name, part in (("bibtex", "annex-record"), ("ris", "ET  - Version 1"), ("csl-json", "v")):
        assert part in client.get(f"{PAGE}/cite/{name}").get_data(as_text=True)
    page = client.get(PAGE).get_data(as_text=True)
    data = json.loads(page.partition('<script type="application/ld+json">')[2].partition("<")[0])
    assert (data["@type"], data["version"]) == ("Report", "1")
    assert data["encoding"][0]["contentUrl"].endswith(f"{PAGE}/versions/1.json")


def test_the_api_returns_the_record(client, record):
    answer = client.get("/api/v1/letters/annex/summary")
    assert answer.json["report"]["outcome"] == "no_report"
    assert answer.json["files"]["ods"].endswith(f"{PAGE}.ods")
    assert "ETag" in answer.headers
    assert client.get("/api/v1/letters/hello/summary").status_code == 404


def test_the_command_writes_the_formats_that_are_asked_for(app, record, tmp_path):
    done = run_command(
        app, "summary", "annex", "--out", tmp_path / "out", "--format", "html,csv,json"
    )
    assert done.exit_code == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [f"annex-record-1.{name}" for name in ("csv", "html", "json")]
    page = (tmp_path / "out" / "annex-record-1.html").read_text()
    assert "<style>" in page
    assert "<script src" not in page
    for arguments, code, words in (
        (("annex", "--format", "xlsx"), 2, "Choose formats among"),
        (("hello",), 1, "This letter has no record of positions yet."),
    ):
        failed = run_command(app, "summary", *arguments, "--out", tmp_path / "none")
        assert (failed.exit_code, words in failed.output) == (code, True)
