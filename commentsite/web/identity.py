"""Who asks, and of which installation."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app, has_request_context, redirect, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from commentsite.accounts.permissions import READER, Actor, Permission
from commentsite.accounts.queries import actor_for
from commentsite.config import Settings
from commentsite.site import queries as site_queries
from commentsite.site.queries import Site
from commentsite.vault import Vault


@dataclass
class Runtime:
    """What an application carries besides Flask: settings, keys, and the site as last read."""

    settings: Settings
    vault: Vault
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
    if here.site is None or here.site.version != (version or site_queries.site_version()):
        here.site = site_queries.current_site()
    if has_request_context():
        request.environ["commentsite.site"] = here.site
    return here.site


def current_actor() -> Actor:
    """Return the member of staff who is signed in, or a reader."""
    return actor_for(current_user) if current_user.is_authenticated else READER


def require_staff(permission: Permission) -> Callable[[], Response | None]:
    """Return a check for a blueprint of the desk: strangers go to sign-in, others need the permission."""

    def check() -> Response | None:
        if not current_user.is_authenticated:
            return redirect(url_for("security.login", next=request.full_path.rstrip("?")), 303)
        current_actor().require(permission)
        return None

    return check
