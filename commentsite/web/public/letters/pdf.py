"""A letter with its comments as PDF. A process of its own draws it, and later readers get the file."""

from pathlib import Path

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import ServiceUnavailable

from commentsite.db.replica import on_replica
from commentsite.db.session import session
from commentsite.errors import NotFound
from commentsite.letters.models import Letter
from commentsite.letters.states import LetterState
from commentsite.web.caching.page_cache import add_cache_headers, build_etag, build_page_key
from commentsite.web.context import runtime
from commentsite.web.http.extensions import limiter
from commentsite.web.paper.drawing import PageToDraw, PdfFolder, Progress
from commentsite.web.paper.fonts import list_missing_scripts
from commentsite.web.public.letters.page import (
    can_render_pdf,
    get_letter_or_redirect,
    letter_page_version,
    render_letter_for_pdf,
)
from commentsite.web.rendering.filters import absolute_url

bp = Blueprint("pdf", __name__)
PDF_LIMIT = "60 per minute"
# Within these bounds a PDF takes less time and memory than its process may use (web/paper/renderer.py).
MAX_COMMENTS = 2_500
MAX_CHARACTERS = 600_000
RETRY_AFTER = {Progress.DRAWING: 5, Progress.BUSY: 10, Progress.FAILED: 600}  # seconds


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
    folder = PdfFolder(runtime().settings.instance)
    name = f"{letter.id}-{letter.page_version}-{etag}"
    path, progress = folder.find(name), Progress.READY
    if path is None:
        progress = folder.request(name, lambda: _build_job(letter))
        session().rollback()  # hold no database connection while waiting
        path = folder.wait_for(name)
    if path is None:
        return _show_progress(slug, progress)
    return _send(path, slug, etag)


def _send(path: Path, slug: str, etag: str) -> Response:
    try:
        response = Response(path.read_bytes(), content_type="application/pdf")
    except FileNotFoundError:  # deleted since, to make room or after a change
        return _show_progress(slug, Progress.DRAWING)
    response.headers["Content-Disposition"] = f'inline; filename="{slug}.pdf"'
    return add_cache_headers(response, etag)


def _show_progress(slug: str, progress: Progress) -> Response:
    progress = Progress.DRAWING if progress == Progress.READY else progress
    seconds = RETRY_AFTER[progress]
    page = render_template(
        "public/letters/pdf_progress.html",
        letter=get_letter_or_redirect(slug, lambda new_slug: url_for("pdf.show", slug=new_slug)),
        progress=progress,
        seconds=seconds,
    )
    response = make_response(page, 202 if progress == Progress.DRAWING else 503)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "no-store"
    return response


def _build_job(letter: Letter) -> PageToDraw:
    page = render_letter_for_pdf(letter, max_comments=MAX_COMMENTS, max_characters=MAX_CHARACTERS)
    address = absolute_url(url_for("letters.show", slug=letter.slug))
    notes = []
    if not page.is_complete:
        notes.append(
            ngettext(
                "This PDF holds the oldest comment. All comments are at %(address)s.",
                "This PDF holds the %(num)d oldest comments. All comments are at %(address)s.",
                page.comment_count,
                address=address,
            )
        )
    missing = list_missing_scripts(page.html)
    if missing:
        scripts = ", ".join(missing)
        current_app.logger.warning("The PDF of %s lacks a font for: %s.", letter.slug, scripts)
        notes.append(
            _(
                "Some characters are missing in this PDF, because the site has no font for: "
                "%(scripts)s. You can read them at %(address)s.",
                scripts=scripts,
                address=address,
            )
        )
    media = str(runtime().settings.media_path)
    return PageToDraw(page.html, address, str(current_app.static_folder), media, notes)
