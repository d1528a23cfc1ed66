"""Make the letter that holds the comments of a page elsewhere, when its first comment is sent.

Showing a page's comments stores nothing, so nobody can fill the database by asking for addresses. The pages of one
origin that get their first comment within an hour are limited, and so are all of them.
"""

from datetime import timedelta
from urllib.parse import unquote, urlsplit

from commentsite import clock, tokens
from commentsite.accounts.permissions import SYSTEM
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Conflict
from commentsite.letters.draft import LetterDraft, PermissionDraft
from commentsite.letters.embedding import queries as embedding_queries
from commentsite.letters.importing.services import import_letter
from commentsite.letters.language_tags import normalise_language
from commentsite.letters.models import EmbeddedPage, Letter
from commentsite.letters.publication.services import publish_letter
from commentsite.letters.states import PermissionMethod
from commentsite.text.plain_text import clean_single_line

MAX_PAGES = 10_000
MAX_NEW_PAGES_PER_HOUR = 30  # of one origin
MAX_TITLE_LENGTH = 200


def describe_page(url: str) -> str:
    """Return the address of a page as people read it, for its title."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    words = f"{parts.netloc}{unquote(parts.path).rstrip('/')}{query}"
    return clean_single_line(words)[:MAX_TITLE_LENGTH] or parts.netloc


def ensure_page_letter(url: str, origin: str, language: str = "") -> Letter:
    """Return the letter of a page, and make it if there is none.

    `url` is canonical. `language` is that of the page, as it states it. Raises Conflict at a limit.
    """
    acquire_advisory_lock("embedded pages")
    if letter := embedding_queries.find_page_letter(url):
        return letter
    since = clock.now() - timedelta(hours=1)
    if (
        embedding_queries.count_pages() >= MAX_PAGES
        or embedding_queries.count_pages_since(origin, since) >= MAX_NEW_PAGES_PER_HOUR
    ):
        msg = (
            "Very many new pages have got comments. Your text is still in the form. Send it later."
        )
        raise Conflict(msg)
    title = describe_page(url)
    draft = LetterDraft(
        title=title,
        source_text=f"[{_escape(title)}](<{url}>)",
        slug=f"page-{tokens.new_short_id(10)}",
        language=normalise_language(language) or "en",
        source=url[:500],
        permission=PermissionDraft(
            given_by=origin[:200],
            method=PermissionMethod.STATED,
            statement="The page itself is on the other site. Its comments are here.",
        ),
    )
    letter = import_letter(draft, by=SYSTEM)
    letter.is_page = True
    session().add(
        EmbeddedPage(
            url_hash=embedding_queries.hash_page_url(url),
            url=url,
            origin=origin,
            letter_id=letter.id,
            created_at=clock.now(),
        )
    )
    session().flush()
    return publish_letter(letter.slug, by=SYSTEM)


def _escape(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]<>()#+-.!|~" else c for c in text)
