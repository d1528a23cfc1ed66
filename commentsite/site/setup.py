"""Set up an empty site in the browser: issue the address, and create the first steward and the title.

`commentsite run` prints an address with a token as long as the site has no staff. Each start replaces the token,
and the first account of staff, however it is made, ends it.
"""

import hmac
from dataclasses import dataclass

from commentsite import clock, tokens
from commentsite.accounts.models import User
from commentsite.accounts.permissions import SYSTEM, RoleName
from commentsite.accounts.queries import has_staff
from commentsite.accounts.services import add_staff
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Invalid, NotFound
from commentsite.site import queries as site_queries
from commentsite.site.models import SetupToken
from commentsite.site.services import LENGTH_LIMITS
from commentsite.tokens import hash_token


@dataclass(frozen=True)
class SetupForm:
    """The fields of the first page of a site. The language is a valid BCP 47 tag."""

    name: str
    email: str
    title: str
    tagline: str
    contact: str
    language: str


def issue_setup_token() -> str | None:
    """Return a new token for the setup address, which replaces an earlier one. None if the site has staff."""
    row = site_queries.find_setup_token()
    if has_staff():
        if row is not None:
            session().delete(row)
        return None
    token = tokens.new_token()
    row = row or SetupToken(id=1)
    row.token_hash, row.issued_at = hash_token(token), clock.now()
    session().add(row)
    return token


def check_setup_token(token: str) -> None:
    """Raise NotFound unless this is the token of the last start and the site still has no staff."""
    row = site_queries.find_setup_token()
    if row is None or not hmac.compare_digest(row.token_hash, hash_token(token)) or has_staff():
        msg = (
            "This setup address does not work. Each start of the site makes a new one, and it ends with the first "
            "account. Look for the address that “commentsite run” printed last, or sign in."
        )
        raise NotFound(msg)


def complete_setup(token: str, form: SetupForm, *, password_hash: str) -> User:
    """Create the first steward, store the title and the other facts, and end the setup address.

    Raises NotFound when the address does not work any more, and Invalid on a field with an error.
    """
    acquire_advisory_lock("staff")
    check_setup_token(token)
    for field in ("title", "tagline", "contact"):
        _check_length(field, getattr(form, field))
    steward = add_staff(
        by=SYSTEM,
        email=form.email,
        name=form.name,
        role=RoleName.STEWARD,
        password_hash=password_hash,
    )
    settings = site_queries.get_settings_for_update()
    settings.title, settings.tagline = form.title, form.tagline
    settings.contact, settings.language = form.contact, form.language
    settings.version += 1
    issue_setup_token()  # the site has staff now, so the token goes
    record_event(f"user:{steward.id}", "site.set_up", "site:1", version=settings.version)
    return steward


def _check_length(field: str, text: str) -> None:
    shortest, longest = LENGTH_LIMITS[field]
    if len(text) < shortest:
        msg = "This cannot be empty."
        raise Invalid(msg, field=field)
    if len(text) > longest:
        msg = "Write at most %(limit)d characters."
        raise Invalid(msg, field=field, limit=longest)
