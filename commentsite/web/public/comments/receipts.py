"""The receipt: the private page on which an author follows, edits, withdraws or deletes their comment.

The token in its address is the permission. There is no session, and each form carries a token bound to the receipt.
"""

import json
from collections.abc import Callable
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import READER
from commentsite.audit.export import export_inclusion_proofs, list_state_changes
from commentsite.audit.queries import find_latest_tree_head
from commentsite.comments import author_actions, privacy
from commentsite.comments import queries as comment_queries
from commentsite.comments.emails import subscriptions
from commentsite.comments.emails.confirmation import find_confirmation_delay
from commentsite.comments.languages import CHOSEN_SOURCES
from commentsite.comments.models import Comment
from commentsite.comments.privacy import export_personal_data
from commentsite.comments.redaction.services import decrypt_original_text
from commentsite.comments.redaction.spans import parse_spans, split_at_spans
from commentsite.comments.sanitizer import MAX_BYTES, MAX_CHARACTERS, MIN_CHARACTERS
from commentsite.comments.states import WITHDRAWABLE_STATES
from commentsite.comments.threads.queries import load_parent_names
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters.comment_window import get_current_window
from commentsite.letters.queries import get_letter
from commentsite.letters.text.queries import list_current_blocks
from commentsite.moderation.decisions.queries import list_applied_decisions
from commentsite.moderation.decisions.statement import load_current_statement
from commentsite.moderation.decisions.withdrawal import undo_withdrawal
from commentsite.site.queries import find_clauses
from commentsite.summaries.answers import queries as answer_queries
from commentsite.summaries.objections import services as objections
from commentsite.text.plain_text import clean_text
from commentsite.web.context import current_site, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.extensions import csrf, limiter
from commentsite.web.http.form_tokens import (
    check_receipt_form,
    is_receipt_form_fresh,
    sign_receipt_form,
)
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.public.comments import receipt_appeals
from commentsite.web.public.comments.receipt_objection import build_objection_section
from commentsite.web.public.comments.receipt_view import (
    WAITING,
    build_log_entries,
    build_receipt_view,
    build_use_rows,
)
from commentsite.web.public.letters.comment_form import list_comment_language_choices
from commentsite.web.rendering.i18n import gettext as _

bp = LanguageBlueprint("receipts", __name__, url_prefix="/receipts/<token>")
csrf.exempt(bp)
ACTION_LIMIT = "30 per 10 minutes"


@bp.get("")
def show(token: str) -> Response:
    return _render_receipt(token)


@bp.post("/withdraw")
@limiter.limit(ACTION_LIMIT)
def withdraw(token: str) -> AnyResponse:
    check_receipt_form(token)
    with transaction():
        author_actions.withdraw_comment(_lock_comment(token), by=READER)
    return redirect(url_for("receipts.show", token=token), 303)


@bp.post("/withdraw/undo")
@limiter.limit(ACTION_LIMIT)
def undo_withdraw(token: str) -> AnyResponse:
    """Undo a withdrawal within a day."""
    check_receipt_form(token)
    with transaction():
        undo_withdrawal(_lock_comment(token), by=READER, encryption=runtime().encryption)
    return _redirect_saved(token, "restored")


@bp.get("/delete")
def confirm_erasure(token: str) -> AnyResponse:
    """Ask whether the comment is to be deleted, and say what stays."""
    comment = comment_queries.get_comment_by_receipt(token)
    if comment.erased_at is not None:
        return redirect(url_for("receipts.show", token=token), 303)
    page = render_template(
        "public/comments/receipt_erasure.html",
        token=token,
        form_token=sign_receipt_form(token),
        comment=comment,
        has_public_place=comment.published_at is not None,
        is_withdrawable=comment.state in WITHDRAWABLE_STATES,
    )
    return make_response(page)


@bp.post("/erase")
@limiter.limit(ACTION_LIMIT)
def erase(token: str) -> AnyResponse:
    """Delete text, name and address permanently.

    The button on the receipt sends `ask`, which leads to the page with the question instead.
    """
    check_receipt_form(token)
    if request.form.get("ask"):
        return redirect(url_for("receipts.confirm_erasure", token=token), 303)
    with transaction():
        comment = _lock_comment(token)
        objections.erase_reaction(comment)
        privacy.erase_comment(comment, by=READER)
    return redirect(url_for("receipts.show", token=token), 303)


@bp.post("/edit")
@limiter.limit(ACTION_LIMIT)
def edit(token: str) -> AnyResponse:
    """Replace the text of a comment that is waiting or was returned."""
    body, language = request.form.get("body", ""), request.form.get("language", "")
    if not is_receipt_form_fresh(token):
        return _render_receipt(token, status=422, edit_error=_describe_stale_form())
    text = clean_text(body)
    if not MIN_CHARACTERS <= len(text) <= MAX_CHARACTERS or len(text.encode()) > MAX_BYTES:
        error = _("A comment must have between 2 and 10,000 characters.")
        return _render_receipt(token, status=422, edit_error=error)
    try:
        with transaction():
            author_actions.revise_comment(
                _lock_comment(token), body, by=READER, site=current_site(), language=language
            )
    except SiteError as error:
        return _render_receipt(token, status=get_status(error), edit_error=translate_error(error))
    return _redirect_saved(token, "edit")


@bp.post("/follow")
@limiter.limit(ACTION_LIMIT)
def update_notifications(token: str) -> AnyResponse:
    """Save the email notifications that the author chose."""
    check_receipt_form(token)
    with transaction():
        subscriptions.update_subscription(
            _lock_comment(token),
            request.form.get("follow", ""),
            has_daily_digest=request.form.get("daily") == "1",
            has_closing_notice=request.form.get("closing") == "1",
            by=READER,
        )
    return _redirect_saved(token, "notifications")


@bp.post("/quote-as")
@limiter.limit(ACTION_LIMIT)
def change_quote_consent(token: str) -> AnyResponse:
    """Save how records of positions may refer to the comment."""
    check_receipt_form(token)
    with transaction():
        author_actions.change_quote_consent(
            _lock_comment(token), request.form.get("quote_as", ""), by=READER
        )
    return _redirect_saved(token, "quote-as")


@bp.post("/appeal")
@limiter.limit(receipt_appeals.APPEAL_LIMIT)
def file_appeal(token: str) -> AnyResponse:
    return _act_on_appeal(token, receipt_appeals.file_appeal, "appeal")


@bp.post("/appeal/answer")
@limiter.limit(ACTION_LIMIT)
def answer_question(token: str) -> AnyResponse:
    """Store the author's answer to a question about their appeal."""
    return _act_on_appeal(token, receipt_appeals.answer_question, "answer")


@bp.post("/appeal/withdraw")
@limiter.limit(ACTION_LIMIT)
def withdraw_appeal(token: str) -> AnyResponse:
    return _act_on_appeal(token, receipt_appeals.withdraw_appeal, "appeal-withdrawn")


@bp.post("/objection")
@limiter.limit(ACTION_LIMIT)
def record_objection(token: str) -> AnyResponse:
    """Record the comment as an objection."""
    check_receipt_form(token)
    with transaction():
        objections.record_objection(_lock_comment(token), by=READER)
    return _redirect_saved(token, "objection")


@bp.post("/objection/withdraw")
@limiter.limit(ACTION_LIMIT)
def withdraw_objection(token: str) -> AnyResponse:
    check_receipt_form(token)
    with transaction():
        objections.withdraw_objection(_lock_comment(token), by=READER)
    return _redirect_saved(token, "objection-withdrawn")


@bp.post("/objection/reaction")
@limiter.limit(ACTION_LIMIT)
def react_to_answer(token: str) -> AnyResponse:
    """Store whether the answer satisfies the author. After an error the page keeps the text."""
    if not is_receipt_form_fresh(token):
        return _render_receipt(token, status=422, objection_error=_describe_stale_form())
    choices = {"yes": True, "no": False}
    try:
        with transaction():
            objections.react_to_answer(
                _lock_comment(token),
                is_satisfied=choices.get(request.form.get("satisfied", "")),
                text=request.form.get("reaction", ""),
                by=READER,
            )
    except SiteError as error:
        return _render_receipt(
            token, status=get_status(error), objection_error=translate_error(error)
        )
    return _redirect_saved(token, "reaction")


@bp.get("/data.json")
def download_data(token: str) -> Response:
    """Export all data that the site stores about the comment and its author."""
    comment = comment_queries.get_comment_by_receipt(token)
    data = export_personal_data(comment, runtime().encryption)
    decisions = list_applied_decisions(comment.id)
    clauses = find_clauses((d.rules_version, d.rule) for d in decisions)
    data["decisions"] = [
        {
            "verdict": d.verdict,
            "rule": d.rule,
            "rules_version": d.rules_version,
            "rule_as_it_read": clause.text if clause else "",
            "note": d.note,
            "at": d.decided_at.isoformat(),
        }
        for d in decisions
        for clause in [clauses.get((d.rules_version, d.rule))]
    ]
    data["appeals"] = receipt_appeals.export_appeals(comment)
    data["uses_in_records_of_positions"] = [
        {"letter": use.slug, "use": str(use.use), "reason": use.reason}
        for use in answer_queries.list_published_uses(comment.id)
    ]
    data["objection"] = objections.export_objection(comment)
    return _send_json_file(f"comment-{comment.id}.json", data)


@bp.get("/proof.json")
def download_proof(token: str) -> Response:
    """Export the proofs that the log holds every action on the comment."""
    comment = comment_queries.get_comment_by_receipt(token)
    return _send_json_file("proof.json", export_inclusion_proofs(f"comment:{comment.id}"))


def _lock_comment(token: str) -> Comment:
    return comment_queries.get_comment_for_update(comment_queries.get_comment_by_receipt(token).id)


def _find_parent(comment: Comment, slug: str) -> dict[str, str] | None:
    """Return the name and the address of the comment that this one replies to."""
    parent_id = comment.replied_to_id or comment.parent_id
    if parent_id is None:
        return None
    return {
        "name": load_parent_names({parent_id}).get(parent_id, ""),
        "url": url_for("comments.permalink", slug=slug, comment_id=parent_id),
    }


def _describe_stale_form() -> str:
    return _("This page was open for too long. Your text is still here. Send it again.")


def _redirect_saved(token: str, saved: str) -> AnyResponse:
    """Return to the receipt, which then says that this form is saved."""
    return redirect(url_for("receipts.show", token=token, saved=saved), 303)


def _act_on_appeal(token: str, action: Callable[[Comment], None], saved: str) -> AnyResponse:
    """Run an action of the appeal forms. After an error the page keeps the text that the author typed."""
    if not is_receipt_form_fresh(token):
        return _render_receipt(token, status=422, appeal_error=_describe_stale_form())
    try:
        with transaction():
            action(_lock_comment(token))
    except SiteError as error:
        return _render_receipt(
            token,
            status=get_status(error),
            appeal_error=translate_error(error),
            appeal_error_field=error.field or "",
        )
    return _redirect_saved(token, saved)


def _render_receipt(  # noqa: PLR0913  # each form of the page has its own error
    token: str,
    *,
    status: int = 200,
    edit_error: str = "",
    appeal_error: str = "",
    appeal_error_field: str = "",
    objection_error: str = "",
) -> Response:
    comment = comment_queries.get_comment_by_receipt(token)
    letter = get_letter(comment.letter_id)
    reasons = load_current_statement(comment)
    ahead = comment_queries.count_ahead_in_queue(comment) if comment.state in WAITING else 0
    checkpoint = find_latest_tree_head()
    language = (
        request.form.get("language", "")
        if edit_error
        else comment.language
        if comment.language_source in CHOSEN_SOURCES
        else ""
    )
    appeals = receipt_appeals.build_appeals_view(
        comment, error=appeal_error, error_field=appeal_error_field
    )
    page = render_template(
        "public/comments/receipt.html",
        token=token,
        form_token=sign_receipt_form(token),
        comment=comment,
        letter=letter,
        labels={block.pid: block.label for block in list_current_blocks(letter) if block.pid},
        view=build_receipt_view(
            comment,
            ahead=ahead,
            reasons=reasons,
            appeal_until=appeals.last_day,
            is_editable=author_actions.is_editable(comment),
            email_due_at=find_confirmation_delay(comment),
            saved=request.args.get("saved", ""),
        ),
        parent=_find_parent(comment, letter.slug),
        reasons=reasons,
        original_text=split_at_spans(
            decrypt_original_text(comment, runtime().encryption), parse_spans(comment.redactions)
        ),
        body=request.form.get("body", "") if edit_error else comment.body,
        edit_error=edit_error,
        language=language,
        language_choices=list_comment_language_choices(language),
        is_withdrawable=comment.state in WITHDRAWABLE_STATES,
        offers_closing_notice=get_current_window(letter).is_open or comment.has_closing_notice,
        appeals=appeals,
        objection=build_objection_section(comment, letter, error=objection_error),
        log_entries=build_log_entries(list_state_changes(f"comment:{comment.id}"), checkpoint),
        checkpoint=checkpoint,
        record_uses=build_use_rows(answer_queries.list_published_uses(comment.id)),
    )
    return make_response(page, status)


def _send_json_file(filename: str, content: Any) -> Response:
    response = make_response(json.dumps(content, ensure_ascii=False, indent=1))
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
