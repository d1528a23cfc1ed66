"""Versions of a record of positions: the same database gives the same bytes, and no other may publish."""

import pytest

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import session, transaction
from commentsite.errors import Invalid, NotAllowed
from commentsite.summaries.compilation.builder import SiteGroups, build_report
from commentsite.summaries.compilation.contributors import stream_contributors
from commentsite.summaries.models import SummaryVersion
from commentsite.summaries.publication.services import publish_version
from commentsite.summaries.report.serialisation import (
    convert_report,
    hash_document,
    pack_contributors,
    read_report,
)
from tests.support import records
from tests.support.factories import create_actor

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
