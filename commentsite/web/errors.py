"""The one table from what went wrong to what a person sees."""

import logging

from flask import Flask, Response, current_app, make_response
from flask_babel import gettext as _
from flask_limiter.errors import RateLimitExceeded
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from wtforms import Form

from commentsite.errors import Conflict, Invalid, NotAllowed, NotFound, SiteError

STATUS = {NotFound: 404, NotAllowed: 403, Invalid: 422, Conflict: 409}
logger = logging.getLogger("commentsite")


def init_app(app: Flask) -> None:
    """Answer every error with the same calm page."""
    app.register_error_handler(SiteError, _site_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def sentence(error: SiteError) -> str:
    """Return an error in the reader's language."""
    return str(_(error.message, **error.details)) if error.details else str(_(error.message))


def status_of(error: SiteError) -> int:
    """Return the status that belongs to an error."""
    return STATUS[type(error)]


def field_error(form: Form, error: SiteError) -> str:
    """Put an error on the form's field it names and return ''; return its sentence when it names none."""
    if error.field not in form:
        return sentence(error)
    form[error.field].errors = [*form[error.field].errors, sentence(error)]
    return ""


def _site_error(error: SiteError) -> Response:
    return _page(status_of(error), sentence(error))


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 and error.response is not None:
        return error.response  # type: ignore[return-value]  # a redirect is a response
    response = _page(status, _words(status))
    for name, value in error.get_headers():
        if name in {"Retry-After", "Allow"}:
            response.headers[name] = value
    if isinstance(error, RateLimitExceeded) and error.response is None:
        response.headers.setdefault("Retry-After", "60")
    return response


def _unexpected(error: Exception) -> Response:
    logger.error("unexpected", exc_info=error)
    if not isinstance(error, OperationalError):
        return _page(500, _words(500))
    response = _page(503, _words(503))
    response.headers["Retry-After"] = "60"
    return response


def _words(status: int) -> str:
    words = {
        400: _(
            "The request could not be understood, or the page had been open too long. Go back, load it again and repeat."
        ),
        403: _("This is not open to you."),
        404: _("There is nothing at this address."),
        405: _("This address does not answer that way."),
        410: _("What stood here was withdrawn."),
        413: _(
            "That is too large to take. Go back in your browser; what you wrote is still there."
        ),
        429: _("That was a lot in a short time. Wait a little and try again; nothing is lost."),
        503: _("The site cannot answer just now. Try again in a minute."),
    }
    if 400 < status < 500:
        words.setdefault(status, words[400])
    return str(
        words.get(
            status,
            _(
                "Something went wrong on our side. Nothing you sent was stored by halves; try again in a minute."
            ),
        )
    )


def _page(status: int, text: str) -> Response:
    # Not render_template: Flask-Login would load the user, from a database that may be down.
    page = current_app.jinja_env.get_template("errors/error.html")
    return make_response(page.render(status=status, sentence=text), status)
