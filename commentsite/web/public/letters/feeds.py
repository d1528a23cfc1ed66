"""Feeds, Atom (RFC 4287) and JSON, of letters, and of the published comments of one."""

import json
from typing import Any

from flask import Blueprint, Response, make_response, render_template, url_for
from flask_babel import gettext as _

from commentsite.comments.queries import list_latest_published
from commentsite.letters.queries import letter_list_version, list_published_letters
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.public.letters.page import letter_stamp, public_letter
from commentsite.web.rendering.filters import absolute, group_label

bp = Blueprint("feeds", __name__)
ATOM = "application/atom+xml; charset=utf-8"


@bp.get("/feed.atom")
@cached_page(lambda: f"{letter_list_version()}.{current_site().version}")
def letters_atom() -> Response:
    """Show the newest letters as a feed."""
    text = render_template(
        "public/letters/letters.atom.xml", letters=list_published_letters(per_page=30).letters
    )
    return _atom(text)


@bp.get("/letters/<slug>/feed.atom")
@cached_page(letter_stamp)
def letter_atom(slug: str) -> Response:
    """Show the newest published comments of a letter as a feed."""
    letter = public_letter(slug, lambda now: url_for("feeds.letter_atom", slug=now))
    return _atom(
        render_template(
            "public/letters/comments.atom.xml",
            letter=letter,
            comments=list_latest_published(letter.id),
        )
    )


@bp.get("/feed.json")
@cached_page(lambda: f"{letter_list_version()}.{current_site().version}")
def letters_json() -> Response:
    """Show the newest letters as a JSON Feed 1.1."""
    site, letters = current_site(), list_published_letters(per_page=30).letters
    items = [
        {
            "id": absolute(url_for("letters.show", slug=letter.slug)),
            "url": absolute(url_for("letters.show", slug=letter.slug)),
            "title": letter.title,
            "content_text": letter.standfirst or letter.title,
            "date_published": letter.published_at.isoformat() if letter.published_at else "",
            "authors": [{"name": author.name} for author in letter.authors],
            "language": letter.language,
            "tags": letter.topics,
        }
        for letter in letters
    ]
    return _json_feed(
        site.title, url_for("home.front"), url_for("feeds.letters_json"), items, site.tagline
    )


@bp.get("/letters/<slug>/feed.json")
@cached_page(letter_stamp)
def letter_json(slug: str) -> Response:
    """Show the newest published comments of a letter as a JSON Feed 1.1."""
    letter = public_letter(slug, lambda now: url_for("feeds.letter_json", slug=now))
    items = [
        {
            "id": absolute(url_for("comments.permalink", slug=letter.slug, comment_id=comment.id)),
            "url": absolute(url_for("comments.permalink", slug=letter.slug, comment_id=comment.id)),
            "title": f"{comment.name}, {group_label(comment.stakeholder_group)}",
            "content_html": comment.body_html,
            "date_published": comment.published_at.isoformat() if comment.published_at else "",
            "authors": [{"name": comment.name}],
        }
        for comment in list_latest_published(letter.id)
    ]
    title = _("Comments on %(title)s", title=letter.title)
    here = url_for("letters.show", slug=letter.slug)
    return _json_feed(title, here, url_for("feeds.letter_json", slug=letter.slug), items)


def _json_feed(
    title: str, page: str, feed: str, items: list[dict[str, Any]], description: str = ""
) -> Response:
    found = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": absolute(page),
        "feed_url": absolute(feed),
        "items": items,
    }
    if description:
        found["description"] = description
    response = make_response(json.dumps(found, ensure_ascii=False))
    response.headers["Content-Type"] = "application/feed+json; charset=utf-8"
    return response


def _atom(text: str) -> Response:
    response = make_response(text)
    response.headers["Content-Type"] = ATOM
    return response
