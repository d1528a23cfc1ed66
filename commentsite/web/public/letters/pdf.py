"""A letter with its comments as PDF. WeasyPrint renders it and may read our own static files only."""

import threading
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, url_for
from werkzeug.exceptions import ServiceUnavailable

from commentsite.comments.threads.queries import list_comments_for_pdf
from commentsite.comments.threads.tree import build_threads, flatten_to_three_levels
from commentsite.db.session import session
from commentsite.errors import NotFound
from commentsite.letters.media.files import FILE_NAME
from commentsite.letters.states import LetterState
from commentsite.letters.text.queries import list_current_blocks, list_versions
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import runtime
from commentsite.web.http.extensions import limiter
from commentsite.web.public.letters.letter_view import find_date_to_show
from commentsite.web.public.letters.page import (
    can_render_pdf,
    get_letter_or_redirect,
    letter_page_version,
)
from commentsite.web.rendering.filters import build_citable_version
from commentsite.web.rendering.print_lists import number_list_items

bp = Blueprint("pdf", __name__)
PDF_LIMIT = "20 per minute"
MEDIA_URL = "file:///media/"  # the address of a picture, as WeasyPrint completes it
# Rendering keeps a processor busy for a second or more, so a process renders one PDF at a time.
_render_lock = threading.Lock()


@bp.get("/letters/<slug>/letter.pdf")
@limiter.limit(PDF_LIMIT)
@cached_page(letter_page_version)
def show(slug: str) -> Response:
    """Answer with the letter and its published comments as PDF."""
    letter = get_letter_or_redirect(slug, lambda new_slug: url_for("pdf.show", slug=new_slug))
    if letter.state == LetterState.WITHDRAWN:
        msg = "This letter was withdrawn."
        raise NotFound(msg)
    if not can_render_pdf():
        raise ServiceUnavailable
    blocks = list_current_blocks(letter)
    comments = list_comments_for_pdf(letter.id)
    html = render_template(
        "public/letters/pdf.html",
        letter=letter,
        date_written=find_date_to_show(letter),
        blocks=blocks,
        labels={block.pid: block.label for block in blocks if block.pid},
        threads=flatten_to_three_levels(build_threads(comments)),
        hashes={comment.id: comment.body_hash for comment in comments},
        citable=build_citable_version(letter, list_versions(letter)),
    )
    disposition = f'inline; filename="{letter.slug}.pdf"'
    session().rollback()  # hold no database connection while waiting for the lock
    response = Response(_render_pdf(number_list_items(html)), content_type="application/pdf")
    response.headers["Content-Disposition"] = disposition
    return response


def _render_pdf(html: str) -> bytes:
    from weasyprint import HTML  # noqa: PLC0415  # slow to import, and its libraries may be missing
    from weasyprint.urls import URLFetcher  # noqa: PLC0415  # as above

    static = Path(str(current_app.static_folder)).resolve()
    media = runtime().settings.media_path

    class StaticFileFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint is not typed
        """Fetch static files and the pictures of letters, from the disk alone.

        Every other address in a letter or comment is refused.
        """

        def fetch(self, url: str, headers: Any = None) -> Any:
            name = url.removeprefix(MEDIA_URL)
            if url.startswith(MEDIA_URL) and FILE_NAME.fullmatch(name):
                return super().fetch((media / name).as_uri(), headers)
            path = Path(url.removeprefix("file://")).resolve()
            if not url.startswith("file://") or not path.is_relative_to(static):
                msg = "not a file of this site"
                raise ValueError(msg)
            return super().fetch(url, headers)

    with _render_lock:
        document = HTML(
            string=html, base_url=static.as_uri() + "/", url_fetcher=StaticFileFetcher()
        )
        return bytes(document.write_pdf(pdf_variant="pdf/ua-1"))
