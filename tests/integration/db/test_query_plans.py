"""Frequent queries use indexes, independent of the number of comments."""

import json
import re

import pytest
from sqlalchemy import text

from bench.million import fill_database
from commentsite import clock
from commentsite.comments.filters.queries import CommentFilter, count_matches, load_filtered_page
from commentsite.db.session import db, session, transaction
from commentsite.letters.queries import find_by_current_slug
from commentsite.notifications.queries import count_messages_to, lease_due_messages
from tests.support.clients import sign_in, submit
from tests.support.databases import record_statements
from tests.support.factories import add_staff_member

COMMENTS, WAITING = 30_000, 3_000
# The tables that grow with submissions. Reading a whole table of settings is fine.
LARGE = (
    "comment",
    "comment_target",
    "comment_sketch",
    "decision",
    "audit_entry",
    "outbox",
    "report",
    "search_desk",
    "citation",
)
PARTIAL_INDEXES = (
    "INDEX ix_report_open",
    "INDEX ix_comment_waits",
)  # scanning these is fine: they hold only matching rows
VIEWS = (
    "", "?sort=newest", "?letter=l-7", "?group=GOV", "?held_by=any", "?held_by=links",
    "?confirmed=no", "?language=fr", "?state=spam", "?state=published", "?state=published&reported=yes",
    "?waiting=second", "?state=refused&mine=yes", "?q=n12345@example.org", "?after=28500",
    "?state=published&q=zanzibar", "?state=published&group=absent", "?state=published&held_by=absent",
    "?state=all", "?state=all&group=absent", "?state=all&letter=l-7&sort=newest", "?state=all&q=zanzibar",
    "?state=published&letter=l-7&sort=newest", "?state=published&language=fr", "?state=published&confirmed=yes",
)  # fmt: skip
#: Filters of the audit log that an index serves. The letter has many comments.
LOG_FILTERS = (
    "kind=comments",
    "actor=reader",
    "comment=20000",
    "actor=system&kind=letters",
    "letter=l-7",
)

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
    """INSERT INTO citation (letter_id, pid, number, label, symbol, place, words)
    SELECT letter_id, 'p' || id, 1, '1', 'A/RES/' || (id % 50), id % 9, '' FROM comment WHERE id < 2000""",
)


def tables_scanned(statement, parameters):
    """Return the large tables that a statement would scan completely."""
    connection = session().connection()
    if "ORDER BY audit_entry.seq DESC" in statement and "LIMIT" in statement:
        return set()  # reads the primary key backwards and stops at the limit
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        # SQLite calls a search in a full-text index a scan of it.
        scans = [
            row[3]
            for row in plan
            if row[3].startswith("SCAN ") and "VIRTUAL TABLE INDEX" not in row[3]
        ]
        names = {scan.split()[1] for scan in scans if not scan.endswith(PARTIAL_INDEXES)}
        return names & set(LARGE)
    connection.exec_driver_sql("SET random_page_cost = 1.1")  # as on an SSD
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar()
    return {
        node["Relation Name"]
        for node in plan_nodes(plan[0]["Plan"])
        if node["Node Type"].endswith("Seq Scan")
    } & set(LARGE)


def plan_nodes(plan):
    yield plan
    for part in plan.get("Plans", []):
        yield from plan_nodes(part)


@pytest.fixture
def large_app(any_app, encryption):
    fill_database(encryption, COMMENTS, WAITING, has_statistics=False)
    postgresql = db.engine.dialect.name == "postgresql"
    empty, moment = (
        ("''::bytea", "now()") if postgresql else ("x''", "'2026-01-01 00:00:00.000000'")
    )
    with transaction():
        for statement in ROWS:
            yes = "true" if postgresql else "1"
            session().execute(text(statement.format(empty=empty, moment=moment, yes=yes)))
    return any_app


def test_no_frequent_query_scans_a_large_table(large_app):
    add_staff_member(large_app)
    reader, moderator = large_app.test_client(), sign_in(large_app)
    permalink = "/letters/l-7/comments/1008"
    letter_id, found = find_by_current_slug("l-7").id, {}
    with record_statements(db.engine, "SELECT", "WITH", "UPDATE", "DELETE") as seen:
        for address in (
            "/letters/l-7", "/letters/l-7?page=2", permalink, "/letters/l-7/feed.atom",
            "/letters/l-7?sort=answered", "/letters/l-7?group=GOV", "/letters/l-7?stance=oppose&sort=newest",
            "/letters/l-7?replies=author", "/letters/l-7?language=fr",
            "/letters/l-7/comments/8/replies", "/letters/l-7/map", "/documents/A/RES/1",
        ):  # fmt: skip
            assert reader.get(address, follow_redirects=True).status_code == 200, address
        chosen = CommentFilter(paragraph="p1")  # the letters of this database have no text
        load_filtered_page(letter_id, chosen, count_matches(letter_id, chosen).texts)
        for view in VIEWS:
            assert moderator.get(f"/desk/moderation/{view}").status_code == 200, view
        for address in ("/desk/", *(f"/desk/audit/?{query}" for query in LOG_FILTERS)):
            assert moderator.get(address).status_code == 200, address
        assert submit(reader, body="A text that no other comment has.").status_code == 303
        now = clock.now()
        with transaction():
            assert lease_due_messages(now, now, 10)
            count_messages_to("0" * 64, None, now)
    for mode in ("without ANALYZE", "after ANALYZE"):
        if mode == "after ANALYZE":
            session().execute(text("ANALYZE"))
            session().commit()
        for statement, parameters in seen:
            for table in tables_scanned(statement, parameters):
                found.setdefault(f"{table} {mode}", []).append(re.sub(r"\s+", " ", statement)[:600])
    assert not found, json.dumps(found, indent=1)
