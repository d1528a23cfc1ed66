"""Change the general settings of the site, and try the screening settings on recent comments first.

The form is based on a version of the settings. If another steward saved in the meantime, the form
is refused and keeps its input.
"""

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
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from commentsite.accounts.permissions import Permission
from commentsite.comments.screening.dry_run import run_dry_run
from commentsite.db.session import transaction
from commentsite.errors import SiteError
from commentsite.letters.language_tags import parse_language
from commentsite.site.queries import Site, load_site
from commentsite.site.services import SiteChanges, change_settings, check_changes
from commentsite.text.plain_text import clean_multiline, clean_single_line
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.admin.dry_run_report import DryRunReport, build_dry_run_report
from commentsite.web.desk.checklist import is_checklist_dismissed
from commentsite.web.errors import add_field_error, get_status
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import (
    EMAIL_CONFIRMATION_LABELS,
    MODERATION_MODE_LABELS,
    PREMODERATION_LABELS,
)
from commentsite.web.rendering.language_names import list_language_choices

bp = Blueprint("desk_settings", __name__, url_prefix="/desk/settings")
bp.before_request(require_staff(Permission.CHANGE_SETTINGS))
NUMBER = [InputRequired(_l("Enter a number."))]


class SettingsForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """All settings at once. `version` is that of the settings the form is based on."""

    version = HiddenField()
    title = StringField(_l("Title of the site"))
    tagline = StringField(_l("Description of the site in one sentence"))
    contact = StringField(_l("Contact"))
    language = SelectField(_l("Language of the site"), validate_choice=False)
    footer = TextAreaField(_l("Text of the footer"))
    controller = StringField(_l("Who is responsible for the data"))
    privacy_contact = StringField(_l("Contact for questions about data protection"))
    privacy_rights = TextAreaField(_l("The rights of readers and commenters"))
    answer_hours = IntegerField(_l("Hours within which a moderator answers"), NUMBER)
    email_confirmation = RadioField(
        _l("Email confirmation before moderation"),
        choices=[
            SelectChoice(value=mode, label=label)
            for mode, label in EMAIL_CONFIRMATION_LABELS.items()
        ],
        validate_choice=False,
    )
    moderation_mode = RadioField(
        _l("Refusing or removing a comment"),
        choices=[
            SelectChoice(value=mode, label=label) for mode, label in MODERATION_MODE_LABELS.items()
        ],
        validate_choice=False,
    )
    intake = RadioField(
        _l("Moderation: before or after publication"),
        choices=[
            SelectChoice(value=policy, label=label)
            for policy, label in PREMODERATION_LABELS.items()
        ],
        validate_choice=False,
    )
    report_threshold = IntegerField(
        _l("Number of reader reports that hold a published comment"), NUMBER
    )
    letters_need_two = BooleanField(_l("A second person reviews a letter before it is published"))
    staff_need_second_factor = BooleanField(_l("Staff must use two-step verification"))
    is_blind = BooleanField(
        _l("Hide the author of a comment from moderators until they have decided")
    )
    hold_links = IntegerField(_l("Flag comments with this many links or more"), NUMBER)
    hold_new_links = BooleanField(_l("Flag every link from a new commenter"))
    banned_words = TextAreaField(_l("Words and phrases to flag"))
    organisation_domains = TextAreaField(_l("Organisations and their email domains"))
    disposable_domains = TextAreaField(
        _l("Domains of disposable email addresses, in addition to the built-in list")
    )
    groups = TextAreaField(_l("Stakeholder groups"))


@bp.get("/")
def edit() -> Response:
    return _render_page(SettingsForm(data=_read_stored()))


@bp.post("/")
def update() -> AnyResponse:
    if "try" in request.form:  # older forms name the button instead of the address
        return dry_run()
    form = SettingsForm(data=_read_stored())
    if not form.validate():
        return _render_page(form, 422)
    try:
        with transaction():
            changed = change_settings(
                parse_id(form.version.data or "") or 0,
                clean_multiline(form.groups.data or ""),
                by=current_actor(),
                **_read_changes(form),
            )
    except SiteError as error:
        return _render_page(form, get_status(error), add_field_error(form, error))
    if changed:
        names = _("; ").join(str(form[name].label.text) for name in changed)
        flash(_("The settings are saved. Changed: %(names)s.", names=names))
    else:
        flash(_("No setting was different."))
    return redirect(url_for("desk_settings.edit"), 303)


@bp.get("/dry-run")
def reload_dry_run() -> AnyResponse:
    return redirect(url_for("desk_settings.edit"), 303)


@bp.post("/dry-run")
def dry_run() -> AnyResponse:
    """Run the screening settings of the form on recent comments. Nothing is saved."""
    form = SettingsForm(data=_read_stored())
    if not form.validate():
        return _render_page(form, 422)
    try:
        changes = _read_changes(form)
        check_changes(changes)
    except SiteError as error:
        return _render_page(form, get_status(error), add_field_error(form, error))
    proposed = _apply_screening_settings(load_site(), changes)
    report = build_dry_run_report(run_dry_run(load_site(), proposed, runtime().encryption))
    return _render_page(form, dry_run=report)


def _read_changes(form: SettingsForm) -> SiteChanges:
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
        language=parse_language(form.language.data or ""),
        footer=clean_multiline(form.footer.data or "").strip(),
        controller=clean_single_line(form.controller.data or ""),
        privacy_contact=clean_single_line(form.privacy_contact.data or ""),
        privacy_rights=clean_multiline(form.privacy_rights.data or "").strip(),
    )


def _apply_screening_settings(site: Site, changes: SiteChanges) -> Site:
    """Return the site with the screening settings of the form, unsaved. Other settings stay."""
    return replace(
        site,
        hold_links=changes["hold_links"],
        hold_new_links=changes["hold_new_links"],
        banned_words=tuple(changes["banned_words"].splitlines()),
        disposable_domains=tuple(changes["disposable_domains"].splitlines()),
    )


def _read_stored() -> dict[str, object]:
    site = load_site()
    return {
        "version": site.version,
        "title": site.title,
        "tagline": site.tagline,
        "contact": site.contact,
        "language": site.language,
        "footer": site.footer,
        "controller": site.controller,
        "privacy_contact": site.privacy_contact,
        "privacy_rights": site.privacy_rights,
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
        "organisation_domains": "\n".join(
            f"{domain} {name}" for domain, name in site.organisation_domains.items()
        ),
        "disposable_domains": "\n".join(site.disposable_domains),
        "groups": "\n".join(f"{code} {label}" for code, label in site.offered_groups.items()),
    }


def _render_page(
    form: SettingsForm,
    status: int = 200,
    problem: str = "",
    dry_run: DryRunReport | None = None,
) -> Response:
    form.language.choices = list_language_choices(form.language.data or "")
    page = render_template(
        "desk/admin/settings.html",
        actor=current_actor(),
        form=form,
        problem=problem,
        dry_run=dry_run,
        is_checklist_away=is_checklist_dismissed(),
    )
    return make_response(page, status)
