"""The workbench of a record of positions: comments on one side, questions and positions on the other.

Its forms are in the modules beside this one. The scripts that save while the editor types, and that add
comments by keyboard or by dragging, accept JSON and get parts of the page.
"""

from flask import Blueprint, Response, flash, request
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.summaries.positions import services
from commentsite.web.context import current_actor, require_staff
from commentsite.web.desk.letters.record.page import (
    read_revision,
    redirect_to_place,
    render_page,
    run_action,
)
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_record", __name__, url_prefix="/desk/letters/<slug>/positions")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.get("")
def show(slug: str) -> Response:
    return render_page(slug)


@bp.post("")
def start(slug: str) -> AnyResponse:
    try:
        with transaction():
            services.create_summary(slug, by=current_actor())
    except SiteError as error:
        return render_page(slug, error)
    flash(_("The record is begun. Add the first question."))
    return redirect_to_place(slug, "questions")


# --- Choices of the record


@bp.post("/outcome")
def choose_outcome(slug: str) -> AnyResponse:
    return run_action(
        slug,
        "outcome",
        lambda: services.choose_outcome(
            slug, read_revision(), request.form.get("outcome", ""), by=current_actor()
        ),
        _("The outcome is chosen."),
    )


@bp.post("/order")
def choose_order(slug: str) -> AnyResponse:
    return run_action(
        slug,
        "order",
        lambda: services.choose_order(
            slug, read_revision(), request.form.get("order_rule", ""), by=current_actor()
        ),
        _("The order is chosen."),
    )


@bp.post("/language")
def choose_language(slug: str) -> AnyResponse:
    return run_action(
        slug,
        "language-form",
        lambda: services.choose_language(
            slug, read_revision(), request.form.get("language", ""), by=current_actor()
        ),
        _("The language is chosen."),
    )


@bp.post("/letters")
def set_letters(slug: str) -> AnyResponse:
    """Choose the further letters of the consultation, one on each line."""
    slugs = request.form.get("letters", "").split()
    return run_action(
        slug,
        "letters",
        lambda: services.set_letters(slug, read_revision(), slugs, by=current_actor()),
        _("The letters of the consultation are saved."),
    )
