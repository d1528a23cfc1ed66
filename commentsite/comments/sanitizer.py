"""Convert the text of a comment to HTML that is safe on any page.

Every text from a reader goes through this module. markdown-it renders CommonMark without HTML.
bleach then removes everything that is not on an allow-list, and nh3 applies the same list again,
because bleach is no longer maintained. Parsers of Markdown and HTML can take quadratic time, which
has taken whole sites down. The input is therefore bounded before a parser sees it: a text of 10,000
characters can neither take long nor grow large.
"""

import html
import re
from functools import cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import bleach
import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from commentsite.comments.typed_text import keep_text_as_typed
from commentsite.text.markdown import (
    end_containers_at_unmarked_lines,
    keep_all_words,
    limit_nesting,
    link_addresses,
)
from commentsite.text.plain_text import clean_text

# A higher number makes the worker render every stored comment again.
SANITIZER_VERSION = 2
MIN_CHARACTERS, MAX_CHARACTERS = 2, 10_000
MAX_BYTES = 40_000
MAX_HTML_CHARACTERS = 64_000
# A text with more of any of these is shown as plain text.
MAX_MARKUP_CHARACTERS = 600  # characters that can begin a Markdown construct
MAX_QUOTATION_MARKS = 1_000  # each becomes an entity, which bleach parses slowly
MAX_LINKS = 50
MAX_BLOCKS = 200
MAX_QUOTE_DEPTH = 6

ALLOWED_TAGS = frozenset(
    ["a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"]
)
ALLOWED_ATTRIBUTES = {"a": ["href"]}
ALLOWED_SCHEMES = frozenset({"http", "https", "mailto"})
LINK_REL = "nofollow ugc noopener"
_BLOCK_BREAKS = {"p": 2, "blockquote": 2, "pre": 2, "ol": 2, "ul": 2, "li": 1}

_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_MARKUP_CHARACTER = re.compile(r"[\[\]*_`<>\\&]")
# A text of these characters, with such lines and without the marks, means nothing in Markdown or HTML.
_PLAIN_CHARACTERS = re.compile(r"[\w\n .,;:!?()/'\"\u2018\u2019\u201c\u201d\u2013\u2014-]+")
_PLAIN_LINE_START = re.compile(r"[^\W\d]|[('\"\u2018\u201c]")
_MARKS = ("_", "//", "www.", "mailto:", " \n", "\n\n\n")


def render_comment_html(raw: str) -> str:
    """Render the Markdown of a comment to safe HTML of at most MAX_HTML_CHARACTERS.

    A text beyond MAX_CHARACTERS is cut.
    """
    text = clean_text(raw)[:MAX_CHARACTERS]
    if is_plain(text):
        return _render_paragraphs(text)
    if not _is_bounded(text):
        return render_plain_text(text)
    return render_markdown(text)


def _render_paragraphs(text: str) -> str:
    """Render a text without Markdown as `render_markdown` does, a hundred times faster. Most comments are such."""
    paragraphs = (part.replace("\n", "<br>\n") for part in text.split("\n\n"))
    return "\n".join(f"<p>{part}</p>" for part in paragraphs)


def render_markdown(text: str) -> str:
    """Render a cleaned text with the parser of Markdown, whatever it holds."""
    rendered = _build_parser().render(text)
    if len(rendered) > MAX_HTML_CHARACTERS:
        return render_plain_text(text)
    cleaned = bleach.clean(
        rendered,
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        protocols=ALLOWED_SCHEMES,
        strip=True,
        strip_comments=True,
    )
    return _clean_with_nh3(cleaned).strip()


def remove_link_targets(markup: str) -> str:
    """Return rendered HTML whose links look the same and lead nowhere, for a text that is not published."""
    return nh3.clean(markup, tags=set(ALLOWED_TAGS), attributes={}, link_rel=None)


def text_of_html(markup: str) -> str:
    """Return the text that a reader sees of a rendered comment, for formats without HTML."""
    reader = _TextReader()
    reader.feed(markup)
    reader.close()
    return "".join(reader.parts).strip()


class _TextReader(HTMLParser):
    """Collect the text of sanitised HTML with the marks of list items and the breaks between blocks.

    Outside `pre`, line breaks in the source only make it readable: those of the text are `br`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._lists: list[int | None] = []  # the last number of each open list, None for bullets
        self._is_after_mark = False
        self._is_preformatted = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._begin_or_end(tag)
        if tag in {"ol", "ul"}:
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "pre":
            self._is_preformatted = True
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li" and self._lists:
            number = self._lists[-1]
            self._lists[-1] = None if number is None else number + 1
            self.parts.append("• " if number is None else f"{number + 1}. ")
            self._is_after_mark = True

    def handle_endtag(self, tag: str) -> None:
        self._is_after_mark = False
        if tag in {"ol", "ul"} and self._lists:
            self._lists.pop()
        elif tag == "pre":
            self._is_preformatted = False
        self._begin_or_end(tag)

    def handle_data(self, data: str) -> None:
        text = data if self._is_preformatted else data.replace("\n", "")
        if text:
            self.parts.append(text)
            self._is_after_mark = False

    def _begin_or_end(self, tag: str) -> None:
        """Add the line breaks around a block, except after the mark of a list item."""
        newlines = _BLOCK_BREAKS.get(tag, 0)
        if self._lists and tag != "li":
            newlines = min(newlines, 1)
        if newlines and self.parts and not self._is_after_mark:
            text = self.parts.pop().rstrip("\n")
            self.parts += [text, "\n" * newlines] if text else ["\n" * newlines]


def _clean_with_nh3(markup: str) -> str:
    return nh3.clean(
        markup,
        tags=set(ALLOWED_TAGS),
        attributes={tag: set(names) for tag, names in ALLOWED_ATTRIBUTES.items()},
        url_schemes=set(ALLOWED_SCHEMES),
        link_rel=LINK_REL,
        clean_content_tags={"script", "style"},
    )


def is_plain(text: str) -> bool:
    """Return whether a text is bounded, and no character or line of it can mean anything in Markdown or HTML."""
    lowered = text.lower()
    return (
        text.count('"') <= MAX_QUOTATION_MARKS
        and text.count("\n") < 2 * MAX_BLOCKS
        and _PLAIN_CHARACTERS.fullmatch(text) is not None
        and not any(mark in lowered for mark in _MARKS)
        and all(_PLAIN_LINE_START.match(line) for line in text.split("\n") if line)
    )


def _is_bounded(text: str) -> bool:
    lines = text.split("\n")
    return (
        len(_MARKUP_CHARACTER.findall(text)) <= MAX_MARKUP_CHARACTERS
        and text.count('"') <= MAX_QUOTATION_MARKS
        and len(lines) <= 2 * MAX_BLOCKS
        and text.count("://") + text.count("www.") <= MAX_LINKS
        and text.count("@") <= MAX_LINKS
        and max(line[:100].count(">") for line in lines) <= MAX_QUOTE_DEPTH
    )


def render_plain_text(text: str) -> str:
    """Render a text without Markdown. Empty lines separate paragraphs, as long as there are few."""
    paragraphs = [
        html.escape(part.strip(), quote=False)
        for part in re.split(r"\n\s*\n", text)
        if part.strip()
    ]
    first, rest = paragraphs[: MAX_BLOCKS - 1], paragraphs[MAX_BLOCKS - 1 :]
    if rest:
        first.append("\n".join(rest))
    joined = "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in first)
    if len(joined) <= MAX_HTML_CHARACTERS:
        return joined
    return f"<p>{html.escape(' '.join(text.split()), quote=False)}</p>"


@cache
def _build_parser() -> MarkdownIt:
    """Build a parser of CommonMark without HTML, headings, thematic breaks, images and reference links.

    A line break in the text stays a line break.
    """
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    markdown.disable(
        ["image", "heading", "lheading", "hr", "reference", "html_block", "html_inline"]
    )
    if markdown.linkify:
        markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    markdown.validateLink = _is_web_or_mail  # type: ignore[method-assign]  # markdown-it's way to set it
    keep_text_as_typed(markdown)
    end_containers_at_unmarked_lines(markdown)
    limit_nesting(markdown)
    link_addresses(markdown)
    keep_all_words(markdown)
    markdown.core.ruler.push("show_where_links_go", _append_link_hosts)
    markdown.add_render_rule("link_open", _render_link_open)
    return markdown


def _is_web_or_mail(url: str) -> bool:
    return _LINK.match(url) is not None


def _append_link_hosts(state: StateCore) -> None:
    """Write the host after a link whose text does not show it, so that a link cannot hide its target."""
    for token in state.tokens:
        if token.children:
            token.children = _append_hosts_to_children(token.children)


def _append_hosts_to_children(children: list[Token]) -> list[Token]:
    tokens: list[Token] = []
    link_start = 0
    for child in _drop_empty_links(children):
        tokens.append(child)
        if child.type == "link_open":
            link_start = len(tokens) - 1
        elif child.type == "link_close":
            href = str(tokens[link_start].attrs.get("href", ""))
            link_text = "".join(token.content for token in tokens[link_start:])
            is_typed = tokens[link_start].markup == "linkify"
            suffix = _host_suffix(href, link_text, is_typed=is_typed)
            tokens.append(Token("text", "", 0, content=suffix))
    return tokens


def _drop_empty_links(children: list[Token]) -> list[Token]:
    """Remove links without a target, such as `[text]()`, and keep their text. Links do not nest."""
    tokens: list[Token] = []
    is_empty = False
    for child in children:
        if child.type == "link_open":
            is_empty = not child.attrs.get("href")
        if not (is_empty and child.type in {"link_open", "link_close"}):
            tokens.append(child)
    return tokens


def _host_suffix(href: str, link_text: str, *, is_typed: bool) -> str:
    """Return the host in brackets, unless the text shows it.

    A typed address shows its host, except where letters outside ASCII or a name before `@` could make
    it look like another host.
    """
    address = href.removeprefix("mailto:")
    try:
        parts = urlsplit(href)
        host = parts.hostname or address
    except ValueError:  # a host with an unmatched square bracket
        return f" ({address})"
    is_plain = "@" not in parts.netloc
    text = link_text.strip().rstrip("/")
    if is_plain and (text in {href.rstrip("/"), address} or (is_typed and parts.netloc in text)):
        return ""
    return f" ({host})"


def _render_link_open(
    renderer: RendererHTML, tokens: list[Token], index: int, options: Any, env: Any
) -> str:
    del renderer, options, env
    href = str(tokens[index].attrs.get("href", ""))
    return f'<a href="{html.escape(href)}" rel="{LINK_REL}">'
