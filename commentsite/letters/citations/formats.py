"""Format a citation of a letter as BibTeX, RIS or CSL-JSON, the formats of reference managers."""

import json
import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from commentsite.text.plain_text import clean_single_line

_LATEX_ESCAPES = {
    "\\": r"\textbackslash{}",
    # BibTeX counts braces even after a backslash, so an unmatched one would end the field.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_SAFE_IN_URL = "%/:?#[]@!$&'()*+,;=~_-."
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class CitableVersion:
    key: str  # identifies the entry; the slug of the letter
    title: str
    authors: tuple[str, ...]
    published: date
    version: int
    url: str  # of this version
    publisher: str
    language: str
    occasion: str = ""


def format_bibtex(work: CitableVersion) -> str:
    """Format a BibTeX entry.

    Braces keep BibTeX from splitting names: software cannot know which part is the family name.
    """
    fields = {
        "author": " and ".join(f"{{{_escape_latex(name)}}}" for name in work.authors),
        "title": f"{{{_escape_latex(work.title)}}}",
        "year": str(work.published.year),
        "month": MONTHS[work.published.month - 1],
        "day": str(work.published.day),
        "howpublished": _escape_latex(work.publisher),
        "note": _escape_latex(f"Version {work.version}"),
        # An address is written as it is. Programs would take the backslash of an escape for a part of it.
        "url": quote(work.url, safe=_SAFE_IN_URL),
        "language": _escape_latex(work.language),
    }
    lines = [
        f"  {name} = {value if name == 'month' else '{' + value + '}'},"
        for name, value in fields.items()
        if value
    ]
    key = re.sub(r"[^A-Za-z0-9-]", "", work.key) or "letter"
    return "\n".join([f"@misc{{{key}-{work.published.year},", *lines, "}", ""])


def format_ris(work: CitableVersion) -> str:
    fields = [
        ("TY", "BLOG"),
        *(("AU", name) for name in work.authors),
        ("TI", work.title),
        ("PY", str(work.published.year)),
        ("DA", f"{work.published:%Y/%m/%d}"),
        ("PB", work.publisher),
        ("ET", f"Version {work.version}"),
        ("LA", work.language),
        ("UR", work.url),
        ("N1", work.occasion),
        ("ER", ""),
    ]
    return "".join(
        f"{tag}  - {_join_lines(value)}\r\n" for tag, value in fields if value or tag == "ER"
    )


def format_csl_json(work: CitableVersion) -> str:
    """Format CSL-JSON: an array of one item."""
    day = work.published
    item = {
        "id": work.key,
        "type": "document",
        "title": work.title,
        "author": [{"literal": name} for name in work.authors],
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "version": str(work.version),
        "publisher": work.publisher,
        "language": work.language,
        "URL": work.url,
    }
    return json.dumps([item], ensure_ascii=False, indent=1) + "\n"


def format_authors_and_title(work: CitableVersion) -> str:
    """Format the beginning of a citation in running text: “Author, Author. “Title””."""
    authors = ", ".join(work.authors)
    return f"{authors}. “{work.title}”" if authors else f"“{work.title}”"


def _escape_latex(text: str) -> str:
    return "".join(_LATEX_ESCAPES.get(char, char) for char in _join_lines(text))


def _join_lines(text: str) -> str:
    """Return a text on one line, without control characters."""
    return clean_single_line(text)
