"""The page of a letter, for everyone the same."""

from flask import Blueprint, Response

from commentsite.letters.queries import letter_by_slug, page_version
from commentsite.letters.states import LetterState
from commentsite.web.cache import cached_page
from commentsite.web.identity import current_site
from commentsite.web.letter_page import draw_letter

bp = Blueprint("letters", __name__)


def _version(slug: str) -> str | None:
    version = page_version(slug)
    return f"{version}.{current_site().version}" if version is not None else None


@bp.get("/letters/<slug>")
@cached_page(_version)
def show(slug: str) -> Response:
    """Show a letter with its comments and the form."""
    letter = letter_by_slug(slug)
    return draw_letter(letter, status=410 if letter.state == LetterState.WITHDRAWN else 200)
