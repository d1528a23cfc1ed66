"""The program that renders one PDF: `python -m commentsite.web.paper.renderer`.

It is a process of its own, because a long letter takes a processor for half a minute and several hundred megabytes.
The operating system enforces both bounds. The process gets a page on its standard input and knows neither the
database nor the secrets of the site. It reads fonts and style from the static folder, pictures from the media folder, and fetches nothing else.
"""

import json
import logging
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import tostring

from commentsite.process_limits import lower_limit

MAX_MEMORY_BYTES = (
    1536 * 1024 * 1024
)  # of address space; 2,100 comments take 1.0 GB (0.8 GB resident)
MAX_PROCESSOR_SECONDS = 60
MAX_SECONDS = 300  # on a machine that is busy with other work
PRIORITY = 5  # lower than that of the processes that serve
STYLESHEET = "css/paper.css"


def limit_process() -> None:
    """Let the operating system end this process when it takes too much time or memory."""
    lower_limit(resource.RLIMIT_AS, MAX_MEMORY_BYTES)
    lower_limit(resource.RLIMIT_CPU, MAX_PROCESSOR_SECONDS)
    lower_limit(resource.RLIMIT_CORE, 0)
    signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)
    os.nice(PRIORITY)


def render_pdf(page: str, address: str, folders: dict[str, Path], notes: list[str]) -> bytes:
    """Return the PDF of a letter from the HTML of its page, tagged for screen readers (PDF/UA-1).

    `folders` are "static" and "media".
    """
    from weasyprint import CSS, HTML  # noqa: PLC0415  # only this process needs the renderer
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415  # as above
    from weasyprint.urls import URLFetcher  # noqa: PLC0415  # as above

    from commentsite.web.paper import glyph_text  # noqa: PLC0415  # as above
    from commentsite.web.paper.document import MEDIA_URL  # noqa: PLC0415  # as above

    class StaticFileFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint is not typed
        """Fetch files of the two folders. Every other address is refused."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith(MEDIA_URL):
                url = (folders["media"] / url.removeprefix(MEDIA_URL)).as_uri()
            path = Path(url.removeprefix("file://")).resolve()
            is_ours = any(path.is_relative_to(folder) for folder in folders.values())
            if not url.startswith("file://") or not is_ours:
                msg = "not a file of this site"
                raise ValueError(msg)
            return super().fetch(url, headers)

    glyph_text.install()
    fetcher, fonts = StaticFileFetcher(), FontConfiguration()
    style = CSS(
        filename=str(folders["static"] / STYLESHEET), url_fetcher=fetcher, font_config=fonts
    )
    html = _convert_page(page, address, notes)
    rendered = HTML(string=html, url_fetcher=fetcher).write_pdf(
        stylesheets=[style],
        font_config=fonts,
        presentational_hints=True,
        pdf_variant="pdf/ua-1",
    )
    return bytes(rendered)


def _convert_page(page: str, address: str, notes: list[str]) -> str:
    """Return the HTML of the document. The tree that it comes from is freed before the rendering begins."""
    import tinyhtml5  # noqa: PLC0415  # only this process needs the parser

    from commentsite.web.paper.document import make_document  # noqa: PLC0415  # as above

    tree = tinyhtml5.parse(page, namespace_html_elements=False)
    document = make_document(tree, address, notes)
    return "<!DOCTYPE html>" + tostring(document, encoding="unicode", method="html")


def main() -> None:
    """Read the job as JSON, and write the PDF beside its final name before it takes that name."""
    limit_process()
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    job = json.load(sys.stdin)
    target = Path(job["target"])
    folders = {name: Path(job[name]).resolve() for name in ("static", "media")}
    pdf = render_pdf(job["page"], job["address"], folders, job["notes"])
    unfinished = target.with_suffix(".part")
    unfinished.write_bytes(pdf)
    unfinished.replace(target)


if __name__ == "__main__":
    main()
