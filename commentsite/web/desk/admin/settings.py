"""What the stewards decide about the site."""

from dataclasses import replace

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
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from commentsite.accounts.permissions import Permission
from commentsite.comments.screening.dry_run import DryRun, run_dry_run
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.site.queries import Site, load_site
from commentsite.site.services import SiteChanges, change_settings, check_changes
from commentsite.text.plain_text import clean_multiline, clean_single_line
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.errors import field_error, status_of
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.labels import MODES, POLICIES

bp = Blueprint("desk_settings", __name__, url_prefix="/desk/settings")
bp.before_request(require_staff(Permission.CHANGE_SETTINGS))
NUMBER = [InputRequired(_l("Enter a number."))]


class SettingsForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """All of it at once, as of one version."""

    version = HiddenField()
    title = StringField(_l("Title of the site"))
    tagline = StringField(_l("What it is, in a sentence"))
    contact = StringField(_l("Where to write to you"))
    answer_hours = IntegerField(_l("Hours within which a moderator answers"), NUMBER)
    email_confirmation = RadioField(
        _l("Before a comment is read"),
        choices=[
            SelectChoice(value="off", label=_l("nothing more is asked")),
            SelectChoice(
                value="first_time", label=_l("its author confirms an address not confirmed before")
            ),
            SelectChoice(
                value="before_queue", label=_l("its author confirms the address every time")
            ),
        ],
        validate_choice=False,
    )
    moderation_mode = RadioField(
        _l("To refuse or remove a comment that is no spam"),
        choices=[SelectChoice(value=mode, label=words) for mode, words in MODES.items()],
        validate_choice=False,
    )
    intake = RadioField(
        _l("What comes in before a moderator has read it"),
        choices=[SelectChoice(value=policy, label=words) for policy, words in POLICIES.items()],
        validate_choice=False,
    )
    report_threshold = IntegerField(
        _l("Hold a published comment when so many readers report it"), NUMBER
    )
    letters_need_two = BooleanField(_l("A second person looks at a letter before it is published"))
    staff_need_second_factor = BooleanField(_l("Staff must use a second factor"))
    is_blind = BooleanField(_l("Who wrote a comment is hidden from moderators until it is decided"))
    hold_links = IntegerField(_l("Point out comments with this many links"), NUMBER)
    hold_new_links = BooleanField(_l("Point out every link of somebody new"))
    banned_words = TextAreaField(_l("Words that are pointed out to moderators"))
    organisation_domains = TextAreaField(_l("Organisations and their own domains"))
    disposable_domains = TextAreaField(
        _l("Mail domains of throw-away addresses, besides those known")
    )
    groups = TextAreaField(_l("Stakeholder groups"))


@bp.route("/", methods=["GET", "POST"])
def index() -> AnyResponse:
    """Show the settings, or take changed ones over."""
    form = SettingsForm(data=_as_stored())
    if not form.is_submitted():
        return _page(form)
    if not form.validate():
        return _page(form, 422)
    version = form.version.data or ""
    changes = _changes(form)
    try:
        if "try" in request.form:
            check_changes(changes)
            return _page(form, tried=run_dry_run(load_site(), _with(changes), runtime().encryption))
        with transaction():
            changed = change_settings(
                parse_id(version) or 0,
                clean_multiline(form.groups.data or ""),
                by=current_actor(),
                **changes,
            )
    except SiteError as error:
        return _page(form, status_of(error), field_error(form, error))
    flash(_("The settings are changed.") if changed else _("Nothing was different."))
    return redirect(url_for("desk_settings.index"), 303)


def _changes(form: SettingsForm) -> SiteChanges:
    return SiteChanges(
        title=clean_single_line(form.title.data or ""),
        tagline=clean_single_line(form.tagline.data or ""),
        contact=clean_single_line(form.contact.data or ""),
        answer_hours=form.answer_hours.data,
        hold_links=form.hold_links.data,
        hold_new_links=bool(form.hold_new_links.data),
        banned_words=clean_multiline(form.banned_words.data or "").strip(),
        disposable_domains=clean_multiline(form.disposable_domains.data or "").strip(),
        email_confirmation=form.email_confirmation.data,
        organisation_domains=clean_multiline(form.organisation_domains.data or ""),
        moderation_mode=form.moderation_mode.data,
        intake=form.intake.data,
        report_threshold=form.report_threshold.data,
        letters_need_two=bool(form.letters_need_two.data),
        staff_need_second_factor=bool(form.staff_need_second_factor.data),
        is_blind=bool(form.is_blind.data),
    )


def _with(changes: SiteChanges) -> Site:
    """Return the site as these changes would screen."""
    return replace(
        load_site(),
        hold_links=changes["hold_links"],
        hold_new_links=changes["hold_new_links"],
        banned_words=tuple(changes["banned_words"].splitlines()),
        disposable_domains=tuple(changes["disposable_domains"].splitlines()),
    )


def _as_stored() -> dict[str, object]:
    site = load_site()
    return {
        "version": site.version,
        "title": site.title,
        "tagline": site.tagline,
        "contact": site.contact,
        "answer_hours": site.answer_hours,
        "email_confirmation": site.email_confirmation,
        "moderation_mode": site.moderation_mode,
        "intake": site.premoderation_policy,
        "report_threshold": site.report_threshold,
        "letters_need_two": site.letters_need_two,
        "staff_need_second_factor": site.staff_need_second_factor,
        "is_blind": site.has_author_anonymity,
        "hold_links": site.hold_links,
        "hold_new_links": site.hold_new_links,
        "banned_words": "\n".join(site.banned_words),
        "organisation_domains": "\n".join(f"{d} {n}" for d, n in site.organisation_domains.items()),
        "disposable_domains": "\n".join(site.disposable_domains),
        "groups": "\n".join(f"{code} {label}" for code, label in site.offered_groups.items()),
    }


def _page(
    form: SettingsForm, status: int = 200, problem: str = "", tried: DryRun | None = None
) -> Response:
    page = render_template(
        "desk/admin/settings.html", actor=current_actor(), form=form, problem=problem, tried=tried
    )
    return make_response(page, status)
