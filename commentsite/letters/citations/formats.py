"""Say how a letter is cited, in the three formats that reference managers read."""

import json
import re
from dataclasses import dataclass
from datetime import date

_LATEX_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class CitableVersion:
    """A version of a letter as something that can be cited; `url` leads to that version."""

    key: str
    title: str
    authors: tuple[str, ...]
    published: date
    version: int
    url: str
    publisher: str
    language: str
    occasion: str = ""


def format_bibtex(work: CitableVersion) -> str:
    """Return a BibTeX entry; names stay whole, since nobody can tell which part of one is the family's."""
    fields = {
        "author": " and ".join(f"{{{_escape_latex(name)}}}" for name in work.authors),
        "title": f"{{{_escape_latex(work.title)}}}",
        "year": str(work.published.year),
        "month": MONTHS[work.published.month - 1],
        "day": str(work.published.day),
        "howpublished": _escape_latex(work.publisher),
        "note": _escape_latex(f"Version {work.version}"),
        "url": work.url,
        "language": work.language,
    }
    lines = [
        f"  {name} = {value if name == 'month' else '{' + value + '}'},"
        for name, value in fields.items()
        if value
    ]
    key = re.sub(r"[^A-Za-z0-9-]", "", work.key) or "letter"
    return "\n".join([f"@misc{{{key}-{work.published.year},", *lines, "}", ""])


def format_ris(work: CitableVersion) -> str:
    """Return a RIS record."""
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
        f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in fields if value or tag == "ER"
    )


def format_csl_json(work: CitableVersion) -> str:
    """Return CSL-JSON, an array of one item."""
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
    """Return a citation as people write it, up to the address."""
    who = ", ".join(work.authors)
    return f"{who}. “{work.title}”" if who else f"“{work.title}”"


def _escape_latex(text: str) -> str:
    return "".join(_LATEX_ESCAPES.get(char, char) for char in " ".join(text.split()))
