"""Atom feeds (RFC 4287) of letters, and of the published comments of one."""

from flask import Blueprint, Response, make_response, render_template, url_for

from commentsite.comments.queries import latest_published
from commentsite.letters.queries import (
    letters_version,
    published_letters,
)
from commentsite.web.cache import cached_page
from commentsite.web.identity import current_site
from commentsite.web.letter_page import letter_stamp, public_letter

bp = Blueprint("feeds", __name__)
ATOM = "application/atom+xml; charset=utf-8"


@bp.get("/feed.atom")
@cached_page(lambda: f"{letters_version()}.{current_site().version}")
def letters_atom() -> Response:
    """Show the newest letters as a feed."""
    text = render_template("feeds/letters.atom.xml", letters=published_letters(per_page=30).letters)
    return _atom(text)


@bp.get("/letters/<slug>/feed.atom")
@cached_page(letter_stamp)
def letter_atom(slug: str) -> Response:
    """Show the newest published comments of a letter as a feed."""
    letter = public_letter(slug, lambda now: url_for("feeds.letter_atom", slug=now))
    return _atom(
        render_template(
            "feeds/letter.atom.xml", letter=letter, comments=latest_published(letter.id)
        )
    )


def _atom(text: str) -> Response:
    response = make_response(text)
    response.headers["Content-Type"] = ATOM
    return response
