"""Who asks, and of which installation."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app, flash, g, has_request_context, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from commentsite.accounts import sessions
from commentsite.accounts.permissions import READER, Actor, Permission
from commentsite.accounts.queries import build_actor, has_second_factor
from commentsite.comments.appeals.queries import find_letter_id_of_appeal
from commentsite.comments.queries import find_letter_id
from commentsite.config import Settings
from commentsite.db.session import transaction
from commentsite.encryption import Encryption
from commentsite.letters.queries import find_slug_owner
from commentsite.site import queries as site_queries
from commentsite.site.queries import Site


@dataclass
class Runtime:
    """What an application carries besides Flask: settings, keys, and the site as last read."""

    settings: Settings
    encryption: Encryption
    site: Site | None = field(default=None)


def runtime() -> Runtime:
    """Return the running application's settings and keys."""
    found: Runtime = current_app.extensions["commentsite"]
    return found


def current_site(version: int | None = None) -> Site:
    """Return the site, asked for its version once a request and read again only when that has changed.

    Who has just read the version says it, and spares the question.
    """
    if has_request_context() and "commentsite.site" in request.environ:
        known: Site = request.environ["commentsite.site"]
        return known
    here = runtime()
    if here.site is None or here.site.version != (version or site_queries.get_site_version()):
        here.site = site_queries.load_site()
    if has_request_context():
        request.environ["commentsite.site"] = here.site
    return here.site


def current_actor() -> Actor:
    """Return the member of staff who is signed in, or a reader."""
    who = current_user._get_current_object()  # noqa: SLF001  # asked for each of its fields, the proxy looks it up anew
    return build_actor(who) if who.is_authenticated else READER


def require_staff(permission: Permission) -> Callable[[], Response | None]:
    """Return a check for a blueprint of the desk: strangers go to sign-in, others need the permission.

    Who looks after certain letters needs it for the letter that the address names; who has to
    have a second factor is led to set it up before anything else.
    """

    def check() -> Response | None:
        if not current_user.is_authenticated:
            return redirect(url_for("security.login", next=request.full_path.rstrip("?")), 303)
        actor = current_actor()
        actor.require(permission)
        if current_site().staff_need_second_factor and not has_second_factor(current_user):
            flash(_("Set up a second factor first. It is asked of everybody on the staff here."))
            return redirect(url_for("security.two_factor_setup"), 303)
        if actor.letter_ids is not None:
            actor.require(permission, _letter_named())
        if sessions.is_touch_due(g.get("staff_session")):
            with transaction():
                sessions.touch_session(session.get("key", ""))
        return None

    return check


def _letter_named() -> int | None:
    """Return the letter the address is about, or None where it names none, or none there is."""
    named = request.view_args or {}
    if "slug" in named:
        return find_slug_owner(named["slug"])
    if "appeal_id" in named:
        return find_letter_id_of_appeal(named["appeal_id"])
    return find_letter_id(named["comment_id"]) if "comment_id" in named else None
