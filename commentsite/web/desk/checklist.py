"""The first steps of a new site, on the dashboard of stewards until one of them hides the list.

Each step is ticked by the state of the site. Only reading the rules is ticked by hand.
"""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import count_staff_and_invitations
from commentsite.db.session import transaction
from commentsite.letters.queries import count_published_letters
from commentsite.site.models import SiteSettings
from commentsite.site.queries import find_settings
from commentsite.site.services import dismiss_checklist, record_rules_read, restore_checklist
from commentsite.web.context import current_actor, current_site, require_staff, runtime
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext

bp = Blueprint("desk_checklist", __name__, url_prefix="/desk/settings/checklist")
bp.before_request(require_staff(Permission.CHANGE_SETTINGS))
MIN_PEOPLE = 2
LOCAL_HOSTS = ("http://127.", "http://localhost", "http://[::1]")


@dataclass(frozen=True)
class Step:
    """One line of the list. `confirm_url` takes a POST that ticks a step which has no other sign."""

    label: str
    url: str
    is_done: bool
    confirm_url: str = ""


@dataclass(frozen=True)
class Checklist:
    """The steps, with a sentence that counts those that remain."""

    steps: list[Step]
    summary: str


@bp.app_template_global()
def setup_checklist(actor: Actor) -> Checklist | None:
    """Return the list for the dashboard of this person, or None if it is not shown."""
    if not actor.can_everywhere(Permission.CHANGE_SETTINGS):
        return None
    settings = find_settings()
    if settings is None or settings.checklist_dismissed_at is not None:
        return None
    steps = _build_steps(settings)
    remaining = sum(not step.is_done for step in steps)
    summary = ngettext(
        "%(num)d step remains before you can show this site.",
        "%(num)d steps remain before you can show this site.",
        remaining,
    )
    return Checklist(steps, summary if remaining else _("Everything is done. The site is ready."))


def is_checklist_dismissed() -> bool:
    settings = find_settings()
    return settings is not None and settings.checklist_dismissed_at is not None


@bp.post("/rules-read")
def confirm_rules_read() -> Response:
    with transaction():
        record_rules_read(by=current_actor())
    flash(_("Noted: you have read the moderation rules."))
    return redirect(url_for("desk_home.index"), 303)


@bp.post("/dismiss")
def dismiss() -> Response:
    with transaction():
        dismiss_checklist(by=current_actor())
    flash(_("The first steps are hidden. You can show them again under Settings."))
    return redirect(url_for("desk_home.index"), 303)


@bp.post("/restore")
def restore() -> Response:
    with transaction():
        restore_checklist(by=current_actor())
    flash(_("The first steps are on the dashboard again."))
    return redirect(url_for("desk_home.index"), 303)


@bp.get("/<action>")
def leave_action(action: str) -> Response:  # noqa: ARG001  # part of the address
    """Lead to the dashboard. A browser gets here when a steward had to sign in again."""
    return redirect(url_for("desk_home.index"), 303)


def _build_steps(settings: SiteSettings) -> list[Step]:
    site = current_site()
    settings_url = url_for("desk_settings.edit")
    return [
        Step(_("Give a contact address"), f"{settings_url}#contact", bool(site.contact)),
        Step(
            _("Send a test message through your mail server"),
            url_for("desk_email.show"),
            runtime().settings.mail_server is not None and settings.mail_tested_at is not None,
        ),
        Step(
            _("Choose the address of the site"),
            url_for("desk_email.show", _anchor="address"),
            has_public_address(),
        ),
        Step(
            _("Invite a second person"),
            url_for("desk_people.index"),
            count_staff_and_invitations(clock.now()) >= MIN_PEOPLE,
        ),
        Step(
            _("Read the moderation rules"),
            url_for("desk_rules.edit"),
            settings.rules_read_at is not None or site.rulebook.version > 1,
            confirm_url=url_for("desk_checklist.confirm_rules_read"),
        ),
        Step(
            _("Say who is responsible for the data of readers"),
            f"{settings_url}#controller",
            bool(site.controller),
        ),
        Step(
            _("Write a page about the site"),
            url_for("desk_pages.new", title=_("About")),
            bool(site.pages),
        ),
        Step(
            _("Publish the first letter"),
            url_for("desk_new_letter.new"),
            count_published_letters() > 0,
        ),
    ]


def has_public_address() -> bool:
    """Return whether the settings name an address that other machines can reach."""
    settings = runtime().settings
    return not settings.is_base_url_default and not settings.base_url.startswith(LOCAL_HOSTS)
