"""The program that draws one card, the picture of a link preview: `python -m commentsite.web.cards.renderer`.

The same library that sets PDFs sets the card, so that right-to-left and Chinese titles, line breaks and fonts are
right. PDFium turns the page into a picture. It is a process of its own with bounds of time and memory, and knows
neither the database nor the secrets of the site.
"""

import io
import json
import logging
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from commentsite.process_limits import lower_limit

MAX_MEMORY_BYTES = 1024 * 1024 * 1024  # of address space
MAX_PROCESSOR_SECONDS = 10
MAX_SECONDS = 60  # on a machine that is busy with other work
STYLESHEET = "css/card.css"
WIDTH = 1200  # pixels, as sites that show previews ask for


def draw_card(html: str, static: Path) -> bytes:
    """Return a PNG of 1200 x 630 pixels."""
    import pypdfium2  # noqa: PLC0415  # only this process needs the libraries
    from weasyprint import CSS, HTML  # noqa: PLC0415  # as above
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415  # as above
    from weasyprint.urls import URLFetcher  # noqa: PLC0415  # as above

    class StaticFileFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint is not typed
        """Fetch files of the static folder. Every other address is refused."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            path = Path(url.removeprefix("file://")).resolve()
            if not url.startswith("file://") or not path.is_relative_to(static):
                msg = "not a file of this site"
                raise ValueError(msg)
            return super().fetch(url, headers)

    fetcher, fonts = StaticFileFetcher(), FontConfiguration()
    style = CSS(filename=str(static / STYLESHEET), url_fetcher=fetcher, font_config=fonts)
    pdf = HTML(string=html, url_fetcher=fetcher).write_pdf(stylesheets=[style], font_config=fonts)
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        picture = page.render(scale=WIDTH / page.get_width()).to_pil().convert("RGB")
    out = io.BytesIO()
    # A card has few colours. A palette makes the file a third as large.
    picture.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> None:
    """Read the job as JSON, and write the picture beside its final name before it takes that name."""
    lower_limit(resource.RLIMIT_AS, MAX_MEMORY_BYTES)
    lower_limit(resource.RLIMIT_CPU, MAX_PROCESSOR_SECONDS)
    lower_limit(resource.RLIMIT_CORE, 0)
    signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)
    os.nice(5)
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    job = json.load(sys.stdin)
    target = Path(job["target"])
    unfinished = target.with_suffix(".part")
    unfinished.write_bytes(draw_card(job["html"], Path(job["static"]).resolve()))
    unfinished.replace(target)


if __name__ == "__main__":
    main()
