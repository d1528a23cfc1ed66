"""Decide about comments from the queue or from a case, and undo a decision."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.comments.queries import get_comment
from commentsite.db.session import transaction
from commentsite.errors import Conflict, Invalid, NotFound, SiteError
from commentsite.moderation.bulk import services as bulk_services
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.services import decide
from commentsite.moderation.decisions.undo import UNDO_WINDOW, undo_decision
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.moderation.bulk import (
    check_decision_fields,
    decide_next_chunk,
    parse_decision_fields,
    render_batch,
)
from commentsite.web.desk.moderation.case_votes import parse_redaction
from commentsite.web.desk.moderation.decision_form import read_case_input
from commentsite.web.desk.moderation.queue_filters import (
    parse_filters,
    parse_selected_comments,
    to_query_args,
)
from commentsite.web.desk.moderation.queue_page import (
    find_next_case,
    render_next_case,
    render_queue,
)
from commentsite.web.errors import translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("moderation_decisions", __name__, url_prefix="/desk/moderation/decisions")
bp.before_request(require_staff(Permission.MODERATE))


@bp.post("")
def create() -> AnyResponse:
    """Apply a verdict to the selected comments.

    One comment leads on to the next case. Several become a batch, whose page lists the result of each.
    """
    selected = parse_selected_comments()
    try:
        verdict = Verdict(request.form.get("verdict", ""))
    except ValueError:
        msg = "Choose a decision."
        raise Invalid(msg, field="verdict") from None
    if not selected:
        msg = "Choose at least one comment."
        raise Invalid(msg, field="comment")
    if len(selected) > 1:
        return _decide_batch(selected, verdict)
    [(comment_id, version)] = selected
    try:
        decision_id = _decide_one(comment_id, version, verdict)
    except NotFound:
        raise
    except SiteError as error:
        case_input = read_case_input(request.form, error, translate_error(error))
        is_overtaken = isinstance(error, Conflict) and get_comment(comment_id).version != version
        if is_overtaken and not case_input.has_text:
            return render_next_case(comment_id, error, case_input)
        return render_queue(comment_id, error, case_input)
    return _redirect_after_decision(comment_id, decision_id)


@bp.post("/<int:decision_id>/undo")
def undo(decision_id: int) -> AnyResponse:
    with transaction():
        comment = undo_decision(decision_id, by=current_actor(), encryption=runtime().encryption)
        comment_id = comment.id
    flash(_("The decision is undone. The comment is as it was before."))
    return redirect(url_for("moderation_case.show", comment_id=comment_id, _anchor="case"), 303)


def _decide_batch(selected: list[tuple[int, int]], verdict: Verdict) -> AnyResponse:
    with transaction():
        key = bulk_services.create_batch(
            selected, matching_count=len(selected), by=current_actor()
        ).key
    try:
        check_decision_fields(verdict)
    except Invalid as error:
        return render_batch(key, error)
    with transaction():
        batch = bulk_services.start_batch(key, verdict, parse_decision_fields(), by=current_actor())
    decide_next_chunk(batch)
    return redirect(url_for("moderation_bulk.show", key=key, **to_query_args(parse_filters())), 303)


def _decide_one(comment_id: int, version: int, verdict: Verdict) -> int:
    with transaction():
        return decide(
            comment_id,
            version,
            verdict,
            rule=request.form.get("reason", ""),
            note=request.form.get("note", ""),
            facts=request.form.get("facts", ""),
            redaction=parse_redaction(),
            seen_rules_version=parse_id(request.form.get("rules", "")),
            undo_until=clock.now() + UNDO_WINDOW,
            by=current_actor(),
            encryption=runtime().encryption,
        ).id


def _redirect_after_decision(comment_id: int, decision_id: int) -> AnyResponse:
    filters, next_id = find_next_case(comment_id)
    args = to_query_args(filters) | {"done": decision_id}
    if next_id is None:
        return redirect(url_for("moderation_queue.index", **args), 303)
    return redirect(
        url_for("moderation_case.show", comment_id=next_id, _anchor="case", **args), 303
    )
