"""Store the pages of an export, such as About, with their versions and former addresses."""

from dataclasses import dataclass

from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Invalid
from commentsite.exchange import queries as exchange_queries
from commentsite.exchange.models import ImportedLetter
from commentsite.exchange.own_format import records
from commentsite.exchange.services import Source
from commentsite.exchange.site_pages import find_free_slug
from commentsite.letters.language_tags import parse_language
from commentsite.site.pages.models import Page, PageSlug, PageVersion
from commentsite.site.pages.states import Placement
from commentsite.site.queries import get_settings_for_update
from commentsite.text.plain_text import clean_line, clean_text


@dataclass(frozen=True)
class StoredPage:
    """The outcome of a page. `is_new` is false for one that an earlier run has imported."""

    page_id: int
    is_new: bool
    remarks: tuple[str, ...] = ()


def store_page(record: records.Page, source: Source, run_id: int, *, by: Actor) -> StoredPage:
    """Store a page, unless an earlier run has. Raises Invalid on values that do not fit each other."""
    key = source.build_key("site page", str(record.id))
    if page_id := exchange_queries.find_imported_page(key):
        return StoredPage(page_id, is_new=False)
    if [version.number for version in record.versions] != list(range(1, len(record.versions) + 1)):
        msg = "The versions of the page “%(slug)s” are not numbered 1, 2, 3 and so on."
        raise Invalid(msg, slug=record.slug)
    acquire_advisory_lock("pages")
    slug = find_free_slug(record.slug)
    remarks: tuple[str, ...] = ()
    if slug != record.slug:
        remarks = (
            f"Its address is /pages/{slug} here, because another page has or had /pages/{record.slug}.",
        )
    rows = [_build_version(version) for version in record.versions]
    last = rows[-1]
    page = Page(
        slug=slug,
        title=last.title,
        source_text=last.source_text,
        language=last.language,
        placement=Placement(record.placement),
        position=record.position,
        is_public=record.is_public,
        version=last.number,
        changed_at=last.saved_at,
    )
    session().add(page)
    session().flush()
    for row in rows:
        row.page_id = page.id
    session().add_all(rows)
    session().add(
        ImportedLetter(source_key=key, source_id=str(record.id), run_id=run_id, page_id=page.id)
    )
    for former in dict.fromkeys(record.former_slugs):
        if find_free_slug(former) == former:
            session().add(PageSlug(slug=former, page_id=page.id))
            session().flush()
    get_settings_for_update().version += 1  # the menus of every page may have changed
    record_event(by.label, "page.created", f"page:{page.id}", version=page.version)
    if page.is_public:
        record_event(by.label, "page.published", f"page:{page.id}", version=page.version)
    return StoredPage(page.id, is_new=True, remarks=remarks)


def _build_version(record: records.PageVersion) -> PageVersion:
    return PageVersion(
        number=record.number,
        title=clean_line(record.title) or "–",
        source_text=clean_text(record.markdown),
        language=parse_language(record.language),
        saved_at=record.saved_at,
        saved_by_name=clean_line(record.saved_by),
    )
