"""Make pages of the site of those pages of another system that are no letters, such as About."""

from urllib.parse import urlsplit

from commentsite.accounts.permissions import Actor
from commentsite.errors import Invalid
from commentsite.exchange.importers.records import PageStatus, SourcePage
from commentsite.letters.draft import LetterDraft
from commentsite.letters.language_tags import normalise_language
from commentsite.letters.remarks import RemarkKind
from commentsite.letters.slugs import slugify
from commentsite.site.pages import queries as page_queries
from commentsite.site.pages.services import (
    MAX_SLUG_LENGTH,
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    PageDraft,
    create_page,
)
from commentsite.site.pages.states import Placement
from commentsite.site.queries import load_site

_PICTURES = frozenset({RemarkKind.PICTURES, RemarkKind.UNDESCRIBED_PICTURES})


def store_site_page(
    page: SourcePage, draft: LetterDraft, *, by: Actor
) -> tuple[int, tuple[str, ...]]:
    """Store a page in no menu, and return its id and remarks. `draft` has its title, text and language.

    A page that was not public becomes a draft. Raises Invalid on a page without a text, or with one that is too long.
    """
    if not page.text.strip():
        msg = "The page has no text."
        raise Invalid(msg)
    if len(draft.source_text) > MAX_TEXT_LENGTH:
        msg = "The text of the page is longer than %(limit)d characters."
        raise Invalid(msg, limit=MAX_TEXT_LENGTH)
    remarks = []
    title = draft.title or f"Page {page.source_id}"
    if len(title) > MAX_TITLE_LENGTH:
        remarks.append("Its title was shortened.")
    wanted = find_wanted_slug(page.address, title)
    slug = find_free_slug(wanted)
    if slug != wanted:
        remarks.append(
            f"Its address is /pages/{slug}, because another page has or had /pages/{wanted}."
        )
    if pictures := sum(item.count for item in draft.remarks if item.kind in _PICTURES):
        remarks.append(f"Pictures left out: {pictures}. Pages of the site have none.")
    site = load_site()
    stored = create_page(
        PageDraft(
            title=title[:MAX_TITLE_LENGTH],
            slug=slug,
            source_text=draft.source_text,
            language=normalise_language(draft.language or draft.detected_language) or site.language,
            placement=Placement.NONE,
            position=None,
            is_public=page.status is PageStatus.PUBLIC,
        ),
        by=by,
    )
    return stored.id, tuple(remarks)


def find_wanted_slug(address: str, title: str) -> str:
    """Return the last part of an old address in the form of a slug, or one that the title gives."""
    last = urlsplit(address).path.rstrip("/").rpartition("/")[2]
    return slugify(last) or slugify(title) or "page"


def find_free_slug(wanted: str) -> str:
    """Return this slug, or add the smallest number to it that no page has or had."""
    slug, number = wanted, 1
    while page_queries.find_page_by_slug(slug) or page_queries.find_former_slug(slug):
        number += 1
        slug = f"{wanted[: MAX_SLUG_LENGTH - 5]}-{number}"
    return slug
