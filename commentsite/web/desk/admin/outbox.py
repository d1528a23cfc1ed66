"""List the emails that could not be sent, and try them again."""

from dataclasses import dataclass
from datetime import datetime

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from commentsite import retention
from commentsite.accounts.permissions import Permission
from commentsite.comments.emails.mailbox import (
    list_failed_messages_for_staff,
    parse_comment_id,
    retry_message,
)
from commentsite.db.session import transaction
from commentsite.notifications.models import Message
from commentsite.web.context import current_actor, require_staff
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_outbox", __name__, url_prefix="/desk/messages")
bp.before_request(require_staff(Permission.MODERATE))
EMAILS_PER_PAGE = 50
KINDS = {
    "comment.confirm": _l("Confirm an email address"),
    "comment.received": _l("Comment received"),
    "comment.published": _l("Comment published"),
    "comment.returned": _l("Comment returned for a change"),
    "comment.refused": _l("Comment refused"),
    "comment.restricted": _l("Comment removed"),
    "comment.redacted": _l("Parts of a comment removed"),
    "objection.answered": _l("Objection answered"),
    "comment.answered": _l("Reply to a comment"),
    "comment.thread": _l("New comment in a thread"),
    "comment.digest": _l("Daily digest of replies"),
    "comment.closing": _l("Letter closes for comments soon"),
    "appeal.filed": _l("Appeal received"),
    "appeal.asked": _l("Question about an appeal"),
    "appeal.inadmissible": _l("Appeal dismissed"),
    "appeal.overturned": _l("Appeal: decision reversed"),
    "appeal.upheld": _l("Appeal: decision upheld"),
    "appeal.varied": _l("Appeal: decision changed"),
    "subscription.confirm": _l("Confirm a subscription"),
    "subscription.letters": _l("New letters"),
    "subscription.comments": _l("New comments on a letter"),
    "subscription.withdrawn": _l("Letter withdrawn"),
    "staff.address_changed": _l("Address of a staff account changed"),
    "staff.digest": _l("Digest for a staff member"),
    "staff.factor_taken_away": _l("Two-step verification reset"),
    "staff.invitation": _l("Invitation to the staff"),
    "staff.no_judge": _l("No moderator can review an appeal"),
    "staff.no_pair": _l("No moderator can give the missing vote"),
    "staff.password": _l("Password of a staff member"),
    "staff.token_created": _l("API token created"),
    "staff.webhook_disabled": _l("Webhook switched off"),
    "staff.password_reset": _l("Link to reset a password"),
}
ERRORS = {
    "SMTPRecipientsRefused": _l("The mail server refused the recipient’s address."),
    "SMTPSenderRefused": _l("The mail server refused the sender’s address."),
    "SMTPDataError": _l("The mail server refused the email."),
    "SMTPAuthenticationError": _l("The mail server refused the user name or the password."),
    "SMTPNotSupportedError": _l("The mail server cannot send to an address of this kind."),
    "SMTPServerDisconnected": _l("The mail server closed the connection."),
    "SSLCertVerificationError": _l("The certificate of the mail server is not valid."),
    "ConnectionRefusedError": _l("No mail server answered."),
    "TimeoutError": _l("The mail server did not answer in time."),
    "gaierror": _l("The mail server was not found."),
    "WorkerLost": _l("The worker stopped while sending the email."),
    "LookupError": _l("The email cannot be decrypted: the encryption key is missing."),
}


@dataclass(frozen=True)
class FailedEmail:
    id: int
    kind: str
    comment_id: int | None  # None when the email is about no comment
    attempts: int
    error: str
    last_attempt_at: datetime
    can_retry: bool  # False once the text of the email is deleted


@bp.get("/")
def index() -> Response:
    """List the newest emails, or those before the one in `?before=`."""
    actor = current_actor()
    messages = list_failed_messages_for_staff(
        actor,
        limit=EMAILS_PER_PAGE + 1,
        before_id=parse_id(request.args.get("before", "")),
    )
    page = render_template(
        "desk/admin/failed_emails.html",
        actor=actor,
        emails=[_describe_failed_email(message) for message in messages[:EMAILS_PER_PAGE]],
        older_than=messages[EMAILS_PER_PAGE - 1].id if len(messages) > EMAILS_PER_PAGE else None,
        days=retention.MESSAGE_TTL.days,
    )
    return make_response(page)


@bp.post("/<int:message_id>/retry")
def retry(message_id: int) -> AnyResponse:
    with transaction():
        retry_message(message_id, by=current_actor())
    flash(_("The email will be tried again within a minute."))
    return redirect(url_for("desk_outbox.index"), 303)


def _describe_failed_email(message: Message) -> FailedEmail:
    return FailedEmail(
        id=message.id,
        kind=str(KINDS.get(message.kind, message.kind)),
        comment_id=parse_comment_id(message.about),
        attempts=message.attempts,
        error=str(ERRORS.get(message.last_error, message.last_error)),
        last_attempt_at=message.next_attempt_at,
        can_retry=bool(message.payload_sealed),
    )
