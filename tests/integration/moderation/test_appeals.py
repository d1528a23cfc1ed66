"""Appeals on both databases: concurrency, staff changes, transparency report, backup."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM
from commentsite.accounts.queries import build_actor, get_staff_member
from commentsite.accounts.services import limit_to_letters
from commentsite.audit.queries import list_entries_about
from commentsite.cli.backup import write_backup
from commentsite.cli.migrate import run_migrations
from commentsite.cli.restore import load_backup
from commentsite.comments.appeals.queries import get_appeal, list_appeals
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.comments.redaction.spans import RedactionRequest
from commentsite.db.session import db, session, transaction
from commentsite.errors import Conflict, NotAllowed
from commentsite.letters.queries import get_public_letter
from commentsite.moderation.appeals.filing import file_appeal
from commentsite.moderation.appeals.queries import count_appeals_by_view, load_appeal_page
from commentsite.moderation.appeals.reversals import VariationRequest
from commentsite.moderation.appeals.rulings import decide_appeal, make_version_token
from commentsite.moderation.conflicts.services import declare_conflict
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.queries import find_latest_decision
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.transparency.queries import load_transparency_report
from commentsite.moderation.transparency.verification import find_inconsistencies
from commentsite.worker.tasks import run_pass
from tests.support.audit import verify_records
from tests.support.factories import (
    cast_vote,
    close_database,
    create_actor,
    encryption_of,
    make_app,
    publish_sample_letter,
    require_agreement,
    store_comment,
)

WHY = "The decision mistakes what I wrote for something else."


def store_refused_comment(app, by, **changes):
    number = store_comment(app, **changes).comment.id
    cast_vote(app, number, "refuse", by)
    return number


def file_appeal_now(app, number):
    with transaction():
        comment = get_comment_for_update(number)
        filed = file_appeal(
            comment,
            find_latest_decision(number).id,
            WHY,
            by=READER,
            encryption=encryption_of(app),
        )
    return filed.id


def version_token_of(number):
    appeal = get_appeal(number)
    return make_version_token(appeal, get_comment(appeal.comment_id))


def rule_now(app, number, outcome, by, *, seen=None, **more):
    encryption = encryption_of(app)
    seen = seen or version_token_of(number)
    with transaction():
        decide_appeal(
            number, seen, outcome, facts="I read it again.", by=by, encryption=encryption, **more
        )


def test_of_two_reviewers_who_rule_at_once_one_learns_who_was_first(any_app):
    ana, bo, cy = create_actor("Ana"), create_actor("Bo"), create_actor("Cy")
    number = store_refused_comment(any_app, ana)
    filed = file_appeal_now(any_app, number)
    seen = version_token_of(filed)
    session().rollback()
    outcomes, ready = {}, threading.Barrier(2)

    def rule(by, outcome):
        with any_app.app_context():
            try:
                ready.wait(10)
                rule_now(any_app, filed, outcome, by, seen=seen)
                outcomes[by.name] = "done"
            except Conflict as conflict:
                outcomes[by.name] = f"{conflict.message} {conflict.details}"
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=rule, args=pair) for pair in ((bo, "upheld"), (cy, "overturned"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (first,) = [name for name, outcome in outcomes.items() if outcome == "done"]
    (late,) = [outcome for outcome in outcomes.values() if outcome != "done"]
    assert "decided this appeal at" in late
    assert first in late
    now = get_appeal(filed)
    assert str(get_comment(number).state) == (
        "published" if now.state == "overturned" else "refused"
    )
    assert verify_records() == []


def test_a_reviewer_cannot_rule_on_a_comment_that_changed_since_it_was_shown(any_app, encryption):
    ana, bo = create_actor("Ana"), create_actor("Bo")
    number = store_comment(any_app).comment.id
    cast_vote(any_app, number, "publish", ana)
    with transaction():
        decide(
            number,
            2,
            Verdict.REDACT,
            rule="R4",
            note="",
            redaction=RedactionRequest(0, 3),
            by=ana,
            encryption=encryption,
        )
    filed = file_appeal_now(any_app, number)
    seen = version_token_of(filed)
    cast_vote(any_app, number, "restrict", create_actor("Cy"), version=3)
    with pytest.raises(Conflict):
        rule_now(any_app, filed, "overturned", bo, seen=seen)
    rule_now(any_app, filed, "overturned", bo)
    now = get_comment(number)
    assert (str(now.state), now.redactions) == ("restricted", [])  # the removal is another decision
    assert get_public_letter("hello").published_comment_count == 0
    assert verify_records() == []


def test_a_reviewer_with_a_conflict_of_interest_or_another_letter_cannot_rule(any_app):
    ana, bo, cy = create_actor("Ana"), create_actor("Bo"), create_actor("Cy")
    publish_sample_letter("other")
    number = store_refused_comment(any_app, ana)
    filed = file_appeal_now(any_app, number)
    with transaction():
        declare_conflict(bo.user_id, "", by=bo, comment_id=number)
    with transaction():
        other = frozenset({get_public_letter("other").id})
        limit_to_letters(cy.user_id, other, by=SYSTEM)
    for one in (ana, bo, cy):
        with pytest.raises(NotAllowed):
            rule_now(any_app, filed, "overturned", build_actor(get_staff_member(one.user_id)))
    with pytest.raises(NotAllowed):
        rule_now(any_app, filed, "overturned", READER)
    limited = build_actor(get_staff_member(cy.user_id))
    found = load_appeal_page("waiting", moderator_id=limited.user_id, letter_ids=limited.letter_ids)
    assert found.appeals == []
    assert count_appeals_by_view(moderator_id=1, letter_ids=limited.letter_ids)["waiting"] == 0
    run_pass(any_app)
    session().rollback()
    assert get_appeal(filed).awaiting == "nobody"
    create_actor("Di")
    run_pass(any_app)
    session().rollback()
    assert get_appeal(filed).awaiting == ""


def test_in_cross_group_mode_a_third_group_reviews_the_appeal(any_app):
    require_agreement("cross_group")
    ana, bo = create_actor("Ana", "CIV"), create_actor("Bo", "GOV")
    number = store_comment(any_app).comment.id
    assert not cast_vote(any_app, number, "refuse", ana)
    assert cast_vote(any_app, number, "refuse", bo)
    filed = file_appeal_now(any_app, number)
    assert get_appeal(filed).awaiting == "nobody"
    for name, group in (("Cy", "CIV"), ("Di", "GOV"), ("Ed", "UND")):
        with pytest.raises(NotAllowed):
            rule_now(any_app, filed, "overturned", create_actor(name, group))
    rule_now(any_app, filed, "overturned", create_actor("Flo", "TEC"))
    assert str(get_comment(number).state) == "published"


def test_the_list_of_appeals_has_pages_the_oldest_first(any_app):
    ana, bo = create_actor("Ana"), create_actor("Bo")
    filed = []
    start = clock.now()
    for n in range(5):
        with clock.freeze_at(start + timedelta(minutes=n)):
            filed.append(
                file_appeal_now(
                    any_app,
                    store_refused_comment(any_app, ana, email=f"n{n}@example.org", body=f"No {n}."),
                )
            )
    seen, after = [], None
    for _page in range(3):
        page = load_appeal_page("waiting", moderator_id=bo.user_id, after=after, limit=2)
        seen += [one.appeal.id for one in page.appeals]
        after = page.next_after
    assert (seen, after) == (filed, None)
    rule_now(any_app, filed[0], "upheld", bo)
    counted = count_appeals_by_view(moderator_id=bo.user_id)
    assert counted == {"waiting": 4, "asked": 0, "mine": 1, "decided": 1}


def test_the_transparency_report_counts_every_appeal_once(any_app):
    ana, bo = create_actor("Ana"), create_actor("Bo")
    outcomes = ["upheld", "upheld", "overturned", "inadmissible", "varied", ""]
    for n, outcome in enumerate(outcomes):
        filed = file_appeal_now(
            any_app, store_refused_comment(any_app, ana, email=f"n{n}@example.org", body=f"No {n}.")
        )
        more = {"variation": VariationRequest("clause", "R5")} if outcome == "varied" else {}
        if outcome:
            with clock.freeze_at(clock.now() + timedelta(hours=2)):
                rule_now(any_app, filed, outcome, bo, **more)
    report = load_transparency_report()
    assert find_inconsistencies(report) == []
    total = report.total
    assert (total.appeals_filed, total.open_appeals, report.appeals_logged) == (6, 1, 6)
    assert total.appeals_by_state["upheld"] == 2
    assert total.appeal_durations.count == 5
    assert total.appeal_durations.median_seconds == 7200
    assert sum(total.count_by_rule.values()) == total.count_by_state["refused"] == 5
    assert verify_records() == []
    with transaction():
        session().execute(text("DELETE FROM appeal WHERE id = 1"))
    assert "The audit log has 6 filed appeals. The database has 5." in find_inconsistencies(
        load_transparency_report()
    )


def test_a_backup_contains_appeals(any_app, tmp_path):
    ana, bo = create_actor("Ana"), create_actor("Bo")
    number = store_refused_comment(any_app, ana)
    filed = file_appeal_now(any_app, number)
    rule_now(
        any_app,
        filed,
        "varied",
        bo,
        variation=VariationRequest("redact", "R4", RedactionRequest(0, 3)),
    )
    write_backup(tmp_path / "site.tar.gz")
    session().rollback()
    elsewhere = make_app(tmp_path / "elsewhere", None, RATELIMIT_ENABLED="false")
    with elsewhere.app_context():
        run_migrations()
        load_backup(tmp_path / "site.tar.gz")
        (restored,) = list_appeals(number)
        assert (restored.state, restored.text, restored.decided_by_name) == (
            "varied",
            WHY,
            "Bo Moderator",
        )
        assert restored.details["how"] == "redact"
        assert verify_records() == []
        close_database()


def test_the_audit_log_records_each_step_of_an_appeal_in_codes_only(any_app):
    ana, bo = create_actor("Ana"), create_actor("Bo")
    number = store_refused_comment(any_app, ana)
    filed = file_appeal_now(any_app, number)
    rule_now(any_app, filed, "overturned", bo)
    entries = list_entries_about(f"comment:{number}")
    actions = [entry.action for entry in entries]
    assert actions == [
        "comment.submitted",
        "comment.examined",
        "comment.decided",
        "appeal.filed",
        "appeal.overturned",
    ]
    assert entries[-1].details["appeal"] == filed
    assert entries[-1].details["state"] == "published"
    assert "I read it again." not in str([entry.details for entry in entries])
