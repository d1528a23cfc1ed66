"""The command `commentsite doctor`: find problems of an installation, and name the remedy of each."""

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
from commentsite.comments.screening.queries import count_failed_checks, find_oldest_received_time
from commentsite.config import Settings
from commentsite.db import schema_version
from commentsite.db.session import REPLICA_BIND, db, session
from commentsite.integrations import smtp
from commentsite.letters.importing.language import DetectionUnavailable, check_detection
from commentsite.notifications.queries import find_oldest_due_time
from commentsite.site.secret_key import KEY_MISMATCH_REMEDY, find_key_problem
from commentsite.web.context import runtime
from commentsite.web.paper.fonts import can_list_fonts, list_scripts_without_font

MIN_FREE_BYTES = 512 * 1024 * 1024
MAX_EXAMINATION_DELAY = timedelta(minutes=5)
MAX_DELIVERY_DELAY = timedelta(minutes=15)
MAX_CLOCK_DIFFERENCE = 5.0  # seconds
MIN_DISTINCT_CHARACTERS = 12  # in a secret. 64 random hexadecimal digits have 15 or 16


@click.command("doctor")
def doctor_command() -> None:
    """List the problems of this installation, with their remedies. Exit with 1 if there are any."""
    problems = list(find_problems(runtime().settings))
    for problem in problems:
        click.echo(problem)
    if problems:
        click.echo(f"Problems found: {len(problems)}.")
        raise SystemExit(1)
    click.echo("No problems found.")


def find_problems(settings: Settings) -> Iterator[str]:
    """Yield a sentence for each problem."""
    yield from _check_settings(settings)
    yield from _check_files(settings.instance)
    yield from _check_fonts()
    yield from _check_language_detection()
    yield from _check_redis(settings)
    yield from _check_mail_server(settings)
    if schema_problem := schema_version.find_schema_problem():
        yield f"{schema_problem[0].upper()}{schema_problem[1:]}. The checks of its content were skipped."
        return
    if find_key_problem(runtime().encryption):
        yield KEY_MISMATCH_REMEDY
    for check in (_check_clock, _check_staff, _check_worker, _check_connections):
        yield from check()
        session().rollback()
    if settings.akismet is not None and count_failed_checks():
        yield "The external check of some comments failed. Check COMMENTSITE_AKISMET_URL and COMMENTSITE_AKISMET_KEY."


def _check_settings(settings: Settings) -> Iterator[str]:
    if not settings.has_rate_limits:
        yield "Rate limits are off. Remove COMMENTSITE_RATELIMIT_ENABLED."
    if not settings.is_https:
        yield "Readers use plain http. Serve the site over TLS and set COMMENTSITE_BASE_URL to an https address."
    elif not settings.trusted_proxies:
        yield (
            "No proxy is trusted. Behind a proxy all readers then share one rate limit. "
            "Without a proxy, a few half-sent forms keep all others from being sent. "
            "Put nginx in front of it and set COMMENTSITE_TRUSTED_PROXIES."
        )
    for name, networks in (
        ("TRUSTED_PROXIES", settings.trusted_proxies),
        ("METRICS_ALLOW", settings.metrics_networks),
    ):
        if any(network.prefixlen == 0 for network in networks):
            yield f"COMMENTSITE_{name} includes the whole Internet. Enter only your own machines."
    if any(len(set(secret)) < MIN_DISTINCT_CHARACTERS for secret in settings.secrets):
        yield "COMMENTSITE_SECRET_KEY has too few different characters. Add a random secret in front of it, and keep the old one."


def _check_files(instance: Path) -> Iterator[str]:
    if instance.stat().st_mode & 0o005:
        yield f"Other users of this machine can read the instance folder. Run: chmod 700 {instance}."
    for name in ("settings.toml", "log_key"):  # the secret key is checked at each start
        file = instance / name
        if file.exists() and file.stat().st_mode & 0o077:
            yield f"Other users of this machine can read {name} in the instance folder. Run: chmod 600 {file}."
    free = shutil.disk_usage(instance).free
    if free < MIN_FREE_BYTES:
        yield f"The disk of the instance folder has {free // 2**20} MB left. Free some space: a site with a full disk cannot accept comments."


def _check_fonts() -> Iterator[str]:
    """Name the scripts that PDFs of letters cannot show on this machine, by the package with their font."""
    if not can_list_fonts():
        yield "It is not known which scripts PDFs can show, because fc-list is missing. Run: apt-get install fontconfig."
    names: dict[str, list[str]] = {}
    for script in list_scripts_without_font():
        names.setdefault(script.package, []).append(str(script.name))
    for package, scripts in names.items():
        yield f"PDFs cannot show {', '.join(scripts)}, because no font has it. Run: apt-get install {package}."


def _check_language_detection() -> Iterator[str]:
    try:
        check_detection()
    except DetectionUnavailable:
        yield "The languages of comments are not detected, because the process that detects them fails. The log names its error."


def _check_redis(settings: Settings) -> Iterator[str]:
    if not settings.redis_url:
        return
    from redis import Redis, RedisError  # noqa: PLC0415  # most sites do not use Redis

    try:
        with Redis.from_url(
            settings.redis_url, socket_connect_timeout=2, socket_timeout=2
        ) as redis:
            redis.ping()
    except (RedisError, OSError):
        yield "Redis does not answer, so each process counts rate limits alone. Start Redis, or check COMMENTSITE_REDIS_URL."


def _check_mail_server(settings: Settings) -> Iterator[str]:
    if settings.mail_server is None:
        yield "Emails are written to files. Set COMMENTSITE_MAIL_URL to send them."
        return
    try:
        with smtp.connect(settings.mail_server, timeout=5) as connection:
            connection.noop()
    except smtplib.SMTPAuthenticationError:
        yield "The mail server rejects the user name or password. Check COMMENTSITE_MAIL_URL."
    except (OSError, smtplib.SMTPException) as problem:
        yield f"The mail server does not answer ({type(problem).__name__}), so emails wait. Check COMMENTSITE_MAIL_URL."


def _check_clock() -> Iterator[str]:
    newest = find_last_entry_time()
    if newest and newest > clock.now() + timedelta(seconds=MAX_CLOCK_DIFFERENCE):
        yield "The audit log has entries from later than now. Set the clock of this machine with NTP."
    if session().get_bind().dialect.name == "postgresql":
        started = time.monotonic()
        database_time = session().execute(text("SELECT clock_timestamp()")).scalar_one()
        difference = abs((clock.now() - database_time).total_seconds())
        difference -= time.monotonic() - started  # the time that the query took
        if difference > MAX_CLOCK_DIFFERENCE:
            yield f"The clocks of this machine and of the database differ by {difference:.0f} seconds. Set both with NTP."


def _check_staff() -> Iterator[str]:
    if not list_staff():
        yield (
            "The site has no staff. Open the setup address that commentsite run prints, "
            "or run: commentsite staff add EMAIL --name NAME --role steward."
        )


def _check_worker() -> Iterator[str]:
    received = find_oldest_received_time()
    if received and received < clock.now() - MAX_EXAMINATION_DELAY:
        yield "Comments are not examined because no worker runs. Run: commentsite worker."
    due = find_oldest_due_time()
    if due and due < clock.now() - MAX_DELIVERY_DELAY:
        yield "Emails are overdue because no worker sends them. Run: commentsite worker."


def _check_connections() -> Iterator[str]:
    """Check that the replica answers, and that PostgreSQL has connections for two processes."""
    settings = runtime().settings
    if settings.replica_url:
        try:
            with db.engines[REPLICA_BIND].connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            yield "The replica does not answer, so the primary database serves all reads. Check COMMENTSITE_DATABASE_READ_URL."
    if session().get_bind().dialect.name == "postgresql" and not settings.has_transaction_pooler:
        limit = int(session().execute(text("SHOW max_connections")).scalar_one())
        per_process = settings.pool_size + 2  # the pool and its overflow, see db.engine
        if per_process > limit // 2:
            yield f"PostgreSQL allows {limit} connections and each process may use {per_process}. Lower COMMENTSITE_DATABASE_POOL or raise max_connections."
