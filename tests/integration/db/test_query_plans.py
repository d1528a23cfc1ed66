"""Frequent queries use indexes, independent of the number of comments."""

import json
import re

import pytest
from sqlalchemy import text

from bench.million import fill_database
from commentsite import clock
from commentsite.db.session import db, session, transaction
from commentsite.notifications.queries import count_messages_to, lease_due_messages
from commentsite.worker.tasks import TASKS, run_tasks
from tests.support.clients import sign_in, submit, try_settings
from tests.support.databases import record_statements
from tests.support.factories import add_staff_member

COMMENTS, WAITING = 30_000, 3_000
STEPS_PER_TICK, STEPS_PER_ROW = 100, 12
MAX_ROWS = 3_000  # of 30,000 comments, most of which are published
# The tables that grow with submissions. Reading a whole table of settings is fine.
LARGE = (
    "comment",
    "comment_target",
    "comment_sketch",
    "decision",
    "audit_entry",
    "outbox",
    "report",
)
PARTIAL_INDEXES = (
    "INDEX ix_report_open",
    "INDEX ix_comment_waits",
)  # scanning these is fine: they hold only matching rows
VIEWS = (
    "", "?sort=newest", "?letter=l-7", "?group=GOV", "?held_by=any", "?held_by=links",
    "?confirmed=no", "?language=fr", "?state=spam", "?state=published", "?state=published&reported=yes",
    "?waiting=second", "?state=refused&mine=yes", "?q=n12345@example.org", "?after=28500",
)  # fmt: skip

ROWS = (
    """INSERT INTO decision (comment_id, comment_version, verdict, reason, note, moderator_name, moderator_group,
    moderator_organisation, mode, is_settling, facts, details, rules_version, decided_at)
    SELECT id, 1, state, 'R2', '', 'Mona', 'TEC', '', 'solo', {yes}, '', '{{}}', 1, {moment}
    FROM comment WHERE state IN ('refused', 'spam')""",
    "INSERT INTO comment_target (comment_id, position, pid, stance) SELECT id, 0, 'p' || id % 9, 'none' FROM comment",
    "INSERT INTO comment_sketch (comment_id, value, letter_id) SELECT id, id * 7, letter_id FROM comment",
    """INSERT INTO outbox (kind, about, payload_sealed, recipient_hash, state, attempts, next_attempt_at,
    message_id, created_at, last_error) SELECT 'comment.received', 'comment:' || id, {empty}, email_hash,
    CASE WHEN id % 100 = 0 THEN 'waiting' ELSE 'sent' END, 0, {moment}, 'm' || id, {moment}, ''
    FROM comment WHERE id > 15000""",
    """INSERT INTO audit_entry (seq, at, actor, action, object, details, prev, hash)
    SELECT 1000000 + id, {moment}, 'reader', 'comment.submitted', 'comment:' || id, '{{}}', '', 'h' || id
    FROM comment WHERE id > 15000""",
    """INSERT INTO report (comment_id, rule, words, state, receipt_hash, sent_at, rules_version)
    SELECT id, 'R2', '', CASE WHEN id % 50 = 0 THEN 'open' ELSE 'kept' END, 'r' || id, {moment}, 1
    FROM comment WHERE state = 'published' AND id < 5000""",
)


def tables_scanned(statement, parameters):
    """Return the large tables that a statement would scan completely."""
    connection = session().connection()
    if "ORDER BY audit_entry.seq DESC" in statement and "LIMIT" in statement:
        return set()  # reads the primary key backwards and stops at the limit
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        scans = [row[3] for row in plan if row[3].startswith("SCAN ")]
        names = {scan.split()[1] for scan in scans if not scan.endswith(PARTIAL_INDEXES)}
        return names & set(LARGE)
    connection.exec_driver_sql("SET random_page_cost = 1.1")  # as on an SSD
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar()
    return {
        node["Relation Name"]
        for node in plan_nodes(plan[0]["Plan"])
        if node["Node Type"].endswith("Seq Scan")
    } & set(LARGE)


def count_rows_read(statement, parameters):
    """Return how many rows a query reads: exactly on PostgreSQL, and in steps of SQLite's machine there.

    A row takes SQLite a dozen steps or more.
    """
    connection = session().connection()
    if connection.dialect.name == "sqlite":
        driver, ticks = connection.connection.dbapi_connection, [0]

        def tick():
            ticks[0] += 1

        driver.set_progress_handler(tick, STEPS_PER_TICK)
        connection.exec_driver_sql(statement, parameters).all()
        driver.set_progress_handler(None, 0)
        return ticks[0] * STEPS_PER_TICK // STEPS_PER_ROW
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
    plan = connection.exec_driver_sql(explain, parameters).scalar()
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in plan_nodes(plan[0]["Plan"])
        if node.get("Relation Name") in LARGE
    )


def plan_nodes(plan):
    yield plan
    for part in plan.get("Plans", []):
        yield from plan_nodes(part)


@pytest.fixture(params=["no statistics", "statistics"])
def large_app(request, any_app, encryption):
    """A large site. Nothing runs ANALYZE on a site by itself, so SQLite must choose well without it too."""
    fill_database(encryption, COMMENTS, WAITING)
    postgresql = db.engine.dialect.name == "postgresql"
    empty, moment = (
        ("''::bytea", "now()") if postgresql else ("x''", "'2026-01-01 00:00:00.000000'")
    )
    with transaction():
        for statement in ROWS:
            yes = "true" if postgresql else "1"
            session().execute(text(statement.format(empty=empty, moment=moment, yes=yes)))
    if postgresql or request.param == "statistics":
        session().execute(text("ANALYZE"))  # PostgreSQL does this by itself
    else:
        session().execute(text("DELETE FROM sqlite_stat1"))
    session().commit()
    db.engine.dispose()  # a connection keeps the statistics that it has read
    return any_app


def test_no_frequent_query_scans_a_large_table(large_app):
    add_staff_member(large_app)
    reader, moderator = large_app.test_client(), sign_in(large_app)
    permalink = "/letters/l-7/comments/1008"
    found = {}
    with record_statements(db.engine, "SELECT", "WITH", "UPDATE", "DELETE") as seen:
        for address in ("/letters/l-7", "/letters/l-7?page=2", permalink, "/letters/l-7/feed.atom"):
            assert reader.get(address, follow_redirects=True).status_code == 200, address
        for view in VIEWS:
            assert moderator.get(f"/desk/moderation/{view}").status_code == 200, view
        assert submit(reader, body="A text that no other comment has.").status_code == 303
        now = clock.now()
        with transaction():
            assert lease_due_messages(now, now, 10)
            count_messages_to("0" * 64, None, now)
    for statement, parameters in seen:
        for table in tables_scanned(statement, parameters):
            found.setdefault(table, []).append(re.sub(r"\s+", " ", statement)[:600])
    assert not found, json.dumps(found, indent=1)


def test_sending_deciding_and_the_worker_read_few_rows(large_app):
    add_staff_member(large_app, "steward")
    reader, steward = large_app.test_client(), sign_in(large_app)
    tasks = [task for task in TASKS if task.name != "sign_log"]  # the entries here are no chain
    _, failed = run_tasks(large_app, tasks)  # the purges that are due at the start
    assert not failed
    found = {}
    with record_statements(db.engine, "SELECT", "WITH") as seen:
        assert submit(reader, body="A text that no other comment has.").status_code == 303
        for view in ("?sort=newest", "?state=published&sort=newest"):
            assert steward.get(f"/desk/moderation/{view}").status_code == 200
        assert steward.get("/desk/moderation/28500").status_code == 200
        assert try_settings(steward, banned_words="casino").status_code == 200
        assert not run_tasks(large_app, tasks)[1]
    for statement, parameters in seen:
        rows = count_rows_read(statement, parameters)
        if rows > MAX_ROWS:
            found[re.sub(r"\s+", " ", statement)[:900]] = rows
    assert not found, json.dumps(found, indent=1)
