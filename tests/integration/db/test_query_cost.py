"""The cost of frequent queries on SQLite does not grow with the comments, with or without statistics."""

import json
import re

from sqlalchemy import insert, text

from bench.million import KNOWN_EMAIL, fill_database
from commentsite import clock
from commentsite.accounts.permissions import READER
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import db, session, transaction
from commentsite.letters.models import Letter
from commentsite.moderation.audit_entries import queries as entry_queries
from commentsite.moderation.transparency.records.queries import describe_uncovered_words
from commentsite.worker.tasks import TASKS, run_tasks
from tests.support.clients import sign_in, submit, try_settings
from tests.support.databases import record_statements
from tests.support.factories import (
    add_staff_member,
    close_database,
    encryption_of,
    make_app,
    publish_sample_letter,
)

SMALL, LARGE = (3_000, 1_100), (30_000, 1_500)  # comments, of which so many are pending
STEPS_PER_TICK = 100
ALLOWANCE = 20_000  # steps; a scan of the larger database takes at least 100,000
PUBLISHED = "state=published"
#: Views of the queue. Nothing in the database matches those with “absent”.
VIEWS = (
    "", "sort=newest", f"{PUBLISHED}&sort=newest", f"{PUBLISHED}&letter=l-7", "letter=l-7&sort=newest",
    f"{PUBLISHED}&letter=absent", f"{PUBLISHED}&group=GOV", f"{PUBLISHED}&group=absent",
    f"{PUBLISHED}&held_by=any", f"{PUBLISHED}&held_by=absent", f"{PUBLISHED}&language=absent",
    f"{PUBLISHED}&language=fr", f"{PUBLISHED}&confirmed=yes", f"{PUBLISHED}&confirmed=no",
    f"{PUBLISHED}&reported=yes", f"{PUBLISHED}&mine=yes", "mine=yes", "waiting=second", "age=24",
    f"{PUBLISHED}&q=zanzibar", f"{PUBLISHED}&q=numbers", f"{PUBLISHED}&q=numbers&sort=newest", "q=says+numbers",
    f"{PUBLISHED}&q=numbers&letter=l-7", f"{PUBLISHED}&q={KNOWN_EMAIL}", f"{PUBLISHED}&after=2000",
)  # fmt: skip
LISTS = ("/desk/", "/desk/letters/", "/desk/people/", "/desk/me/", "/desk/messages/")  # fmt: skip
#: Filters of the audit log. They look at so many entries at most, also where nothing matches.
LOG_FILTERS = (
    "", "before=500", "kind=comments", "kind=appeals", "actor=reader", "actor=user:1", "comment=900",
    "letter=l-7", "letter=l-7&kind=decisions&actor=reader", "actor=reader&kind=decisions", "since=2026-01-01",
)  # fmt: skip
THREAD = 208  # a published comment with some 170 replies


def test_ten_times_the_comments_do_not_cost_more(tmp_path, template_database, monkeypatch):
    monkeypatch.setattr(entry_queries, "MAX_CANDIDATES", 500)
    small, large = (
        measure_site(
            make_app(tmp_path / str(size[0]), template_database, RATELIMIT_ENABLED="false"), size
        )
        for size in (SMALL, LARGE)
    )
    grown = {
        f"{mode}: {statement[-500:]}": (small[mode].get(statement, 0), steps)
        for mode, cost in large.items()
        for statement, steps in cost.items()
        if steps > 2 * small[mode].get(statement, 0) + ALLOWANCE
    }
    assert not grown, json.dumps(grown, indent=1)


def measure_site(app, size):
    """Return the steps of SQLite's machine that each query of common requests takes, in both modes."""
    with app.app_context():
        publish_sample_letter()
        fill_database(encryption_of(app), *size, has_statistics=False)
        add_staff_member(app, "steward")
        add_staff_member(app, "moderator", "some@example.org")
        add_rows(size[0])
        assert not run_tasks(app, TASKS)[1]  # the purges that are due at the start
        engine = db.engine
    # Outside a context, because requests inside one share the person who is signed in.
    clients = app.test_client(), sign_in(app), sign_in(app, "some@example.org")
    without_statistics = measure_queries(app, engine, clients, size[0])
    with app.app_context():
        session().execute(text("ANALYZE"))
        session().commit()
        db.engine.dispose()  # a connection keeps the statistics that it has read
    with_statistics = measure_queries(app, engine, clients, size[0], erased=20)
    with app.app_context():
        close_database()
    return {"without ANALYZE": without_statistics, "after ANALYZE": with_statistics}


def add_rows(size):
    """Add a long thread, some decisions and reports, and letters in proportion to the comments."""
    now = clock.now()
    with transaction():
        for statement in (
            f"""UPDATE comment SET parent_id = {THREAD}, root_id = {THREAD},
            letter_id = (SELECT letter_id FROM comment WHERE id = {THREAD})
            WHERE id % 10 = 5 AND id BETWEEN 210 AND 1900 AND state = 'published'""",
            """INSERT INTO decision (comment_id, comment_version, verdict, reason, note, moderator_id,
            moderator_name, moderator_group, moderator_organisation, mode, is_settling, facts, details,
            rules_version, decided_at) SELECT id, 1, 'publish', '', '', 1, 'Mona', 'TEC', '', 'solo', 1, '',
            '{}', 1, '2026-01-01 00:00:00.000000' FROM comment WHERE id BETWEEN 300 AND 400""",
            """INSERT INTO report (comment_id, rule, words, state, receipt_hash, sent_at, rules_version)
            SELECT id, 'R2', '', 'open', 'r' || id, '2026-01-01 00:00:00.000000', 1 FROM comment
            WHERE state = 'published' AND id BETWEEN 400 AND 500""",
            """INSERT INTO search_comment (rowid, words) SELECT comment.id, search_desk.body FROM search_desk
            JOIN comment ON comment.id = search_desk.rowid WHERE comment.state = 'published' AND comment.id NOT IN
            (SELECT rowid FROM search_comment)""",
            f"""INSERT INTO audit_entry (seq, at, actor, action, object, details, prev, hash)
            SELECT (SELECT max(seq) FROM audit_entry) + id, '2026-01-01 00:00:00.000000', 'reader',
            'comment.submitted', 'comment:' || id, '{{}}', '', 'h' || id FROM comment WHERE id <= {size * 3 // 10}""",
            "UPDATE comment SET words_salt = '00'",  # the audit log covers their words
            """INSERT INTO staff_letter (staff_id, letter_id) SELECT staff.id, letter.id FROM staff, letter
            WHERE staff.email = 'some@example.org' AND letter.slug IN ('l-1', 'l-2', 'l-3')""",
        ):
            session().execute(text(statement))
        session().execute(
            insert(Letter),
            [
                {
                    "slug": f"more-{n}",
                    "title": f"Letter {n}",
                    "state": "published",
                    "topics": ["names"],
                    "created_at": now,
                    "published_at": now,
                }
                for n in range(size // 10)
            ],
        )


def measure_queries(app, engine, clients, size, *, erased=10):
    with record_statements(engine, "SELECT", "WITH") as seen:
        request_pages(*clients, size, f"A text that no other comment has: {erased}.")
        with app.app_context():
            for number in (erased, size - erased):  # a published one and one that waits
                with transaction():
                    erase_comment(get_comment_for_update(number), by=READER)
            assert not run_tasks(app, TASKS)[1]
            assert describe_uncovered_words() == ""
    cost = {}
    with app.app_context():
        for statement, parameters in seen:
            key = re.sub(r"\s+", " ", statement)
            cost[key] = max(cost.get(key, 0), count_steps(statement, parameters))
    return cost


def request_pages(reader, steward, moderator, size, body):
    assert submit(reader, body=body).status_code == 303
    for view in VIEWS:
        assert steward.get(f"/desk/moderation/?{view}").status_code == 200, view
    for view in ("", PUBLISHED, f"{PUBLISHED}&sort=newest", f"{PUBLISHED}&q=numbers"):
        assert moderator.get(f"/desk/moderation/?{view}").status_code == 200, view
    assert moderator.get("/desk/").status_code == 200
    for query in LOG_FILTERS:
        assert steward.get(f"/desk/audit/?{query}").status_code == 200, query
    for address in (*LISTS, f"/desk/moderation/{size - 9}"):
        assert steward.get(address).status_code == 200, address
    thread = f"/letters/l-7/comments/{THREAD}/replies"
    for address in (
        "/letters/",
        "/search?q=numbers",
        "/search?q=the",
        "/letters/l-7",
        "/letters/l-7/map",
        "/letters/l-7?sort=answered",
        "/letters/l-7?group=GOV",
        "/letters/l-7?stance=oppose&group=CIV",
        "/letters/l-7?replies=author&sort=newest",
        thread,
        f"{thread}?after=999",
        "/metrics",
    ):
        assert reader.get(address).status_code == 200, address
    assert try_settings(steward, banned_words="casino").status_code == 200


def count_steps(statement, parameters):
    connection, ticks = session().connection(), []
    driver = connection.connection.dbapi_connection
    driver.set_progress_handler(lambda: ticks.append(1), STEPS_PER_TICK)
    connection.exec_driver_sql(statement, parameters).all()
    driver.set_progress_handler(None, 0)
    return len(ticks) * STEPS_PER_TICK
