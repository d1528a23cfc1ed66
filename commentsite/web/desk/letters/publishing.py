"""Publish a letter, and change what is public about it afterwards: one address per action.

Every action runs in one transaction and leads back to the publication page of the letter, which
may have got another address. When the letter or the form does not allow the action, the page is
shown again with the reason and with the editor's input.
"""

from collections.abc import Callable
from functools import wraps

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

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Invalid, SiteError
from commentsite.letters import comment_window, slugs
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter
from commentsite.letters.publication import comment_settings, corrections
from commentsite.letters.publication import services as publication
from commentsite.letters.publication.services import list_publication_obstacles
from commentsite.letters.states import UNPUBLISHED_STATES, ChangeKind
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_actor, current_site, require_staff
from commentsite.web.desk.letters.form_values import read_local_time, read_text_fields
from commentsite.web.desk.letters.import_panel import build_import_panel
from commentsite.web.desk.letters.publishing_page import build_publishing_page
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.filters import format_moment
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_letter_publishing", __name__, url_prefix="/desk/letters/<slug>/publish")
bp.before_request(require_staff(Permission.WRITE_LETTERS))

#: Changes the letter at an address, and returns it with the sentence that confirms the change.
Action = Callable[[str], tuple[Letter, str]]
View = Callable[[str], AnyResponse]


def as_view(action: Action) -> View:
    """Turn an action into a view that runs it in a transaction and leads back to the page."""

    @wraps(action)
    def view(slug: str) -> AnyResponse:
        try:
            with transaction():
                letter, message = action(slug)
                current_slug = letter.slug
        except SiteError as error:
            return render_page(slug, error)
        flash(message)
        return redirect(url_for("desk_letter_publishing.show", slug=current_slug), 303)

    return view


@bp.get("")
def show(slug: str) -> Response:
    return render_page(slug)


@bp.get("/<action>")
def leave_action(slug: str, action: str) -> AnyResponse:  # noqa: ARG001  # part of the address
    """Lead to the page. A browser gets here when an editor had to sign in again, or reloads an error."""
    return redirect(url_for("desk_letter_publishing.show", slug=slug), 303)


@bp.post("/review")
@as_view
def send_for_review(slug: str) -> tuple[Letter, str]:
    return publication.send_to_review(slug, by=current_actor()), _("Sent for review.")


@bp.post("/back-to-draft")
@as_view
def return_to_draft(slug: str) -> tuple[Letter, str]:
    letter = publication.return_to_draft(slug, by=current_actor())
    return letter, _("The letter is a draft again.")


@bp.post("/publish-now")
@as_view
def publish_now(slug: str) -> tuple[Letter, str]:
    letter = publication.publish_letter(
        slug,
        by=current_actor(),
        needs_second_person=current_site().letters_need_two,
        revision=_read_revision(),
    )
    return letter, _("The letter is published.")


@bp.post("/schedule")
@as_view
def schedule(slug: str) -> tuple[Letter, str]:
    publish_at = read_local_time("scheduled_for")
    if publish_at is None:
        msg = "Choose a date and a time."
        raise Invalid(msg, field="scheduled_for")
    letter = publication.schedule_letter(
        slug,
        publish_at,
        by=current_actor(),
        needs_second_person=current_site().letters_need_two,
        revision=_read_revision(),
    )
    return letter, _("The letter will be published on %(time)s.", time=format_moment(publish_at))


@bp.post("/correct")
@as_view
def correct(slug: str) -> tuple[Letter, str]:
    kind = request.form.get("change", "")
    version = corrections.publish_correction(
        slug,
        # FIRST is no kind of a correction: the service asks the editor to choose one.
        ChangeKind(kind) if kind in set(ChangeKind) else ChangeKind.FIRST,
        request.form.get("note", ""),
        by=current_actor(),
        needs_second_person=current_site().letters_need_two,
        revision=_read_revision(),
    )
    letter = letter_queries.get_any_letter(slug)
    return letter, _("Version %(number)d is published.", number=version.number)


@bp.get("/withdraw")
def ask_withdrawal(slug: str) -> AnyResponse:
    """Ask for the reason of a withdrawal, or lead back where there is nothing to withdraw."""
    letter = letter_queries.get_any_letter(slug)
    if not build_publishing_page(letter, current_actor(), current_site()).can_withdraw:
        return redirect(url_for("desk_letter_publishing.show", slug=slug), 303)
    return _render_withdrawal(slug)


@bp.post("/withdraw")
def withdraw(slug: str) -> AnyResponse:
    """Show what readers would see in place of the letter, or withdraw it."""
    reason, by = request.form.get("reason", ""), current_actor()
    try:
        if request.form.get("intent") == "preview":
            corrections.check_withdrawal_reason(reason)
            return _render_withdrawal(slug, is_preview=True)
        with transaction():
            corrections.withdraw_letter(slug, reason, by=by)
    except SiteError as error:
        return _render_withdrawal(slug, error)
    flash(_("The letter is withdrawn. Readers see the reason in its place."))
    return redirect(url_for("desk_letter_publishing.show", slug=slug), 303)


@bp.post("/restore")
@as_view
def restore(slug: str) -> tuple[Letter, str]:
    """Reverse a withdrawal."""
    letter = corrections.restore_letter(slug, by=current_actor())
    return letter, _("The letter is public again. It is closed for comments.")


@bp.post("/supersede")
@as_view
def supersede(slug: str) -> tuple[Letter, str]:
    """Name the letter that replaces this one by its slug or by its whole address."""
    address = clean_single_line(request.form.get("superseded_by", ""))
    successor_slug = address.rstrip("/").rpartition("/")[2]
    letter = corrections.supersede_letter(slug, successor_slug, by=current_actor())
    return letter, _("The letter is marked as superseded.")


@bp.post("/rename")
@as_view
def rename(slug: str) -> tuple[Letter, str]:
    letter = slugs.change_slug(slug, request.form.get("slug", ""), by=current_actor())
    return letter, _("The address of the letter is now /letters/%(slug)s.", slug=letter.slug)


@bp.post("/comments")
@as_view
def set_comments_open(slug: str) -> tuple[Letter, str]:
    is_open = request.form.get("open") == "yes"
    letter = comment_window.set_comments_open(slug, is_open=is_open, by=current_actor())
    if is_open:
        return letter, _("The letter is open for comments.")
    return letter, _("The letter is closed for comments.")


@bp.post("/window")
@as_view
def set_comment_window(slug: str) -> tuple[Letter, str]:
    grace_hours = parse_id(request.form.get("grace_hours", "").strip() or "0")
    if grace_hours is None:
        msg = "Enter a grace period from 0 to 168 hours."
        raise Invalid(msg, field="grace_hours")
    stored = letter_queries.get_any_letter(slug)
    letter = comment_window.set_comment_window(
        slug,
        read_local_time("opens", stored.comments_open_at),
        read_local_time("closes", stored.comments_close_at),
        grace_hours,
        by=current_actor(),
    )
    return letter, _("Saved. The comment period is changed.")


@bp.post("/email-confirmation")
@as_view
def set_email_confirmation(slug: str) -> tuple[Letter, str]:
    mode = request.form.get("email_confirmation", "")
    letter = comment_settings.set_email_confirmation(slug, mode, by=current_actor())
    return letter, _("Saved. The setting for email confirmation is changed.")


@bp.post("/moderation-mode")
@as_view
def set_moderation_mode(slug: str) -> tuple[Letter, str]:
    mode = request.form.get("moderation_mode", "")
    letter = comment_settings.set_moderation_mode(slug, mode, by=current_actor())
    return letter, _("Saved. The setting for refusals and removals is changed.")


@bp.post("/anonymity")
@as_view
def set_anonymity(slug: str) -> tuple[Letter, str]:
    anonymity = request.form.get("is_blind", "")
    letter = comment_settings.set_author_anonymity(slug, anonymity, by=current_actor())
    return letter, _("Saved. The setting for anonymity is changed.")


@bp.post("/premoderation")
@as_view
def set_premoderation(slug: str) -> tuple[Letter, str]:
    policy = request.form.get("intake", "")
    letter = comment_settings.set_premoderation_policy(slug, policy, by=current_actor())
    return letter, _("Saved. The setting for moderation is changed.")


@bp.post("/comment-policy")
@as_view
def set_comment_policy(slug: str) -> tuple[Letter, str]:
    choices = read_text_fields()
    letter = comment_settings.set_comment_policy(slug, choices, by=current_actor())
    return letter, _("Saved. The settings hold for comments on this letter.")


#: The values of the field `act`, by which scripts choose an action (see run_named_action).
NAMED_ACTIONS: dict[str, View] = {
    "review": send_for_review,
    "back": return_to_draft,
    "publish": publish_now,
    "schedule": schedule,
    "correct": correct,
    "withdraw": withdraw,
    "restore": restore,
    "supersede": supersede,
    "rename": rename,
    "comments": set_comments_open,
    "window": set_comment_window,
    "confirmation": set_email_confirmation,
    "mode": set_moderation_mode,
    "blind": set_anonymity,
    "intake": set_premoderation,
}


@bp.post("")
def run_named_action(slug: str) -> AnyResponse:
    """Run the action that the field `act` names.

    This was the address of every action, and scripts may rely on it. The pages post to the address
    of each action.
    """
    action = NAMED_ACTIONS.get(request.form.get("act", ""))
    if action is None:
        return render_page(slug, Invalid("Choose an action."))
    return action(slug)


def _read_revision() -> int | None:
    """Return the revision of the text that the page was about, so that no unseen text is published."""
    return parse_id(request.form.get("revision", ""))


def render_page(slug: str, error: SiteError | None = None) -> Response:
    """Render the publication page. `error` is the reason why an action was refused."""
    actor, letter = current_actor(), letter_queries.get_any_letter(slug)
    is_incomplete = error is not None and error.field in {
        obstacle.field for obstacle in list_publication_obstacles(letter)
    }
    page = render_template(
        "desk/letters/publishing.html",
        actor=actor,
        letter=letter,
        page=build_publishing_page(letter, actor, current_site()),
        panel=build_import_panel(letter),
        typed=request.form,
        problem=translate_error(error) if error else "",
        wrong=error.field if error else "",
        is_incomplete=is_incomplete and letter.state in UNPUBLISHED_STATES,
    )
    return make_response(page, get_status(error) if error else 200)


def _render_withdrawal(
    slug: str, error: SiteError | None = None, *, is_preview: bool = False
) -> Response:
    actor, letter = current_actor(), letter_queries.get_any_letter(slug)
    page = render_template(
        "desk/letters/withdraw.html",
        actor=actor,
        letter=letter,
        reason=request.form.get("reason", ""),
        is_preview=is_preview,
        problem=translate_error(error) if error else "",
        wrong=error.field if error else "",
    )
    return make_response(page, get_status(error) if error else 200)
