"""The composition root: the only module that knows everything. Reads top to bottom."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import click
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from commentsite import cli, config, retention
from commentsite.audit import models as _audit
from commentsite.comments import models as _comments
from commentsite.db import BEGINS_WITH, REPLICA, db
from commentsite.errors import Unsafe
from commentsite.extensions import babel, csrf, limiter
from commentsite.letters import models as _letters
from commentsite.moderation import models as _moderation
from commentsite.notifications import models as _notifications
from commentsite.site import models as _site
from commentsite.vault import Vault
from commentsite.web import (
    assets,
    books,
    campaigns,
    citations,
    comments,
    confirm,
    credentials,
    desk_appeals,
    desk_audit,
    desk_case,
    desk_home,
    desk_interests,
    desk_letter_publish,
    desk_letter_record,
    desk_letter_text,
    desk_letters,
    desk_many,
    desk_me,
    desk_messages,
    desk_moderation,
    desk_people,
    desk_reasons,
    desk_reviews,
    desk_rules,
    desk_sanctions,
    desk_settings,
    desk_switchboard,
    desk_voices,
    documents,
    errors,
    feeds,
    filters,
    headers,
    home,
    invitations,
    letters,
    logs,
    metrics,
    ops,
    pages,
    papers,
    paragraphs,
    public_log,
    receipts,
    reports,
    sign_in,
    unsubscribe,
    versions,
)
from commentsite.web.caching.sqlite_watch import ChangeWatch
from commentsite.web.caching.wsgi_cache import ResponseCacheMiddleware
from commentsite.web.identity import Runtime

MODELS = (_audit, _comments, _letters, _moderation, _notifications, _site)
PAGES = (
    assets,
    home,
    letters,
    comments,
    receipts,
    confirm,
    feeds,
    pages,
    public_log,
    ops,
    desk_home,
    desk_interests,
    desk_moderation,
    desk_case,
    desk_many,
    desk_appeals,
    desk_messages,
    desk_letters,
    desk_audit,
    desk_people,
    desk_rules,
    desk_settings,
    desk_switchboard,
    versions,
    unsubscribe,
    documents,
    citations,
    papers,
    paragraphs,
    reports,
    campaigns,
    metrics,
    desk_voices,
    desk_letter_publish,
    desk_letter_record,
    desk_letter_text,
    desk_me,
    desk_sanctions,
    invitations,
    books,
    desk_reasons,
    desk_reviews,
)
MOST_FORM_BYTES = 2 * 1024 * 1024


def create_app(overrides: Mapping[str, str] | None = None, *, is_serving: bool = False) -> Flask:
    """Return the application with the settings in force; `overrides` win over the environment.

    Raises Unsafe with a remedy when the settings are.
    """
    settings = config.load(overrides)
    app = Flask(
        "commentsite",
        instance_path=str(settings.instance),
        template_folder=str(config.resources("templates")),
        static_folder=str(config.resources("static")),
    )
    app.config.from_mapping(_flask_settings(settings, is_serving=is_serving))
    app.extensions["commentsite"] = Runtime(settings=settings, vault=Vault(settings.secrets))
    app.url_map.strict_slashes = False
    app.session_interface = headers.DeskSessionInterface()
    app.wsgi_app = headers.OneHost(app.wsgi_app, settings)  # type: ignore[method-assign]
    if is_serving and settings.database_url.startswith("sqlite"):
        path = str(make_url(settings.database_url).database)
        app.wsgi_app = ResponseCacheMiddleware(app.wsgi_app, ChangeWatch(path))  # type: ignore[method-assign]
    logs.init_app(app)
    metrics.init_app(app)
    headers.init_app(app)
    db.init_app(app)
    babel.init_app(app, default_locale="en_GB", default_timezone="UTC")
    limiter.init_app(app)
    csrf.init_app(app)
    sign_in.init_app(app)
    filters.init_app(app)
    errors.init_app(app)
    for page in PAGES:
        app.register_blueprint(page.bp)
    cli.init_app(app)
    return app


def served_app() -> Flask:
    """Return the application for a server: what a page asks of the database ends in time."""
    return create_app(is_serving=True)


def _engine_options(settings: config.Settings, address: str, *, is_serving: bool) -> dict[str, Any]:
    """Return how connections to a database are made; a command may take its time, a page may not."""
    url = make_url(address)
    if url.drivername.startswith("sqlite"):
        return {"hide_parameters": True}
    limits = {
        "lock_timeout": settings.lock_seconds,
        "statement_timeout": settings.statement_seconds,
    }
    options: dict[str, Any] = {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "pool_size": settings.pool,
        "max_overflow": 2,
        "pool_timeout": settings.lock_seconds,
        "connect_args": {"connect_timeout": 3},
    }
    if settings.has_pooler:  # nothing may outlive a transaction: the next has another connection
        options["connect_args"]["prepare_threshold"] = None
    if is_serving and settings.has_pooler:
        begin = "; ".join(f"SET LOCAL {name} = '{seconds}s'" for name, seconds in limits.items())
        options["execution_options"] = {BEGINS_WITH: begin}
    elif is_serving:
        told = [f"-c {name}={seconds}s" for name, seconds in limits.items()]
        options["connect_args"]["options"] = " ".join(
            [*url.normalized_query.get("options", ()), *told]
        )
    return options


def _flask_settings(settings: config.Settings, *, is_serving: bool) -> dict[str, Any]:
    secure = settings.is_https
    engine = partial(_engine_options, settings, is_serving=is_serving)
    return {
        "SECRET_KEY": settings.secrets[0],
        "SECRET_KEY_FALLBACKS": list(settings.secrets[1:]),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine(settings.database_url),
        "SQLALCHEMY_BINDS": {REPLICA: {"url": settings.read_url, **engine(settings.read_url)}}
        if settings.read_url
        else {},
        "MAX_CONTENT_LENGTH": MOST_FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": MOST_FORM_BYTES,
        "SESSION_COOKIE_NAME": "__Host-desk" if secure else "desk",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": retention.SIGNED_IN,
        "RATELIMIT_ENABLED": settings.ratelimit_enabled,
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
        if settings.redis_url
        else {},
        "WTF_I18N_ENABLED": False,  # our sentences are our own; the library would read its file each time
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        **credentials.library_settings(settings),
    }


@click.group(
    cls=FlaskGroup, create_app=create_app, add_default_commands=False, add_version_option=False
)
def _commands() -> None:
    """Publish letters, and moderate what is said about them."""


def main() -> None:
    """Run the program; what is unsafe ends it with a sentence, not a traceback."""
    try:
        _commands()
    except Unsafe as problem:
        raise SystemExit(f"commentsite: {problem}") from None
    except (OperationalError, ProgrammingError) as problem:
        sentence = "The database does not answer as expected. Run `commentsite db upgrade`, or `commentsite doctor`."
        raise SystemExit(f"commentsite: {sentence} ({type(problem.orig).__name__})") from None
