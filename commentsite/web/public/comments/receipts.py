"""The commenter's private page: where the comment stands and why, and what can be done now."""

import json
from collections.abc import Callable
from typing import Any

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import READER
from commentsite.audit.export import export_inclusion_proofs, list_state_changes
from commentsite.audit.queries import find_latest_tree_head
from commentsite.comments import author_actions, privacy
from commentsite.comments import queries as comment_queries
from commentsite.comments.emails import subscriptions
from commentsite.comments.models import Comment
from commentsite.comments.privacy import export_personal_data
from commentsite.comments.redaction.services import decrypt_original_text
from commentsite.comments.redaction.spans import parse_spans, split_at_spans
from commentsite.comments.sanitizer import MAX_BYTES, MAX_CHARACTERS, clean_text
from commentsite.comments.states import WITHDRAWABLE_STATES
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters.comment_window import current_window
from commentsite.letters.queries import get_letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.moderation.decisions.queries import list_applied_decisions
from commentsite.moderation.decisions.statement import load_current_statement
from commentsite.site.queries import find_clauses
from commentsite.web.context import current_site, runtime
from commentsite.web.errors import sentence, status_of
from commentsite.web.http.extensions import csrf, limiter
from commentsite.web.http.form_tokens import (
    check_receipt_form,
    receipt_form_is_fresh,
    sign_receipt_form,
)
from commentsite.web.public.comments import receipt_appeals
from commentsite.web.public.comments.receipt_view import (
    WAITING,
    build_log_entries,
    build_receipt_view,
)

bp = Blueprint("receipts", __name__, url_prefix="/receipts/<token>")
csrf.exempt(bp)  # no session: the address is the key, and each form carries a token bound to it
ACTS = "30 per 10 minutes"


@bp.get("")
def show(token: str) -> Response:
    """Show where the comment stands."""
    return _page(token, comment_queries.get_comment_by_receipt(token))


@bp.post("/withdraw")
@limiter.limit(ACTS)
def withdraw(token: str) -> AnyResponse:
    """Take the comment back."""
    check_receipt_form(token)
    with transaction():
        author_actions.withdraw_comment(_mine(token), by=READER)
    return redirect(url_for("receipts.show", token=token), 303)


@bp.post("/erase")
@limiter.limit(ACTS)
def erase(token: str) -> AnyResponse:
    """Delete words, name and address for good."""
    check_receipt_form(token)
    with transaction():
        privacy.erase_comment(_mine(token), by=READER)
    return redirect(url_for("receipts.show", token=token), 303)


@bp.post("/edit")
@limiter.limit(ACTS)
def edit(token: str) -> AnyResponse:
    """Take changed words back into the queue."""
    check_receipt_form(token)
    body = request.form.get("body", "")
    text = clean_text(body)
    if not 2 <= len(text) <= MAX_CHARACTERS or len(text.encode()) > MAX_BYTES:
        problem = _("A comment has at least two and at most 10,000 characters.")
        return _page(
            token,
            comment_queries.get_comment_by_receipt(token),
            status=422,
            problem=problem,
            typed=body,
        )
    with transaction():
        author_actions.revise_comment(_mine(token), body, by=READER, site=current_site())
    return redirect(url_for("receipts.show", token=token), 303)


@bp.post("/follow")
@limiter.limit(ACTS)
def follow(token: str) -> AnyResponse:
    """Take over what the author wants to hear of."""
    check_receipt_form(token)
    with transaction():
        subscriptions.update_subscription(
            _mine(token),
            request.form.get("follow", ""),
            has_daily_digest=request.form.get("daily") == "1",
            has_closing_notice=request.form.get("closing") == "1",
            by=READER,
        )
    return redirect(url_for("receipts.show", token=token, _anchor="hear-h"), 303)


@bp.get("/data.json")
def data(token: str) -> Response:
    """Hand out everything that is held about this comment and its author, as JSON."""
    comment = comment_queries.get_comment_by_receipt(token)
    here = runtime()
    held = export_personal_data(comment, here.encryption)
    decisions = list_applied_decisions(comment.id)
    cited = find_clauses((d.rules_version, d.rule) for d in decisions)
    held["decisions"] = [
        {
            "verdict": d.verdict,
            "rule": d.rule,
            "rules_version": d.rules_version,
            "rule_as_it_read": clause.text if clause else "",
            "note": d.note,
            "at": d.decided_at.isoformat(),
        }
        for d in decisions
        for clause in [cited.get((d.rules_version, d.rule))]
    ]
    held["appeals"] = receipt_appeals.held_about(comment)
    response = make_response(json.dumps(held, ensure_ascii=False, indent=1))
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="comment-{comment.id}.json"'
    return response


@bp.get("/proof.json")
def proof(token: str) -> Response:
    """Hand out the proofs that what was done to the comment is in the log."""
    comment = comment_queries.get_comment_by_receipt(token)
    response = make_response(json.dumps(export_inclusion_proofs(f"comment:{comment.id}"), indent=1))
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="proof.json"'
    return response


def _mine(token: str) -> Comment:
    return comment_queries.get_comment_for_update(comment_queries.get_comment_by_receipt(token).id)


@bp.post("/appeal")
@limiter.limit(receipt_appeals.LIMIT)
def appeal(token: str) -> AnyResponse:
    """Take in what the author says against a decision."""
    return _appeal(token, receipt_appeals.file_sent)


@bp.post("/appeal/answer")
@limiter.limit(ACTS)
def answer(token: str) -> AnyResponse:
    """Take in the author's answer to a question about their appeal."""
    return _appeal(token, receipt_appeals.answer_sent)


@bp.post("/appeal/withdraw")
@limiter.limit(ACTS)
def withdraw_appeal(token: str) -> AnyResponse:
    """End an appeal on its author's word."""
    return _appeal(token, receipt_appeals.withdraw_sent)


def _appeal(token: str, act: Callable[[Comment], None]) -> AnyResponse:
    """Do something about an appeal; what was typed stays on the page when that cannot be."""
    if not receipt_form_is_fresh(token):
        words = _("The page had been open too long. What you wrote is still here; send it again.")
        return _page(
            token, comment_queries.get_comment_by_receipt(token), status=422, appeal_problem=words
        )
    try:
        with transaction():
            act(_mine(token))
    except SiteError as error:
        return _page(
            token,
            comment_queries.get_comment_by_receipt(token),
            status=status_of(error),
            appeal_problem=sentence(error),
            appeal_field=error.field or "",
        )
    return redirect(url_for("receipts.show", token=token, _anchor="appeal"), 303)


def _page(token: str, comment: Comment, *, status: int = 200, **said: Any) -> Response:
    letter = get_letter(comment.letter_id)
    grounds = load_current_statement(comment)
    ahead = comment_queries.count_ahead_in_queue(comment) if comment.state in WAITING else 0
    anchor = find_latest_tree_head()
    return make_response(
        render_template(
            "public/comments/receipt.html",
            token=token,
            comment=comment,
            letter=letter,
            numbers={block.pid: block.number for block in list_current_blocks(letter) if block.pid},
            view=build_receipt_view(comment, ahead=ahead, has_grounds=grounds is not None),
            grounds=grounds,
            as_sent=split_at_spans(
                decrypt_original_text(comment, runtime().encryption),
                parse_spans(comment.redactions),
            ),
            is_editable=comment.erased_at is None and author_actions.is_editable(comment),
            is_withdrawable=comment.state in WITHDRAWABLE_STATES,
            is_confirmed=comment.email_confirmed_at
            is not None,  # of the address a stranger learns nothing
            may_close=current_window(letter).is_open,
            signed=sign_receipt_form(token),
            log_entries=build_log_entries(list_state_changes(f"comment:{comment.id}"), anchor),
            anchor=anchor,
            **({"problem": "", "typed": comment.body} | receipt_appeals.about(comment) | said),
        ),
        status,
    )
