"""Atom (RFC 4287, RFC 4685) and JSON feeds: the newest letters, and the newest comments on one letter."""

import json
from typing import Any

from flask import Response, make_response, render_template, url_for

from commentsite.letters.queries import get_letter_list_version
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.public.letters.feed_entries import (
    Entry,
    Feed,
    build_comments_feed,
    build_letters_feed,
)
from commentsite.web.public.letters.page import get_letter_or_redirect, letter_page_version
from commentsite.web.rendering.filters import absolute_url

bp = LanguageBlueprint("feeds", __name__)
ATOM_TYPE = "application/atom+xml; charset=utf-8"
JSON_FEED_TYPE = "application/feed+json; charset=utf-8"


def _letters_version() -> str:
    return f"{get_letter_list_version()}.{current_site().version}"


@bp.get("/feed.atom")
@cached_page(_letters_version)
def letters_atom() -> Response:
    """Answer with the newest letters as an Atom feed."""
    return make_atom(build_letters_feed(), url_for("feeds.letters_atom"))


@bp.get("/letters/<slug>/feed.atom")
@cached_page(letter_page_version)
def letter_atom(slug: str) -> Response:
    """Answer with the newest published comments on a letter as an Atom feed."""
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("feeds.letter_atom", slug=new_slug)
    )
    return make_atom(build_comments_feed(letter), url_for("feeds.letter_atom", slug=letter.slug))


@bp.get("/feed.json")
@cached_page(_letters_version)
def letters_json() -> Response:
    """Answer with the newest letters as a JSON Feed 1.1."""
    return _make_json_feed(build_letters_feed(), url_for("feeds.letters_json"))


@bp.get("/letters/<slug>/feed.json")
@cached_page(letter_page_version)
def letter_json(slug: str) -> Response:
    """Answer with the newest published comments on a letter as a JSON Feed 1.1."""
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("feeds.letter_json", slug=new_slug)
    )
    return _make_json_feed(
        build_comments_feed(letter), url_for("feeds.letter_json", slug=letter.slug)
    )


def _make_json_feed(feed: Feed, path: str) -> Response:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page_url,
        "feed_url": absolute_url(path),
        "description": feed.subtitle,
        "items": [_build_json_item(entry) for entry in feed.entries],
    }
    response = make_response(json.dumps(_without_empty(document), ensure_ascii=False))
    response.headers["Content-Type"] = JSON_FEED_TYPE
    return response


def _build_json_item(entry: Entry) -> dict[str, Any]:
    item = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_text": entry.summary,
        "content_html": entry.html,
        "date_published": entry.published.isoformat(),
        "date_modified": entry.updated.isoformat(),
        "authors": [{"name": name} for name in entry.authors],
        "language": entry.language,
        "tags": list(entry.topics),
    }
    return _without_empty(item)


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value or name == "items"}


def make_atom(feed: Feed, path: str) -> Response:
    """Return the response with a feed. `path` is its own address."""
    xml = render_template("public/letters/feed.atom.xml", feed=feed, self_url=absolute_url(path))
    response = make_response(xml)
    response.headers["Content-Type"] = ATOM_TYPE
    return response
