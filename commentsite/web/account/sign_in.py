"""Sign-in of staff: Flask-Security, with our table of sessions behind the cookie and audit events for each change.

The cookie holds the key of a row in the table of sessions. A session that was revoked in the table is over, whatever
the cookie says. Flask-Security writes to the database outside `transaction()`, so its views are wrapped to begin a
write transaction, and `commit` runs after the request.
"""

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
from flask_security import (
    Security,
    SQLAlchemyUserDatastore,
    current_user,
    password_changed,
    password_reset,
    tf_disabled,
    tf_profile_changed,
    user_authenticated,
    wan_deleted,
    wan_registered,
)
from flask_security.utils import set_request_attr

from commentsite import tokens
from commentsite.accounts import api_tokens, sessions
from commentsite.accounts.models import Passkey, Role, User
from commentsite.accounts.queries import build_actor
from commentsite.audit.services import record_event
from commentsite.db.session import (
    begin_external_write,
    commit_external_write,
    db,
    lock_external_write,
    transaction,
)
from commentsite.errors import Conflict
from commentsite.web.account.input_checks import AccountMail, PasskeyNames
from commentsite.web.account.password_reset import ask_for_reset_link
from commentsite.web.account.security_config import (
    OneTimeCodes,
    OwnPasskeyForm,
    PasskeyForm,
    RecoveryCodes,
    RescueForm,
    SetupForm,
    SignInForm,
    commit,
)
from commentsite.web.http.extensions import limiter
from commentsite.web.http.headers import CONTENT_SECURITY_POLICY
from commentsite.web.http.languages import add_language_rules
from commentsite.web.http.paths import is_staff_page
from commentsite.web.http.rate_limits import (
    PASSWORD_LIMIT,
    SIGN_IN_LIMIT,
    SIGN_IN_LIMITS,
    limit_by_network,
)
from commentsite.web.rendering.i18n import gettext as _

SESSION_KEY = "key"  # in the cookie: the key of the row in the table of sessions
RATE_LIMITED_VIEWS = (
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
    "wan_register",
    "wan_register_response",
    "wan_signin",
    "wan_signin_response",
    "wan_delete",
)
#: Views that hash passwords. That is slow, so they take SQLite's write lock only to write (see
#: `LateLockingDatastore`). Other requests would wait for it.
HASHING_VIEWS = frozenset({"login", "verify", "change_password", "reset_password"})
#: Views that compare a password. They answer 200, with the form, to a wrong one.
PASSWORD_CHECKING_VIEWS = frozenset({"login", "verify", "change_password"})
#: In the cookie, for as long as a session lasts: hashes of the accounts that signed in with this browser.
KNOWN_ACCOUNTS_KEY = "known"
MAX_KNOWN_ACCOUNTS = 5
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


class LateLockingDatastore(SQLAlchemyUserDatastore):
    """Take the write lock when an account is written, not when the request begins."""

    def put(self, model: Any) -> Any:
        """Store a row. Raises Conflict if another request changed the account since this one read it."""
        if isinstance(model, User) and not lock_external_write(model):
            msg = "This account was changed in another window meanwhile. Start again."
            raise Conflict(msg)
        return super().put(model)  # type: ignore[no-untyped-call]  # Flask-Security is not typed


def init_app(app: Flask) -> None:
    security = Security(
        app,
        LateLockingDatastore(db, User, Role, Passkey),
        login_form=SignInForm,
        two_factor_setup_form=SetupForm,
        wan_register_form=PasskeyForm,
        wan_signin_response_form=OwnPasskeyForm,
        two_factor_rescue_form=RescueForm,
        mail_util_cls=AccountMail,
        webauthn_util_cls=PasskeyNames,
        totp_cls=OneTimeCodes,
        mf_recovery_codes_util_cls=RecoveryCodes,
    )
    _identify_on_staff_pages(security)
    # Flask-Login would look up the user for every template, and none of them uses it.
    processors = app.template_context_processors[None]
    processors[:] = [each for each in processors if each.__module__ != "flask_login.utils"]
    security.want_json(lambda _request: False)  # without the JSON API there is less to protect
    app.login_manager.user_loader(_load_signed_in_user)  # type: ignore[attr-defined]  # Flask-Security sets it
    app.view_functions["security.forgot_password"] = ask_for_reset_link
    for name in RATE_LIMITED_VIEWS:
        endpoint = f"security.{name}"
        view: Any = app.view_functions[endpoint]
        if name != "forgot_password":
            view = _in_write_transaction(view, immediate=name not in HASHING_VIEWS)
        if name in PASSWORD_CHECKING_VIEWS:
            view = _limit_wrong_passwords(view)
        if name in {"two_factor_token_validation", "mf_recovery"}:
            limit = limiter.limit(SIGN_IN_LIMIT, key_func=_second_factor_key, methods=["POST"])
            view = _unless_signed_in(limit(view))
        view.__name__ = name  # Flask-Limiter counts by the name of the view
        app.view_functions[endpoint] = limit_by_network(SIGN_IN_LIMITS, methods=["POST"])(view)
    add_language_rules(app, "security")
    app.view_functions["security.two_factor_rescue"] = _redirect_to_recovery_codes
    user_authenticated.connect(_create_session, app)
    app.view_functions["security.logout"] = _revoking_session(app.view_functions["security.logout"])
    password_changed.connect(_on_password_changed, app)
    password_reset.connect(_on_password_changed, app)
    tf_profile_changed.connect(_on_authenticator_set, app)
    tf_disabled.connect(_on_authenticator_removed, app)
    wan_registered.connect(_on_passkey_added, app)
    wan_deleted.connect(_on_passkey_removed, app)
    app.after_request(_allow_qr_code)


def _identify_on_staff_pages(security: Security) -> None:
    """Look for a signed-in user before a request only if its page has a session."""
    load_identity = security.principal.identity_loaders.pop()
    security.principal.identity_loader(
        lambda: load_identity() if is_staff_page(request.path) else None
    )


def describe_browser(user_agent: str) -> str:
    """Return the kinds of browser and system, as in "Firefox, Linux". The site stores nothing else of the header."""
    browser = next((name for name, pattern in _BROWSERS if re.search(pattern, user_agent)), "")
    system = next((name for name, pattern in _SYSTEMS if re.search(pattern, user_agent)), "")
    return ", ".join(filter(None, (browser, system)))


def _load_signed_in_user(uniquifier: str) -> User | None:
    user, staff_session = sessions.authenticate(session.get(SESSION_KEY, ""), uniquifier)
    set_request_attr("staff_session", staff_session)
    if user is not None:
        set_request_attr("fs_authn_via", "session")
        set_request_attr("fs_paa", session.get("fs_paa", 0))
    return user


def _create_session(app: Flask, user: User, **_details: Any) -> None:
    """Create a session with a new key and a new CSRF token. Both differ from those before sign-in."""
    del app
    replaced_key, key = session.get(SESSION_KEY, ""), tokens.new_token()
    staff_id, browser = user.id, describe_browser(request.headers.get("User-Agent", ""))
    session[SESSION_KEY] = key
    _remember_account(user)
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)

    def store(response: Response) -> Response:
        commit_external_write()
        with transaction():
            sessions.create_session(staff_id, key, browser, replaced_key=replaced_key)
        return response

    after_this_request(store)


def _remember_account(user: User) -> None:
    """Let the wrong passwords of this browser count apart from those of strangers."""
    known = [_hash_account(user.email), *session.get(KNOWN_ACCOUNTS_KEY, ())]
    session[KNOWN_ACCOUNTS_KEY] = list(dict.fromkeys(known))[:MAX_KNOWN_ACCOUNTS]


def _revoking_session(view: Callable[..., Any]) -> Callable[..., Any]:
    """Revoke the session in the table too, so that a copy of the cookie is useless."""

    def sign_out() -> Any:
        if key := session.pop(SESSION_KEY, ""):
            with transaction():
                sessions.revoke_session(key)
        return view()

    return sign_out


def _on_password_changed(app: Flask, user: User, **_details: Any) -> None:
    del app
    sessions.revoke_all_sessions(user.id)
    api_tokens.end_all_tokens(user, by=build_actor(user))
    _remember_account(user)  # only the owner of the mailbox can open the link to a reset
    record_event(f"user:{user.id}", "staff.password_changed", f"user:{user.id}")
    after_this_request(commit)


def _on_authenticator_set(app: Flask, user: User, **_details: Any) -> None:
    """Revoke the sessions on other browsers, which were begun without the new factor."""
    del app
    sessions.revoke_all_sessions(user.id, except_key=session.get(SESSION_KEY, ""))
    record_event(f"user:{user.id}", "staff.factor_set", f"user:{user.id}")


def _on_authenticator_removed(app: Flask, user: User, **_details: Any) -> None:
    del app
    user.tf_last_counter = None
    if not user.webauthn:
        user.mf_recovery_codes = None
    record_event(f"user:{user.id}", "staff.factor_removed", f"user:{user.id}")


def _on_passkey_added(app: Flask, user: User, **_details: Any) -> None:
    del app
    sessions.revoke_all_sessions(user.id, except_key=session.get(SESSION_KEY, ""))
    record_event(f"user:{user.id}", "staff.passkey_added", f"user:{user.id}")


def _on_passkey_removed(app: Flask, user: User, **_details: Any) -> None:
    del app
    if len(user.webauthn) == 1 and not user.tf_primary_method:
        user.mf_recovery_codes = None
    record_event(f"user:{user.id}", "staff.passkey_removed", f"user:{user.id}")


def _in_write_transaction(view: Callable[..., Any], *, immediate: bool) -> Callable[..., Any]:
    def wrapped_view(*args: Any, **kwargs: Any) -> Any:
        if request.method == "POST":
            begin_external_write(immediate=immediate)
        return view(*args, **kwargs)

    wrapped_view.__name__ = view.__name__  # Flask-Limiter counts by the name of the view
    return wrapped_view


def _limit_wrong_passwords(view: Callable[..., Any]) -> Callable[..., Any]:
    """Limit the wrong passwords for one account, wherever they come from.

    Strangers who guess must not lock the owner out. A browser in which the owner signed in counts by itself.
    """
    limited: Callable[..., Any] = limiter.limit(
        PASSWORD_LIMIT,
        key_func=_password_key,
        methods=["POST"],
        deduct_when=_is_password_wrong,
        error_message=_explain_password_limit,
    )(view)
    return limited


def _is_password_wrong(response: Response) -> bool:
    return response.status_code == 200


def _password_key() -> str:
    email = current_user.email if current_user.is_authenticated else request.form.get("email", "")
    account = _hash_account(email)
    return f"{account}.known" if account in session.get(KNOWN_ACCOUNTS_KEY, ()) else account


def _hash_account(email: str) -> str:
    encryption = current_app.extensions["commentsite"].encryption
    return str(encryption.keyed_hash("password-attempts", email.strip().lower()))


def _explain_password_limit() -> str:
    return _(
        "There were too many wrong passwords for this account, here or elsewhere. Wait half an hour, or reset your"
        " password. You can also sign in with a browser in which you did so today and that you have not closed since."
    )


def _unless_signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Redirect staff who are signed in already. Flask-Security would sign them out at the second step."""

    def wrapped_view(*args: Any, **kwargs: Any) -> Any:
        if current_user.is_authenticated:
            return redirect(url_for("desk_profile.show"), 303)
        return view(*args, **kwargs)

    wrapped_view.__name__ = view.__name__  # Flask-Limiter counts by the name of the view
    return wrapped_view


def _second_factor_key() -> str:
    """Return the key that counts second-factor attempts for one account, from any network address."""
    encryption = current_app.extensions["commentsite"].encryption
    return str(encryption.keyed_hash("second-factor", session.get("tf_user_id", "")))


def _redirect_to_recovery_codes() -> Any:
    return redirect(url_for("security.mf_recovery"), 303)


def _allow_qr_code(response: Response) -> Response:
    # Flask-Security puts the QR code of the key into the page as a data: URL.
    if request.endpoint == "security.two_factor_setup":
        policy = CONTENT_SECURITY_POLICY.replace("img-src 'self'", "img-src 'self' data:")
        response.headers["Content-Security-Policy"] = policy
    return response
