"""Write the pages besides letters. Each change of title, text or language is kept as a version."""

import re
from dataclasses import dataclass

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Conflict, Invalid
from commentsite.site.pages import queries as page_queries
from commentsite.site.pages.models import Page, PageSlug, PageVersion
from commentsite.site.pages.states import Placement

MAX_TITLE_LENGTH = 120
MAX_TEXT_LENGTH = 100_000
MAX_SLUG_LENGTH = 80
MAX_POSITION = 999
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class PageDraft:
    """All fields of the form of a page. The language is a valid BCP 47 tag."""

    title: str
    slug: str
    source_text: str
    language: str
    placement: str
    position: int | None  # None: after all others
    is_public: bool


def create_page(draft: PageDraft, *, by: Actor) -> Page:
    """Store a new page with its first version. Raises Invalid, and Conflict when the slug is taken."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    _check_draft(draft)
    acquire_advisory_lock("pages")
    _take_slug(draft.slug, None)
    page = Page(
        slug=draft.slug,
        title=draft.title,
        source_text=draft.source_text,
        language=draft.language,
        placement=Placement(draft.placement),
        position=_choose_position(draft),
        is_public=draft.is_public,
        version=1,
        changed_at=clock.now(),
    )
    session().add(page)
    session().flush()
    _store_version(page, by)
    _refresh_site()
    record_event(by.label, "page.created", f"page:{page.id}", version=1)
    if page.is_public:
        record_event(by.label, "page.published", f"page:{page.id}", version=1)
    return page


def change_page(page_id: int, seen_version: int, draft: PageDraft, *, by: Actor) -> Page:
    """Store the fields that differ. A public page that gets another slug redirects from the former one.

    `seen_version` is that of the page that the actor edited. Raises Conflict when another steward has saved
    since or the slug is taken, and Invalid on a field with an error.
    """
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    _check_draft(draft)
    acquire_advisory_lock("pages")
    page = page_queries.get_page_for_update(page_id)
    if page.version != seen_version:
        msg = (
            "Another steward changed this page after you opened it. Your text is still in the form. Compare it with "
            "the last change below, then save it again."
        )
        raise Conflict(msg)
    was_public = page.is_public
    _change_slug(page, draft.slug)
    page.placement, page.position = Placement(draft.placement), _choose_position(draft)
    page.is_public = draft.is_public
    if (page.title, page.source_text, page.language) != (
        draft.title,
        draft.source_text,
        draft.language,
    ):
        page.title, page.source_text = draft.title, draft.source_text
        page.language = draft.language
        page.version += 1
        page.changed_at = clock.now()
        _store_version(page, by)
    _refresh_site()
    record_event(by.label, "page.changed", f"page:{page.id}", version=page.version)
    if was_public != page.is_public:
        action = "page.published" if page.is_public else "page.unpublished"
        record_event(by.label, action, f"page:{page.id}", version=page.version)
    return page


def delete_page(page_id: int, *, by: Actor) -> str:
    """Delete a draft with its versions, and return its title. Raises Conflict while the page is public."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    page = page_queries.get_page_for_update(page_id)
    if page.is_public:
        msg = "This page is public. Make it a draft first, then delete it."
        raise Conflict(msg)
    session().delete(page)
    _refresh_site()
    record_event(by.label, "page.deleted", f"page:{page.id}")
    return page.title


def _check_draft(draft: PageDraft) -> None:
    if not draft.title:
        msg = "Enter a title."
        raise Invalid(msg, field="title")
    if len(draft.title) > MAX_TITLE_LENGTH:
        msg = "Write at most %(limit)d characters."
        raise Invalid(msg, field="title", limit=MAX_TITLE_LENGTH)
    if not draft.source_text.strip():
        msg = "Write the text of the page."
        raise Invalid(msg, field="source_text")
    if len(draft.source_text) > MAX_TEXT_LENGTH:
        msg = "Write at most %(limit)d characters."
        raise Invalid(msg, field="source_text", limit=MAX_TEXT_LENGTH)
    if len(draft.slug) > MAX_SLUG_LENGTH or not _SLUG.fullmatch(draft.slug):
        msg = "Use only the letters a to z, digits and hyphens in the address, at most %(limit)d characters."
        raise Invalid(msg, field="slug", limit=MAX_SLUG_LENGTH)
    if draft.placement not in set(Placement):
        msg = "Choose one of these options."
        raise Invalid(msg, field="placement")
    if draft.position is not None and not 1 <= draft.position <= MAX_POSITION:
        msg = "Choose a number from %(low)d to %(high)d."
        raise Invalid(msg, field="position", low=1, high=MAX_POSITION)


def _choose_position(draft: PageDraft) -> int:
    last = page_queries.find_last_position()
    return min(last + 1, MAX_POSITION) if draft.position is None else draft.position


def _change_slug(page: Page, slug: str) -> None:
    if slug == page.slug:
        return
    _take_slug(slug, page.id)
    if page.is_public:
        session().add(PageSlug(slug=page.slug, page_id=page.id))
    page.slug = slug


def _take_slug(slug: str, page_id: int | None) -> None:
    """Make a slug free for a page. Raises Conflict when another page has it.

    A slug that is only a redirect stops being one.
    """
    owner = page_queries.find_page_by_slug(slug)
    if owner is not None and owner.id != page_id:
        msg = "The page “%(title)s” has this address. Choose a different one."
        raise Conflict(msg, field="slug", title=owner.title)
    former = page_queries.find_former_slug(slug)
    if former is not None:
        session().delete(former)
        session().flush()


def _store_version(page: Page, by: Actor) -> None:
    session().add(
        PageVersion(
            page_id=page.id,
            number=page.version,
            title=page.title,
            source_text=page.source_text,
            language=page.language,
            saved_at=page.changed_at,
            saved_by_name=by.name,
        )
    )


def _refresh_site() -> None:
    """Let every page of the site be rendered again, since its menus may have changed."""
    page_queries.lock_site_settings().version += 1
