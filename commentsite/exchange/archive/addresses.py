"""Decide which addresses an archive holds, and give each a file name that is the same in every archive."""

import posixpath
import re
from hashlib import sha256
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

_HTML_NAME = "index.html"
_EXTENSIONS = {"bibtex": "bib", "ris": "ris", "csl-json": "json"}
#: Pages that only make sense on a server, or that are private.
_EXCLUDED = re.compile(
    r"/(?:desk|account|receipts|setup|subscribe|subscriptions|unsubscribe|api|embed|search|oembed|metrics"
    r"|healthz|readyz|\.well-known)(?:[/.]|$)|/(?:en|fr|es|ar|ru|zh)(?:/|$)|/letters/[^/]+/comments(?:/preview|/\d+/report)?$"
)
#: Parameters that change a form, the order, or what a search finds. The archive has one page for all their values.
_FORM_PARAMETERS = frozenset({"on", "reply_to", "q"})
_DEFAULTS = {("page", "1"), ("sort", "oldest")}
_SAFE = re.compile(r"[A-Za-z0-9._-]+")
MAX_NAME = 80


def normalise_address(address: str, page: str, base_url: str) -> str | None:
    """Return the path and query of a link on a page, or None if the archive does not hold its target.

    Parameters are sorted, and those with their default value are left out.
    """
    parts = urlsplit(urljoin(f"{base_url}{page}", address))
    if f"{parts.scheme}://{parts.netloc}" != base_url or _EXCLUDED.match(parts.path or "/"):
        return None
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    names = {name for name, _ in pairs}
    if names & _FORM_PARAMETERS or ("sort", "newest") in pairs:
        return None
    if "paragraph" in names:
        # A consensus map links each group's comments on each paragraph. The page of the paragraph has them all.
        pairs = [(name, value) for name, value in pairs if name != "group"]
    path = quote(unquote(parts.path or "/"), safe="/~!$&'()*+,;=:@")
    if path.startswith("/static/"):
        return path
    kept = sorted({pair for pair in pairs if pair not in _DEFAULTS and pair[1]})
    return f"{path}?{urlencode(kept)}" if kept else path


def make_file_name(address: str) -> str:
    """Return the name of the file of an address, with / between folders.

    A page is index.html in a folder of its name, so that its feeds and citations lie beside it. Parameters become
    part of the name, such as `page-2.html`.
    """
    parts = urlsplit(address)
    folders = [_make_safe(unquote(part)) for part in parts.path.split("/") if part]
    query = parse_qsl(parts.query)
    last = folders[-1] if folders else ""
    if len(folders) >= 2 and folders[-2] == "cite" and last in _EXTENSIONS:
        return "/".join([*folders[:-1], f"{last}.{_EXTENSIONS[last]}"])
    if (
        not query
        and re.search(r"\.[a-z0-9]{2,6}$", last)
        and not parts.path.startswith("/documents/")
    ):
        return "/".join(folders)
    if not query:
        return "/".join([*folders, _HTML_NAME])
    words = "_".join(f"{name}-{value}" for name, value in query)
    stem, extension = (last.rpartition(".")[::2]) if "." in last else ("", "html")
    if stem:
        return "/".join([*folders[:-1], f"{stem}_{_make_safe(words)}.{extension}"])
    return "/".join([*folders, f"{_make_safe(words)}.html"])


def make_relative(target: str, source: str) -> str:
    """Return the link from one file to another, for a browser without a server."""
    relative = posixpath.relpath(target, posixpath.dirname(source) or ".")
    return quote(relative, safe="/~!$'()*+,;=@")


def _make_safe(text: str) -> str:
    """Return a name that every file system takes. One that had to be changed gets a part of its hash."""
    if _SAFE.fullmatch(text) and len(text) <= MAX_NAME and text.strip("."):
        return text
    words = re.sub(r"[^A-Za-z0-9_-]+", "-", text)[: MAX_NAME - 11].strip("-")
    digest = sha256(text.encode()).hexdigest()[:10]
    return f"{words}-{digest}" if words else digest
