"""The page of a letter, for everyone the same."""

from flask import Blueprint, Response, url_for

from commentsite.letters.states import LetterState
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.public.letters.page import letter_stamp, public_letter, render_letter_page

bp = Blueprint("letters", __name__)


@bp.get("/letters/<slug>")
@cached_page(letter_stamp, ("page", "sort", "on", "reply_to"))
def show(slug: str) -> Response:
    """Show a letter with its comments and the form."""
    letter = public_letter(slug, lambda now: url_for("letters.show", slug=now))
    return render_letter_page(letter, status=410 if letter.state == LetterState.WITHDRAWN else 200)
