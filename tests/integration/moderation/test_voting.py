"""Refusals that need two moderators, on both databases: stored votes, notifications, concurrency."""

import threading

import pytest

from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.audit.queries import list_entries_about
from commentsite.comments.author_actions import revise_comment
from commentsite.comments.emails.confirmation import confirm_email
from commentsite.comments.queries import get_comment
from commentsite.db.session import db, session, transaction
from commentsite.errors import Conflict, NotAllowed
from commentsite.letters.queries import get_public_letter
from commentsite.moderation.conflicts.services import declare_conflict, withdraw_declaration
from commentsite.moderation.decisions.queries import (
    find_latest_decision,
    list_applied_decisions,
    list_open_votes,
)
from commentsite.moderation.models import Decision
from commentsite.site.queries import load_site
from commentsite.worker.tasks import run_pass
from tests.support.audit import verify_records
from tests.support.factories import (
    cast_vote,
    create_actor,
    outbox_kinds,
    require_agreement,
    store_comment,
)


def test_an_open_vote_changes_nothing_but_the_audit_log(any_app):
    require_agreement("pair")
    ana, _bo = create_actor("Ana"), create_actor("Bo")
    comment = store_comment(any_app).comment
    with transaction():
        confirm_email(get_comment(comment.id), by=READER)
    before = outbox_kinds()
    assert not cast_vote(any_app, comment.id, "refuse", ana)
    now = get_comment(comment.id)
    assert (str(now.state), now.version, now.awaiting) == ("pending", 1, "second")
    assert outbox_kinds() == before
    assert find_latest_decision(comment.id) is None
    entry = list_entries_about(f"comment:{comment.id}")[-1]
    assert entry.action == "comment.vote"
    assert entry.details["state"] == "pending"
    assert "verdict" not in entry.details  # the log is public, and the vote is still open
    assert verify_records() == []


def test_the_second_vote_decides_and_no_moderator_votes_twice(any_app):
    require_agreement("pair")
    ana, bo = create_actor("Ana"), create_actor("Bo", "GOV", "Ministry")
    comment = store_comment(any_app).comment
    cast_vote(any_app, comment.id, "refuse", ana)
    with pytest.raises(Conflict):
        cast_vote(any_app, comment.id, "refuse", ana)
    assert cast_vote(any_app, comment.id, "refuse", bo)
    now = get_comment(comment.id)
    assert (str(now.state), now.version, now.awaiting) == ("refused", 2, None)
    (applied,) = list_applied_decisions(comment.id)
    assert (applied.moderator_group, applied.moderator_organisation) == ("GOV", "Ministry")
    assert verify_records() == []


def test_the_third_vote_decides_when_two_moderators_disagree(any_app):
    require_agreement("pair")
    ana, bo, cy = create_actor("Ana"), create_actor("Bo"), create_actor("Cy")
    comment = store_comment(any_app).comment
    cast_vote(any_app, comment.id, "refuse", ana)
    assert not cast_vote(any_app, comment.id, "publish", bo)
    assert get_comment(comment.id).awaiting == "third"
    assert cast_vote(any_app, comment.id, "publish", cy)
    assert get_comment(comment.id).state == "published"


def test_a_published_comment_stays_when_the_third_vote_says_so(any_app):
    ana, bo, cy = create_actor("Ana"), create_actor("Bo"), create_actor("Cy")
    comment = store_comment(any_app).comment
    cast_vote(any_app, comment.id, "publish", SYSTEM)
    require_agreement("pair")
    with pytest.raises(Conflict):  # without a vote to remove it there is nothing to decide
        cast_vote(any_app, comment.id, "publish", bo, version=2)
    assert not cast_vote(any_app, comment.id, "restrict", ana, version=2)
    assert not cast_vote(any_app, comment.id, "publish", bo, version=2)
    assert cast_vote(any_app, comment.id, "publish", cy, version=2)
    now = get_comment(comment.id)
    assert (str(now.state), now.version, list_open_votes(now)) == ("published", 3, [])
    assert get_public_letter("hello").published_comment_count == 1
    assert verify_records() == []


def test_a_change_by_the_author_discards_open_votes(any_app):
    require_agreement("pair")
    ana, bo = create_actor("Ana"), create_actor("Bo")
    comment = store_comment(any_app).comment
    cast_vote(any_app, comment.id, "refuse", ana)
    with transaction():
        revise_comment(get_comment(comment.id), "Kinder.", by=READER, site=load_site())
    assert get_comment(comment.id).awaiting is None
    assert not cast_vote(any_app, comment.id, "refuse", bo, version=2)
    assert not session().query(Decision).filter_by(is_applied=True).count()
    session().rollback()
    assert cast_vote(any_app, comment.id, "publish", create_actor("Cy"), version=2) is False
    assert cast_vote(
        any_app, comment.id, "refuse", ana, version=2
    )  # the new version is another vote


def test_the_mode_in_force_at_the_next_vote_counts(any_app):
    require_agreement("cross_group")
    ana, bo = create_actor("Ana"), create_actor("Bo")
    comment = store_comment(any_app).comment
    cast_vote(any_app, comment.id, "refuse", ana)
    assert get_comment(comment.id).awaiting == "conflict"
    require_agreement("pair")
    run_pass(any_app)
    session().rollback()
    assert get_comment(comment.id).awaiting == "second"
    assert cast_vote(any_app, comment.id, "refuse", bo)


def test_stewards_are_notified_daily_of_cases_that_no_moderator_can_decide(any_app):
    require_agreement("cross_group")
    ana = create_actor("Ana")
    create_actor("Sue", "CIV", role="steward")
    for n in range(2):
        comment = store_comment(any_app, email=f"a{n}@example.org", body=f"Words {n}.").comment
        cast_vote(any_app, comment.id, "refuse", ana)
        assert get_comment(comment.id).awaiting == "conflict"
    assert outbox_kinds().count("staff.no_pair") == 1
    create_actor("Gil", "GOV")
    run_pass(any_app)
    session().rollback()
    assert get_comment(comment.id).awaiting == "second"


def test_a_declared_conflict_blocks_a_moderator_until_it_is_withdrawn(any_app):
    ana, sue = create_actor("Ana"), create_actor("Sue", role="steward")
    comment = store_comment(any_app).comment
    letter_id = comment.letter_id
    with transaction():
        declaration = declare_conflict(ana.user_id, "A friend.", by=ana, letter_id=letter_id)
        number = declaration.id
    with pytest.raises(Conflict), transaction():
        declare_conflict(ana.user_id, "", by=sue, letter_id=letter_id)
    with pytest.raises(NotAllowed), transaction():
        declare_conflict(sue.user_id, "", by=ana, letter_id=letter_id)
    for verdict in ("publish", "refuse", "spam", "return"):
        with pytest.raises(NotAllowed):
            cast_vote(any_app, comment.id, verdict, ana)
    with transaction():
        withdraw_declaration(number, by=ana)
    assert cast_vote(any_app, comment.id, "publish", ana)


def test_a_moderator_who_replied_or_shares_an_organisation_cannot_decide(any_app):
    replied, shares = create_actor("Ana"), create_actor("Bo", organisation="OPEN  NETWORKS")
    top = store_comment(any_app, organisation="Acme").comment
    cast_vote(any_app, top.id, "publish", SYSTEM)
    reply = store_comment(any_app, email=replied.email, parent_id=top.id, body="A reply.").comment
    # Any sender can type a moderator's address. Without confirmation it blocks no moderator.
    with transaction():
        assert str(get_comment(reply.id).state) == "pending"
    third = store_comment(
        any_app, email="c@example.org", parent_id=top.id, body="Another reply."
    ).comment
    with pytest.raises(NotAllowed):
        # An author of the letter belongs to the same organisation.
        cast_vote(any_app, third.id, "publish", shares)
    cast_vote(any_app, reply.id, "publish", SYSTEM)
    with pytest.raises(NotAllowed):
        cast_vote(any_app, third.id, "publish", replied)
    assert cast_vote(any_app, third.id, "publish", create_actor("Cy", organisation="Other"))


def test_simultaneous_votes_on_real_connections_apply_once(any_app):
    require_agreement("pair")
    people = [create_actor("Ana"), create_actor("Bo"), create_actor("Cy")]
    number = store_comment(any_app).comment.id
    db.session.remove()
    outcomes, ready = [], threading.Barrier(len(people))

    def vote(by):
        with any_app.app_context():
            try:
                ready.wait(10)
                outcomes.append(cast_vote(any_app, number, "refuse", by))
            except Conflict:
                outcomes.append("too late")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=vote, args=(by,)) for by in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["False", "True", "too late"]
    now = get_comment(number)
    assert (str(now.state), now.version) == ("refused", 2)
    assert len(list_applied_decisions(number)) == 1
    assert verify_records() == []
