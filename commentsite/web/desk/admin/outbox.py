"""Messages that were given up, and another try."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from commentsite import retention
from commentsite.accounts.permissions import Permission
from commentsite.comments.emails.mailbox import retry_message
from commentsite.db.session import transaction
from commentsite.notifications.queries import list_failed_messages
from commentsite.web.context import current_actor, require_staff

bp = Blueprint("desk_messages", __name__, url_prefix="/desk/messages")
bp.before_request(require_staff(Permission.MODERATE))
KINDS = {
    "comment.confirm": _l("asks to confirm an address"),
    "comment.received": _l("says that a comment has arrived"),
    "comment.published": _l("says that a comment is published"),
    "comment.returned": _l("says that a comment needs a change"),
    "comment.refused": _l("says why a comment was refused"),
    "comment.restricted": _l("says why a comment was removed"),
    "comment.answered": _l("tells of an answer"),
    "comment.thread": _l("tells of a comment in a thread"),
    "comment.digest": _l("tells of answers, once a day"),
    "comment.closing": _l("says that a letter closes soon"),
    "staff.password": _l("is about a password of the staff"),
}
ERRORS = {
    "SMTPRecipientsRefused": _l("the mail server did not take the address"),
    "SMTPSenderRefused": _l("the mail server did not take our address"),
    "SMTPDataError": _l("the mail server did not take the message"),
    "SMTPAuthenticationError": _l("the mail server did not let us in"),
    "SMTPNotSupportedError": _l("the mail server cannot write to such an address"),
    "SMTPServerDisconnected": _l("the mail server hung up"),
    "SSLCertVerificationError": _l("the mail server’s certificate is not valid"),
    "ConnectionRefusedError": _l("no mail server answered"),
    "TimeoutError": _l("the mail server did not answer in time"),
    "gaierror": _l("the mail server was not found"),
    "WorkerLost": _l("the worker ended while sending it"),
    "LookupError": _l("no key of this installation opens it any more"),
}


@bp.get("/")
def index() -> Response:
    """Show what could not be sent, the newest first."""
    page = render_template(
        "desk/admin/failed_emails.html",
        actor=current_actor(),
        messages=list_failed_messages(),
        kinds=KINDS,
        errors=ERRORS,
        days=retention.MESSAGE_TTL.days,
    )
    return make_response(page)


@bp.post("/<int:message_id>/retry")
def retry(message_id: int) -> AnyResponse:
    """Try one of them again."""
    with transaction():
        retry_message(message_id, by=current_actor())
    flash(_("It is tried again within a minute."))
    return redirect(url_for("desk_messages.index"), 303)
