"""Versions of a record of positions: the same database gives the same bytes, and no other may publish."""

import json

import pytest

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.comments.models import Comment
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import session, transaction
from commentsite.errors import Invalid, NotAllowed
from commentsite.letters.queries import get_public_letter
from commentsite.summaries.compilation.builder import SiteGroups, build_report
from commentsite.summaries.compilation.contributors import stream_contributors
from commentsite.summaries.models import SummaryLetter, SummaryVersion
from commentsite.summaries.publication.queries import list_versions_with_erased
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
from tests.support.factories import create_actor, publish_sample_letter, store_numbered_comment

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
        assert hash_document(version.content, version.contributors) == version.sha256
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
def test_verify_names_a_published_version_that_was_changed(app, member):
    with app.app_context():
        records.publish_record(records.seed_consultation())
        assert find_changed_versions() == []
        with transaction():
            version = session().query(SummaryVersion).one()
            if member == "overview":
                version.content = {**version.content, "overview": "Everybody agreed."}
            else:
                version.sha256 = "0" * 64
    done = app.test_cli_runner().invoke(args=["verify"])
    assert done.exit_code == 1
    assert "Version 1 of the record of positions of letter" in done.output


def test_an_erased_comment_leaves_no_word_in_published_versions(any_app):
    with any_app.app_context():
        records.publish_record(records.seed_consultation())
        version = session().query(SummaryVersion).one()
        quoted = next(
            quotation
            for question in read_report(version.content).questions
            for position in question.positions
            for quotation in position.quotations
            if quotation.text and quotation.author.name
        )
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
        assert not list_versions_with_erased(clock.now())
        with transaction():
            erase_comment(get_comment_for_update(quoted.comment_id), by=READER)
        erasing = [task for task in TASKS if task.name == "erase_from_record_versions"]
        assert run_tasks(any_app, erasing) == (1, {})
        session().expire_all()
        version = session().query(SummaryVersion).one()
        assert name not in read_stored(version)
        assert read_report(version.content).totals.published > 0
        assert find_changed_versions() == []  # an erasure is no forgery
        assert not list_versions_with_erased(clock.now())


def read_stored(version):
    """Return all that is stored of a version as one text."""
    lines = b"\n".join(iterate_lines(version.contributors)).decode()
    return json.dumps(version.content, ensure_ascii=False) + lines
