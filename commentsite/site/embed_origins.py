"""Name the origins whose pages may show comments of this site.

The audit log is public, so it records the number of origins and no address.
"""

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.site import queries as site_queries
from commentsite.site.models import EmbedOrigin
from commentsite.text.page_addresses import parse_origin

MAX_ORIGINS = 50


def set_embed_origin(text: str, *, has_pages: bool, by: Actor) -> str:
    """Allow an origin, or change whether its own pages may have comments. Return it in its usual form.

    Raises Invalid, and Conflict if there are too many.
    """
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    try:
        origin = parse_origin(text)
    except ValueError:
        msg = "Enter an address such as https://blog.example, without a path."
        raise Invalid(msg, field="origin") from None
    settings = site_queries.get_settings_for_update()
    row = session().get(EmbedOrigin, origin)
    if row is None:
        if len(site_queries.load_embed_origins()) >= MAX_ORIGINS:
            msg = "There are %(limit)d sites, which is the limit. Remove one first."
            raise Conflict(msg, limit=MAX_ORIGINS)
        session().add(EmbedOrigin(origin=origin, has_pages=has_pages))
    else:
        row.has_pages = has_pages
    settings.version += 1
    session().flush()
    count = len(site_queries.load_embed_origins())
    record_event(by.label, "embed.allowed", "site:1", origins=count, pages=int(has_pages))
    return origin


def remove_embed_origin(origin: str, *, by: Actor) -> None:
    """Allow an origin no longer. Comments that were sent from it stay. Raises Conflict if it is not in the list."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    settings = site_queries.get_settings_for_update()
    row = session().get(EmbedOrigin, origin)
    if row is None:
        msg = "This site is no longer in the list."
        raise Conflict(msg)
    session().delete(row)
    settings.version += 1
    session().flush()
    record_event(
        by.label, "embed.removed", "site:1", origins=len(site_queries.load_embed_origins())
    )
