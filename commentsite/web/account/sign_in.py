"""How staff sign in: the table of sessions behind the cookie, and what is written down of it."""

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
from commentsite.accounts import sessions
from commentsite.accounts.models import Passkey, Role, User
from commentsite.audit.services import record_event
from commentsite.db.session import begin_external_write, commit_external_write, db, transaction
from commentsite.web.account.security_config import (
    OneTimeCodes,
    OutboxMail,
    OwnPasskey,
    PasskeyForm,
    RecoveryCodes,
    RescueForm,
    SetupForm,
    SignInForm,
    commit,
)
from commentsite.web.http.extensions import limiter
from commentsite.web.http.headers import POLICY
from commentsite.web.http.rate_limits import SIGN_IN_LIMIT

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
    "wan_register",
    "wan_register_response",
    "wan_signin",
    "wan_signin_response",
    "wan_delete",
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


def init_app(app: Flask) -> None:
    """Let staff sign in, and ask the table of sessions whether they still are."""
    security = Security(
        app,
        SQLAlchemyUserDatastore(db, User, Role, Passkey),
        login_form=SignInForm,
        two_factor_setup_form=SetupForm,
        wan_register_form=PasskeyForm,
        wan_signin_response_form=OwnPasskey,
        two_factor_rescue_form=RescueForm,
        mail_util_cls=OutboxMail,
        totp_cls=OneTimeCodes,
        mf_recovery_codes_util_cls=RecoveryCodes,
    )
    security.want_json(lambda _request: False)  # pages only: less to guard
    app.login_manager.user_loader(_signed_in)  # type: ignore[attr-defined]  # Flask-Security sets it
    for name in LIMITED:
        endpoint = f"security.{name}"
        view: Any = app.view_functions[endpoint]
        # Signing in hashes for long and writes seldom: nobody else shall wait for it.
        view = _in_one_write(view, at_once=name != "login")
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
    wan_registered.connect(_passkey_added, app)
    wan_deleted.connect(_passkey_removed, app)
    app.after_request(_show_drawing)


def browser_words(user_agent: str) -> str:
    """Return what kind of browser somebody uses, in two words; all that is kept of what it sends."""
    browser = next((name for name, mark in _BROWSERS if re.search(mark, user_agent)), "Browser")
    system = next((name for name, mark in _SYSTEMS if re.search(mark, user_agent)), "")
    return f"{browser}, {system}" if system else browser


def _signed_in(uniquifier: str) -> User | None:
    user, row = sessions.authenticate(session.get(KEY, ""), uniquifier)
    set_request_attr("staff_session", row)
    if user is not None:
        set_request_attr("fs_authn_via", "session")
        set_request_attr("fs_paa", session.get("fs_paa", 0))
    return user


def _begin(app: Flask, user: User, **_more: Any) -> None:
    """Give whoever signs in a session and a form token that nobody could have known before."""
    del app
    before, key = session.get(KEY, ""), tokens.new_token()
    staff_id, browser = user.id, browser_words(request.headers.get("User-Agent", ""))
    session[KEY] = key
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)

    def store(response: Response) -> Response:
        commit_external_write()
        with transaction():
            sessions.create_session(staff_id, key, browser, replaced_key=before)
        return response

    after_this_request(store)


def _ending(view: Callable[..., Any]) -> Callable[..., Any]:
    """End the session in the table too, so that a copy of the cookie is worth nothing."""

    def sign_out() -> Any:
        if key := session.pop(KEY, ""):
            with transaction():
                sessions.revoke_session(key)
        return view()

    return sign_out


def _password_changed(app: Flask, user: User, **_more: Any) -> None:
    del app
    sessions.revoke_all_sessions(user.id)
    record_event(f"user:{user.id}", "staff.password_changed", f"user:{user.id}")
    after_this_request(commit)


def _factor_set(app: Flask, user: User, **_more: Any) -> None:
    """Let the new factor hold from now on: whoever signed in without it elsewhere signs in again."""
    del app
    sessions.revoke_all_sessions(user.id, except_key=session.get(KEY, ""))
    record_event(f"user:{user.id}", "staff.factor_set", f"user:{user.id}")


def _factor_removed(app: Flask, user: User, **_more: Any) -> None:
    del app
    user.tf_last_counter = None
    if not user.webauthn:
        user.mf_recovery_codes = None
    record_event(f"user:{user.id}", "staff.factor_removed", f"user:{user.id}")


def _passkey_added(app: Flask, user: User, **_more: Any) -> None:
    del app
    sessions.revoke_all_sessions(user.id, except_key=session.get(KEY, ""))
    record_event(f"user:{user.id}", "staff.passkey_added", f"user:{user.id}")


def _passkey_removed(app: Flask, user: User, **_more: Any) -> None:
    del app
    if len(user.webauthn) == 1 and not user.tf_primary_method:
        user.mf_recovery_codes = None
    record_event(f"user:{user.id}", "staff.passkey_removed", f"user:{user.id}")


def _in_one_write(view: Callable[..., Any], *, at_once: bool) -> Callable[..., Any]:
    def inside(*args: Any, **named: Any) -> Any:
        if request.method == "POST":
            begin_external_write(immediate=at_once)
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
    vault = current_app.extensions["commentsite"].encryption
    return str(vault.keyed_hash("second-factor", session.get("tf_user_id", "")))


def _rescue() -> Any:
    """Lead to recovery codes: without one, a steward takes the lost factor away."""
    return redirect(url_for("security.mf_recovery"), 303)


def _show_drawing(response: Response) -> Response:
    if request.endpoint == "security.two_factor_setup":  # the library draws the code into the page
        drawn = POLICY.replace("img-src 'self'", "img-src 'self' data:")
        response.headers["Content-Security-Policy"] = drawn
    return response
