"""Render the emails of the outbox: subject, plain text and HTML from one template for each message kind.

The template gives the plain text, which is complete and is the source of both parts. The HTML part is made from its
lines, so that the two always say the same:

* The first line is the subject. Paragraphs are separated by empty lines.
* A line that begins with the address of the site is a link.
* A short line that ends with a colon, followed by a link, names the link. The first of them is a button.
* Lines that begin with `> ` are a quotation of what a person typed, with a direction of its own.
* What follows the line `--` is the foot: why the message was sent, how to end it, and who sent it.

Links in text that people typed are defanged, so that no line of theirs can become a link.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flask import Flask, render_template

from commentsite.config import Settings
from commentsite.notifications.delivery import RenderedEmail
from commentsite.text.direction import estimate_direction
from commentsite.text.email_addresses import InvalidEmail, normalize_email
from commentsite.text.links import defang_links
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_site
from commentsite.web.http.languages import (
    current_direction,
    current_language,
    get_language_prefix,
    use_language,
)
from commentsite.web.http.translations import FIRST_STRONG_ISOLATE, POP_ISOLATE
from commentsite.web.rendering.filters import format_day, format_moment
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.time_zones import format_offset

#: The values under these names come from the site. All others may contain text that people typed.
TRUSTED_CONTEXT_NAMES = frozenset(
    {"receipt_token", "code", "token", "slug", "answer_ids", "answer_id", "unsubscribe", "language"}
)
MULTILINE_CONTEXT_NAMES = frozenset({"note", "facts"})
MAX_SUBJECT_LENGTH = 200
MAX_SUBJECT_TITLE_LENGTH = 80  # of the title of a letter or of the site, within a subject
MAX_LINK_NAME_LENGTH = 60
FOOT_MARK, QUOTE_MARK = "--", ">"
STAFF_KINDS = "staff."  # the beginning of their names
COLONS = (":", "：")


@dataclass(frozen=True)
class Line:
    text: str
    url: str = ""  # empty: no link


@dataclass(frozen=True)
class Part:
    """A part of the HTML: a paragraph, a named link (the first as a button), or a quotation."""

    kind: str  # "text", "button", "link" or "quote"
    lines: tuple[Line, ...]
    direction: str = ""  # of a quotation


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        quoted=quote_lines, stated_day=format_stated_day, stated_moment=format_stated_moment
    )


def build_email_renderer(settings: Settings) -> Callable[[str, dict[str, Any]], RenderedEmail]:
    """Return a function that renders a message kind and its context."""

    def render(kind: str, context: dict[str, Any]) -> RenderedEmail:
        with use_language(context.get("language", "")):
            return render_translated(kind, context)

    def render_translated(kind: str, context: dict[str, Any]) -> RenderedEmail:
        site = current_site()
        base_url = settings.base_url
        url_in_language = base_url + get_language_prefix(current_language())
        if not kind.startswith(STAFF_KINDS):  # the desk has the same addresses in all languages
            base_url = url_in_language
        site_title = clean_single_line(site.title)
        values = {name: _defang_value(name, value) for name, value in context.items()}
        title = _defang_value("", context.get("letter_title", ""))
        rendered = render_template(
            f"mail/{kind}.txt",
            **values
            | {
                "base_url": base_url,
                "account_url": f"{url_in_language}/account",
                "site_title": _isolate(site_title),
                "short_site_title": _isolate(_shorten(site_title)),
                "short_title": _isolate(_shorten(title)),
                "short_titles": _shorten_titles(context.get("letters", [])),
                "contact": clean_single_line(site.contact),
            },
        )
        first_line, _, body = rendered.strip().partition("\n")
        subject, text = _clean_subject(first_line), _normalise_lines(body)
        return RenderedEmail(
            subject=subject,
            text=text,
            html=_build_html(text, base_url, site_title=site_title, subject=subject),
            sender_name=site_title,
            reply_to=_find_address(site.contact),
        )

    return render


def format_stated_day(value: str) -> str:
    """Return a date of the context, given as "2026-09-14", in words. Another text is returned as it is."""
    try:
        return format_day(date.fromisoformat(value))
    except ValueError:
        return value


def format_stated_moment(value: str) -> str:
    """Return a moment of the context, given in ISO 8601 with its offset, in words.

    Any other text is returned as it is: an email that an earlier version of the program enqueued holds one.
    """
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    if not moment.utcoffset():
        return format_moment(moment)
    return str(
        _(
            "%(day)s, %(time)s (%(offset)s)",
            day=format_day(moment.date()),
            time=f"{moment:%H:%M}",
            offset=format_offset(moment),
        )
    )


def quote_lines(text: str) -> str:
    """Return what a person typed with a mark before each line, as mail programs quote."""
    return "\n".join(f"{QUOTE_MARK} {line}".rstrip() for line in text.strip().split("\n"))


def read_parts(text: str, base_url: str) -> tuple[list[Part], list[Part]]:
    """Return the parts of a plain text before its foot, and those of the foot."""
    body, _, foot = text.partition(f"\n{FOOT_MARK}\n")
    parts = _read_paragraphs(body, base_url)
    first_link = next((n for n, part in enumerate(parts) if part.kind == "link"), None)
    if first_link is not None:
        parts[first_link] = replace(parts[first_link], kind="button")
    return parts, _read_paragraphs(foot, base_url)


def _read_paragraphs(text: str, base_url: str) -> list[Part]:
    parts = []
    for paragraph in filter(None, re.split(r"\n{2,}", text.strip("\n"))):
        for is_quote, group in groupby(
            paragraph.split("\n"), lambda line: line.startswith(QUOTE_MARK)
        ):
            lines = [line[1:].strip() if is_quote else line for line in group]
            parts.append(_read_lines(lines, base_url, is_quote=is_quote))
    return parts


def _read_lines(lines: list[str], base_url: str, *, is_quote: bool) -> Part:
    if is_quote:
        return Part("quote", tuple(map(Line, lines)), estimate_direction(" ".join(lines)))
    read = tuple(Line(line, line if line.startswith(f"{base_url}/") else "") for line in lines)
    is_named_link = (
        len(read) == 2
        and bool(read[1].url)
        and not read[0].url
        and read[0].text.endswith(COLONS)
        and len(read[0].text) <= MAX_LINK_NAME_LENGTH
    )
    if is_named_link:
        return Part("link", (Line(read[0].text.rstrip("".join(COLONS)).rstrip()), read[1]))
    return Part("text", read)


def _build_html(text: str, base_url: str, **values: str) -> str:
    body, foot = read_parts(text, base_url)
    return render_template(
        "mail/layout.html",
        language=current_language(),
        direction=current_direction(),
        body=body,
        foot=foot,
        **values,
    )


def _normalise_lines(text: str) -> str:
    """Return the text without space at the end of lines and without more than one empty line in a row."""
    lines = (line.rstrip() for line in text.strip().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _find_address(contact: str) -> str:
    """Return the contact of the site if it is an email address and not the address of a page."""
    try:
        return normalize_email(contact)
    except InvalidEmail:
        return ""


def _shorten(title: str) -> str:
    if len(title) <= MAX_SUBJECT_TITLE_LENGTH:
        return title
    return title[: MAX_SUBJECT_TITLE_LENGTH - 1].rstrip() + "…"


def _shorten_titles(letters: list[dict[str, Any]]) -> list[str]:
    titles = [_shorten(_defang_value("", letter["letter_title"])) for letter in letters]
    return [_isolate(title) for title in titles]


def _isolate(title: str) -> str:
    """Keep a title that is written from right to left from changing the order of the words around it.

    In sentences that run from right to left every value is isolated anyway.
    """
    if estimate_direction(title) == "ltr" or current_direction() == "rtl":
        return title
    return f"{FIRST_STRONG_ISOLATE}{title}{POP_ISOLATE}"


def _clean_subject(subject: str) -> str:
    kept = {FIRST_STRONG_ISOLATE, POP_ISOLATE}
    printable = "".join(c if c.isprintable() or c in kept else " " for c in subject)
    return " ".join(printable.split())[:MAX_SUBJECT_LENGTH]


def _defang_value(name: str, value: Any) -> Any:
    """Defang a value of the context, including the values in its lists and dictionaries."""
    if isinstance(value, dict):
        return {key: _defang_value(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_defang_value(name, inner) for inner in value]
    if name in TRUSTED_CONTEXT_NAMES:
        return value
    defanged = defang_links(value if name in MULTILINE_CONTEXT_NAMES else clean_single_line(value))
    return _isolate(defanged) if name == "letter_title" else defanged
