"""The page of an author: the letters under one name, with a feed of them.

A name is all that the site knows of an author, so the page is about a name. It says that two people can have it.
"""

from typing import Any

from flask import Response, make_response, render_template, url_for

from commentsite.errors import NotFound
from commentsite.letters.models import Letter
from commentsite.letters.queries import get_letter_list_version, list_letters_by_author
from commentsite.summaries.publication.queries import map_published_records
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.public.letters.feed_entries import build_author_feed
from commentsite.web.public.letters.feeds import make_atom
from commentsite.web.rendering.filters import absolute_url, author_url
from commentsite.web.rendering.i18n import gettext as _

bp = LanguageBlueprint("authors", __name__)


def _version(name: str) -> str:
    del name
    return f"{get_letter_list_version()}.{current_site().version}"


@bp.get("/authors/<name>")
@cached_page(_version)
def show(name: str) -> Response:
    """List the letters under a name, the newest first."""
    letters = _get_letters(name)
    page = render_template(
        "public/letters/author.html",
        name=name,
        letters=letters,
        records=map_published_records([letter.id for letter in letters]),
        jsonld=_build_jsonld(name, letters),
    )
    return make_response(page)


@bp.get("/authors/<name>/feed.atom")
@cached_page(_version)
def feed(name: str) -> Response:
    """Answer with the newest letters under a name as an Atom feed."""
    return make_atom(
        build_author_feed(name, _get_letters(name)), url_for("authors.feed", name=name)
    )


def _get_letters(name: str) -> list[Letter]:
    letters = list_letters_by_author(name)
    if not letters:
        raise NotFound(_("No published letter has an author of this name."))
    return letters


def _build_jsonld(name: str, letters: list[Letter]) -> dict[str, Any]:
    organisations = {
        author.organisation: {"@type": "Organization", "name": author.organisation}
        for letter in letters
        for author in letter.authors
        if author.name == name and author.organisation
    }
    person: dict[str, Any] = {"@type": "Person", "name": name, "url": author_url(name)}
    if organisations:
        person["affiliation"] = list(organisations.values())
    return {
        "@context": "https://schema.org",
        "@type": "ProfilePage",
        "url": author_url(name),
        "mainEntity": person,
        "hasPart": [
            {
                "@type": "Article",
                "headline": letter.title,
                "url": absolute_url(url_for("letters.show", slug=letter.slug)),
            }
            for letter in letters
        ],
    }
