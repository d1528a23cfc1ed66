"""Fetch PDFs as a browser does, and read their text with two programs and that of pages with a third."""

import io
import os
import re
import subprocess
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from bs4 import BeautifulSoup
from pypdf import PdfReader

from commentsite.web.paper.fonts import list_scripts_without_font

SCREEN_ONLY = (
    "nav, form, script, #leave, .contents, .face, .jump, .order, .para-side, .reply, .report, "
    ".back-to-top, .filters"
)
DIRECTION_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
VOWEL_SIGNS = re.compile("[\u064b-\u0655\u0670\u200c\u200d]")


def fetch_pdf(client, path: str, seconds: float = 120):
    """Ask for a PDF until it is drawn, as the page that reports the progress does."""
    end = time.monotonic() + seconds
    while True:
        answer = client.get(path)
        if answer.status_code not in (202, 503):
            return answer
        assert "Retry-After" in answer.headers
        if time.monotonic() > end:
            raise AssertionError(f"no PDF within {seconds} seconds: {answer.status_code}")
        time.sleep(0.3)


@contextmanager
def without_system_fonts(folder: Path) -> Iterator[None]:
    """Let fontconfig find no font, as on a machine where none is installed."""
    config = folder / "no-fonts.conf"
    config.write_text("<fontconfig></fontconfig>")
    list_scripts_without_font.cache_clear()
    with mock.patch.dict(os.environ, FONTCONFIG_FILE=str(config)):
        yield
    list_scripts_without_font.cache_clear()


def normalise(text: str) -> str:
    """Return the text with single spaces and without marks that only steer the direction."""
    return " ".join(DIRECTION_MARKS.sub("", unicodedata.normalize("NFC", text)).split())


def read_with_pypdf(data: bytes) -> str:
    pages = PdfReader(io.BytesIO(data)).pages
    return normalise("\n".join(page.extract_text() for page in pages))


def read_with_pdftotext(data: bytes, *options: str) -> str:
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(data)
        file.flush()
        done = subprocess.run(
            ["pdftotext", "-enc", "UTF-8", *options, file.name, "-"],
            capture_output=True,
            check=True,
            text=True,
        )
    return normalise(done.stdout)


def read_page(html: str) -> str:
    """Return the text of a page's main part with the numbers of its lists, without navigation and forms."""
    main = BeautifulSoup(html, "html.parser").find("main")
    for element in main.select(SCREEN_ONLY):
        element.decompose()
    for ordered in main.select("ol:not(.thread)"):
        number = int(ordered.get("start", 1))
        for item in ordered.find_all("li", recursive=False):
            number = int(item.get("value", number))
            item.insert(0, f"{number}. ")
            number += 1
    for bullets in main.select("ul"):
        for item in bullets.find_all("li", recursive=False):
            item.insert(0, "• ")
    return normalise(main.get_text(" "))


def list_words(text: str) -> list[str]:
    """Return the words of a text without vowel signs, joiners and punctuation."""
    return re.findall(r"\w+", VOWEL_SIGNS.sub("", unicodedata.normalize("NFC", text)))


def count_words(text: str) -> Counter[str]:
    return Counter(list_words(text))
