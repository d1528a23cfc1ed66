"""Look an installation over: what is unsafe or missing, each in a sentence with its remedy."""

import shutil
import smtplib
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from commentsite import clock
from commentsite.accounts.queries import list_staff
from commentsite.audit.queries import find_last_entry_time
from commentsite.comments.screening.queries import count_failed_checks
from commentsite.config import Settings
from commentsite.db import schema_version
from commentsite.db.session import REPLICA_BIND, db, session
from commentsite.integrations import smtp
from commentsite.notifications.queries import find_oldest_due_time
from commentsite.web.context import runtime

MIN_FREE_BYTES = 512 * 1024 * 1024
MAX_DELIVERY_DELAY = timedelta(minutes=15)
MAX_CLOCK_DIFFERENCE = 5.0  # seconds between two machines
MIN_DISTINCT_CHARACTERS = (
    12  # different ones in a secret; 64 random hexadecimal digits have 15 or 16
)


@click.command()
def doctor_command() -> None:
    """Say what is unsafe or missing in this installation, with the remedy; exit 1 when anything is."""
    found = list(find_problems(runtime().settings))
    for words in found:
        click.echo(words)
    if found:
        click.echo(f"{len(found)} found.")
        raise SystemExit(1)
    click.echo("Nothing found.")


def find_problems(settings: Settings) -> Iterator[str]:
    """Yield a sentence for everything that is not as it should be."""
    yield from _check_settings(settings)
    yield from _check_files(settings.instance)
    yield from _check_redis(settings)
    yield from _check_mail_server(settings)
    if wrong := schema_version.find_schema_problem():
        yield f"{wrong[0].upper()}{wrong[1:]}. What is in it was not looked at."
        return
    for look in (_check_clock, _check_staff, _check_worker, _check_connections):
        yield from look()
        session().rollback()
    if settings.akismet is not None and count_failed_checks():
        yield "The service asked about words did not answer about some comments. Look at COMMENTSITE_AKISMET_URL and COMMENTSITE_AKISMET_KEY."


def _check_settings(settings: Settings) -> Iterator[str]:
    if not settings.has_rate_limits:
        yield "Rate limits are off. Remove COMMENTSITE_RATELIMIT_ENABLED."
    if not settings.is_https:
        yield "Readers use plain http. Put TLS in front and set COMMENTSITE_BASE_URL to https."
    elif not settings.trusted_proxies:
        yield "No proxy is trusted, so behind one all readers share one limit. Set COMMENTSITE_TRUSTED_PROXIES."
    for name, networks in (
        ("TRUSTED_PROXIES", settings.trusted_proxies),
        ("METRICS_ALLOW", settings.metrics_networks),
    ):
        if any(network.prefixlen == 0 for network in networks):
            yield f"COMMENTSITE_{name} names the whole Internet. Name your own machines."
    if any(len(set(secret)) < MIN_DISTINCT_CHARACTERS for secret in settings.secrets):
        yield "COMMENTSITE_SECRET_KEY repeats few characters. Put a random one before it: the first seals, all open."


def _check_files(instance: Path) -> Iterator[str]:
    if instance.stat().st_mode & 0o005:
        yield f"Others on this machine can look into the instance folder. Run: chmod 700 {instance}."
    for name in ("settings.toml", "log_key"):  # the secret key is looked at at every start
        file = instance / name
        if file.exists() and file.stat().st_mode & 0o077:
            yield f"Others can read {name} in the instance folder. Run: chmod 600 {file}."
    free = shutil.disk_usage(instance).free
    if free < MIN_FREE_BYTES:
        yield f"The disk of the instance folder has {free // 2**20} MB left. Make room: a full disk takes no comments."


def _check_redis(settings: Settings) -> Iterator[str]:
    if not settings.redis_url:
        return
    from redis import Redis, RedisError  # noqa: PLC0415  # most sites have none

    try:
        with Redis.from_url(
            settings.redis_url, socket_connect_timeout=2, socket_timeout=2
        ) as redis:
            redis.ping()
    except (RedisError, OSError):
        yield "Redis does not answer, so each process counts its own rate limits. Start it, or look at COMMENTSITE_REDIS_URL."


def _check_mail_server(settings: Settings) -> Iterator[str]:
    if settings.mail_server is None:
        yield "Messages are kept as files. Set COMMENTSITE_MAIL_URL to send them."
        return
    try:
        with smtp.connect(settings.mail_server, timeout=5) as connection:
            connection.noop()
    except smtplib.SMTPAuthenticationError:
        yield "The mail server refuses the name or the password. Look at COMMENTSITE_MAIL_URL."
    except (OSError, smtplib.SMTPException) as problem:
        yield f"The mail server does not answer ({type(problem).__name__}); messages wait. Look at COMMENTSITE_MAIL_URL."


def _check_clock() -> Iterator[str]:
    newest = find_last_entry_time()
    if newest and newest > clock.now() + timedelta(seconds=MAX_CLOCK_DIFFERENCE):
        yield "The log has entries from later than now. Set the clock of this machine, with NTP."
    if session().get_bind().dialect.name == "postgresql":
        before = time.monotonic()
        there = session().execute(text("SELECT clock_timestamp()")).scalar_one()
        apart = abs((clock.now() - there).total_seconds()) - (time.monotonic() - before)
        if apart > MAX_CLOCK_DIFFERENCE:
            yield f"The clocks of this machine and of the database are {apart:.0f} seconds apart. Set both with NTP."


def _check_staff() -> Iterator[str]:
    if not list_staff():
        yield "Nobody is on the staff. Run: commentsite staff add EMAIL --name NAME --role steward."


def _check_worker() -> Iterator[str]:
    due = find_oldest_due_time()
    if due and due < clock.now() - MAX_DELIVERY_DELAY:
        yield "Messages are due and nobody sends them. Start: commentsite worker."


def _check_connections() -> Iterator[str]:
    """Ask the replica for an answer, and the database whether one more process still finds a place."""
    settings = runtime().settings
    if settings.replica_url:
        try:
            with db.engines[REPLICA_BIND].connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            yield "The replica does not answer, so the database is asked alone. Look at COMMENTSITE_DATABASE_READ_URL."
    if session().get_bind().dialect.name == "postgresql" and not settings.has_transaction_pooler:
        most = int(session().execute(text("SHOW max_connections")).scalar_one())
        if settings.pool_size + 2 > most // 2:
            yield f"PostgreSQL takes {most} connections and each process may hold {settings.pool_size + 2}. Lower COMMENTSITE_DATABASE_POOL or raise max_connections."
