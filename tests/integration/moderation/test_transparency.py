"""The transparency report on both databases: every row adds up, and a gap is reported."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text

from commentsite import clock
from commentsite.accounts.permissions import READER, SYSTEM, Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.author_actions import withdraw_comment
from commentsite.comments.hashing import hash_email
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import db, session, transaction
from commentsite.errors import NotAllowed
from commentsite.letters.queries import get_public_letter
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.dsa.queries import count_restrictions, list_restrictions
from commentsite.moderation.quality.queries import find_next_review, load_monthly_agreement
from commentsite.moderation.quality.services import draw_monthly_sample, submit_review
from commentsite.moderation.transparency.figures import summarise_durations
from commentsite.moderation.transparency.months import queries as month_queries
from commentsite.moderation.transparency.months.figures import MonthFigures, add_duration
from commentsite.moderation.transparency.months.models import StoredTables
from commentsite.moderation.transparency.months.services import refresh_stored_months
from commentsite.moderation.transparency.queries import load_transparency_report
from commentsite.moderation.transparency.verification import find_inconsistencies
from commentsite.web.caching.store import clear_caches
from tests.support.audit import verify_records
from tests.support.databases import record_statements
from tests.support.factories import (
    add_staff_member,
    encryption_of,
    publish_sample_letter,
    submission,
    submit_by_service,
)
from tests.support.servers import wait_until

MONA = Actor("user:1", frozenset(Permission), 1, "Mona Moderator", "mod@staff.example")
DAY = datetime(2026, 2, 27, 12, tzinfo=UTC)
#: For each comment: group, hours after DAY, verdict or other act, rule, hours until the act.
#: A comment that fills the hidden field ("trap") becomes spam without a moderator.
SENT = [
    ("CIV", 0, "publish", "", 1),
    ("CIV", 0, "publish", "", 2),
    ("GOV", 0, "refuse", "R5", 2),
    ("GOV", 24, "return", "R9", 3),
    ("CIV", 48, "spam", "", 5),
    ("BUS", 48, "restrict", "R2", 8),
    ("CIV", 48, "publish", "", 30),
    ("UND", 48, None, "", 0),
    ("TEC", 48, "trap", "", 0),
    ("CIV", 48, "withdraw", "", 1),
]


@pytest.fixture
def eventful_month(any_app, encryption):
    """A site with the comments of SENT, over the end of a month."""
    add_staff_member(any_app)
    with transaction():
        get_public_letter("hello").language = "fr"
    publish_sample_letter("other")

    def moderate(comment_id, verdict, rule=""):
        version = get_comment_for_update(comment_id).version
        with transaction():
            decide(
                comment_id,
                version,
                Verdict(verdict),
                rule=rule,
                note="It breaks this rule." if rule else "",
                by=MONA,
                encryption=encryption,
            )

    for number, (group, after, act, rule, hours) in enumerate(SENT):
        sent = DAY + timedelta(hours=after)
        with clock.freeze_at(sent), transaction():
            fields = submission(
                body=f"Words of their own, {number}.",
                email=f"p{number}@example.org",
                stakeholder_group=group,
                honeypot="x" if act == "trap" else "",
            )
            slug = "other" if number == 0 else "hello"
            comment = submit_by_service(fields, encryption, slug)
        with clock.freeze_at(sent + timedelta(hours=hours)):
            if act == "restrict":
                moderate(comment.comment.id, "publish")
                moderate(comment.comment.id, "restrict", rule)
            elif act == "withdraw":
                with transaction():
                    withdraw_comment(get_comment_for_update(comment.comment.id), by=READER)
            elif act not in {None, "trap"}:
                moderate(comment.comment.id, act, rule)
    return any_app


def test_every_row_of_the_report_adds_up(eventful_month):
    report = load_transparency_report()
    assert find_inconsistencies(report) == []
    assert report.total.count_by_state == {
        "awaiting_email": 0, "pending": 1, "published": 3, "returned": 1, "refused": 1,
        "spam": 2, "withdrawn": 1, "restricted": 1,
    }  # fmt: skip
    assert [(row.key, row.submitted) for row in report.months] == [("2026-03", 6), ("2026-02", 4)]
    assert [(row.key, row.submitted) for row in report.groups] == [
        ("CIV", 5), ("GOV", 2), ("BUS", 1), ("TEC", 1), ("UND", 1),
    ]  # fmt: skip
    assert [(row.key, row.submitted) for row in report.languages] == [("fr", 9), ("en", 1)]
    assert report.total.count_by_rule == {"R2": 1, "R5": 1}
    assert (report.total.automated, report.total.decided) == (1, 8)
    assert report.oldest_pending_at == DAY + timedelta(hours=48)


def test_the_time_to_a_decision_is_a_median_and_a_ninth_decile_by_nearest_rank(eventful_month):
    hours = 3600
    durations = load_transparency_report().total.decision_durations  # of 1, 2, 2, 3, 5, 8, 30 hours
    assert (durations.count, durations.median_seconds, durations.p90_seconds) == (
        7,
        3 * hours,
        30 * hours,
    )
    march = next(row for row in load_transparency_report().months if row.key == "2026-03")
    assert (
        march.decision_durations.count,
        march.decision_durations.median_seconds,
        march.decision_durations.p90_seconds,
    ) == (3, 8 * hours, 30 * hours)


def test_a_month_is_sampled_once_for_quality_review_and_its_reviews_are_compared(eventful_month):
    add_staff_member(eventful_month, "editor", "ed@staff.example", "Ed Editor")
    encryption = encryption_of(eventful_month)
    other = Actor("user:2", frozenset(Permission), 2, "Ed", "ed@staff.example")
    with transaction():
        assert draw_monthly_sample("2026-02", by=SYSTEM, encryption=encryption) == 4
    with transaction():
        assert draw_monthly_sample("2026-02", by=SYSTEM, encryption=encryption) == 0
        assert draw_monthly_sample("2026-03", by=SYSTEM, encryption=encryption) == 3
    own_hash = hash_email(encryption, other.email)
    while case := find_next_review(other.user_id, own_hash):
        with transaction():
            submit_review(case.review.id, "publish", rule="", by=other, encryption=encryption)
    with pytest.raises(NotAllowed), transaction():
        submit_review(1, "publish", rule="", by=MONA, encryption=encryption)
    assert find_next_review(MONA.user_id, "") is None
    february = next(month for month in load_monthly_agreement() if month.month == "2026-02")
    assert (february.sample_size, february.agreement.n, february.agreement.agreed) == (4, 4, 2)
    all_months = next(month for month in load_monthly_agreement() if not month.month)
    assert (all_months.sample_size, all_months.agreement.n, all_months.agreement.agreed) == (
        7,
        7,
        4,
    )
    assert verify_records() == []


def test_only_refusals_and_removals_are_restrictions(eventful_month):
    restrictions = list_restrictions(DAY, DAY + timedelta(days=10), limit=9)
    assert [(r.verdict, r.rule, r.decided_by_person) for r in restrictions] == [
        ("refuse", "R5", True),
        ("restrict", "R2", True),
    ]
    assert count_restrictions(DAY, DAY + timedelta(days=10)) == 2
    assert restrictions[1:] == list_restrictions(DAY, DAY + timedelta(days=10), offset=1, limit=9)
    assert list_restrictions(DAY, DAY, limit=9) == []


def test_a_row_deleted_or_changed_without_a_log_entry_is_reported(eventful_month):
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE comment SET state = 'lost' WHERE id = 1"))
        connection.execute(text("UPDATE decision SET reason = '' WHERE verdict = 'publish'"))
        connection.execute(text("DELETE FROM outbox"))
        connection.execute(text("DELETE FROM comment WHERE id = 8"))
    session().rollback()
    problems = find_inconsistencies(load_transparency_report())
    assert "The audit log has 10 submitted comments. The database has 9." in problems
    assert "Month 2026-02: the states add up to 3 comments, not to 4." in problems
    clear_caches(eventful_month, "pages")
    page = eventful_month.test_client().get("/transparency").text
    assert "The numbers do not add up" in page
    assert "The database has 9." in page


def test_the_report_takes_nine_queries(eventful_month):
    statements = []

    def record(_connection, _cursor, statement, *_rest):
        if statement.lstrip().startswith(("SELECT", "WITH")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", record)
    try:
        load_transparency_report()
    finally:
        event.remove(db.engine, "before_cursor_execute", record)
    # Stored position, last log entry, log totals, states, rules, durations, appeals, pending, reviews.
    assert len(statements) == 9


# --- A large site, whose months the worker counts


@pytest.fixture
def counted_months(eventful_month, monkeypatch):
    """The site with its months stored, as on a site with a long audit log."""
    monkeypatch.setattr(month_queries, "MIN_LOG_LENGTH", 1)
    assert refresh_stored_months() == 2
    return eventful_month


def test_the_stored_report_says_what_a_count_says(eventful_month, monkeypatch):
    counted = load_transparency_report()
    monkeypatch.setattr(month_queries, "MIN_LOG_LENGTH", 1)
    refresh_stored_months()
    assert load_transparency_report() == counted
    assert find_inconsistencies(counted) == []


def test_a_change_is_in_the_stored_report_after_the_next_count(counted_months, encryption):
    with transaction():
        decide(
            8,
            get_comment_for_update(8).version,
            Verdict.PUBLISH,
            rule="",
            note="",
            by=MONA,
            encryption=encryption,
        )
    before = load_transparency_report()
    assert before.total.count_by_state["pending"] == 1
    assert find_inconsistencies(before) == []
    assert refresh_stored_months() == 1  # the other month did not change
    after = load_transparency_report()
    assert (after.total.count_by_state["pending"], after.total.count_by_state["published"]) == (
        0,
        4,
    )
    assert after.log_entry == before.log_entry + 1
    assert refresh_stored_months() == 0


def test_the_stored_report_reads_no_month(counted_months):
    with record_statements(db.engine, "SELECT", "WITH") as seen:
        load_transparency_report()
    # Stored position, stored tables, pending, reviews.
    assert len(seen) == 4


def test_tables_of_an_earlier_version_are_summed_up_at_once_and_then_stored(counted_months):
    before = load_transparency_report()
    with transaction():  # the version before stored the months alone
        session().execute(text("DELETE FROM transparency_tables"))
    assert load_transparency_report() == before
    assert refresh_stored_months() == 0
    with record_statements(db.engine, "SELECT", "WITH") as seen:
        assert load_transparency_report() == before
    assert len(seen) == 4


def test_two_workers_can_store_the_first_tables_at_once(any_app, counted_months):
    with transaction():
        session().execute(text("DELETE FROM transparency_tables"))

    def refresh():
        with any_app.app_context():
            try:
                return refresh_stored_months()
            finally:
                db.session.remove()

    is_postgresql = db.engine.dialect.name == "postgresql"
    with ThreadPoolExecutor(2) as threads, db.engine.connect() as other:
        if is_postgresql:
            other.execute(text("LOCK TABLE transparency_tables IN SHARE MODE"))
        workers = [threads.submit(refresh) for _ in range(2)]
        if is_postgresql:  # both have counted, and wait to write
            waiting = text(
                "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
                " WHERE NOT granted AND datname = current_database()"
            )
            wait_until(lambda: other.scalar(waiting) == 2)
        other.rollback()
        assert [worker.result(30) for worker in workers] == [0, 0]
    assert verify_records() == []


def test_tables_that_do_not_add_up_the_months_are_reported(counted_months):
    assert verify_records() == []
    with transaction():
        row = session().get(StoredTables, 1)
        stored = json.loads(json.dumps(row.tables))
        stored["group"][0]["count_by_state"]["refused"] = 0
        stored["group"][0]["count_by_state"]["published"] += 1
        row.tables = stored
    (problem,) = verify_records()
    assert "do not add up the figures of its months" in problem


def test_a_letter_with_another_language_is_counted_again(counted_months):
    with transaction():
        letter = get_public_letter("other")
        letter.language = "fr"
        record_event("user:1", "letter.record_changed", f"letter:{letter.id}")
    assert refresh_stored_months() == 1
    assert [(row.key, row.submitted) for row in load_transparency_report().languages] == [
        ("fr", 10)
    ]


def test_a_comment_deleted_behind_the_log_shows_after_a_day(counted_months):
    session().execute(text("SELECT 1"))
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM outbox"))
        connection.execute(text("DELETE FROM comment WHERE id = 8"))
    session().rollback()
    assert any("other figures for 2026-03" in problem for problem in verify_records())
    with clock.freeze_at(clock.now() + timedelta(days=2)):
        for _ in range(2):  # one month each time
            with transaction():
                record_event("system", "site.changed", "site:1")
            refresh_stored_months()
    problems = find_inconsistencies(load_transparency_report())
    assert problems == ["The audit log has 10 submitted comments. The database has 9."]


def test_many_different_durations_are_stored_to_two_digits():
    figures = MonthFigures()
    for minutes in range(1, 2_001):
        add_duration(figures.durations, "CIV", "en", minutes, 1)
    stored = MonthFigures.from_json(json.loads(json.dumps(figures.to_json())))
    for counts in stored.durations.values():
        assert sum(counts.values()) == 2_000
        assert len(counts) < 250
        summary = summarise_durations(counts)
        assert abs(summary.median_seconds - 1_000) <= 50
        assert abs(summary.p90_seconds - 1_800) <= 90
