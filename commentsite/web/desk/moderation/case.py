"""Show one comment as a case, and everything moderators do about it besides deciding: notes, claims, reports."""

from flask import Blueprint, Response, flash, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.comments import languages
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.staff_replies import publish_staff_reply
from commentsite.db.session import transaction
from commentsite.errors import Conflict, Invalid, NotFound, SiteError
from commentsite.moderation import anonymity, claims
from commentsite.moderation.conflicts.queries import check_no_conflict
from commentsite.moderation.decisions import services as decision_services
from commentsite.moderation.queue import notes
from commentsite.web.context import current_actor, current_site, require_staff, runtime
from commentsite.web.desk.moderation.decision_form import CaseInput
from commentsite.web.desk.moderation.prepared_notes import fill_in_note as fill_in_note_fields
from commentsite.web.desk.moderation.queue_filters import parse_filters, to_query_args
from commentsite.web.desk.moderation.queue_page import find_next_case, render_queue
from commentsite.web.errors import translate_error
from commentsite.web.rendering.filters import join_list
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("moderation_case", __name__, url_prefix="/desk/moderation/<int:comment_id>")
bp.before_request(require_staff(Permission.MODERATE))


@bp.get("")
def show(comment_id: int) -> Response:
    """Show one comment as a case, beside the list it belongs to."""
    return render_queue(comment_id)


@bp.post("/notes")
def add_note(comment_id: int) -> AnyResponse:
    """Add a note for the other moderators. A note that is refused stays in the form."""
    text = request.form.get("words", "")
    try:
        with transaction():
            notes.add_note(comment_id, text, by=current_actor())
    except Invalid as error:
        flash(translate_error(error), "error")
        # The text travels in the address, so it is cut to what the form would accept.
        draft = text[: notes.MAX_NOTE_LENGTH] if text.strip() else None
        return _redirect_to_case(comment_id, noted=draft)
    return _redirect_to_case(comment_id)


@bp.post("/claim")
def claim(comment_id: int) -> AnyResponse:
    """Assign the case to this moderator for a while.

    The field `take_over` is the form that this address had before `/claim/take-over`. The public contract
    lists it, so it keeps working.
    """
    return _claim(comment_id, take_over="take_over" in request.form)


@bp.post("/claim/take-over")
def take_over(comment_id: int) -> AnyResponse:
    """Assign the case to this moderator although another one reviews it."""
    return _claim(comment_id, take_over=True)


@bp.post("/reveal")
def reveal_author(comment_id: int) -> AnyResponse:
    """Show the author of an anonymised comment to a steward, once. The audit log records it."""
    with transaction():
        comment = anonymity.reveal_author(comment_id, by=current_actor())
        author = join_list(filter(None, (comment.name, comment.organisation)))
    flash(
        _(
            "%(author)s wrote this comment. The audit log records that you asked.",
            author=author or _("A deleted author"),
        )
    )
    return _redirect_to_case(comment_id)


@bp.post("/reply")
def reply(comment_id: int) -> AnyResponse:
    """Publish a reply by this member of staff. A reply that is refused stays in the form."""
    text = request.form.get("body", "")
    try:
        with transaction():
            publish_staff_reply(
                comment_id,
                text,
                site=current_site(),
                encryption=runtime().encryption,
                by=current_actor(),
            )
    except NotFound:
        raise
    except SiteError as error:
        case_input = CaseInput(error_text=translate_error(error), reply_text=text)
        return render_queue(comment_id, error, case_input)
    flash(_("Your reply is published. You receive the address of its private page by email."))
    return _redirect_to_case(comment_id)


@bp.post("/fill-in")
def fill_in_note(comment_id: int) -> Response:
    """Show the case with the chosen prepared note in its fields, for browsers without scripts."""
    typed = fill_in_note_fields(request.form)
    return render_queue(comment_id, case_input=CaseInput(typed, typed.get("fields_of", "")))


@bp.post("/language")
def correct_language(comment_id: int) -> AnyResponse:
    """Correct the language of a comment. Its words stay as they are."""
    try:
        with transaction():
            comment = get_comment_for_update(comment_id)
            check_no_conflict(comment, current_actor(), runtime().encryption)
            languages.correct_language(
                comment, request.form.get("language", ""), by=current_actor()
            )
    except (Invalid, Conflict) as error:
        flash(translate_error(error), "error")
    else:
        flash(_("The language of the comment is saved."))
    return _redirect_to_case(comment_id)


@bp.post("/keep")
def dismiss_reports(comment_id: int) -> AnyResponse:
    """Close the reports about a comment that stays published."""
    with transaction():
        decision_services.dismiss_reports(
            comment_id, by=current_actor(), encryption=runtime().encryption
        )
    flash(_("The reports are dismissed. The comment stays published."))
    filters, next_id = find_next_case(comment_id)
    args = to_query_args(filters)
    if next_id is None:
        return redirect(url_for("moderation_queue.index", **args), 303)
    return redirect(
        url_for("moderation_case.show", comment_id=next_id, _anchor="case", **args), 303
    )


def _claim(comment_id: int, *, take_over: bool) -> AnyResponse:
    """Claim a case. A script that asks for JSON learns of a conflict by the status 409."""
    wants_json = request.headers.get("Accept") == "application/json"
    conflict = ""
    try:
        with transaction():
            claims.claim_case(comment_id, by=current_actor(), take_over=take_over)
    except Conflict as error:
        conflict = translate_error(error)
    if wants_json:
        response = jsonify(said=conflict)
        response.status_code = 409 if conflict else 200
        return response
    if conflict:
        flash(conflict, "error")
    return _redirect_to_case(comment_id)


def _redirect_to_case(comment_id: int, **query_args: str | None) -> AnyResponse:
    args = {
        **to_query_args(parse_filters()),
        "comment_id": comment_id,
        "_anchor": "case",
        **query_args,
    }
    return redirect(url_for("moderation_case.show", **args), 303)
