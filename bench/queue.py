"""Benchmark of the moderation queue with 1,000,000 comments, of which 100,000 are pending. Whole pages."""

import tempfile
from statistics import quantiles
from time import perf_counter

from flask_security import hash_password
from sqlalchemy import text

from bench.million import COMMENTS, KNOWN_EMAIL, WAITING, fill_database
from bench.postgres import postgres
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.services import add_staff
from commentsite.app import create_app
from commentsite.cli.migrate import upgrade_database
from commentsite.db.session import db, session, transaction

ROUNDS = 100
BOUND = 20  # ms, 95th percentile
PASSWORD = "correct-horse-battery"  # only of this benchmark
VIEWS = {
    "oldest first": "",
    "newest first": "?sort=newest",
    "of one letter": "?letter=l-7",
    "of one group": "?group=GOV",
    "held by a check": "?held_by=any",
    "from the middle": "?after={middle}",
    "published": "?state=published",
    "by one address": "?q=" + KNOWN_EMAIL,
}
SCANS = {
    "text without a match": "?q=zzzz"
}  # scans every comment, so it runs after the others, whose pages it evicts from memory


def measure() -> str:
    """Return the table for SQLite, and for PostgreSQL if it is installed."""
    rows = _measure_one("SQLite", {})
    with postgres() as address:
        if address:
            rows += _measure_one("PostgreSQL", {"DATABASE_URL": address})
    head = f"{COMMENTS:,} comments, {WAITING:,} of them pending. {ROUNDS} rounds, views alternating, whole page. Bound: {BOUND} ms for 95 of 100 requests."
    table = ["| database | view | median ms | 95th ms |", "|---|---|---|---|", *rows]
    return "\n".join([head, "", *table, ""])


def _measure_one(name: str, settings: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app({"INSTANCE": folder, "RATELIMIT_ENABLED": "false", **settings})
        with app.app_context():
            upgrade_database()
            fill_database(app.extensions["commentsite"].encryption)
            middle = session().execute(text("SELECT max(id) FROM comment")).scalar() - WAITING // 2
            db.session.remove()
        client = sign_in(app, RoleName.MODERATOR)
        seconds: dict[str, list[float]] = {view: [] for view in VIEWS | SCANS}
        for views in (VIEWS, SCANS):
            for _ in range(ROUNDS):
                for view, query in views.items():
                    start = perf_counter()
                    answer = client.get("/desk/moderation/" + query.format(middle=middle))
                    seconds[view].append((perf_counter() - start) * 1000)
                    assert answer.status_code == 200
        with app.app_context():
            db.engine.dispose()
    cuts = {view: quantiles(measured, n=100) for view, measured in seconds.items()}
    return [f"| {name} | {view} | {c[49]:.1f} | {c[94]:.1f} |" for view, c in cuts.items()]


def sign_in(app, role: RoleName):
    """Return a client that is signed in with a new account of this role."""
    with app.app_context(), transaction():
        add_staff(
            by=SYSTEM, email="mona@example.org", name="Mona", role=role,
            password_hash=hash_password(PASSWORD), group="TEC",
        )  # fmt: skip
    client = app.test_client()
    token = client.get("/account/login").get_data(as_text=True)
    token = token.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    form = {"email": "mona@example.org", "password": PASSWORD, "csrf_token": token}
    assert client.post("/account/login", data=form).status_code in {302, 303}
    return client
