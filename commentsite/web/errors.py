"""Turn exceptions into error pages: the only place that maps domain errors to HTTP status codes."""

import logging
import re
from datetime import date, datetime

from flask import Flask, Response, current_app, g, make_response, request
from flask.globals import request_ctx
from flask_limiter.errors import RateLimitExceeded
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError
from wtforms import Form

from commentsite.comments.appeals.states import AppealState
from commentsite.comments.states import CommentState
from commentsite.db.session import session
from commentsite.errors import Busy, Conflict, Invalid, NotAllowed, NotFound, SiteError
from commentsite.letters.states import LetterState
from commentsite.web.context import REQUEST_SITE, current_site
from commentsite.web.http import problems
from commentsite.web.http.languages import use_language_without_database
from commentsite.web.http.old_addresses import find_redirect
from commentsite.web.http.paths import has_password_form, is_desk_or_account, is_staff_page
from commentsite.web.rendering import labels
from commentsite.web.rendering.filters import format_clock_time, format_day
from commentsite.web.rendering.i18n import gettext as _

STATUS_CODES = {NotFound: 404, NotAllowed: 403, Invalid: 422, Conflict: 409, Busy: 503}
_FIRST_SENTENCE = re.compile(r"(.+?(?:[.؟] |[。？]))(.+)", re.DOTALL)
KEPT_HEADERS = {"Retry-After", "Allow"}  # of a Werkzeug exception
RETRY_AFTER = "60"  # seconds
SIGNED_FIELDS = ("token", "_form")  # the ends of their names
MIN_SHOWN_LENGTH = 40  # characters
logger = logging.getLogger("commentsite")


def init_app(app: Flask) -> None:
    app.register_error_handler(SiteError, _handle_site_error)
    app.register_error_handler(HTTPException, _handle_http_error)
    app.register_error_handler(Exception, _handle_unexpected_error)


def translate_error(error: SiteError) -> str:
    """Return the message of an error in the reader's language. States and times read as on the pages."""
    details = {name: _label_detail(value) for name, value in error.details.items()}
    return str(_(error.message, **details)) if details else str(_(error.message))


def get_status(error: SiteError) -> int:
    return STATUS_CODES[type(error)]


def add_retry_after(response: Response, error: SiteError | None) -> Response:
    """Return the response to an error, with the time after which a busy site can be asked again."""
    if isinstance(error, Busy):
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def add_field_error(form: Form, error: SiteError) -> str:
    """Attach an error to the form field that it names, and return an empty string.

    Return the message of an error that names no field of the form.
    """
    if error.field not in form:
        return translate_error(error)
    form[error.field].errors = [*form[error.field].errors, translate_error(error)]
    return ""


def _label_detail(value: object) -> object:
    """Return the label of a state, the words of a time, and any other value as it is."""
    if isinstance(value, datetime):
        return format_clock_time(value)
    if isinstance(value, date):
        return format_day(value)
    if isinstance(value, CommentState):
        return labels.COMMENT_STATE_LABELS[value]
    if isinstance(value, LetterState):
        return labels.LETTER_STATE_LABELS[value]
    return labels.APPEAL_STATE_LABELS[value] if isinstance(value, AppealState) else value


def _handle_site_error(error: SiteError) -> Response:
    _choose_language(get_status(error))
    page = _render_error_page(get_status(error), translate_error(error), error.field or "")
    return add_retry_after(page, error)


def _handle_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        # An action after the request failed. Flask would run it again on the error page.
        request_ctx._after_request_functions.clear()  # noqa: SLF001  # Flask has no public name for it
        return _handle_unexpected_error(error.original_exception)
    if status < 400 and error.response is not None:
        return error.response  # type: ignore[return-value]  # a redirect is a response
    if request.routing_exception is error and (redirected := find_redirect()):
        return redirected  # type: ignore[return-value]
    _choose_language(status)
    sentence = problems.describe_status(status) or _describe_status(status)
    if isinstance(error, RateLimitExceeded) and error.limit and error.limit.error_message:
        sentence = str(error.description)
    response = _render_error_page(status, sentence)
    for name, value in error.get_headers():
        if name in KEPT_HEADERS:
            response.headers[name] = value
    if isinstance(error, RateLimitExceeded) and error.response is None:
        response.headers.setdefault("Retry-After", RETRY_AFTER)
    return response


def _handle_unexpected_error(error: BaseException) -> Response:
    logger.error("unexpected", exc_info=error)
    _choose_language(503 if isinstance(error, OperationalError) else 500)
    if not isinstance(error, OperationalError):
        return _render_error_page(500, _describe_status(500))
    # The database does not answer, or not in time.
    response = _render_error_page(503, _describe_status(503))
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def _describe_status(status: int) -> str:
    bad_request = _(
        "This request could not be read. The page may have been open for too long. "
        "Go back, reload the page and try again."
    )
    sentences = {
        403: _("You do not have permission to open this page."),
        404: _("Page not found."),
        405: _("This page cannot be opened like that. Go back and use the button or link again."),
        410: _("This page has been withdrawn."),
        413: _(
            "This is too large to send. Go back in your browser to shorten it. Your text is still there."
        ),
        429: _("You sent too many requests in a short time. Wait a few minutes and try again."),
        501: _("This site does not offer that format."),
        503: _("The site is not available at the moment. Try again in a minute."),
    }
    if status in sentences:
        return str(sentences[status])
    if 400 <= status < 500:
        return str(bad_request)
    return str(_("Something went wrong on our side and nothing was saved. Try again in a minute."))


def _read_typed_values() -> list[tuple[str, str, bool]]:
    """Return the fields of a form that was sent and not stored, so that the error page can send it again.

    Each is a name, a value, and whether the page shows the value, as words that a person wrote. Forms with a
    password are left out.
    """
    if request.method != "POST" or has_password_form(request.path):
        return []
    try:
        return [
            (name, value, _is_text(name, value)) for name, value in request.form.items(multi=True)
        ]
    except (HTTPException, OSError):
        return []


def _is_text(name: str, value: str) -> bool:
    is_long = len(value) >= MIN_SHOWN_LENGTH or "\n" in value or name == "body"
    return is_long and not name.endswith(SIGNED_FIELDS)


def _render_error_page(status: int, message: str, field: str = "") -> Response:
    if problems.is_api_request():
        return problems.build_problem(status, message, field)
    # Not render_template: its context processors make Flask-Login load the user, from a database that may be down.
    template = current_app.jinja_env.get_template("errors/error.html")
    typed_values = _read_typed_values() if status >= 500 else []
    heading, explanation = _split_first_sentence(message)
    page = template.render(
        status=status,
        heading=heading,
        explanation=explanation or _advise(status, message),
        typed_values=typed_values,
        is_desk_or_account=is_desk_or_account(request.path),
        has_site=_can_read_site(status),
    )
    response = make_response(page, status)
    if typed_values:
        response.headers["Cache-Control"] = "no-store"
    return response


def _choose_language(status: int) -> None:
    """Do not ask the settings for the language of an error page if they cannot be read."""
    if not _can_read_site(status):
        use_language_without_database()


def _can_read_site(status: int) -> bool:
    """Return whether the settings can be read, which the head and the foot of a page need.

    A page for staff also needs the account, which Flask-Login keeps in `g` once it is read.
    """
    has_account = "_login_user" in g or not is_staff_page(request.path)
    if status == 503 and not (REQUEST_SITE in request.environ and has_account):
        return False  # asking a database that does not answer would take another timeout
    try:
        session().rollback()
        current_site()
    except (SQLAlchemyError, SiteError):
        return False
    return True


def _split_first_sentence(message: str) -> tuple[str, str]:
    """Return the heading of an error page, and the rest of the message."""
    found = _FIRST_SENTENCE.fullmatch(message)
    return (found[1].rstrip(), found[2]) if found else (message, "")


def _advise(status: int, message: str) -> str:
    """Return a sentence about what to do, where the message does not say it already."""
    if status == 404 and is_desk_or_account(request.path):
        return str(_("It may have been moved, decided or deleted. Look for it from the dashboard."))
    if status == 404 and message == _describe_status(404):
        return str(
            _("The address may be mistyped, or the page was moved. Look for it among the letters.")
        )
    if status == 403 and is_desk_or_account(request.path):
        return str(
            _("If you need it for your work, ask a steward to change your role or your letters.")
        )
    if status == 410:
        return str(_("It will not come back at this address."))
    return ""
