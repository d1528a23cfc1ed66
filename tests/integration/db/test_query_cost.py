"""The cost of frequent queries on SQLite does not grow with the comments, with or without statistics."""

import json
import re

import pytest
from sqlalchemy import text

from bench.million import fill_database
from commentsite.accounts.permissions import READER
from commentsite.comments.privacy import erase_comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.db.session import db, session, transaction
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


@pytest.mark.parametrize("has_statistics", [False, True], ids=["without ANALYZE", "after ANALYZE"])
def test_ten_times_the_comments_do_not_cost_more(tmp_path, template_database, has_statistics):
    small, large = (
        measure_queries(
            make_app(tmp_path / str(size[0]), template_database, RATELIMIT_ENABLED="false"),
            size,
            has_statistics=has_statistics,
        )
        for size in (SMALL, LARGE)
    )
    grown = {
        statement[-500:]: (small.get(statement, 0), steps)
        for statement, steps in large.items()
        if steps > 2 * small.get(statement, 0) + ALLOWANCE
    }
    assert not grown, json.dumps(grown, indent=1)


def measure_queries(app, size, *, has_statistics):
    """Return the steps of SQLite's machine that each query of common requests takes."""
    tasks = [task for task in TASKS if has_statistics or task.name != "update_statistics"]
    with app.app_context():
        publish_sample_letter()
        fill_database(encryption_of(app), *size)  # ends with ANALYZE
        if not has_statistics:
            session().execute(text("DELETE FROM sqlite_stat1"))
            session().commit()
        db.engine.dispose()  # a connection keeps the statistics that it has read
        add_staff_member(app, "steward")
        reader, steward = app.test_client(), sign_in(app)
        assert not run_tasks(app, tasks)[1]  # the purges that are due at the start
        with record_statements(db.engine, "SELECT", "WITH") as seen:
            assert submit(reader, body="A text that no other comment has.").status_code == 303
            for view in ("", "?sort=newest", "?state=published&sort=newest"):
                assert steward.get(f"/desk/moderation/{view}").status_code == 200
            assert steward.get(f"/desk/moderation/{size[0] - 9}").status_code == 200
            assert try_settings(steward, banned_words="casino").status_code == 200
            for number in (10, size[0] - 10):  # a published one and one that waits
                with transaction():
                    erase_comment(get_comment_for_update(number), by=READER)
            assert not run_tasks(app, tasks)[1]
        cost = {}
        for statement, parameters in seen:
            key = re.sub(r"\s+", " ", statement)
            cost[key] = max(cost.get(key, 0), count_steps(statement, parameters))
        close_database()
    return cost


def count_steps(statement, parameters):
    connection, ticks = session().connection(), []
    driver = connection.connection.dbapi_connection
    driver.set_progress_handler(lambda: ticks.append(1), STEPS_PER_TICK)
    connection.exec_driver_sql(statement, parameters).all()
    driver.set_progress_handler(None, 0)
    return len(ticks) * STEPS_PER_TICK
