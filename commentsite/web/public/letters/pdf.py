"""A letter with its comments on paper: PDF by WeasyPrint, which fetches nothing but our own files."""

import threading
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, url_for
from werkzeug.exceptions import ServiceUnavailable

from commentsite.comments.threads.queries import list_comments_for_pdf
from commentsite.comments.threads.tree import build_threads, flatten_to_three_levels
from commentsite.db.session import session
from commentsite.errors import NotFound
from commentsite.letters.states import LetterState
from commentsite.letters.text.queries import list_current_blocks, list_versions
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.http.extensions import limiter
from commentsite.web.public.letters.page import can_render_pdf, letter_stamp, public_letter
from commentsite.web.rendering.filters import cited_work

bp = Blueprint("papers", __name__)
_one_at_a_time = threading.Lock()  # drawing takes a processor for a second or more
LIMIT = "20 per minute"


@bp.get("/letters/<slug>/letter.pdf")
@limiter.limit(LIMIT)
@cached_page(letter_stamp)
def pdf(slug: str) -> Response:
    """Answer with the letter and its published comments as PDF."""
    letter = public_letter(slug, lambda now: url_for("papers.pdf", slug=now))
    if letter.state == LetterState.WITHDRAWN:
        msg = "This letter was withdrawn."
        raise NotFound(msg)
    if not can_render_pdf():
        raise ServiceUnavailable
    blocks = list_current_blocks(letter)
    said = list_comments_for_pdf(letter.id)
    html = render_template(
        "public/letters/pdf.html",
        letter=letter,
        blocks=blocks,
        numbers={block.pid: block.number for block in blocks if block.pid},
        thread=flatten_to_three_levels(build_threads(said)),
        hashes={comment.id: comment.body_hash for comment in said},
        work=cited_work(letter, list_versions(letter)),
    )
    name = f'inline; filename="{letter.slug}.pdf"'
    session().rollback()  # nothing is open in the database while others are waited for
    response = Response(_drawn(html), content_type="application/pdf")
    response.headers["Content-Disposition"] = name
    return response


def _drawn(html: str) -> bytes:
    from weasyprint import HTML  # noqa: PLC0415  # it takes a while, and libraries that may be missing
    from weasyprint.urls import URLFetcher  # noqa: PLC0415  # as above

    static = Path(str(current_app.static_folder)).resolve()

    class OurFiles(URLFetcher):  # type: ignore[misc]  # WeasyPrint is not typed
        """Fetch files of the static folder; whatever a letter names elsewhere is not asked for."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            path = Path(url.removeprefix("file://")).resolve()
            if not url.startswith("file://") or not path.is_relative_to(static):
                msg = "not one of our files"
                raise ValueError(msg)
            return super().fetch(url, headers)

    with _one_at_a_time:
        document = HTML(string=html, base_url=static.as_uri() + "/", url_fetcher=OurFiles())
        return bytes(document.write_pdf(pdf_variant="pdf/ua-1"))
