"""Atom (RFC 4287) and JSON feeds: the newest letters, and the newest comments on one letter."""

import json
from typing import Any

from flask import Blueprint, Response, make_response, render_template, url_for
from flask_babel import gettext as _

from commentsite.comments.queries import list_latest_published
from commentsite.letters.queries import get_letter_list_version, list_published_letters
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.public.letters.page import get_letter_or_redirect, letter_page_version
from commentsite.web.rendering.filters import absolute_url, get_group_label

bp = Blueprint("feeds", __name__)
ATOM_TYPE = "application/atom+xml; charset=utf-8"
JSON_FEED_TYPE = "application/feed+json; charset=utf-8"
MAX_LETTERS = 30


def _letters_version() -> str:
    return f"{get_letter_list_version()}.{current_site().version}"


@bp.get("/feed.atom")
@cached_page(_letters_version)
def letters_atom() -> Response:
    """Answer with the newest letters as an Atom feed."""
    letters = list_published_letters(per_page=MAX_LETTERS).letters
    return _make_atom(render_template("public/letters/letters.atom.xml", letters=letters))


@bp.get("/letters/<slug>/feed.atom")
@cached_page(letter_page_version)
def letter_atom(slug: str) -> Response:
    """Answer with the newest published comments on a letter as an Atom feed."""
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("feeds.letter_atom", slug=new_slug)
    )
    comments = list_latest_published(letter.id)
    return _make_atom(
        render_template("public/letters/comments.atom.xml", letter=letter, comments=comments)
    )


@bp.get("/feed.json")
@cached_page(_letters_version)
def letters_json() -> Response:
    """Answer with the newest letters as a JSON Feed 1.1."""
    site = current_site()
    items = [
        {
            "id": absolute_url(url_for("letters.show", slug=letter.slug)),
            "url": absolute_url(url_for("letters.show", slug=letter.slug)),
            "title": letter.title,
            "content_text": letter.standfirst or letter.title,
            "date_published": letter.published_at.isoformat() if letter.published_at else "",
            "authors": [{"name": author.name} for author in letter.authors],
            "language": letter.language,
            "tags": letter.topics,
        }
        for letter in list_published_letters(per_page=MAX_LETTERS).letters
    ]
    return _make_json_feed(
        site.title,
        items,
        page_path=url_for("home.index"),
        feed_path=url_for("feeds.letters_json"),
        description=site.tagline,
    )


@bp.get("/letters/<slug>/feed.json")
@cached_page(letter_page_version)
def letter_json(slug: str) -> Response:
    """Answer with the newest published comments on a letter as a JSON Feed 1.1."""
    letter = get_letter_or_redirect(
        slug, lambda new_slug: url_for("feeds.letter_json", slug=new_slug)
    )
    items = []
    for comment in list_latest_published(letter.id):
        permalink = absolute_url(
            url_for("comments.permalink", slug=letter.slug, comment_id=comment.id)
        )
        items.append(
            {
                "id": permalink,
                "url": permalink,
                "title": f"{comment.name}, {get_group_label(comment.stakeholder_group)}",
                "content_html": comment.body_html,
                "date_published": comment.published_at.isoformat() if comment.published_at else "",
                "authors": [{"name": comment.name}],
            }
        )
    return _make_json_feed(
        _("Comments on %(title)s", title=letter.title),
        items,
        page_path=url_for("letters.show", slug=letter.slug),
        feed_path=url_for("feeds.letter_json", slug=letter.slug),
    )


def _make_json_feed(
    title: str,
    items: list[dict[str, Any]],
    *,
    page_path: str,
    feed_path: str,
    description: str = "",
) -> Response:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": absolute_url(page_path),
        "feed_url": absolute_url(feed_path),
        "items": items,
    }
    if description:
        feed["description"] = description
    response = make_response(json.dumps(feed, ensure_ascii=False))
    response.headers["Content-Type"] = JSON_FEED_TYPE
    return response


def _make_atom(xml: str) -> Response:
    response = make_response(xml)
    response.headers["Content-Type"] = ATOM_TYPE
    return response
