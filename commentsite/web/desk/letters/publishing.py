"""Bring a letter before the public, and what can be done once it is there."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

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
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Invalid, SiteError
from commentsite.letters import comment_window, slugs
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter
from commentsite.letters.publication import comment_settings, corrections
from commentsite.letters.publication import services as publication
from commentsite.letters.publication.comment_settings import (
    set_author_anonymity,
    set_premoderation_policy,
)
from commentsite.letters.states import ChangeKind
from commentsite.letters.text import queries as text_queries
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_actor, current_site, require_staff
from commentsite.web.errors import sentence, status_of
from commentsite.web.http.parameters import parse_id

bp = Blueprint("desk_letter_publish", __name__, url_prefix="/desk/letters/<slug>/publish")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.get("")
def show(slug: str) -> Response:
    """Show where the letter stands and what can be done."""
    return _page(slug)


@bp.post("")
def act(slug: str) -> AnyResponse:
    """Do one of the things the page offers."""
    name = request.form.get("act", "")
    try:
        if name not in ACTS:
            msg = "Choose what to do."
            raise Invalid(msg)
        with transaction():
            letter = ACTS[name](slug)
            there = letter.slug
    except SiteError as error:
        return _page(slug, error)
    flash(_("Done: the letter is %(state)s.", state=str(letter.state)))
    return redirect(url_for("desk_letter_publish.show", slug=there), 303)


def _review(slug: str) -> Letter:
    return publication.send_to_review(slug, by=current_actor())


def _back(slug: str) -> Letter:
    return publication.return_to_draft(slug, by=current_actor())


def _publish(slug: str) -> Letter:
    return publication.publish_letter(slug, by=current_actor(), **_as_seen())


def _schedule(slug: str) -> Letter:
    at = _moment("scheduled_for")
    if at is None:
        msg = "Choose a day and a time, in UTC."
        raise Invalid(msg, field="scheduled_for")
    return publication.schedule_letter(slug, at, by=current_actor(), **_as_seen())


def _correct(slug: str) -> Letter:
    kind = request.form.get("change", "")
    change = ChangeKind(kind) if kind in set(ChangeKind) else ChangeKind.FIRST
    note = request.form.get("note", "")
    corrections.publish_correction(slug, change, note, by=current_actor(), **_as_seen())
    return letter_queries.get_any_letter(slug)


def _as_seen() -> dict[str, Any]:
    """Return the rule of the site, and the revision of the words that the page was about."""
    seen = parse_id(request.form.get("revision", ""))
    return {"needs_second_person": current_site().letters_need_two, "revision": seen}


def _withdraw(slug: str) -> Letter:
    return corrections.withdraw_letter(slug, request.form.get("reason", ""), by=current_actor())


def _supersede(slug: str) -> Letter:
    other = clean_single_line(request.form.get("superseded_by", "")).rstrip("/").rpartition("/")[2]
    return corrections.supersede_letter(slug, other, by=current_actor())


def _rename(slug: str) -> Letter:
    return slugs.change_slug(slug, request.form.get("slug", ""), by=current_actor())


def _window(slug: str) -> Letter:
    grace = parse_id(request.form.get("grace_hours", "").strip() or "0")
    if grace is None:
        msg = "A grace has at most 168 hours."
        raise Invalid(msg, field="grace_hours")
    return comment_window.set_comment_window(
        slug, _moment("opens"), _moment("closes"), grace, by=current_actor()
    )


def _moment(name: str) -> datetime | None:
    text = request.form.get(name, "").strip()
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        msg = "Choose a day and a time, in UTC."
        raise Invalid(msg, field=name) from None
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _comments(slug: str) -> Letter:
    is_open = request.form.get("open") == "yes"
    return comment_window.set_comments_open(slug, is_open=is_open, by=current_actor())


def _confirmation(slug: str) -> Letter:
    how = request.form.get("email_confirmation", "")
    return comment_settings.set_email_confirmation(slug, how, by=current_actor())


def _mode(slug: str) -> Letter:
    mode = request.form.get("moderation_mode", "")
    return comment_settings.set_moderation_mode(slug, mode, by=current_actor())


def _blind(slug: str) -> Letter:
    return set_author_anonymity(slug, request.form.get("is_blind", ""), by=current_actor())


def _intake(slug: str) -> Letter:
    return set_premoderation_policy(slug, request.form.get("intake", ""), by=current_actor())


ACTS: dict[str, Callable[[str], Letter]] = {
    "review": _review,
    "back": _back,
    "publish": _publish,
    "schedule": _schedule,
    "correct": _correct,
    "withdraw": _withdraw,
    "supersede": _supersede,
    "rename": _rename,
    "comments": _comments,
    "window": _window,
    "confirmation": _confirmation,
    "mode": _mode,
    "blind": _blind,
    "intake": _intake,
}


def _page(slug: str, error: SiteError | None = None) -> Response:
    letter = letter_queries.get_any_letter(slug)
    page = render_template(
        "desk/letters/publishing.html",
        actor=current_actor(),
        letter=letter,
        copy=letter_queries.find_working_copy(letter),
        versions=text_queries.list_versions(letter),
        obstacles=publication.list_publication_obstacles(letter),
        typed=request.form,
        problem=sentence(error) if error else "",
        wrong=error.field if error else "",
    )
    return make_response(page, status_of(error) if error else 200)
