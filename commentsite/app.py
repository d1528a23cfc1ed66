"""Application factory, and the program with its commands. The only module that imports every layer."""

import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import make_url

from commentsite import cli, config, paths
from commentsite.cli import serve
from commentsite.db.session import db
from commentsite.encryption import Encryption
from commentsite.web import blueprints, errors
from commentsite.web.account import sign_in
from commentsite.web.caching.sqlite_watch import ChangeWatch
from commentsite.web.caching.wsgi_cache import ResponseCacheMiddleware
from commentsite.web.context import Runtime
from commentsite.web.flask_config import MAX_FORM_BYTES, build_flask_config
from commentsite.web.http import headers, languages, logging
from commentsite.web.http.client_address import resolve_client_address
from commentsite.web.http.extensions import babel, csrf, limiter
from commentsite.web.http.request_body import RequestBodyMiddleware
from commentsite.web.public.site import metrics
from commentsite.web.rendering import emails, filters, i18n, indentation
from commentsite.web.rendering.template_globals import TemplateEnvironment
from commentsite.web.warm_up import warm_up


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
    app.jinja_environment = TemplateEnvironment
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
    languages.init_app(app)
    db.init_app(app)
    babel.init_app(
        app,
        default_locale="en_GB",
        default_timezone="UTC",
        locale_selector=languages.select_locale,
    )
    limiter.init_app(app)
    csrf.init_app(app)
    i18n.init_app(app)
    indentation.init_app(app)
    sign_in.init_app(app)
    filters.init_app(app)
    emails.init_app(app)
    errors.init_app(app)
    blueprints.init_app(app)
    cli.init_app(app)
    return app


def create_server_app() -> Flask:
    """Build the application for a WSGI server, with time limits on database queries."""
    return create_app(is_serving=True)


@cache
def prepare_served_app() -> Flask:
    """Build the application of `commentsite run` and use it once. Processes that are forked later share its memory."""
    app = create_server_app()
    warm_up(app)
    return app


def create_served_app() -> Flask:
    """Return the application in a process that `commentsite run` started, and that ends with it."""
    sys.setswitchinterval(serve.SWITCH_INTERVAL)
    serve.follow_parent()
    return prepare_served_app()


def _wrap_wsgi(app: Flask, settings: config.Settings, *, is_serving: bool) -> None:
    wsgi_app: Any = headers.TrustedHostMiddleware(app.wsgi_app, settings)
    # PostgreSQL cannot tell cheaply whether another process wrote, so the response cache needs SQLite.
    if is_serving and settings.database_url.startswith("sqlite"):
        watch = ChangeWatch(str(make_url(settings.database_url).database))
        wsgi_app = ResponseCacheMiddleware(wsgi_app, watch)
    if is_serving:
        wsgi_app = RequestBodyMiddleware(
            wsgi_app,
            max_waiting=serve.THREADS_PER_PROCESS - 1,
            max_form=MAX_FORM_BYTES,
            max_file=headers.MAX_FILE_BYTES,
            find_client=lambda environ: resolve_client_address(
                environ.get("REMOTE_ADDR", ""),
                environ.get("HTTP_X_FORWARDED_FOR"),
                settings.trusted_proxies,
            ),
        )
    app.wsgi_app = wsgi_app  # type: ignore[method-assign]


@click.group(commands={command.name: command for command in cli.COMMANDS if command.name})
def program() -> None:
    """Publish letters, and moderate the comments on them."""


def main() -> None:
    """Run the program. The application is created when a command runs, so --help needs no settings."""
    cli.make_output_safe()
    program(obj=ScriptInfo(create_app=create_app, set_debug_flag=False))
