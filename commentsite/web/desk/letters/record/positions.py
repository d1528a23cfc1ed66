"""The questions of a record of positions, the positions on them, and their holders."""

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.summaries.positions import services
from commentsite.web.context import current_actor, require_staff
from commentsite.web.desk.letters.record.page import (
    read_comment,
    read_group,
    read_revision,
    run_action,
)
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_record_positions", __name__, url_prefix="/desk/letters/<slug>/positions")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


# --- Questions


@bp.post("/questions")
def add_question(slug: str) -> AnyResponse:
    return run_action(
        slug,
        "new-question",
        lambda: services.add_question(
            slug,
            request.form.get("question", ""),
            request.form.getlist("paragraphs"),
            by=current_actor(),
        ),
        _("The question is added. Add the positions on it."),
        anchor="questions",
    )


@bp.post("/questions/<int:question_id>/move")
def move_question(slug: str, question_id: int) -> AnyResponse:
    is_up = request.form.get("direction") == "up"
    return run_action(
        slug,
        f"question-{question_id}",
        lambda: services.move_question(slug, question_id, is_up=is_up, by=current_actor()),
        "",
    )


@bp.post("/questions/<int:question_id>/delete")
def delete_question(slug: str, question_id: int) -> AnyResponse:
    return run_action(
        slug,
        f"question-{question_id}",
        lambda: services.delete_question(slug, question_id, by=current_actor()),
        _("The question is deleted."),
        anchor="questions",
    )


@bp.post("/questions/<int:question_id>/add")
def add_position(slug: str, question_id: int) -> AnyResponse:
    return run_action(
        slug,
        f"new-position-{question_id}",
        lambda: services.add_position(
            slug, question_id, request.form.get("title", ""), by=current_actor()
        ),
        _("The position is added."),
        anchor=f"question-{question_id}",
    )


@bp.post("/<int:position_id>/delete")
def delete_position(slug: str, position_id: int) -> AnyResponse:
    return run_action(
        slug,
        f"position-{position_id}",
        lambda: services.delete_position(slug, position_id, read_revision(), by=current_actor()),
        _("The position is deleted."),
        anchor="questions",
    )


# --- Holders


@bp.post("/<int:position_id>/holders")
def add_holder(slug: str, position_id: int) -> AnyResponse:
    return run_action(
        slug,
        f"holder-{position_id}",
        lambda: services.add_holder(
            slug,
            position_id,
            kind=request.form.get("kind", ""),
            group=read_group(),
            name=request.form.get("name", ""),
            comment_id=read_comment(),
            by=current_actor(),
        ),
        _("The holder is added."),
        anchor=f"position-{position_id}",
    )


@bp.post("/<int:position_id>/holders/<int:holder_id>/remove")
def remove_holder(slug: str, position_id: int, holder_id: int) -> AnyResponse:
    return run_action(
        slug,
        f"holder-{position_id}",
        lambda: services.remove_holder(slug, position_id, holder_id, by=current_actor()),
        _("The holder is removed."),
        anchor=f"position-{position_id}",
    )
