"""Give a network or a letter more room for comments for a while, and end it early."""

from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Invalid, SiteError
from commentsite.letters.queries import find_by_current_slug, get_titles, list_newest_letters
from commentsite.site import allowance_editing
from commentsite.site.allowance_editing import MAX_COMMENTS, MAX_HOURS, MIN_COMMENTS
from commentsite.site.comment_allowances import ActiveAllowance, list_active_allowances
from commentsite.web.context import current_actor, current_site, require_staff
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.client_address import client_address
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.filters import format_moment
from commentsite.web.rendering.i18n import gettext as _

LISTED_LETTERS = 50
DEFAULTS = {"network": "", "letter": "", "comments": "60", "hours": "4", "reason": ""}
bp = Blueprint("desk_comment_allowances", __name__, url_prefix="/desk/allowances")
bp.before_request(require_staff(Permission.CHANGE_SETTINGS))


@dataclass(frozen=True)
class AllowanceView:
    """An allowance as the page lists it. `title` is that of its letter, and empty for a network."""

    allowance: ActiveAllowance
    title: str


@bp.get("/")
def index() -> Response:
    return _render_page()


@bp.post("/")
def give() -> AnyResponse:
    form = request.form
    try:
        letter_id = _find_letter(form.get("letter", ""))
        with transaction():
            allowance = allowance_editing.give_allowance(
                form.get("network", ""),
                letter_id,
                comments=parse_id(form.get("comments", "")),
                hours=parse_id(form.get("hours", "")),
                reason=form.get("reason", ""),
                by=current_actor(),
            )
            until = allowance.until
    except SiteError as error:
        return _render_page(error)
    flash(_("The higher limit applies until %(time)s.", time=format_moment(until)))
    return redirect(url_for("desk_comment_allowances.index"), 303)


@bp.get("/<int:allowance_id>/end")
def leave_action(allowance_id: int) -> AnyResponse:  # noqa: ARG001  # part of the address
    """Lead to the page. A browser gets here when a steward had to sign in again, or reloads an error."""
    return redirect(url_for("desk_comment_allowances.index"), 303)


@bp.post("/<int:allowance_id>/end")
def end(allowance_id: int) -> AnyResponse:
    try:
        with transaction():
            allowance_editing.end_allowance(allowance_id, by=current_actor())
    except SiteError as error:
        return _render_page(error)
    flash(_("The usual limits apply again."))
    return redirect(url_for("desk_comment_allowances.index"), 303)


def _find_letter(slug: str) -> int | None:
    if not slug:
        return None
    letter = find_by_current_slug(slug)
    if letter is None:
        msg = "There is no letter at this address."
        raise Invalid(msg, field="letter")
    return letter.id


def _render_page(error: SiteError | None = None) -> Response:
    active = list_active_allowances(current_site().comment_allowances, clock.now())
    titles = get_titles({item.letter_id for item in active if item.letter_id is not None})
    values = {name: request.form.get(name, default) for name, default in DEFAULTS.items()}
    field = error.field if error and error.field in values else ""
    problem = translate_error(error) if error else ""
    page = render_template(
        "desk/admin/comment_allowances.html",
        actor=current_actor(),
        allowances=[AllowanceView(item, titles.get(item.letter_id or 0, "")) for item in active],
        letters=list_newest_letters(LISTED_LETTERS, include_slug=values["letter"]),
        values=values,
        problems={field: problem} if field else {},
        problem=problem,
        wrong=field,
        own_address=client_address(),
        limits={"min_comments": MIN_COMMENTS, "max_comments": MAX_COMMENTS, "max_hours": MAX_HOURS},
    )
    return make_response(page, get_status(error) if error else 200)
