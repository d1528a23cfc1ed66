"""The composition root: the only module that knows everything. Reads top to bottom."""

from collections.abc import Mapping
from typing import Any

import click
from flask import Flask, Response, after_this_request, current_app
from flask.cli import FlaskGroup
from flask_security import LoginForm, MailUtil, Security, SQLAlchemyUserDatastore
from sqlalchemy.exc import OperationalError, ProgrammingError

from commentsite import cli, config, retention
from commentsite.accounts.models import Role, User
from commentsite.audit import models as _audit
from commentsite.comments import models as _comments
from commentsite.db import commit_library_work, db
from commentsite.errors import Unsafe
from commentsite.extensions import babel, csrf, limiter, migrate
from commentsite.letters import models as _letters
from commentsite.moderation import models as _moderation
from commentsite.notifications import models as _notifications
from commentsite.notifications.services import enqueue
from commentsite.site import models as _site
from commentsite.vault import Vault
from commentsite.web import (
    assets,
    citations,
    comments,
    desk_audit,
    desk_home,
    desk_letter_publish,
    desk_letter_record,
    desk_letter_text,
    desk_letters,
    desk_moderation,
    desk_people,
    desk_settings,
    documents,
    errors,
    feeds,
    filters,
    headers,
    home,
    letters,
    logs,
    ops,
    pages,
    papers,
    paragraphs,
    public_log,
    receipts,
    reports,
    unsubscribe,
    versions,
)
from commentsite.web.identity import Runtime
from commentsite.web.limits import SIGN_IN_LIMIT

MODELS = (_audit, _comments, _letters, _moderation, _notifications, _site)
PAGES = (
    assets,
    home,
    letters,
    comments,
    receipts,
    feeds,
    pages,
    public_log,
    ops,
    desk_home,
    desk_moderation,
    desk_letters,
    desk_audit,
    desk_people,
    desk_settings,
    versions,
    unsubscribe,
    documents,
    citations,
    papers,
    paragraphs,
    reports,
    desk_letter_publish,
    desk_letter_record,
    desk_letter_text,
)
MOST_FORM_BYTES = 2 * 1024 * 1024


def create_app(overrides: Mapping[str, str] | None = None) -> Flask:
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
    app.config.from_mapping(_flask_settings(settings))
    app.extensions["commentsite"] = Runtime(settings=settings, vault=Vault(settings.secrets))
    app.url_map.strict_slashes = False
    app.session_interface = headers.DeskSessionInterface()
    app.wsgi_app = headers.OneHost(app.wsgi_app, settings)  # type: ignore[method-assign]
    logs.init_app(app)
    headers.init_app(app)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(config.resources("migrations")), render_as_batch=True)
    babel.init_app(app, default_locale="en_GB", default_timezone="UTC")
    limiter.init_app(app)
    csrf.init_app(app)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    _staff_sign_in(app)
    filters.init_app(app)
    errors.init_app(app)
    for page in PAGES:
        app.register_blueprint(page.bp)
    cli.init_app(app)
    return app


def _flask_settings(settings: config.Settings) -> dict[str, Any]:
    secure = settings.is_https
    return {
        "SECRET_KEY": settings.secrets[0],
        "SECRET_KEY_FALLBACKS": list(settings.secrets[1:]),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": True,
            "pool_pre_ping": not settings.database_url.startswith("sqlite"),
        },
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
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        "SECURITY_URL_PREFIX": "/account",
        "SECURITY_PASSWORD_SALT": settings.secrets[-1],
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_LENGTH_MIN": 12,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_POST_LOGIN_VIEW": "/desk/",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_EMAIL_HTML": False,
    }


class SignInForm(LoginForm):
    """Sign-in without "remember me": desks are shared, and a second cookie would reach public pages."""

    remember = None


class OutboxMail(MailUtil):
    """Send what Flask-Security has to say through the outbox, like every other message."""

    def send_mail(  # noqa: PLR0913, PLR0917  # the signature is Flask-Security's
        self,
        template: str,
        subject: str,
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],
        body: str | None,
        html: str | None,
        **context: Any,
    ) -> None:
        """Store the message in the transaction Flask-Security is in.

        A transaction of our own would roll back the password this message is about.
        """
        del template, sender, html, context
        vault = current_app.extensions["commentsite"].vault
        enqueue(
            "staff.password",
            recipient if isinstance(recipient, str) else recipient[1],  # a name comes first
            vault=vault,
            limit_per_day=5,
            subject=str(subject),
            body=body or "",
        )
        after_this_request(_commit)


def _commit(response: Response) -> Response:
    commit_library_work()
    return response


def _staff_sign_in(app: Flask) -> None:
    Security(
        app,
        SQLAlchemyUserDatastore(db, User, Role),
        login_form=SignInForm,
        mail_util_cls=OutboxMail,
    )
    for name in ("login", "forgot_password", "reset_password", "change_password"):
        endpoint = f"security.{name}"
        limited = limiter.limit(SIGN_IN_LIMIT, methods=["POST"])
        view: Any = limited(app.view_functions[endpoint])
        app.view_functions[endpoint] = view


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
