"""TODO docstring of commentsite.letters.page_versions."""

from sqlalchemy import Update, update

from commentsite.db.session import acquire_advisory_lock, session
from commentsite.letters.models import Letter
from commentsite.site.models import SiteSettings


def _bump_related_version() -> Update:
    """Return the statement that makes every letter's page another."""
    return (
        update(SiteSettings)
        .values(related_version=SiteSettings.related_version + 1)
        .execution_options(synchronize_session=False)
    )


def bump_page_version(letter: Letter) -> None:
    """Let every cache know, in this transaction, that the letter's page looks different from now on."""
    letter.page_version = Letter.page_version + 1


def bump_related_pages() -> None:
    """Let every cache know that letters have other neighbours or translations from now on."""
    session().flush()
    acquire_advisory_lock("audit")  # whoever holds the one row they all share waits for nobody
    session().execute(_bump_related_version())
