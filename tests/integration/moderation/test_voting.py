"""Two people for one refusal, on both databases: what is stored, what is told, what two at once may do."""

import threading

import pytest

from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.audit.queries import entries_about
from commentsite.comments.afterwards import confirm_email, revise_comment
from commentsite.comments.queries import comment_by_id
from commentsite.db import db, session, transaction
from commentsite.errors import Conflict, NotAllowed
from commentsite.jobs import run_once
from commentsite.letters.queries import letter_by_slug
from commentsite.moderation.interests import declare_interest, take_back
from commentsite.moderation.models import Decision
from commentsite.moderation.queries import decisions_of, latest_decision, open_votes
from commentsite.moderation.transparency import verify
from commentsite.site.queries import current_site
from tests.support.factories import (
    cast_vote,
    create_actor,
    outbox_kinds,
    require_agreement,
    store_comment,
)


def test_a_vote_that_settles_nothing_changes_nothing_but_the_log(any_app):
    require_agreement("pair")
    ana, _bo = create_actor("Ana"), create_actor("Bo")
    comment = store_comment(any_app).comment
    with transaction():
        confirm_email(comment_by_id(comment.id), by=READER)
    before = outbox_kinds()
    assert not cast_vote(any_app, comment.id, "refuse", ana)
    now = comment_by_id(comment.id)
    assert (str(now.state), now.version, now.waits_for) == ("pending", 1, "second")
    assert outbox_kinds() == before
    assert latest_decision(comment.id) is None
    entry = entries_about(f"comment:{comment.id}")[-1]
    assert entry.action == "comment.vote"
    assert entry.details["state"] == "pending"
    assert "verdict" not in entry.details  # the log is public, and it is not decided
    assert verify() == []


def test_the_second_settles_it_and_nobody_votes_twice(any_app):
    require_agreement("pair")
    ana, bo = create_actor("Ana"), create_actor("Bo", "GOV", "Ministry")
    comment = store_comment(any_app).comment
    cast_vote(any_app, comment.id, "refuse", ana)
    with pytest.raises(Conflict):
        cast_vote(any_app, comment.id, "refuse", ana)
    assert cast_vote(any_app, comment.id, "refuse", bo)
    now = comment_by_id(comment.id)
    assert (str(now.state), now.version, now.waits_for) == ("refused", 2, None)
    (settled,) = decisions_of(comment.id)
    assert (settled.moderator_group, settled.moderator_organisation) == ("GOV", "Ministry")
    assert verify() == []


def test_two_who_differ_leave_it_to_a_third(any_app):
    require_agreement("pair")
    ana, bo, cy = create_actor("Ana"), create_actor("Bo"), create_actor("Cy")
    comment = store_comment(any_app).comment
    cast_vote(any_app, comment.id, "refuse", ana)
    assert not cast_vote(any_app, comment.id, "publish", bo)
    assert comment_by_id(comment.id).waits_for == "third"
    assert cast_vote(any_app, comment.id, "publish", cy)
    assert comment_by_id(comment.id).state == "published"


def test_a_published_comment_stays_when_the_third_vote_says_so(any_app):
    ana, bo, cy = create_actor("Ana"), create_actor("Bo"), create_actor("Cy")
    comment = store_comment(any_app).comment
    cast_vote(any_app, comment.id, "publish", SYSTEM)
    require_agreement("pair")
    with pytest.raises(Conflict):  # nobody wants it removed: there is nothing to say
        cast_vote(any_app, comment.id, "publish", bo, version=2)
    assert not cast_vote(any_app, comment.id, "restrict", ana, version=2)
    assert not cast_vote(any_app, comment.id, "publish", bo, version=2)
    assert cast_vote(any_app, comment.id, "publish", cy, version=2)
    now = comment_by_id(comment.id)
    assert (str(now.state), now.version, open_votes(now)) == ("published", 3, [])
    assert letter_by_slug("hello").published_comments == 1
    assert verify() == []


def test_a_change_by_its_author_voids_what_was_said(any_app):
    require_agreement("pair")
    ana, bo = create_actor("Ana"), create_actor("Bo")
    comment = store_comment(any_app).comment
    cast_vote(any_app, comment.id, "refuse", ana)
    with transaction():
        revise_comment(comment_by_id(comment.id), "Kinder.", by=READER, site=current_site())
    assert comment_by_id(comment.id).waits_for is None
    assert not cast_vote(any_app, comment.id, "refuse", bo, version=2)
    assert not session().query(Decision).filter_by(is_settling=True).count()
    session().rollback()
    assert cast_vote(any_app, comment.id, "publish", create_actor("Cy"), version=2) is False
    assert cast_vote(any_app, comment.id, "refuse", ana, version=2)  # on the new words she may


def test_the_mode_in_force_at_the_next_vote_counts(any_app):
    require_agreement("cross_group")
    ana, bo = create_actor("Ana"), create_actor("Bo")
    comment = store_comment(any_app).comment
    cast_vote(any_app, comment.id, "refuse", ana)
    assert comment_by_id(comment.id).waits_for == "conflict"
    require_agreement("pair")
    run_once(any_app)
    session().rollback()
    assert comment_by_id(comment.id).waits_for == "second"
    assert cast_vote(any_app, comment.id, "refuse", bo)


def test_stewards_are_notified_daily_of_cases_that_no_moderator_can_decide(any_app):
    require_agreement("cross_group")
    ana = create_actor("Ana")
    create_actor("Sue", "CIV", role="steward")
    for n in range(2):
        comment = store_comment(any_app, email=f"a{n}@example.org", body=f"Words {n}.").comment
        cast_vote(any_app, comment.id, "refuse", ana)
        assert comment_by_id(comment.id).waits_for == "conflict"
    assert outbox_kinds().count("staff.no_pair") == 1
    create_actor("Gil", "GOV")
    run_once(any_app)
    session().rollback()
    assert comment_by_id(comment.id).waits_for == "second"


def test_an_interest_keeps_away_until_it_is_taken_back(any_app):
    ana, sue = create_actor("Ana"), create_actor("Sue", role="steward")
    comment = store_comment(any_app).comment
    letter_id = comment.letter_id
    with transaction():
        declared = declare_interest(ana.user_id, "A friend.", by=ana, letter_id=letter_id)
        number = declared.id
    with pytest.raises(Conflict), transaction():
        declare_interest(ana.user_id, "", by=sue, letter_id=letter_id)
    with pytest.raises(NotAllowed), transaction():
        declare_interest(sue.user_id, "", by=ana, letter_id=letter_id)
    for verdict in ("publish", "refuse", "spam", "return"):
        with pytest.raises(NotAllowed):
            cast_vote(any_app, comment.id, verdict, ana)
    with transaction():
        take_back(number, by=ana)
    assert cast_vote(any_app, comment.id, "publish", ana)


def test_whoever_replied_or_shares_an_organisation_does_not_decide(any_app):
    replied, shares = create_actor("Ana"), create_actor("Bo", organisation="OPEN  NETWORKS")
    top = store_comment(any_app, organisation="Acme").comment
    cast_vote(any_app, top.id, "publish", SYSTEM)
    reply = store_comment(any_app, email=replied.email, parent=top.id, body="A reply.").comment
    with transaction():  # the address of somebody else, typed by anybody, keeps nobody away
        assert str(comment_by_id(reply.id).state) == "pending"
    third = store_comment(
        any_app, email="c@example.org", parent=top.id, body="Another reply."
    ).comment
    with pytest.raises(NotAllowed):
        cast_vote(
            any_app, third.id, "publish", shares
        )  # an author of the letter is of that organisation
    cast_vote(any_app, reply.id, "publish", SYSTEM)
    with pytest.raises(NotAllowed):
        cast_vote(any_app, third.id, "publish", replied)
    assert cast_vote(any_app, third.id, "publish", create_actor("Cy", organisation="Other"))


def test_two_real_connections_that_vote_at_once_settle_it_once(any_app):
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
    now = comment_by_id(number)
    assert (str(now.state), now.version) == ("refused", 2)
    assert len(decisions_of(number)) == 1
    assert verify() == []
