"""The history of a comment's sender, on both databases."""

from datetime import timedelta

from commentsite import clock, retention
from commentsite.accounts.permissions import READER
from commentsite.comments.author_actions import withdraw_comment
from commentsite.comments.emails.confirmation import confirm_email
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.reports.services import report_comment
from commentsite.comments.screening.sender_history import (
    count_verdicts_on_network,
    load_sender_history,
)
from commentsite.db.session import session, transaction
from commentsite.moderation.decisions.policy import Verdict
from commentsite.site.queries import get_current_rulebook
from tests.support.factories import record_decision, store_comment


def test_only_decided_comments_of_the_same_network_address_count_while_it_is_stored(any_app):
    began = clock.now()
    sent = [store_comment(any_app, body=f"Words {n}.").comment for n in range(4)]
    elsewhere = store_comment(any_app, body="Words 9.", network_address="198.51.100.4").comment
    record_decision(any_app, sent[0].id, Verdict.SPAM)
    record_decision(any_app, sent[1].id, Verdict.REFUSE, reason="R5")
    record_decision(any_app, sent[2].id, Verdict.PUBLISH)
    record_decision(any_app, elsewhere.id, Verdict.SPAM)
    network = sent[0].network_address_hash
    assert count_verdicts_on_network(network) == {"spam": 1, "refused": 1}
    assert count_verdicts_on_network(network, exclude_comment_id=sent[0].id) == {"refused": 1}
    assert count_verdicts_on_network(None) == {}
    held = store_comment(
        any_app, body="Words of another.", email="b@example.org"
    ).comment.hold_reasons
    assert [(r["rule"], r["detail"]) for r in held] == [("history", "spam 1 refused 1 reported 0")]
    with clock.freeze_at(began + retention.NETWORK_ADDRESS_TTL + timedelta(minutes=1)):
        assert count_verdicts_on_network(network) == {}


def test_reports_count_once_they_are_upheld(any_app):
    comment = store_comment(any_app).comment
    record_decision(any_app, comment.id, Verdict.PUBLISH)
    with transaction():
        report_comment(
            get_comment_for_update(comment.id),
            "R5",
            "It breaks the rule.",
            rulebook=get_current_rulebook(),
            by=READER,
        )
    assert count_verdicts_on_network(comment.network_address_hash) == {}
    record_decision(any_app, comment.id, Verdict.RESTRICT, reason="R5")
    assert count_verdicts_on_network(comment.network_address_hash) == {"reported": 1}
    record_decision(any_app, comment.id, Verdict.RESTORE)
    assert count_verdicts_on_network(comment.network_address_hash) == {}


def has_published(comment):
    return load_sender_history(comment, clock.now()).has_published


def test_a_sender_has_published_only_with_a_published_comment_from_a_confirmed_address(any_app):
    comment = store_comment(any_app).comment
    record_decision(any_app, comment.id, Verdict.PUBLISH)
    assert not has_published(comment)
    with transaction():
        confirm_email(get_comment_for_update(comment.id), by=READER)
    assert has_published(comment)
    with transaction():
        withdraw_comment(get_comment_for_update(comment.id), by=READER)
    session().expire_all()
    assert not has_published(comment)
