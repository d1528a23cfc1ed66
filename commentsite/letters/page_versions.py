"""Count changes to pages of letters, so that caches need no purging.

A letter's page is cached under three numbers, its stamp: the letter's own `page_version`, the
site-wide `related_version`, and the version of the site settings (queries.get_page_versions
reads all three in one query). They are also part of the page's entity tag. A service that
changes what a page shows increments one of the numbers in its own transaction. From the moment
of the commit, requests ask for the new key, and entries under the old key age out.
`related_version` covers what letters show of each other: neighbours, translations, successors
and titles. It is one number for all letters, because a single publication may change many pages.
"""

from sqlalchemy import update

from commentsite.db.session import acquire_advisory_lock, session
from commentsite.letters.models import Letter
from commentsite.site.models import SiteSettings


def bump_page_version(letter: Letter) -> None:
    """Invalidate the cached page of one letter when the transaction commits."""
    letter.page_version = Letter.page_version + 1  # computed by the database: no lost update


def bump_related_pages() -> None:
    """Invalidate the cached pages of all letters when the transaction commits."""
    session().flush()
    # Every publication updates the one settings row, and record_event takes the audit lock.
    # All processes take the lock before the row, so that two of them cannot deadlock.
    acquire_advisory_lock("audit")
    session().execute(
        update(SiteSettings)
        .values(related_version=SiteSettings.related_version + 1)
        .execution_options(synchronize_session=False)
    )
