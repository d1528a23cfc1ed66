"""What is decided about whoever writes from an address: set from a case, listed, ended early."""

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.comments.queries import get_comment
from commentsite.comments.sanctions import queries as sanction_queries
from commentsite.comments.sanctions.models import Sanction
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.moderation import sanctions
from commentsite.site.queries import find_clauses
from commentsite.site.rulebook import Clause
from commentsite.text.plain_text import clean_multiline
from commentsite.web.context import current_actor, current_site, require_staff, runtime
from commentsite.web.desk.moderation.anonymise import veiled
from commentsite.web.errors import field_error, status_of
from commentsite.web.rendering.labels import LEVELS

bp = Blueprint("desk_sanctions", __name__)
bp.before_request(require_staff(Permission.SANCTION))


class SanctionForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """How far it goes, why, and for how long."""

    level = RadioField(
        _l("From now on"),
        choices=[
            SelectChoice(value="note", label=_l("only note it, for moderators")),
            SelectChoice(value="hold", label=_l("always read what comes from this address")),
            SelectChoice(value="suspended", label=_l("take nothing from this address")),
        ],
        default="note",
        validate_choice=False,
    )
    clause = SelectField(_l("The rule it rests on"), validate_choice=False)
    reason = TextAreaField(_l("Why"))
    days = IntegerField(
        _l("For how many days"), [InputRequired(_l("Enter a number of days."))], default=30
    )


@bp.route("/desk/moderation/<int:comment_id>/author", methods=["GET", "POST"])
def author(comment_id: int) -> AnyResponse:
    """Show what is decided about whoever writes from the address of a comment, or decide it."""
    current_actor().require_everywhere(Permission.SANCTION)
    form = SanctionForm()
    form.clause.choices = [SelectChoice(value="", label=_("Choose a rule"))] + [
        SelectChoice(value=code, label=f"{clause.number}. {clause.title}")
        for code, clause in current_site().rulebook.active_clauses.items()
    ]
    if not form.is_submitted():
        return _page(form, comment_id)
    if not form.validate():
        return _page(form, comment_id, 422)
    try:
        with transaction():
            sanctions.set_sanction(
                comment_id,
                level=form.level.data or "",
                rule=form.clause.data or "",
                reason=clean_multiline(form.reason.data or ""),
                days=form.days.data,
                by=current_actor(),
                encryption=runtime().encryption,
            )
    except SiteError as error:
        return _page(form, comment_id, status_of(error), field_error(form, error))
    flash(_("Decided: %(level)s.", level=LEVELS[form.level.data]))
    return redirect(url_for("desk_moderation.case", comment_id=comment_id, _anchor="case"), 303)


@bp.get("/desk/sanctions/")
def index() -> Response:
    """List what holds now, without saying about whom."""
    actor = current_actor()
    actor.require_everywhere(Permission.SANCTION)
    listed = sanction_queries.list_active_sanctions(clock.now())
    page = render_template(
        "desk/moderation/sanctions.html",
        actor=actor,
        sanctions=listed,
        cited=_cited(listed),
    )
    return make_response(page)


@bp.post("/desk/sanctions/<int:sanction_id>/end")
def end(sanction_id: int) -> AnyResponse:
    """End one before its time."""
    with transaction():
        sanctions.end_sanction(sanction_id, by=current_actor())
    flash(_("The sanction has ended."))
    return redirect(url_for("desk_sanctions.index"), 303)


def _cited(listed: list[Sanction]) -> dict[tuple[int, str], Clause]:
    return find_clauses((one.rules_version, one.clause) for one in listed)


def _page(form: SanctionForm, comment_id: int, status: int = 200, problem: str = "") -> Response:
    comment, now = veiled([get_comment(comment_id)])[0], clock.now()
    sanction = sanction_queries.find_active_sanction(comment.email_hash, now)
    earlier = sanction_queries.list_past_sanctions(comment.email_hash or "", now)
    page = render_template(
        "desk/moderation/sanction.html",
        actor=current_actor(),
        comment=comment,
        form=form,
        problem=problem,
        sanction=sanction,
        earlier=earlier,
        cited=_cited([*earlier, *([sanction] if sanction else [])]),
    )
    return make_response(page, status)
