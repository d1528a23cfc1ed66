"""List the letters of an archive, those that were withdrawn included, and former addresses of letters and pages."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from commentsite.db.session import session
from commentsite.letters.models import Letter, LetterSlug
from commentsite.letters.states import PUBLIC_STATES, LetterState
from commentsite.site.pages.models import Page, PageSlug
from commentsite.text.collation import collation_key


@dataclass(frozen=True)
class ListedLetter:
    """A letter in the list from A to Z."""

    slug: str
    title: str
    authors: str
    language: str
    published_at: datetime | None
    is_withdrawn: bool


def list_public_letters() -> list[ListedLetter]:
    """Return the letters that have a public address, in the order of their titles."""
    query = (
        select(Letter).where(Letter.state.in_(PUBLIC_STATES)).options(selectinload(Letter.authors))
    )
    letters = [
        ListedLetter(
            slug=letter.slug,
            title=letter.title,
            authors=", ".join(author.name for author in letter.authors),
            language=letter.language,
            published_at=letter.published_at,
            is_withdrawn=letter.state == LetterState.WITHDRAWN,
        )
        for letter in session().scalars(query)
    ]
    return sorted(letters, key=lambda letter: (collation_key(letter.title), letter.slug))


def map_former_slugs() -> dict[str, str]:
    """Return the present slug of each public letter by each of its former ones."""
    query = (
        select(LetterSlug.slug, Letter.slug)
        .join(Letter, Letter.id == LetterSlug.letter_id)
        .where(Letter.state.in_(PUBLIC_STATES))
        .order_by(LetterSlug.slug)
    )
    return dict(session().execute(query).all())


def map_former_page_slugs() -> dict[str, str]:
    """Return the present slug of each public page besides letters by each of its former ones."""
    query = (
        select(PageSlug.slug, Page.slug)
        .join(Page, Page.id == PageSlug.page_id)
        .where(Page.is_public)
        .order_by(PageSlug.slug)
    )
    return dict(session().execute(query).all())
