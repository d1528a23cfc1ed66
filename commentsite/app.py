"""Application factory and program entry point. The only module that imports every layer."""

from collections.abc import Mapping

import click
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from commentsite import cli, config, paths
from commentsite.db.session import db
from commentsite.encryption import Encryption
from commentsite.errors import ConfigurationError
from commentsite.web import blueprints, errors
from commentsite.web.account import sign_in
from commentsite.web.caching.sqlite_watch import ChangeWatch
from commentsite.web.caching.wsgi_cache import ResponseCacheMiddleware
from commentsite.web.context import Runtime
from commentsite.web.flask_config import build_flask_config
from commentsite.web.http import headers, logging
from commentsite.web.http.extensions import babel, csrf, limiter
from commentsite.web.public.site import metrics
from commentsite.web.rendering import filters, i18n, indentation


def create_app(overrides: Mapping[str, str] | None = None, *, is_serving: bool = False) -> Flask:
    """Build the application. `overrides` (setting names without prefix) win over the environment.

    Raises ConfigurationError, with the remedy in its sentence, if a setting is missing or unsafe.
    """
    settings = config.load_settings(overrides)
    app = Flask(
        "commentsite",
        instance_path=str(settings.instance),
        template_folder=str(paths.find_resource_folder("templates")),
        static_folder=str(paths.find_resource_folder("static")),
    )
    app.config.from_mapping(build_flask_config(settings, is_serving=is_serving))
    app.extensions["commentsite"] = Runtime(
        settings=settings, encryption=Encryption(settings.secrets)
    )
    app.url_map.strict_slashes = False
    app.session_interface = headers.DeskSessionInterface()
    _wrap_wsgi(app, settings, is_serving=is_serving)
    logging.init_app(app)
    metrics.init_app(app)
    headers.init_app(app)
    db.init_app(app)
    babel.init_app(app, default_locale="en_GB", default_timezone="UTC")
    limiter.init_app(app)
    csrf.init_app(app)
    i18n.init_app(app)
    indentation.init_app(app)
    sign_in.init_app(app)
    filters.init_app(app)
    errors.init_app(app)
    blueprints.init_app(app)
    cli.init_app(app)
    return app


def create_server_app() -> Flask:
    """Build the application for a WSGI server, with time limits on database queries."""
    return create_app(is_serving=True)


def _wrap_wsgi(app: Flask, settings: config.Settings, *, is_serving: bool) -> None:
    app.wsgi_app = headers.TrustedHostMiddleware(app.wsgi_app, settings)  # type: ignore[method-assign]
    # PostgreSQL cannot tell cheaply whether another process wrote, so the response cache needs SQLite.
    if is_serving and settings.database_url.startswith("sqlite"):
        watch = ChangeWatch(str(make_url(settings.database_url).database))
        app.wsgi_app = ResponseCacheMiddleware(app.wsgi_app, watch)  # type: ignore[method-assign]


@click.group(
    cls=FlaskGroup, create_app=create_app, add_default_commands=False, add_version_option=False
)
def _commands() -> None:
    """Publish letters, and moderate the comments on them."""


def main() -> None:
    """Run the program. A configuration problem ends it with a sentence instead of a traceback."""
    try:
        _commands()
    except ConfigurationError as problem:
        raise SystemExit(f"commentsite: {problem}") from None
    except (OperationalError, ProgrammingError) as problem:
        sentence = "The database does not answer as expected. Run `commentsite db upgrade`, or `commentsite doctor`."
        raise SystemExit(f"commentsite: {sentence} ({type(problem.orig).__name__})") from None
