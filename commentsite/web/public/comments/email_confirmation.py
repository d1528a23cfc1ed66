"""The page behind the link of a message: confirm what was sent from this address, or say that it was not."""

import hmac

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
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
from commentsite.db.session import transaction
from commentsite.errors import NotFound
from commentsite.letters.queries import get_titles
from commentsite.web.context import current_site, runtime
from commentsite.web.http.extensions import csrf, limiter
from commentsite.web.http.form_tokens import check_receipt_form, sign_receipt_form
from commentsite.web.http.parameters import parse_id

bp = Blueprint("confirm", __name__, url_prefix="/receipts/<token>/confirm/<code>")
csrf.exempt(bp)  # no session: the address is the key, and the form carries a token bound to it


@bp.get("")
def show(token: str, code: str) -> Response:
    """Ask for a press of a button, since scanners of mail follow links; only the button confirms."""
    return _page(_comment(token, code), token, code)


@bp.post("")
@limiter.limit("30 per 10 minutes")
def press(token: str, code: str) -> AnyResponse:
    """Confirm the comments that were ticked, or take out the one that was not sent from here."""
    comment = _comment(token, code)
    if request.form.get("act") != "not_mine" and _suspension(comment):
        return _page(comment, token, code, status=403)
    check_receipt_form(token)
    if request.form.get("act") == "not_mine":
        with transaction():
            confirmation.report_not_mine(
                comment_queries.get_comment_for_update(comment.id), by=READER
            )
        return redirect(url_for("confirm.show", token=token, code=code), 303)
    waiting = _waiting(comment)
    chosen = {parse_id(text) for text in request.form.getlist("comment")} - {None}
    if waiting and not chosen:
        if len(waiting) > 1:
            problem = _("Tick what you sent.")
            return _page(comment, token, code, status=422, problem=problem)
        chosen = {waiting[0].id}  # where there is one there is nothing to tick
    if waiting and not chosen & {c.id for c in waiting}:
        return _page(comment, token, code, status=422, problem=_("Tick what you sent."))
    with transaction():
        confirmed = confirmation.confirm_selected(
            comment.id, chosen, by=READER, encryption=runtime().encryption
        )
    if confirmed is not None:
        with transaction():
            auto_publish_after_confirmation(confirmed, current_site(), runtime().encryption)
    return redirect(url_for("receipts.show", token=token), 303)


def _comment(token: str, code: str) -> Comment:
    comment = comment_queries.get_comment_by_receipt(token)
    if not hmac.compare_digest(
        code.encode(), make_confirmation_code(runtime().encryption, token).encode()
    ):
        msg = "This link does not fit. Copy the whole address from the message."
        raise NotFound(msg)
    return comment


def _waiting(comment: Comment) -> list[Comment]:
    return (
        list_unconfirmed_by_email(comment.email_hash, include_comment_id=comment.id)
        if comment.email_hash
        else []
    )


def _suspension(comment: Comment) -> Sanction | None:
    if comment.email_confirmed_at is not None:
        return None
    return find_active_suspension(comment.email_hash, clock.now())


def _page(
    comment: Comment, token: str, code: str, *, status: int = 200, problem: str = ""
) -> Response:
    waiting, suspension = _waiting(comment), _suspension(comment)
    page = render_template(
        "public/comments/email_confirmation.html",
        token=token,
        code=code,
        comment=comment,
        waiting=waiting,
        titles=get_titles({c.letter_id for c in [comment, *waiting]}),
        signed=sign_receipt_form(token),
        suspension=suspension,
        clause=find_sanction_clause(suspension) if suspension else None,
        problem=problem,
    )
    return make_response(page, status)
