"""Delete a letter that was never published, on a page that asks first."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters import queries as letter_queries
from commentsite.letters.deletion import check_deletable, delete_letter
from commentsite.web.context import current_actor, require_staff
from commentsite.web.errors import get_status, translate_error
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_letter_deletion", __name__, url_prefix="/desk/letters/<slug>/delete")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.get("")
def ask(slug: str) -> Response:
    """Ask whether the letter shall be deleted, or say why it cannot be."""
    try:
        check_deletable(letter_queries.get_any_letter(slug), current_actor())
    except SiteError as error:
        return _render_page(slug, error)
    return _render_page(slug)


@bp.post("")
def delete(slug: str) -> AnyResponse:
    try:
        with transaction():
            title = delete_letter(slug, by=current_actor())
    except SiteError as error:
        return _render_page(slug, error)
    flash(_("“%(title)s” is deleted.", title=title))
    return redirect(url_for("desk_letters.index"), 303)


def _render_page(slug: str, error: SiteError | None = None) -> Response:
    page = render_template(
        "desk/letters/delete.html",
        actor=current_actor(),
        letter=letter_queries.get_any_letter(slug),
        problem=translate_error(error) if error else "",
        wrong="",
    )
    return make_response(page, get_status(error) if error else 200)
