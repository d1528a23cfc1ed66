"""Measure pages and acts of sites with 1,000, 100,000 and 1,000,000 comments: the cost must not grow with their number.

Processor time of the program on SQLite, without the page cache. The databases get no statistics for the query
planner, because a site that is used gets none either. BENCH_SIZES sets other sizes, separated by commas. A second
table is about a site with very uneven letters (see `skew`), and BENCH_SKEWED sets its number of comments.
"""

import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event, func, select

from bench import skew
from bench.loads import FORM
from bench.million import LETTERS, add_versions, fill_database
from bench.queue import sign_in
from commentsite.accounts.permissions import RoleName
from commentsite.app import create_app
from commentsite.cli.migrate import upgrade_database
from commentsite.comments.models import Comment
from commentsite.db.session import db, session
from commentsite.letters.models import Letter
from commentsite.moderation.transparency.months import queries as month_queries
from commentsite.moderation.transparency.months.queries import MIN_LOG_LENGTH
from commentsite.web.caching.store import clear_caches
from commentsite.worker.tasks import EVERY_PASS, TASKS, run_tasks

SIZES = (1_000, 100_000, 1_000_000)
ROUNDS = 7
MAX_RATIO, MAX_MS = 2, 50
PUBLIC = {
    "front page": "/",
    "list of letters": "/letters/",
    "letter": "/letters/l-3",
    "letter, newest comments first": "/letters/l-3?sort=newest",
    "link to a comment": "/letters/l-3/comments/{published}",
    "feed": "/feed.atom",
    "site map": "/sitemap.xml",
    "transparency report": "/transparency",
    "public log": "/transparency/log",
    "metrics": "/metrics",
}
DESK = {
    "desk": "/desk/",
    "queue": "/desk/moderation/",
    "queue, newest first": "/desk/moderation/?sort=newest",
    "queue, published": "/desk/moderation/?state=published",
    "queue, published with a word": "/desk/moderation/?state=published&q=numbers",
    "queue, a word that is nowhere": "/desk/moderation/?state=published&q=zzzz",
    "queue of one letter": "/desk/moderation/?letter=l-7",
    "case": "/desk/moderation/{pending}",
    "letters at the desk": "/desk/letters/",
    "people": "/desk/people/",
    "appeals": "/desk/appeals/",
    "statements of reasons": "/desk/reasons/",
    "audit log": "/desk/audit/",
}
EXAMINED = 16  # comments

Measures = dict[str, tuple[float, int]]


def measure() -> str:
    """Return the table."""
    logging.disable(logging.CRITICAL)  # a line for each request
    sizes = [int(size) for size in os.environ.get("BENCH_SIZES", "").split(",") if size] or SIZES
    found = {size: _measure_size(size) for size in sizes}
    small, large = sizes[0], sizes[-1]
    rows = []
    for name, (few, statements) in found[small].items():
        times = " | ".join(f"{found[size][name][0]:.1f}" for size in sizes)
        many, more = found[large][name]
        rows.append(f"| {name} | {times} | {statements} | {more} | {many / few:.1f} |")
    grown = [
        name
        for name, (few, _) in found[small].items()
        if found[large][name][0] > max(MAX_RATIO * few, MAX_MS)
    ]
    columns = " | ".join(f"{size:,}" for size in sizes)
    table = "\n".join(
        [
            f"Milliseconds of processor time, the least of {ROUNDS} rounds, on sites with so many comments on {LETTERS} letters, and the database queries of the first and the last site.",
            f"More than {MAX_RATIO} times as long, and more than {MAX_MS} ms: {', '.join(grown) or 'none'}.",
            "",
            f"| page or act | {columns} | queries, {small:,} | queries, {large:,} | ratio |",
            "|---" * (len(sizes) + 4) + "|",
            *rows,
            "",
        ]
    )
    return f"{table}\n{measure_skewed()}"


def measure_skewed() -> str:
    """Return the table of a site with very uneven letters."""
    comments = int(os.environ.get("BENCH_SKEWED", skew.COMMENTS))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"INSTANCE": folder, "RATELIMIT_ENABLED": "false"})
        with app.app_context():
            upgrade_database()
        numbers = skew.fill_database(Path(folder) / "commentsite.db", comments)
        run_tasks(app, [task for task in TASKS if task.name == "count_months"])
        for client, pages in (
            (app.test_client(), skew.PAGES),
            (sign_in(app, RoleName.STEWARD), skew.DESK_PAGES),
        ):
            for name, address in pages.items():
                request = _build_request(client, address.format(**numbers))
                times, statements = _time(app, request, lambda: clear_caches(app, "pages"))
                rows.append(f"| {name} | {statistics.median(times):.1f} | {statements} |")
        times, statements = _time(app, _build_sender(app, "l-1"))
        rows.append(
            f"| sending a comment to this letter | {statistics.median(times):.1f} | {statements} |"
        )
    return "\n".join(
        [
            f"The median of {ROUNDS} rounds on a site with very uneven letters: {comments:,} comments on {skew.LETTERS:,} letters, a twentieth of them on one. The comments were sent in 47 months, by {len(skew.GROUPS)} groups, on letters in {len(skew.LANGUAGES)} languages.",
            "",
            "| page or act | ms | queries |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _measure_size(comments: int) -> Measures:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            {"INSTANCE": folder, "RATELIMIT_ENABLED": "false", "METRICS_ALLOW": "127.0.0.1"}
        )
        with app.app_context():
            upgrade_database()
            encryption = app.extensions["commentsite"].encryption
            fill_database(encryption, comments, comments // 10, has_statistics=False)
            add_versions()
            newest = select(func.max(Comment.id)).where(Comment.parent_id.is_(None))
            letter = select(Letter.id).where(Letter.slug == "l-3").scalar_subquery()
            public = newest.where(Comment.state == "published", Comment.letter_id == letter)
            numbers = {
                "published": session().scalar(public),
                "pending": session().scalar(newest.where(Comment.state == "pending")),
            }
            db.session.remove()
        # The log has two entries for a comment. The figures of months are stored where it is long.
        if 2 * comments > MIN_LOG_LENGTH:
            month_queries.MIN_LOG_LENGTH = 0
            run_tasks(app, [task for task in TASKS if task.name == "count_months"])
        return _measure_site(app, numbers)


def _measure_site(app, numbers: dict[str, int]) -> Measures:
    measures: Measures = {}
    for client, pages in ((app.test_client(), PUBLIC), (sign_in(app, RoleName.STEWARD), DESK)):
        for name, address in pages.items():
            request = _build_request(client, address.format(**numbers))
            measures[name] = _time_least(app, request, lambda: clear_caches(app, "pages"))
    send = _build_sender(app, "l-3")
    passes = [task for task in TASKS if task.every == EVERY_PASS]
    examine = [task for task in TASKS if task.name == "examine_comments"]
    measures["sending a comment"] = _time_least(app, send)
    run_tasks(app, examine)
    measures[f"examining {EXAMINED} comments"] = _time_least(
        app, lambda: run_tasks(app, examine), lambda: [send() for _ in range(EXAMINED)]
    )
    for _ in range(3):
        run_tasks(app, TASKS)
    measures["a pass of the worker with nothing to do"] = _time_least(
        app, lambda: run_tasks(app, passes)
    )
    return measures


def _build_request(client, url: str) -> Callable[[], None]:
    def request() -> None:
        answer = client.get(url)
        assert answer.status_code in {200, 303}, f"{url}: {answer.status}"

    return request


def _time_least(
    app, act: Callable[[], object], prepare: Callable[[], object] = lambda: None
) -> tuple[float, int]:
    """Return the least milliseconds of processor time of an act, and its queries."""
    times, statements = _time(app, act, prepare)
    return min(times), statements


def _time(
    app, act: Callable[[], object], prepare: Callable[[], object] = lambda: None
) -> tuple[list[float], int]:
    """Return the milliseconds of processor time of each round of an act, and its queries."""
    times, statements = [], 0
    for _ in range(ROUNDS):
        prepare()
        with _count_statements(app) as counted:
            start = time.process_time()
            act()
            times.append((time.process_time() - start) * 1000)
        statements = len(counted)
    return times, statements


@contextmanager
def _count_statements(app):
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _build_sender(app, slug: str) -> Callable[[], None]:
    client, number = app.test_client(), 0
    page = client.get(f"/letters/{slug}").get_data(as_text=True)
    token = page.partition('name="form_token"')[2].partition('value="')[2].partition('"')[0]
    form = FORM.format(token=token)
    time.sleep(2.1)  # the site takes a form sent within two seconds for a robot's

    def send() -> None:
        nonlocal number
        number += 1
        text = f"Words+of+reader+{number}+that+are+{number * 7919 % 1_000_003}+like+no+others"
        body = form.replace("{id}", f"s{number}").replace("{text}", text)
        answer = client.post(
            f"/letters/{slug}/comments", data=body, content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 303, answer.status_code

    return send
