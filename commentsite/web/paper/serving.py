"""Answer requests for PDFs: with the file, or with a page that says how far the drawing is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Response, current_app, make_response, render_template
from werkzeug.exceptions import ServiceUnavailable

from commentsite.db.session import session
from commentsite.web.caching.page_cache import add_cache_headers
from commentsite.web.context import runtime
from commentsite.web.paper.drawing import PageToDraw, PdfFolder, Progress
from commentsite.web.paper.fonts import list_missing_scripts
from commentsite.web.paper.libraries import can_render_pdf
from commentsite.web.rendering.i18n import gettext as _

PDF_LIMIT = "60 per minute"
RETRY_AFTER = {Progress.DRAWING: 5, Progress.BUSY: 10, Progress.FAILED: 600}  # seconds


@dataclass(frozen=True)
class PaperPage:
    """A page that can be had as PDF. `render` returns its HTML, and sentences about the PDF."""

    name: str  # of the file in the instance folder: it stands for one content
    etag: str
    file_name: str
    subject: str  # heading of the page that reports the progress
    title: str
    language: str  # of the title
    own_url: str
    back_url: str
    back_label: str
    address: str  # of the page, complete
    render: Callable[[], tuple[str, list[str]]]


def answer_with_pdf(page: PaperPage) -> Response:
    """Return the PDF if it is drawn within a moment. Raises ServiceUnavailable without a renderer."""
    if not can_render_pdf():
        raise ServiceUnavailable
    folder = PdfFolder(runtime().settings.instance)
    path, progress = folder.find(page.name), Progress.READY
    if path is None:
        progress = folder.request(page.name, lambda: _build_job(page))
        session().rollback()  # hold no database connection while waiting
        path = folder.wait_for(page.name)
    if path is None:
        return _show_progress(page, progress)
    return _send(path, page)


def _send(path: Path, page: PaperPage) -> Response:
    try:
        response = Response(path.read_bytes(), content_type="application/pdf")
    except FileNotFoundError:  # deleted since, to make room or after a change
        return _show_progress(page, Progress.DRAWING)
    response.headers["Content-Disposition"] = f'inline; filename="{page.file_name}"'
    return add_cache_headers(response, page.etag)


def _show_progress(page: PaperPage, progress: Progress) -> Response:
    progress = Progress.DRAWING if progress == Progress.READY else progress
    seconds = RETRY_AFTER[progress]
    html = render_template(
        "public/letters/pdf_progress.html", page=page, progress=progress, seconds=seconds
    )
    response = make_response(html, 202 if progress == Progress.DRAWING else 503)
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "no-store"
    return response


def _build_job(page: PaperPage) -> PageToDraw:
    html, notes = page.render()
    missing = list_missing_scripts(html)
    if missing:
        scripts = ", ".join(missing)
        current_app.logger.warning("The PDF of %s lacks a font for: %s.", page.address, scripts)
        notes.append(
            _(
                "Some characters are missing in this PDF, because the site has no font for: "
                "%(scripts)s. You can read them at %(address)s.",
                scripts=scripts,
                address=page.address,
            )
        )
    media = str(runtime().settings.media_path)
    return PageToDraw(html, page.address, str(current_app.static_folder), media, notes)
