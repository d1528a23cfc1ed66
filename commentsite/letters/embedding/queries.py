"""Find the comments of pages elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from commentsite.db.session import session
from commentsite.letters.models import EmbeddedPage, Letter
from commentsite.letters.states import PUBLIC_STATES


@dataclass(frozen=True)
class PageThread:
    """A page elsewhere, and the letter that holds its comments."""

    url: str
    slug: str
    title: str
    comment_count: int  # published ones
    created_at: datetime


def hash_page_url(url: str) -> str:
    """Return the key of a page from its canonical address."""
    return sha256(url.encode()).hexdigest()


def find_page_slug(url: str) -> str | None:
    """Return the slug of the letter that holds the comments of a page, by its canonical address."""
    query = (
        select(Letter.slug)
        .join(EmbeddedPage, EmbeddedPage.letter_id == Letter.id)
        .where(EmbeddedPage.url_hash == hash_page_url(url), Letter.state.in_(PUBLIC_STATES))
    )
    return session().scalars(query).first()


def find_page_letter(url: str) -> Letter | None:
    """Return the letter that holds the comments of a page, in any state, with its authors."""
    query = (
        select(Letter)
        .join(EmbeddedPage, EmbeddedPage.letter_id == Letter.id)
        .where(EmbeddedPage.url_hash == hash_page_url(url))
        .options(joinedload(Letter.authors))
    )
    return session().scalars(query).unique().first()


def find_page_url(letter: Letter) -> str | None:
    """Return the address of the page whose comments a letter holds."""
    query = select(EmbeddedPage.url).where(EmbeddedPage.letter_id == letter.id)
    return session().scalars(query).first()


def count_pages() -> int:
    return session().scalars(select(func.count()).select_from(EmbeddedPage)).one()


def count_pages_since(origin: str, since: datetime) -> int:
    """Return how many pages of an origin got their first comment since a moment."""
    query = select(func.count()).select_from(EmbeddedPage)
    where = (EmbeddedPage.origin == origin, EmbeddedPage.created_at > since)
    return session().scalars(query.where(*where)).one()


def list_page_threads(*, limit: int, q: str = "") -> list[PageThread]:
    """Return the pages with comments, the newest first. `q` is a part of the address."""
    query = select(
        EmbeddedPage.url,
        Letter.slug,
        Letter.title,
        Letter.published_comment_count,
        EmbeddedPage.created_at,
    ).join(Letter, Letter.id == EmbeddedPage.letter_id)
    if q:
        query = query.where(EmbeddedPage.url.icontains(q, autoescape=True))
    rows = session().execute(query.order_by(EmbeddedPage.created_at.desc()).limit(limit))
    return [PageThread(*row) for row in rows]
