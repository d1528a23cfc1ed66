"""A letter with its comments as PDF. A process of its own draws it, and later readers get the file."""

from flask import Response, request, url_for
from werkzeug.exceptions import ServiceUnavailable

from commentsite.db.replica import on_replica
from commentsite.errors import NotFound
from commentsite.letters.models import Letter
from commentsite.letters.states import LetterState
from commentsite.web.caching.page_cache import add_cache_headers, build_etag, build_page_key
from commentsite.web.http.extensions import limiter
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.paper.libraries import can_render_pdf
from commentsite.web.paper.serving import PDF_LIMIT, PaperPage, answer_with_pdf
from commentsite.web.public.letters.page import (
    get_letter_or_redirect,
    letter_page_version,
    render_letter_for_pdf,
)
from commentsite.web.rendering.filters import absolute_url
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext

bp = LanguageBlueprint("pdf", __name__)
# Within these bounds a PDF takes less time and memory than its process may use (web/paper/renderer.py).
MAX_COMMENTS = 2_500
MAX_CHARACTERS = 600_000


@bp.get("/letters/<slug>/letter.pdf")
@limiter.limit(PDF_LIMIT)
def show(slug: str) -> Response:
    """Answer with the PDF of a letter and its published comments, or with a page that says how far it is.

    The query string is ignored. It makes no other PDF.
    """
    return on_replica(lambda: _respond(slug))


def _respond(slug: str) -> Response:
    letter = get_letter_or_redirect(slug, lambda new_slug: url_for("pdf.show", slug=new_slug))
    if letter.state == LetterState.WITHDRAWN:
        msg = "This letter was withdrawn."
        raise NotFound(msg)
    if not can_render_pdf():
        raise ServiceUnavailable
    etag = build_etag(build_page_key({}, letter_page_version(slug) or ""))
    if request.if_none_match.contains_weak(etag):
        return add_cache_headers(Response(status=304), etag)
    back_url = url_for("letters.show", slug=letter.slug)
    page = PaperPage(
        name=f"{letter.id}-{letter.page_version}-{etag}",
        etag=etag,
        file_name=f"{slug}.pdf",
        subject=_("PDF of the letter and its comments"),
        title=letter.title,
        language=letter.language,
        own_url=url_for("pdf.show", slug=letter.slug),
        back_url=back_url,
        back_label=_("Back to the letter"),
        address=absolute_url(back_url),
        render=lambda: _render(letter, absolute_url(back_url)),
    )
    return answer_with_pdf(page)


def _render(letter: Letter, address: str) -> tuple[str, list[str]]:
    page = render_letter_for_pdf(letter, max_comments=MAX_COMMENTS, max_characters=MAX_CHARACTERS)
    if page.is_complete:
        return page.html, []
    note = ngettext(
        "This PDF holds the oldest comment. All comments are at %(address)s.",
        "This PDF holds the %(num)d oldest comments. All comments are at %(address)s.",
        page.comment_count,
        address=address,
    )
    return page.html, [note]
