"""Reports of published comments, on both databases."""

import pytest

from commentsite.accounts.permissions import READER, Actor, Permission
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.reports.models import Report
from commentsite.comments.reports.services import report_comment
from commentsite.db.session import session, transaction
from commentsite.errors import NotAllowed
from commentsite.moderation.decisions import services as decisions
from commentsite.moderation.decisions.policy import Verdict
from commentsite.site.queries import get_current_rulebook
from tests.support.audit import verify_records
from tests.support.factories import record_decision, store_comment


def store_report(comment_id, words="It names somebody of a certain street."):
    with transaction():
        return report_comment(
            get_comment_for_update(comment_id),
            "R2",
            words,
            rulebook=get_current_rulebook(),
            by=READER,
        )


def test_a_moderator_cannot_dismiss_reports_of_their_own_comment(any_app, encryption):
    comment = store_comment(any_app, email="mod@staff.example").comment
    record_decision(any_app, comment.id, Verdict.PUBLISH)
    store_report(comment.id)
    mine = Actor("user:1", frozenset({Permission.MODERATE}), 1, "Mona", "MOD@staff.example")
    with pytest.raises(NotAllowed), transaction():
        decisions.dismiss_reports(comment.id, by=mine, encryption=encryption)
    other = Actor("user:2", frozenset({Permission.MODERATE}), 2, "Bo", "bo@staff.example")
    with transaction():
        decisions.dismiss_reports(comment.id, by=other, encryption=encryption)


def test_reports_close_when_their_comment_is_erased(any_app):
    comment = store_comment(any_app).comment
    record_decision(any_app, comment.id, Verdict.PUBLISH)
    store_report(comment.id)
    with transaction():
        erase_comment(get_comment_for_update(comment.id), by=READER)
    session().rollback()
    closed = session().query(Report).one()
    assert (closed.state, closed.text) == ("gone", "")
    assert verify_records() == []
