"""Serve stylesheets for readers and for the desk, joined from several source files.

The accent colour of the site stands at their end. A `style` attribute could not hold it, because the content
security policy forbids inline styles.
"""

import gzip
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Response, current_app, request, url_for

from commentsite.site.accent import Palette, build_palette, derive_dark_accent
from commentsite.web.context import current_site

bp = Blueprint("assets", __name__)
READER_SOURCES = ("tokens", "base", "layout", "components", "print")
STYLESHEETS = {
    "site": READER_SOURCES,
    "plain": READER_SOURCES,
    # Beside "site", on pages of a kind.
    "parallel": ("parallel",),
    "figures": ("figures",),
    "embedded": ("embedded",),
    "record": ("consensus", "records"),
    "desk-all": (*READER_SOURCES, "figures", "consensus", "records", "desk"),
}
#: The upright serif of each script. That of Latin has the digits, spaces and full stops of all of them.
_FONT = "source-serif-4-latin-wght-normal.woff2"
_FONTS_OF_SCRIPTS = {
    **dict.fromkeys(("ar", "fa", "ur"), "noto-naskh-arabic-core-wght-normal.woff2"),
    **dict.fromkeys(
        ("be", "bg", "mk", "ru", "sr", "uk"), "source-serif-4-cyrillic-wght-normal.woff2"
    ),
}
IMMUTABLE = "public, max-age=31536000, immutable"


class Stylesheet(NamedTuple):
    """A joined stylesheet. `version` is a hash of its content."""

    plain: bytes
    packed: bytes
    version: str


@bp.get("/static/css/<any(site, parallel, figures, embedded, record, 'desk-all', plain):name>.css")
def stylesheet(name: str) -> Response:
    """Answer with a joined stylesheet. Its address contains a hash, so browsers may cache it for ever.

    An address with another hash is that of an earlier or later stylesheet, so nothing may keep the answer.
    The name `plain` is for pages that are shown while the database is down: it reads no settings.
    """
    joined = _join_sources(str(current_app.static_folder), name, _find_accent(name))
    is_packed = request.accept_encodings.quality("gzip") > 0
    response = Response(joined.packed if is_packed else joined.plain, mimetype="text/css")
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    is_current = request.args.get("v", joined.version) == joined.version
    response.headers["Cache-Control"] = IMMUTABLE if is_current else "no-cache"
    return response


def stylesheet_url(name: str) -> str:
    """Return the address of a joined stylesheet, a key of STYLESHEETS."""
    folder = str(current_app.static_folder)
    version = _join_sources(folder, name, _find_accent(name)).version
    return url_for("assets.stylesheet", name=name, v=version)


def list_fonts_ahead(language: str) -> list[str]:
    """Return the names of the fonts that a page with a text in a language should load ahead."""
    own = _FONTS_OF_SCRIPTS.get(language.partition("-")[0])
    return [own, _FONT] if own else [_FONT]


def build_accent_css(accent: str, accent_dark: str) -> str:
    """Return the tokens that depend on the accent colour, for both modes. '' for the built-in accent.

    An empty `accent_dark` stands for a colour derived from `accent`.
    """
    if not accent and not accent_dark:
        return ""
    rules = (
        [f":root {{ {_format_tokens(build_palette(accent, is_dark=False))} }}"] if accent else []
    )
    dark = _format_tokens(build_palette(accent_dark or derive_dark_accent(accent), is_dark=True))
    rules.append(f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}")
    return "\n".join(rules)


def _format_tokens(palette: Palette) -> str:
    return (
        f"--accent: {palette.accent}; --accent-deep: {palette.deep}; "
        f"--on-accent: {palette.on_accent}; --wash: {palette.wash};"
    )


def _find_accent(name: str) -> tuple[str, str]:
    if name == "plain":
        return ("", "")
    site = current_site()
    return (site.accent, site.accent_dark)


@lru_cache(maxsize=16)  # a steward can try several colours
def _join_sources(folder: str, name: str, accent: tuple[str, str]) -> Stylesheet:
    sources = [
        (Path(folder) / "css" / f"{source}.css").read_bytes() for source in STYLESHEETS[name]
    ]
    text = b"\n".join([*sources, build_accent_css(*accent).encode()])
    # Without a time in the header, every process and machine makes the same bytes.
    return Stylesheet(text, gzip.compress(text, 9, mtime=0), sha256(text).hexdigest()[:10])
