"""Versions of a record of positions: the same database gives the same bytes, and no other may publish."""

import json

import pytest

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.comments.models import Comment
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.redaction.services import (
    lift_all_redactions,
    redact_span,
    refresh_public_text,
)
from commentsite.comments.redaction.spans import Span
from commentsite.comments.states import CommentState
from commentsite.comments.transitions import change_state
from commentsite.db.session import session, transaction
from commentsite.errors import Invalid, NotAllowed
from commentsite.letters.queries import get_public_letter
from commentsite.summaries.compilation.builder import SiteGroups, build_report
from commentsite.summaries.compilation.contributors import stream_contributors
from commentsite.summaries.models import PositionComment, SummaryLetter, SummaryVersion
from commentsite.summaries.positions.policy import WITHHELD_QUOTATION
from commentsite.summaries.publication.queries import list_versions_to_withhold
from commentsite.summaries.publication.services import publish_version
from commentsite.summaries.publication.verification import find_changed_versions
from commentsite.summaries.report.serialisation import (
    convert_report,
    hash_document,
    iterate_lines,
    pack_contributors,
    read_report,
)
from commentsite.worker.tasks import TASKS, run_tasks
from tests.support import records
from tests.support.clients import fetch_page
from tests.support.factories import create_actor, publish_sample_letter, store_numbered_comment

JSON_FILE = "/letters/annex/summary.json"
GROUPS = SiteGroups(records.GROUPS, records.GROUPS)


def build_document(summary_id, moment):
    built = build_report(summary_id, groups=GROUPS, cut_off=moment)
    packed = pack_contributors(stream_contributors(built.contributors))
    return convert_report(built.report), packed


def test_the_same_rows_and_cut_off_give_the_same_bytes(any_app):
    with any_app.app_context():
        summary_id = records.seed_consultation()
        now = clock.now()
        first, second = (build_document(summary_id, now) for _ in range(2))
        assert first == second
        assert hash_document(*first) == hash_document(*second)
        assert convert_report(read_report(first[0])) == first[0]


def test_a_version_is_stored_as_it_was_hashed(any_app):
    with any_app.app_context():
        records.publish_record(records.seed_consultation())
        session().expire_all()
        version = session().query(SummaryVersion).one()
        assert hash_document(version.content, version.contributors, version.salt) == version.sha256
        assert read_report(version.content).version == 1


def test_only_those_who_may_publish_the_letter_publish_its_record_with_a_note_on_changes(app):
    with app.app_context():
        summary_id = records.seed_consultation()
        moderator = create_actor("Mona")
        with pytest.raises(NotAllowed), transaction():
            publish_version(summary_id, by=moderator, groups=GROUPS)
        records.publish_record(summary_id)
        with pytest.raises(Invalid), transaction():
            publish_version(summary_id, by=SYSTEM, groups=GROUPS)
        records.publish_record(summary_id, "A word was corrected.")
        numbers = [v.number for v in session().query(SummaryVersion).order_by(SummaryVersion.id)]
        assert numbers == [1, 2]


@pytest.mark.parametrize("member", ["overview", "sha256"])
def test_verify_names_a_published_version_that_was_changed(app, encryption, member):
    with app.app_context():
        records.publish_record(records.seed_consultation())
        assert find_changed_versions(encryption) == []
        with transaction():
            version = session().query(SummaryVersion).one()
            if member == "overview":
                version.content = {**version.content, "overview": "Everybody agreed."}
            else:
                version.sha256 = "0" * 64
    done = app.test_cli_runner().invoke(args=["verify"])
    assert done.exit_code == 1
    assert "Version 1 of the record of positions of letter" in done.output


def test_an_erased_comment_leaves_no_word_in_published_versions(any_app, encryption):
    with any_app.app_context():
        version, quoted = publish_and_find_quotation()
        name = f'"{quoted.author.name}"'
        assert name in read_stored(version)
        publish_sample_letter("second")
        store_numbered_comment(any_app, 1, "second")
        with transaction():
            # The record gets a letter of which the version knows nothing.
            second = get_public_letter("second")
            session().add(
                SummaryLetter(summary_id=version.summary_id, letter_id=second.id, position=0)
            )
            other = session().query(Comment).filter_by(letter_id=second.id).one()
            erase_comment(get_comment_for_update(other.id), by=READER)
        assert not list_versions_to_withhold(clock.now())
        with transaction():
            redact(quoted, "whole list", encryption)
        version = withhold(any_app)
        assert version.original_sealed
        with transaction():
            erase_comment(get_comment_for_update(quoted.comment_id), by=READER)
        version = withhold(any_app)
        assert name not in read_stored(version)
        assert not version.salt  # with it, the words could be guessed and compared with the hash
        assert not version.original_sealed
        assert read_report(version.content).totals.published > 0
        assert find_changed_versions(encryption) == []  # an erasure is no forgery
        assert not list_versions_to_withhold(clock.now())


def test_redacted_words_leave_published_versions_and_drafts_until_they_are_shown_again(
    any_app, encryption
):
    client = any_app.test_client()
    with any_app.app_context():
        version, quoted = publish_and_find_quotation()
        published, hidden = read_stored(version), "whole list"
        assert version.salt in fetch_page(client, JSON_FILE)
        with transaction():
            redact(quoted, hidden, encryption)
        version = withhold(any_app)
        stored = {quotation.comment_id: quotation.text for quotation in list_quotations(version)}
        assert stored[quoted.comment_id] == ""
        assert read_draft(quoted) == WITHHELD_QUOTATION
        assert not version.salt
        assert hidden.encode() not in version.original_sealed
        assert find_changed_versions(encryption) == []  # the log has the hash of the original
        page = fetch_page(client, JSON_FILE)
        assert '"salt"' not in page
        built = build_report(version.summary_id, groups=GROUPS, cut_off=clock.now())
        assert len(built.lost_quotations) == 1  # the editors have to quote it again
        with transaction():
            comment = get_comment_for_update(quoted.comment_id)
            lift_all_redactions(comment, by=SYSTEM, encryption=encryption)
        version = withhold(any_app)
        assert (read_stored(version), version.original_sealed) == (published, None)
        assert version.salt in fetch_page(client, JSON_FILE)
        assert find_changed_versions(encryption) == []
        with transaction():
            version = session().query(SummaryVersion).one()
            version.content = {**version.content, "overview": "Everybody agreed."}
            redact(quoted, hidden, encryption)
        withhold(any_app)
        assert len(find_changed_versions(encryption)) == 1  # also under an encrypted original


def test_a_removed_comment_is_not_shown_and_returns_with_its_publication(any_app, encryption):
    client = any_app.test_client()
    with any_app.app_context():
        version, quoted = publish_and_find_quotation()
        published = read_stored(version)
        for state, is_shown in ((CommentState.RESTRICTED, False), (CommentState.PUBLISHED, True)):
            with transaction():
                comment = get_comment_for_update(quoted.comment_id)
                change_state(comment, state, by=SYSTEM, action="comment.state_changed")
            assert (quoted.author.name in fetch_page(client, JSON_FILE)) == is_shown
            assert not list_versions_to_withhold(clock.now())  # it may return after an appeal
            assert read_stored(session().query(SummaryVersion).one()) == published


def publish_and_find_quotation():
    """Publish a record, and return its version with a quotation by an author who is named in it."""
    records.publish_record(records.seed_consultation())
    version = session().query(SummaryVersion).one()
    return version, next(
        quotation
        for quotation in list_quotations(version)
        if quotation.text and quotation.author.name
    )


def list_quotations(version):
    return [
        quotation
        for question in read_report(version.content).questions
        for position in question.positions
        for quotation in position.quotations
    ]


def read_draft(quoted):
    query = session().query(PositionComment).filter_by(comment_id=quoted.comment_id)
    return query.one().quotation


def redact(quoted, words, encryption):
    comment = get_comment_for_update(quoted.comment_id)
    start = comment.body.index(words)
    span = Span(start, start + len(words), 3)
    redact_span(comment, span, clause="R4", decision_id=1, encryption=encryption)
    refresh_public_text(comment)


def withhold(app):
    """Run the tasks of the worker that take hidden words out, and return the version."""
    tasks = [task for task in TASKS if task.name.startswith("withhold_")]
    assert run_tasks(app, tasks)[1] == {}
    session().expire_all()
    return session().query(SummaryVersion).one()


def read_stored(version):
    """Return all that is stored of a version as one text."""
    lines = b"\n".join(iterate_lines(version.contributors)).decode()
    return json.dumps(version.content, ensure_ascii=False) + lines
