"""The comments that a position rests on, with the words of them that the record quotes."""

from collections.abc import Callable

from flask import Blueprint, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.positions import services
from commentsite.web.context import current_actor, require_staff
from commentsite.web.desk.letters.record.page import (
    NOTHING_TYPED,
    keep_typed,
    load_record,
    read_comment,
    read_position,
    redirect_to_place,
    render_page,
    wants_json,
)
from commentsite.web.desk.letters.record.view import (
    build_comment_view,
    build_position_view,
    describe_unused,
)
from commentsite.web.errors import get_status, translate_error
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_record_evidence", __name__, url_prefix="/desk/letters/<slug>/positions")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.post("/comments")
def add_comment(slug: str) -> AnyResponse:
    """Let a position rest on a comment, with a quotation if the form has one."""
    position_id, comment_id = read_position(), read_comment() or 0
    quotation = request.form.get("quotation", "")

    def add() -> None:
        if quotation.strip() or request.form.get("quote"):
            services.quote_comment(slug, position_id, comment_id, quotation, by=current_actor())
        else:
            services.add_comment(slug, position_id, comment_id, by=current_actor())

    return _change_evidence(slug, position_id, comment_id, add)


@bp.post("/comments/remove")
def remove_comment(slug: str) -> AnyResponse:
    position_id, comment_id = read_position(), read_comment() or 0
    return _change_evidence(
        slug,
        position_id,
        comment_id,
        lambda: services.remove_comment(slug, position_id, comment_id, by=current_actor()),
    )


def _change_evidence(
    slug: str, position_id: int, comment_id: int, change: Callable[[], object]
) -> AnyResponse:
    """Change the comments of a position, and answer with the changed parts of the page, or lead back to it."""
    is_at_position = request.form.get("back") == "position"
    form_id = f"quotation-{position_id}-{comment_id}" if is_at_position else f"comment-{comment_id}"
    try:
        with transaction():
            change()
    except SiteError as error:
        if wants_json():
            return make_response(jsonify(problem=translate_error(error)), get_status(error))
        error.field = form_id
        return render_page(slug, error, keep_typed(form_id))
    if not wants_json():
        return redirect_to_place(slug, f"position-{position_id}" if is_at_position else form_id)
    letter, summary = load_record(slug)
    if summary is None:
        return make_response(jsonify(problem=_("This letter has no record of positions.")), 404)
    comment, positions = build_comment_view(summary, comment_id)
    parts = {"letter": letter, "typed": NOTHING_TYPED, "actor": current_actor()}
    return jsonify(
        comment=render_template(
            "desk/letters/record/comment_part.html", view=comment, positions=positions, **parts
        )
        if comment
        else "",
        evidence=render_template(
            "desk/letters/record/evidence_part.html",
            view=build_position_view(summary, position_id),
            **parts,
        ),
        unused=describe_unused(summary, summary_queries.list_letter_ids(summary)),
    )
