"""How staff sign in: what Flask-Security is told, what it tells us, and the session that follows."""

import re
from collections.abc import Callable
from typing import Any

from flask import (
    Flask,
    Response,
    after_this_request,
    current_app,
    g,
    redirect,
    request,
    session,
    url_for,
)
from flask_babel import lazy_gettext as _l
from flask_security import (
    LoginForm,
    MailUtil,
    MfRecoveryCodesUtil,
    Security,
    SQLAlchemyUserDatastore,
    Totp,
    current_user,
    password_changed,
    password_reset,
    tf_disabled,
    tf_profile_changed,
    user_authenticated,
)

from commentsite import retention, tokens
from commentsite.accounts import sessions
from commentsite.accounts.models import Role, User
from commentsite.audit.services import record
from commentsite.config import Settings
from commentsite.db import begin_library_work, commit_library_work, db, transaction
from commentsite.extensions import limiter
from commentsite.notifications.services import enqueue
from commentsite.vault import key_for
from commentsite.web.headers import POLICY
from commentsite.web.limits import SIGN_IN_LIMIT

KEY = "key"  # of the session, in the cookie
LIMITED = (
    "login",
    "forgot_password",
    "reset_password",
    "change_password",
    "verify",
    "two_factor_setup",
    "two_factor_setup_validate",
    "two_factor_token_validation",
    "mf_recovery",
    "mf_recovery_codes",
)
_BROWSERS = (
    ("Edge", r"Edg"),
    ("Opera", r"OPR/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("Android", r"Android"),
    ("iOS", r"iPhone|iPad"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
)


def library_settings(settings: Settings) -> dict[str, Any]:
    """Return what Flask-Security is told; every key of it is derived for its one purpose."""
    oldest_first = list(reversed(settings.secrets))
    return {
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
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_FRESHNESS": retention.FRESH,
        "SECURITY_FRESHNESS_GRACE_PERIOD": retention.FRESH,
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/desk/me/",
        "SECURITY_TOTP_SECRETS": {
            str(n): key_for(secret, "totp") for n, secret in enumerate(oldest_first, 1)
        },
        "SECURITY_TOTP_ISSUER": settings.base_url.partition("://")[2],
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 10,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [
            key_for(secret, "recovery codes") for secret in settings.secrets
        ],
        **_words(),
    }


def _words() -> dict[str, Any]:
    said = {
        "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": _l(
            "Your second factor is set. Make recovery codes now, in case you lose it."
        ),
        "TWO_FACTOR_INVALID_TOKEN": _l("This code does not fit. Wait for the next one and try it."),
        "TWO_FACTOR_PERMISSION_DENIED": _l("Sign in again from the beginning."),
        "TWO_FACTOR_DISABLED": _l("Your second factor is taken away."),
        "TWO_FACTOR_LOGIN_SUCCESSFUL": _l("You are signed in."),
        "TWO_FACTOR_SETUP_EXPIRED": _l("That took too long. Begin again."),
        "INVALID_RECOVERY_CODE": _l("This is none of your recovery codes, or it has been used."),
        "REAUTHENTICATION_REQUIRED": _l("Enter your password again to go on."),
        "REAUTHENTICATION_SUCCESSFUL": _l("Thank you."),
    }
    return {f"SECURITY_MSG_{name}": (words, "info") for name, words in said.items()}


class SignInForm(LoginForm):
    """Sign-in without "remember me": desks are shared, and a second cookie would reach public pages."""

    remember = None


class OneTimeCodes(Totp):
    """Codes of an authenticator, each taken once: who looked over a shoulder comes too late."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return the number of the last code that was taken."""
        counter: int | None = user.tf_last_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Remember the number of the code just taken, with what it let somebody do."""
        user.tf_last_counter = tmatch.counter
        after_this_request(_commit)


class RecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes whose making and use is written down."""

    def create_recovery_codes(self, user: Any) -> list[str]:
        """Make new codes in place of those before."""
        codes: list[str] = super().create_recovery_codes(user)
        record(f"user:{user.id}", "staff.recovery_codes_made", f"user:{user.id}", codes=len(codes))
        return codes

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """Take a code that was used off the list."""
        record(f"user:{user.id}", "staff.recovery_code_used", f"user:{user.id}")
        return bool(super().delete_recovery_code(user, code))


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


def init_app(app: Flask) -> None:
    """Let staff sign in, and ask the table of sessions whether they still are."""
    security = Security(
        app,
        SQLAlchemyUserDatastore(db, User, Role),
        login_form=SignInForm,
        mail_util_cls=OutboxMail,
        totp_cls=OneTimeCodes,
        mf_recovery_codes_util_cls=RecoveryCodes,
    )
    security.want_json(lambda _request: False)  # pages only: less to guard
    app.login_manager.user_loader(_signed_in)  # type: ignore[attr-defined]  # Flask-Security sets it
    for name in LIMITED:
        endpoint = f"security.{name}"
        view: Any = app.view_functions[endpoint]
        if name != "login":  # which reads only, and hashes for long
            view = _in_one_write(view)
        if name in {"two_factor_token_validation", "mf_recovery"}:
            view = _not_twice(limiter.limit(SIGN_IN_LIMIT, key_func=_tried, methods=["POST"])(view))
        app.view_functions[endpoint] = limiter.limit(SIGN_IN_LIMIT, methods=["POST"])(view)
    app.view_functions["security.two_factor_rescue"] = _rescue
    user_authenticated.connect(_begin, app)
    app.view_functions["security.logout"] = _ending(app.view_functions["security.logout"])
    password_changed.connect(_password_changed, app)
    password_reset.connect(_password_changed, app)
    tf_profile_changed.connect(_factor_set, app)
    tf_disabled.connect(_factor_removed, app)
    app.after_request(_show_drawing)


def browser_words(user_agent: str) -> str:
    """Return what kind of browser somebody uses, in two words; all that is kept of what it sends."""
    browser = next((name for name, mark in _BROWSERS if re.search(mark, user_agent)), "Browser")
    system = next((name for name, mark in _SYSTEMS if re.search(mark, user_agent)), "")
    return f"{browser}, {system}" if system else browser


def _signed_in(uniquifier: str) -> User | None:
    user, row = sessions.person(session.get(KEY, ""), uniquifier)
    g.staff_session = row
    if user is not None:
        g.fs_authn_via, g.fs_paa = "session", session.get("fs_paa", 0)
    return user


def _begin(app: Flask, user: User, **_more: Any) -> None:
    """Give whoever signs in a session and a form token that nobody could have known before."""
    del app
    before, key = session.get(KEY, ""), tokens.new()
    staff_id, browser = user.id, browser_words(request.headers.get("User-Agent", ""))
    session[KEY] = key
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)

    def store(response: Response) -> Response:
        commit_library_work()
        with transaction():
            sessions.begin(staff_id, key, browser, instead_of=before)
        return response

    after_this_request(store)


def _ending(view: Callable[..., Any]) -> Callable[..., Any]:
    """End the session in the table too, so that a copy of the cookie is worth nothing."""

    def sign_out() -> Any:
        if key := session.pop(KEY, ""):
            with transaction():
                sessions.end(key)
        return view()

    return sign_out


def _password_changed(app: Flask, user: User, **_more: Any) -> None:
    del app
    sessions.end_all(user.id)
    record(f"user:{user.id}", "staff.password_changed", f"user:{user.id}")
    after_this_request(_commit)


def _factor_set(app: Flask, user: User, **_more: Any) -> None:
    """Let the new factor hold from now on: whoever signed in without it elsewhere signs in again."""
    del app
    sessions.end_all(user.id, but=session.get(KEY, ""))
    record(f"user:{user.id}", "staff.factor_set", f"user:{user.id}")


def _factor_removed(app: Flask, user: User, **_more: Any) -> None:
    del app
    user.tf_last_counter = user.mf_recovery_codes = None
    record(f"user:{user.id}", "staff.factor_removed", f"user:{user.id}")


def _in_one_write(view: Callable[..., Any]) -> Callable[..., Any]:
    def inside(*args: Any, **named: Any) -> Any:
        if request.method == "POST":
            begin_library_work()
        return view(*args, **named)

    inside.__name__ = view.__name__
    return inside


def _not_twice(view: Callable[..., Any]) -> Callable[..., Any]:
    """Spare whoever is signed in the second step; Flask-Security would sign them out."""

    def inside(*args: Any, **named: Any) -> Any:
        if current_user.is_authenticated:
            return redirect(url_for("desk_me.show"), 303)
        return view(*args, **named)

    inside.__name__ = view.__name__
    return inside


def _tried() -> str:
    """Return the key under which codes for one person are counted, wherever they come from."""
    vault = current_app.extensions["commentsite"].vault
    return str(vault.keyed_hash("second-factor", session.get("tf_user_id", "")))


def _rescue() -> Any:
    """Lead to recovery codes: without one, a steward takes the lost factor away."""
    return redirect(url_for("security.mf_recovery"), 303)


def _show_drawing(response: Response) -> Response:
    if request.endpoint == "security.two_factor_setup":  # the library draws the code into the page
        drawn = POLICY.replace("img-src 'self'", "img-src 'self' data:")
        response.headers["Content-Security-Policy"] = drawn
    return response


def _commit(response: Response) -> Response:
    commit_library_work()
    return response
