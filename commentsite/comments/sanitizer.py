"""The one door for what strangers write: from their text to HTML that is safe on any page.

CommonMark without HTML makes well-formed markup; bleach holds it to an allow-list, and nh3,
which is maintained where bleach no longer is, holds it to the same list once more. The
input is bounded before any parser sees it: no text of 10,000 characters may take long or
grow large, because quadratic parsers have taken whole sites down.
"""

import html
import re
import unicodedata
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import bleach
import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

SANITIZER_VERSION = 1
MAX_CHARACTERS = 10_000
MAX_BYTES = 40_000
MAX_HTML_CHARACTERS = 64_000
MAX_MARKUP_CHARACTERS = (
    600  # characters that can open a construct; beyond, the text is shown as it is
)
MAX_QUOTATION_MARKS = 1_000  # each becomes an entity, and bleach reads entities slowly
MAX_LINKS = 50
MAX_BLOCKS = 200
MAX_QUOTE_DEPTH = 6

ALLOWED_TAGS = frozenset(
    ["a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"]
)
ALLOWED_ATTRIBUTES = {"a": ["href"], "ol": ["start"]}
ALLOWED_SCHEMES = frozenset({"http", "https", "mailto"})
LINK_REL = "nofollow ugc noopener"

# C0 and C1 controls but tab and newline; bidi embeddings, overrides and isolates; the
# zero-width no-break space; tags and variation selectors beyond the basic ones.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2064\u206a-\u206f\u3164\uffa0]"
)
_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_MARKUP_CHARACTER = re.compile(r"[\[\]*_`<>\\&]")


def clean_text(raw: str) -> str:
    """Return running text in NFC with plain newlines, without control and direction-changing characters."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROL.sub("", text)).strip()


def clean_line(raw: str) -> str:
    """Return a name or other single line: as clean_text, without invisible letters or line breaks.

    The joiners that Arabic, Persian and Indic names need (U+200C, U+200D) go too when they
    stand outside such a word.
    """
    text = clean_text(raw)
    seen = re.sub(_INVISIBLE, lambda m: m[0] if _is_joiner_in_word(text, m) else "", text)
    return " ".join(unicodedata.normalize("NFC", seen).split())


def render_comment_html(raw: str) -> str:
    """Return safe HTML of a comment of at most 10,000 characters, itself at most 64,000 characters."""
    text = clean_text(raw)[:MAX_CHARACTERS]
    if not _is_bounded(text):
        return _render_plain_text(text)
    rendered = _build_parser().render(text)
    if len(rendered) > MAX_HTML_CHARACTERS:
        return _render_plain_text(text)
    cleaned = bleach.clean(
        rendered,
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        protocols=ALLOWED_SCHEMES,
        strip=True,
        strip_comments=True,
    )
    return _clean_with_nh3(cleaned).strip()


def _clean_with_nh3(markup: str) -> str:
    return nh3.clean(
        markup,
        tags=set(ALLOWED_TAGS),
        attributes={tag: set(names) for tag, names in ALLOWED_ATTRIBUTES.items()},
        url_schemes=set(ALLOWED_SCHEMES),
        link_rel=LINK_REL,
        clean_content_tags={"script", "style"},
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


def _render_plain_text(text: str) -> str:
    """Show a text without reading any markup in it; runs of empty lines become one paragraph break."""
    paragraphs = [
        html.escape(part.strip(), quote=False)
        for part in re.split(r"\n\s*\n", text)
        if part.strip()
    ]
    joined = "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs[:MAX_BLOCKS])
    return (
        joined
        if len(joined) <= MAX_HTML_CHARACTERS
        else f"<p>{html.escape(' '.join(text.split()), quote=False)}</p>"
    )


def _is_joiner_in_word(text: str, match: re.Match[str]) -> bool:
    if match[0] not in "\u200c\u200d" or match.start() == 0:
        return False
    return (
        unicodedata.bidirectional(text[match.start() - 1]) == "AL"
        or "\u0900" <= text[match.start() - 1] <= "\u0dff"
    )


@cache
def _build_parser() -> MarkdownIt:
    """Return CommonMark with neither HTML, headings, rules, images nor reference links; line breaks are kept."""
    markdown = MarkdownIt(
        "commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": 12}
    )
    markdown.disable(
        ["image", "heading", "lheading", "hr", "reference", "html_block", "html_inline"]
    )
    markdown.enable("linkify")
    if markdown.linkify:
        markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    markdown.validateLink = _is_web_or_mail  # type: ignore[method-assign]  # how markdown-it is told
    markdown.core.ruler.push("show_where_links_go", _append_link_hosts)
    markdown.add_render_rule("link_open", _render_link_open)
    return markdown


def _is_web_or_mail(url: str) -> bool:
    return _LINK.match(url) is not None


def _append_link_hosts(state: StateCore) -> None:
    """Write the host after a link whose words hide it, so that no link can pretend to go elsewhere."""
    for token in state.tokens:
        if token.children:
            token.children = _append_hosts_to_children(token.children)


def _append_hosts_to_children(children: list[Token]) -> list[Token]:
    out: list[Token] = []
    start = 0
    for child in _drop_empty_links(children):
        out.append(child)
        if child.type == "link_open":
            start = len(out) - 1
        elif child.type == "link_close":
            href = str(out[start].attrs.get("href", ""))
            words = "".join(token.content for token in out[start:])
            out.append(Token("text", "", 0, content=_host_suffix(href, words)))
    return out


def _drop_empty_links(children: list[Token]) -> list[Token]:
    """Leave out links to nowhere, such as `[words]()`; their words stay. Links do not nest."""
    out: list[Token] = []
    is_empty = False
    for child in children:
        if child.type == "link_open":
            is_empty = not child.attrs.get("href")
        if not (is_empty and child.type in {"link_open", "link_close"}):
            out.append(child)
    return out


def _host_suffix(href: str, words: str) -> str:
    parts = urlsplit(href)
    plain = href.removeprefix("mailto:")
    if words.strip().rstrip("/") in {href.rstrip("/"), plain}:
        return ""
    return f" ({parts.hostname or plain})"


def _render_link_open(
    renderer: RendererHTML, tokens: list[Token], index: int, options: Any, env: Any
) -> str:
    del renderer, options, env
    href = str(tokens[index].attrs.get("href", ""))
    return f'<a href="{html.escape(href)}" rel="{LINK_REL}">'
