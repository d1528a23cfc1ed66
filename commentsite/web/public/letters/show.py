"""The address of a letter's page. It is the same page for every reader."""

from flask import Response, url_for

from commentsite.letters.states import LetterState
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.public.letters.page import (
    canonical_letter_arguments,
    get_letter_or_redirect,
    letter_page_version,
    render_letter_page,
)

bp = LanguageBlueprint("letters", __name__)


@bp.get("/letters/<slug>")
@cached_page(letter_page_version, canonical_letter_arguments)
def show(slug: str) -> Response:
    """Show a letter with its comments and the form."""
    letter = get_letter_or_redirect(slug, lambda new_slug: url_for("letters.show", slug=new_slug))
    # 410 Gone tells search engines to drop the text. Readers still see the reason and the comments.
    return render_letter_page(letter, status=410 if letter.state == LetterState.WITHDRAWN else 200)
