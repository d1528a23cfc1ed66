"""Choose and change the addresses (slugs) of letters. No slug is ever given to a second letter."""

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
    """Give a letter another slug. If the letter is public, the former slug redirects for ever.

    Raises Conflict when another letter has or had the slug.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    new_slug = slugify(wanted)
    acquire_advisory_lock("slugs")
    if not new_slug:
        msg = "Use only the letters a to z, digits and hyphens in the address."
        raise Invalid(msg, field="slug")
    if new_slug == letter.slug:
        return letter
    owner_id = letter_queries.find_slug_owner(new_slug)
    if owner_id not in {None, letter.id}:
        msg = "Another letter has or had this address. Choose a different one."
        raise Conflict(msg, field="slug")
    # A letter may return to a slug it had before. That slug then stops being a redirect.
    former = letter_queries.find_former_slug(new_slug)
    if former is not None:
        session().delete(former)
    if letter.state in PUBLIC_STATES:
        session().add(LetterSlug(slug=letter.slug, letter_id=letter.id, until=clock.now()))
    letter.slug = new_slug
    bump_related_pages()
    record_event(by.label, "letter.renamed", f"letter:{letter.id}")
    return letter


def slugify(title: str) -> str:
    """Reduce a title to a to z, digits and hyphens, at most 80 characters. '' when nothing is left."""
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_title)[:80].strip("-")


def find_free_slug(wanted: str) -> str:
    """Return this slug, or add the smallest number to it that no letter ever used."""
    slug, number = wanted, 1
    while letter_queries.is_slug_taken(slug):
        number += 1
        slug = f"{wanted[:110]}-{number}"
    return slug
