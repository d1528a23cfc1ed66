"""The context of a request: the site, the settings, and the staff member who is signed in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from flask import current_app, flash, g, has_request_context, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from commentsite.accounts import sessions
from commentsite.accounts.permissions import READER, Actor, Permission
from commentsite.accounts.queries import build_actor, has_second_factor
from commentsite.comments.appeals.queries import find_letter_id_of_appeal
from commentsite.comments.languages import DetectionPauses
from commentsite.comments.queries import find_letter_id
from commentsite.comments.shared_commit import SharedCommit
from commentsite.config import Settings
from commentsite.db.session import transaction
from commentsite.encryption import Encryption
from commentsite.letters.queries import find_slug_owner
from commentsite.moderation.decisions.queries import find_letter_id_of_decision
from commentsite.moderation.quality.queries import find_letter_id_of_review
from commentsite.site import queries as site_queries
from commentsite.site.queries import Site

#: By the name of an argument in the addresses of the desk: how to find the letter of the object that it names.
LETTER_FINDERS: dict[str, Callable[[Any], int | None]] = {
    "slug": find_slug_owner,
    "comment_id": find_letter_id,
    "appeal_id": find_letter_id_of_appeal,
    "decision_id": find_letter_id_of_decision,
    "review_id": find_letter_id_of_review,
}
REQUEST_SITE = "commentsite.site"  # in the WSGI environ
DESK_TIME_ZONE = "commentsite.time_zone"  # in the WSGI environ of a page of the desk


@dataclass
class Runtime:
    """State of one application besides Flask's own: settings, keys, and the site as last read."""

    settings: Settings
    encryption: Encryption
    cached_site: Site | None = None
    shared_commit: SharedCommit = field(default_factory=SharedCommit)
    detection_pauses: DetectionPauses = field(default_factory=DetectionPauses)


def runtime() -> Runtime:
    extension: Runtime = current_app.extensions["commentsite"]
    return extension


def current_site(version: int | None = None) -> Site:
    """Return the site with its settings, groups and rules.

    The process keeps it until its version changes, and a request asks for the version once. A caller that has
    just read the version passes it and saves that query.
    """
    if has_request_context() and REQUEST_SITE in request.environ:
        site: Site = request.environ[REQUEST_SITE]
        return site
    app = runtime()
    if app.cached_site is None or app.cached_site.version != (
        version or site_queries.get_site_version()
    ):
        app.cached_site = site_queries.load_site()
    if has_request_context():
        request.environ[REQUEST_SITE] = app.cached_site
    return app.cached_site


def current_actor() -> Actor:
    """Return the staff member who is signed in, or READER."""
    # The proxy would look up the user again for each attribute that is read.
    user = current_user._get_current_object()  # noqa: SLF001
    return build_actor(user) if user.is_authenticated else READER


def find_signed_in_staff() -> Actor | None:
    """Return the staff member who is signed in, or None."""
    actor = current_actor()
    return None if actor is READER else actor


def require_staff(permission: Permission) -> Callable[[], Response | None]:
    """Return a `before_request` function that admits staff with this permission only.

    Visitors who are not signed in are redirected to the sign-in page. Staff without a second factor are
    redirected to its setup if the site requires one. Staff who look after certain letters need the permission
    for the letter that the address names.
    """

    def check_access() -> Response | None:
        if not current_user.is_authenticated:
            return redirect(url_for("security.login", next=_get_page_address()), 303)
        request.environ[DESK_TIME_ZONE] = current_user.time_zone
        actor = current_actor()
        actor.require(permission)
        if current_site().staff_need_second_factor and not has_second_factor(current_user):
            flash(
                _("Set up two-step verification first. This site requires it for all staff."),
                "info",
            )
            return redirect(url_for("security.two_factor_setup"), 303)
        if actor.letter_ids is not None:
            actor.require(permission, _find_requested_letter())
        if sessions.is_touch_due(g.get("staff_session")):
            with transaction():
                sessions.touch_session(session.get("key", ""))
        return None

    return check_access


def _get_page_address() -> str:
    """Return the address of the page to open after sign-in: the requested page, or the page of the sent form."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path.rstrip("?")
    page = urlsplit(request.referrer or "")
    if page.netloc != request.host:
        return url_for("desk_home.index")
    return urlunsplit(("", "", page.path, page.query, ""))


def _find_requested_letter() -> int | None:
    """Return the id of the letter that the address is about.

    None if the address names nothing that belongs to a letter, or something that does not exist.
    """
    for name, value in (request.view_args or {}).items():
        if name in LETTER_FINDERS:
            return LETTER_FINDERS[name](value)
    return None
