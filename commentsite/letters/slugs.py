"""TODO docstring of commentsite.letters.slugs."""

import re
import unicodedata

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Conflict, Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter, LetterSlug
from commentsite.letters.page_versions import bump_related_pages
from commentsite.letters.states import PUBLIC_STATES


def change_slug(slug: str, wanted: str, *, by: Actor) -> Letter:
    """Give a letter another address; the one it had leads there for ever.

    Raises Conflict when another letter has or had the address.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    new = slugify(wanted)
    acquire_advisory_lock("slugs")
    if not new:
        msg = "Use letters from a to z, figures and hyphens."
        raise Invalid(msg, field="slug")
    if new == letter.slug:
        return letter
    owner = letter_queries.find_slug_owner(new)
    if owner not in {None, letter.id}:
        msg = "Another letter has or had this address."
        raise Conflict(msg, field="slug")
    former = letter_queries.find_former_slug(new)
    if former is not None:
        session().delete(former)
    if letter.state in PUBLIC_STATES:
        session().add(LetterSlug(slug=letter.slug, letter_id=letter.id, until=clock.now()))
    letter.slug = new
    bump_related_pages()
    record_event(by.label, "letter.renamed", f"letter:{letter.id}")
    return letter


def slugify(title: str) -> str:
    """Return an address made of the title's Latin words, at most 80 characters; '' when it has none."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:80].strip("-")


def find_free_slug(wanted: str) -> str:
    """Return this address or the next that is free, never one that another letter ever had."""
    slug, n = wanted, 1
    while letter_queries.is_slug_taken(slug):
        n += 1
        slug = f"{wanted[:110]}-{n}"
    return slug
