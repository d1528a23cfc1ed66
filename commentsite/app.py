"""The composition root: the only module that knows everything. Reads top to bottom."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import click
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from commentsite import cli, config, paths, retention
from commentsite.audit import models as audit_models
from commentsite.comments import models as comment_models
from commentsite.db.engine import build_engine_options
from commentsite.db.session import REPLICA_BIND, db
from commentsite.encryption import Encryption
from commentsite.errors import ConfigurationError
from commentsite.letters import models as letter_models
from commentsite.moderation import models as moderation_models
from commentsite.notifications import models as notification_models
from commentsite.site import models as site_models
from commentsite.web import errors
from commentsite.web.account import security_config, sign_in
from commentsite.web.blueprints import BLUEPRINT_MODULES
from commentsite.web.caching.sqlite_watch import ChangeWatch
from commentsite.web.caching.wsgi_cache import ResponseCacheMiddleware
from commentsite.web.context import Runtime
from commentsite.web.http import headers, logging
from commentsite.web.http.extensions import babel, csrf, limiter
from commentsite.web.public.site import metrics
from commentsite.web.rendering import filters

MODEL_MODULES = (
    audit_models,
    comment_models,
    letter_models,
    moderation_models,
    notification_models,
    site_models,
)
MAX_FORM_BYTES = 2 * 1024 * 1024


def create_app(overrides: Mapping[str, str] | None = None, *, is_serving: bool = False) -> Flask:
    """Return the application with the settings in force; `overrides` win over the environment.

    Raises Unsafe with a remedy when the settings are.
    """
    settings = config.load_settings(overrides)
    app = Flask(
        "commentsite",
        instance_path=str(settings.instance),
        template_folder=str(paths.find_resource_folder("templates")),
        static_folder=str(paths.find_resource_folder("static")),
    )
    app.config.from_mapping(_flask_settings(settings, is_serving=is_serving))
    app.extensions["commentsite"] = Runtime(settings=settings, encryption=Encryption(settings.secrets))
    app.url_map.strict_slashes = False
    app.session_interface = headers.DeskSessionInterface()
    app.wsgi_app = headers.OneHost(app.wsgi_app, settings)  # type: ignore[method-assign]
    if is_serving and settings.database_url.startswith("sqlite"):
        path = str(make_url(settings.database_url).database)
        app.wsgi_app = ResponseCacheMiddleware(app.wsgi_app, ChangeWatch(path))  # type: ignore[method-assign]
    logging.init_app(app)
    metrics.init_app(app)
    headers.init_app(app)
    db.init_app(app)
    babel.init_app(app, default_locale="en_GB", default_timezone="UTC")
    limiter.init_app(app)
    csrf.init_app(app)
    sign_in.init_app(app)
    filters.init_app(app)
    errors.init_app(app)
    for page in BLUEPRINT_MODULES:
        app.register_blueprint(page.bp)
    cli.init_app(app)
    return app


def create_server_app() -> Flask:
    """Return the application for a server: what a page asks of the database ends in time."""
    return create_app(is_serving=True)


def _flask_settings(settings: config.Settings, *, is_serving: bool) -> dict[str, Any]:
    secure = settings.is_https
    engine = partial(build_engine_options, settings, is_serving=is_serving)
    return {
        "SECRET_KEY": settings.secrets[0],
        "SECRET_KEY_FALLBACKS": list(settings.secrets[1:]),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine(settings.database_url),
        "SQLALCHEMY_BINDS": {REPLICA_BIND: {"url": settings.replica_url, **engine(settings.replica_url)}}
        if settings.replica_url
        else {},
        "MAX_CONTENT_LENGTH": MAX_FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": MAX_FORM_BYTES,
        "SESSION_COOKIE_NAME": "__Host-desk" if secure else "desk",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": retention.SESSION_TTL,
        "RATELIMIT_ENABLED": settings.has_rate_limits,
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
        if settings.redis_url
        else {},
        "WTF_I18N_ENABLED": False,  # our sentences are our own; the library would read its file each time
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        **security_config.library_settings(settings),
    }


@click.group(
    cls=FlaskGroup, create_app=create_app, add_default_commands=False, add_version_option=False
)
def _command_group() -> None:
    """Publish letters, and moderate what is said about them."""


def main() -> None:
    """Run the program; what is unsafe ends it with a sentence, not a traceback."""
    try:
        _command_group()
    except ConfigurationError as problem:
        raise SystemExit(f"commentsite: {problem}") from None
    except (OperationalError, ProgrammingError) as problem:
        sentence = "The database does not answer as expected. Run `commentsite db upgrade`, or `commentsite doctor`."
        raise SystemExit(f"commentsite: {sentence} ({type(problem.orig).__name__})") from None
