"""The pictures of link previews: one for each letter, and one for the site."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, url_for

from commentsite.db.replica import on_replica
from commentsite.db.session import session
from commentsite.errors import NotFound
from commentsite.letters.models import Letter
from commentsite.letters.states import LetterState
from commentsite.text.direction import get_direction
from commentsite.web.cards.drawing import CardFolder
from commentsite.web.context import current_site, runtime
from commentsite.web.http.extensions import limiter
from commentsite.web.public.letters.page import get_letter_or_redirect
from commentsite.web.rendering.filters import absolute_url, describe_affiliation, join_list

bp = Blueprint("cards", __name__)
CARD_LIMIT = "60 per minute"
CARD_CACHE_CONTROL = "public, max-age=86400"
FALLBACK = "img/card.png"
DESIGN = "1"  # raise it when the look of the cards changes
MAX_TITLE_LENGTH, MAX_LINE_LENGTH = 180, 90
#: Titles up to so many letters get the size of this name. A Chinese character counts twice.
SIZES = ((16, "largest"), (60, "large"), (110, "medium"), (10_000, "small"))


@dataclass(frozen=True)
class Card:
    """The words on a card."""

    subject: str  # the id of a letter, or "site"
    title: str
    author: str
    affiliation: str
    site_title: str
    language: str

    @property
    def name(self) -> str:
        """Return the name of its file, another one for other words."""
        words = json.dumps([DESIGN, *asdict(self).values()])
        return f"{self.subject}-{sha256(words.encode()).hexdigest()[:16]}"

    @property
    def size(self) -> str:
        width = sum(2 if ord(character) >= 0x2E80 else 1 for character in self.title)
        return next(size for limit, size in SIZES if width <= limit)

    @property
    def direction(self) -> str:
        return get_direction(self.language)


@bp.get("/letters/<slug>/card.png")
@limiter.limit(CARD_LIMIT)
def show(slug: str) -> Response:
    """Answer with the card of a letter."""
    return on_replica(lambda: _respond_for_letter(slug))


@bp.get("/card.png")
@limiter.limit(CARD_LIMIT)
def show_site() -> Response:
    """Answer with the card of the site."""
    return _send(build_site_card())


@bp.app_template_global()
def letter_card_url(letter: Letter) -> str:
    """Return the address of a letter's card, which changes with its words, so that other sites fetch it anew."""
    version = build_letter_card(letter).name.rpartition("-")[2]
    return absolute_url(url_for("cards.show", slug=letter.slug, v=version))


@bp.app_template_global()
def site_card_url() -> str:
    version = build_site_card().name.rpartition("-")[2]
    return absolute_url(url_for("cards.show_site", v=version))


def build_letter_card(letter: Letter) -> Card:
    names = join_list(author.name for author in letter.authors)
    affiliation = describe_affiliation(letter.authors[0]) if len(letter.authors) == 1 else ""
    return Card(
        subject=str(letter.id),
        title=_shorten(letter.title, MAX_TITLE_LENGTH),
        author=_shorten(names, MAX_LINE_LENGTH),
        affiliation=_shorten(affiliation, MAX_LINE_LENGTH),
        site_title=_shorten(current_site().title, MAX_LINE_LENGTH),
        language=letter.language,
    )


def build_site_card() -> Card:
    site = current_site()
    return Card(
        subject="site",
        title=_shorten(site.title, MAX_TITLE_LENGTH),
        author="",
        affiliation=_shorten(site.tagline, MAX_TITLE_LENGTH),
        site_title="",
        language=site.language,
    )


def _respond_for_letter(slug: str) -> Response:
    letter = get_letter_or_redirect(slug, lambda new_slug: url_for("cards.show", slug=new_slug))
    if letter.state == LetterState.WITHDRAWN:
        msg = "This letter was withdrawn."
        raise NotFound(msg)
    return _send(build_letter_card(letter))


def _send(card: Card) -> Response:
    folder, static = CardFolder(runtime().settings.instance), Path(str(current_app.static_folder))
    path = folder.find(card.name)
    if path is None:
        html = render_template("public/letters/card.html", card=card)
        session().rollback()  # hold no database connection while waiting
        path = folder.draw(card.name, html, static)
    try:
        content = path.read_bytes() if path else b""
    except FileNotFoundError:  # deleted since, to make room
        content = b""
    if not content:
        response = Response((static / FALLBACK).read_bytes(), content_type="image/png")
        response.headers["Cache-Control"] = "no-cache"
        return response
    response = Response(content, content_type="image/png")
    response.headers["Cache-Control"] = CARD_CACHE_CONTROL
    response.set_etag(card.name)
    return response


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
