"""Sanction the email address of a comment, list the active sanctions, and end one early."""

from collections.abc import Iterable

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
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
from commentsite.comments.sanctions.models import Sanction, SanctionLevel
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.moderation import sanctions as sanction_services
from commentsite.site.queries import find_clauses
from commentsite.site.rulebook import Clause
from commentsite.text.plain_text import clean_multiline
from commentsite.web.context import current_actor, current_site, require_staff, runtime
from commentsite.web.desk.moderation.anonymise import anonymise_comments
from commentsite.web.errors import add_field_error, get_status
from commentsite.web.rendering.default_texts import translate_default_text
from commentsite.web.rendering.i18n import gettext as _

DEFAULT_DAYS = 30

bp = Blueprint("moderation_sanctions", __name__)
bp.before_request(require_staff(Permission.SANCTION))


class SanctionForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The level of a sanction, its reason and its duration. `services` validates the choices."""

    level = RadioField(
        _l("Sanction"),
        choices=[
            SelectChoice(
                value=SanctionLevel.NOTE.value, label=_l("Leave a note that moderators see")
            ),
            SelectChoice(
                value=SanctionLevel.HOLD.value,
                label=_l("Hold every comment from this address for review"),
            ),
            SelectChoice(
                value=SanctionLevel.SUSPENDED.value,
                label=_l("Suspend: accept no comments from this address"),
            ),
        ],
        default=SanctionLevel.NOTE.value,
        validate_choice=False,
    )
    clause = SelectField(_l("Rule that was broken"), validate_choice=False)
    reason = TextAreaField(_l("Reason"))
    days = IntegerField(
        _l("Number of days"),
        [InputRequired(_l("Enter a number of days."))],
        default=DEFAULT_DAYS,
    )


@bp.route("/desk/moderation/<int:comment_id>/author", methods=["GET", "POST"])
def edit(comment_id: int) -> AnyResponse:
    """Show the sanctions of the email address of a comment, or set a new one in their place."""
    current_actor().require_everywhere(Permission.SANCTION)
    form = SanctionForm()
    form.clause.choices = [SelectChoice(value="", label=_("Choose a rule"))] + [
        SelectChoice(value=code, label=f"{clause.number}. {translate_default_text(clause.title)}")
        for code, clause in current_site().rulebook.active_clauses.items()
    ]
    if not form.is_submitted():
        return _render_form(form, comment_id)
    if not form.validate():
        return _render_form(form, comment_id, 422)
    try:
        with transaction():
            sanction_services.set_sanction(
                comment_id,
                level=form.level.data or "",
                rule=form.clause.data or "",
                reason=clean_multiline(form.reason.data or ""),
                days=form.days.data,
                by=current_actor(),
                encryption=runtime().encryption,
            )
    except SiteError as error:
        return _render_form(form, comment_id, get_status(error), add_field_error(form, error))
    flash(_describe_new_sanction(SanctionLevel(form.level.data)))
    return redirect(url_for("moderation_case.show", comment_id=comment_id, _anchor="case"), 303)


@bp.get("/desk/sanctions/")
def index() -> Response:
    """List the active sanctions, without the addresses, of which only hashes are stored."""
    actor = current_actor()
    actor.require_everywhere(Permission.SANCTION)
    active = sanction_queries.list_active_sanctions(clock.now())
    html = render_template(
        "desk/moderation/sanctions.html",
        actor=actor,
        sanctions=active,
        cited_rules=_find_cited_rules(active),
    )
    return make_response(html)


@bp.post("/desk/sanctions/<int:sanction_id>/end")
def end(sanction_id: int) -> AnyResponse:
    with transaction():
        sanction_services.end_sanction(sanction_id, by=current_actor())
    flash(_("The sanction has ended."))
    return redirect(url_for(".index"), 303)


def _describe_new_sanction(level: SanctionLevel) -> str:
    return {
        SanctionLevel.NOTE: _("Moderators now see your note beside comments from this address."),
        SanctionLevel.HOLD: _("Every new comment from this address now waits for a moderator."),
        SanctionLevel.SUSPENDED: _("This address is suspended. It can send no comments."),
    }[level]


def _find_cited_rules(sanctions: Iterable[Sanction]) -> dict[tuple[int, str], Clause]:
    return find_clauses((sanction.rules_version, sanction.clause) for sanction in sanctions)


def _render_form(
    form: SanctionForm, comment_id: int, status: int = 200, error_text: str = ""
) -> Response:
    now = clock.now()
    comment = anonymise_comments([get_comment(comment_id)])[0]
    active = sanction_queries.find_active_sanction(comment.email_hash, now)
    past = sanction_queries.list_past_sanctions(comment.email_hash or "", now)
    html = render_template(
        "desk/moderation/sanction.html",
        actor=current_actor(),
        comment=comment,
        form=form,
        error_text=error_text,
        active=active,
        past=past,
        cited_rules=_find_cited_rules([*past, *([active] if active else [])]),
    )
    return make_response(html, status)
