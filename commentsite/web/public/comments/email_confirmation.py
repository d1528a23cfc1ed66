"""The page behind the link of a confirmation email.

The owner of the address confirms the comments they sent, or reports a comment as not theirs. The link names the
receipt of one comment and a code that only the mailbox receives, so the receipt alone cannot confirm its own address.
"""

import hmac
from dataclasses import dataclass

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import READER
from commentsite.comments import queries as comment_queries
from commentsite.comments.auto_publish import auto_publish_after_confirmation
from commentsite.comments.emails import confirmation
from commentsite.comments.emails.mailbox import make_confirmation_code
from commentsite.comments.emails.queries import list_unconfirmed_by_email
from commentsite.comments.models import Comment
from commentsite.comments.sanctions.models import Sanction
from commentsite.comments.sanctions.queries import find_active_suspension, find_sanction_clause
from commentsite.comments.screening.checks import CheckCode
from commentsite.comments.states import CommentState
from commentsite.db.session import transaction
from commentsite.errors import NotFound
from commentsite.letters.queries import get_titles
from commentsite.web.context import current_site, runtime
from commentsite.web.http.extensions import csrf, limiter
from commentsite.web.http.form_tokens import check_receipt_form, sign_receipt_form
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _

bp = LanguageBlueprint(
    "email_confirmation", __name__, url_prefix="/receipts/<token>/confirm/<code>"
)
# There is no session. The address of the page is the permission, and the form carries a token bound to it.
csrf.exempt(bp)
CONFIRMATION_LIMIT = "30 per 10 minutes"


@dataclass(frozen=True)
class ConfirmationView:
    """The heading, the explanation and the available actions of the page."""

    heading: str
    explanation: str
    is_confirmed: bool  # no comment of this address is left to confirm
    can_report_not_mine: bool


@bp.get("")
def show(token: str, code: str) -> Response:
    """Show a button. Mail scanners follow links, so only the button confirms."""
    return _render_page(_get_comment(token, code), token, code)


@bp.post("")
@limiter.limit(CONFIRMATION_LIMIT)
def confirm(token: str, code: str) -> AnyResponse:
    """Confirm the selected comments."""
    comment = _get_comment(token, code)
    # Pages that were open before the report had an address of its own send this field instead.
    if request.form.get("act") == "not_mine":
        return _report_not_mine(comment, token, code)
    if _find_suspension(comment):
        return _render_page(comment, token, code, status=403)
    check_receipt_form(token)
    unconfirmed = _list_unconfirmed(comment)
    selected = {parse_id(text) for text in request.form.getlist("comment")} - {None}
    if len(unconfirmed) == 1 and not selected:
        selected = {unconfirmed[0].id}  # the page shows no tick box for a single comment
    if unconfirmed and not selected & {c.id for c in unconfirmed}:
        error = _("Select the comments that you sent.")
        return _render_page(comment, token, code, status=422, error=error)
    with transaction():
        confirmed_id = confirmation.confirm_selected(
            comment.id, selected, by=READER, encryption=runtime().encryption
        )
    if confirmed_id is not None:
        with transaction():
            auto_publish_after_confirmation(confirmed_id, current_site(), runtime().encryption)
    return redirect(url_for("receipts.show", token=token, saved="confirmed"), 303)


@bp.post("/not-mine")
@limiter.limit(CONFIRMATION_LIMIT)
def report_not_mine(token: str, code: str) -> AnyResponse:
    """Remove a comment that the owner of the address did not send."""
    return _report_not_mine(_get_comment(token, code), token, code)


def _report_not_mine(comment: Comment, token: str, code: str) -> AnyResponse:
    check_receipt_form(token)
    with transaction():
        confirmation.report_not_mine(comment_queries.get_comment_for_update(comment.id), by=READER)
    return redirect(url_for("email_confirmation.show", token=token, code=code), 303)


def _get_comment(token: str, code: str) -> Comment:
    comment = comment_queries.get_comment_by_receipt(token)
    expected = make_confirmation_code(runtime().encryption, token)
    if not hmac.compare_digest(code.encode(), expected.encode()):
        raise NotFound(_("This link is not valid. Copy the complete address from the email."))
    return comment


def _list_unconfirmed(comment: Comment) -> list[Comment]:
    if not comment.email_hash:
        return []
    return list_unconfirmed_by_email(comment.email_hash, include_comment_id=comment.id)


def _find_suspension(comment: Comment) -> Sanction | None:
    if comment.email_confirmed_at is not None:
        return None
    return find_active_suspension(comment.email_hash, clock.now())


def _render_page(
    comment: Comment, token: str, code: str, *, status: int = 200, error: str = ""
) -> Response:
    unconfirmed, suspension = _list_unconfirmed(comment), _find_suspension(comment)
    page = render_template(
        "public/comments/email_confirmation.html",
        token=token,
        code=code,
        comment=comment,
        view=_build_view(comment, unconfirmed),
        unconfirmed=unconfirmed,
        # After an error nothing is selected, so that the author chooses again.
        preselected_id=None if error else comment.id,
        titles=get_titles({c.letter_id for c in [comment, *unconfirmed]}),
        form_token=sign_receipt_form(token),
        suspension=suspension,
        clause=find_sanction_clause(suspension) if suspension else None,
        error=error,
    )
    return make_response(page, status)


def _build_view(comment: Comment, unconfirmed: list[Comment]) -> ConfirmationView:
    is_confirmed = not unconfirmed and bool(
        comment.email_confirmed_at or comment.confirmation_effective_at
    )
    if comment.held_by_check == CheckCode.NOT_MINE:
        heading = _("You reported that you did not send this comment.")
        explanation = _(
            "The comment is removed, your address is deleted from it, and you get no more emails about it."
        )
    elif comment.erased_at:
        heading = _("This comment has been deleted.")
        explanation = _("There is nothing left to confirm.")
    else:
        heading = (
            _("Your email address is confirmed.")
            if is_confirmed
            else _("Confirm your email address")
        )
        explanation = (
            _("Your address is never shown. Once it is confirmed, a moderator reads your comment.")
            if comment.state == CommentState.AWAITING_EMAIL
            else _(
                "Your address is never shown. Once it is confirmed, we can email you the decision about your comment."
            )
        )
    return ConfirmationView(
        heading,
        explanation,
        is_confirmed=is_confirmed,
        can_report_not_mine=bool(comment.email_hash and not comment.email_confirmed_at),
    )
