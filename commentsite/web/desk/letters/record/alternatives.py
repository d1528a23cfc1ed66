"""Alternative wordings of paragraphs, with their proposers."""

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.summaries.alternatives import services as alternatives
from commentsite.web.context import current_actor, require_staff
from commentsite.web.desk.letters.record.page import read_comment, read_group, run_action
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_record_alternatives", __name__, url_prefix="/desk/letters/<slug>/positions")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.post("/alternatives")
def add_alternative(slug: str) -> AnyResponse:
    return run_action(
        slug,
        "new-alternative",
        lambda: alternatives.add_alternative(
            slug,
            pid=request.form.get("paragraph", ""),
            text=request.form.get("text", ""),
            group=read_group(),
            name=request.form.get("name", "") if request.form.get("agreed") else "",
            comment_id=read_comment(),
            by=current_actor(),
        ),
        _("The wording is added."),
        anchor="alternatives",
    )


@bp.post("/alternatives/<int:alternative_id>/status")
def change_alternative(slug: str, alternative_id: int) -> AnyResponse:
    return run_action(
        slug,
        f"alternative-{alternative_id}",
        lambda: alternatives.change_status(
            slug, alternative_id, request.form.get("status", ""), by=current_actor()
        ),
        _("Saved."),
    )


@bp.post("/alternatives/<int:alternative_id>/promote")
def promote_alternative(slug: str, alternative_id: int) -> AnyResponse:
    question_id = parse_id(request.form.get("question", "")) or 0
    return run_action(
        slug,
        f"alternative-{alternative_id}",
        lambda: alternatives.promote_alternative(
            slug, alternative_id, question_id, request.form.get("title", ""), by=current_actor()
        ),
        _("The wording is a position of its own now."),
        anchor=f"question-{question_id}",
    )
