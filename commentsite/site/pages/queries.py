"""Read the pages besides letters."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.site.models import SiteSettings
from commentsite.site.pages.models import Page, PageSlug, PageVersion

_MISSING = "There is no such page."


@dataclass(frozen=True)
class PublicPage:
    """A public page without its text, for menus and the sitemap."""

    slug: str
    title: str
    language: str
    placement: str  # a Placement
    changed_at: datetime


def list_public_pages() -> tuple[PublicPage, ...]:
    """List the public pages in the order of the menus."""
    columns = (Page.slug, Page.title, Page.language, Page.placement, Page.changed_at)
    query = select(*columns).where(Page.is_public).order_by(Page.position, Page.id)
    return tuple(PublicPage(*row) for row in session().execute(query))


def list_pages() -> list[Page]:
    """List all pages in the order of the menus, drafts included."""
    return list(session().scalars(select(Page).order_by(Page.position, Page.id)))


def get_page(page_id: int) -> Page:
    """Return a page by its id. Raises NotFound."""
    return require_found(session().get(Page, page_id), _MISSING)


def get_page_for_update(page_id: int) -> Page:
    """Read a page afresh and lock it. Raises NotFound."""
    query = for_update(select(Page).where(Page.id == page_id))
    return require_found(session().scalars(query).first(), _MISSING)


def find_page_by_slug(slug: str) -> Page | None:
    return session().scalars(select(Page).where(Page.slug == slug)).first()


def find_page_by_former_slug(slug: str) -> Page | None:
    """Return the page that had this slug before."""
    query = select(Page).join(PageSlug, PageSlug.page_id == Page.id).where(PageSlug.slug == slug)
    return session().scalars(query).first()


def find_former_slug(slug: str) -> PageSlug | None:
    return session().get(PageSlug, slug)


def find_last_position() -> int:
    """Return the highest position of a page, or 0 without pages."""
    return session().scalars(select(func.max(Page.position))).one() or 0


def list_page_versions(page_id: int) -> list[PageVersion]:
    """List the versions of a page, newest first."""
    query = select(PageVersion).where(PageVersion.page_id == page_id)
    return list(session().scalars(query.order_by(PageVersion.number.desc())))


def get_page_version(page_id: int, number: int) -> PageVersion:
    """Return one version of a page. Raises NotFound."""
    return require_found(session().get(PageVersion, (page_id, number)), _MISSING)


def lock_site_settings() -> SiteSettings:
    """Lock the settings row, whose version counts changes to the menus too."""
    return session().scalars(for_update(select(SiteSettings))).one()
