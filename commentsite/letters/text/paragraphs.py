"""Split the Markdown of a letter into blocks and number its paragraphs.

Letters may use more Markdown than comments, because staff import them. Their HTML is no less
safe: the renderer treats HTML in the source as text, and its output passes an allow-list.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import compress

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from commentsite.letters.states import BlockKind
from commentsite.letters.text.images import Image, resolve_images

MAX_SHORT_LINE_LENGTH = 60
MAX_SIGNOFF_LINES = 3
SENTENCE_ENDINGS = tuple(".!?…。؟！？”»\"'")

_TAGS = {
    "p",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "code",
    "em",
    "strong",
    "s",
    "a",
    "br",
    "hr",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "sup",
    "figure",
    "img",
}
# Only the footnote plugin can produce ids, since HTML in the source is treated as text.
_ATTRIBUTES = {
    "a": {"href", "title", "id"},
    "li": {"id"},
    "ol": {"start"},
    "th": {"style"},
    "td": {"style"},
    "img": {"src", "alt", "width", "height", "loading"},
}
_KIND_BY_TOKEN = {
    "heading_open": BlockKind.HEADING,
    "hr": BlockKind.RULE,
    "footnote_block_open": BlockKind.FOOTNOTES,
}
_LANGUAGE = re.compile(r"\s*\{lang=([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\}\s*$")
_SIGNOFF_OPENS = re.compile(r"^::: *signoff *$", re.MULTILINE)
_SIGNOFF_CLOSES = re.compile(r"^::: *$", re.MULTILINE)


@dataclass(frozen=True)
class ParsedBlock:
    kind: BlockKind
    number: int | None  # of paragraphs only, from 1
    html: str
    text: str
    language: str = ""  # from {lang=…} at the end of the block; empty: that of the letter


def parse_blocks(source: str, images: Mapping[str, Image] | None = None) -> list[ParsedBlock]:
    """Return the blocks of a Markdown text in order. `images` are its stored pictures, by hash.

    A short first paragraph that does not end like a sentence is the salutation. Short last
    paragraphs of that kind, or else a `::: signoff` block, are the sign-off. Neither has a
    number. A list, a table or a quotation counts as one paragraph.
    """
    opens = _SIGNOFF_OPENS.search(source)
    closes = _SIGNOFF_CLOSES.search(source, opens.end()) if opens else None
    body, signoff = source, ""
    if opens and closes:
        body = source[: opens.start()] + "\n\n" + source[closes.end() :]
        signoff = source[opens.end() : closes.start()].strip()
    groups = _group_by_block(_build_parser().parse(body))
    languages = [_take_language(group) for group in groups]
    is_shown = [resolve_images(group, images or {}) for group in groups]
    groups, languages = list(compress(groups, is_shown)), list(compress(languages, is_shown))
    rendered = [_render_block(group) for group in groups]
    kinds = _classify_blocks(rendered, has_signoff=bool(signoff))
    blocks: list[ParsedBlock] = []
    paragraph_count = 0
    for (_, html, text), kind, language in zip(rendered, kinds, languages, strict=True):
        number = None
        if kind == BlockKind.PARAGRAPH:
            number = paragraph_count = paragraph_count + 1
        blocks.append(ParsedBlock(kind, number, html, text, language))
    if signoff:
        lines = [line.strip() for line in signoff.splitlines() if line.strip()]
        inline = _build_parser().disable("image")
        html = "".join(f"<p>{_clean(inline.renderInline(line))}</p>" for line in lines)
        index = len(blocks) - (kinds[-1:] == [BlockKind.FOOTNOTES])  # footnotes stay last
        blocks.insert(index, ParsedBlock(BlockKind.SIGNOFF, None, html, "\n".join(lines)))
    return blocks


def new_paragraph_id(used_pids: set[str], random_id: Callable[[int], str]) -> str:
    """Return an opaque paragraph id that is not among the used ones. `random_id` takes a length."""
    while (pid := f"p-{random_id(6)}") in used_pids:
        pass
    return pid


def escape_markdown(text: str) -> str:
    """Convert plain text to Markdown that renders to the same characters."""
    return re.sub(
        r"([\\`*_\[\]<>#|~])",
        r"\\\1",
        re.sub(r"^(\s*)([-+=]|\d+[.)])", r"\1\\\2", text, flags=re.MULTILINE),
    )


def _build_parser() -> MarkdownIt:
    return (
        MarkdownIt("commonmark", {"html": False, "linkify": True})
        .enable(["table", "strikethrough", "linkify"])
        .use(footnote_plugin)
    )


def _take_language(tokens: list[Token]) -> str:
    """Remove `{lang=…}` from the end of a block and return the language, or ''."""
    for token in reversed(tokens):
        if token.type == "inline" and token.children:
            last = token.children[-1]
            if last.type == "text" and (match := _LANGUAGE.search(last.content)):
                last.content = last.content[: match.start()]
                return match[1]
            return ""
    return ""


def _group_by_block(tokens: list[Token]) -> list[list[Token]]:
    """Split a token stream at its top level: one group per block."""
    groups: list[list[Token]] = []
    depth = 0
    for token in tokens:
        if depth == 0:
            groups.append([])
        groups[-1].append(token)
        depth += token.nesting
    return groups


def _render_block(tokens: list[Token]) -> tuple[str, str, str]:
    """Return type of the first token, HTML and plain text."""
    markdown = _build_parser()
    for token in tokens:  # h1 is reserved for the title of the page
        if token.tag in {"h1", "h2"}:
            token.tag = "h2"
        elif token.tag in {"h3", "h4", "h5", "h6"}:
            token.tag = "h3"
    renderer: RendererHTML = markdown.renderer  # type: ignore[assignment]
    html = _clean(renderer.render(tokens, markdown.options, {}))
    text = "\n".join(
        _token_text(token) for token in tokens if token.type in {"inline", "fence", "code_block"}
    )
    return tokens[0].type, html, text


def _token_text(token: Token) -> str:
    if token.children is None:
        return token.content
    return "".join(
        "\n" if child.type in {"softbreak", "hardbreak"} else child.content
        for child in token.children
    )


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
        filter_style_properties={"text-align"},
    ).strip()


def _classify_blocks(rendered: list[tuple[str, str, str]], *, has_signoff: bool) -> list[BlockKind]:
    kinds = [_KIND_BY_TOKEN.get(opening, BlockKind.PARAGRAPH) for opening, _, _ in rendered]
    if rendered and _is_short_line(rendered[0]) and len(rendered) > 1:
        kinds[0] = BlockKind.SALUTATION
    if not has_signoff:
        end = len(rendered) - 1 - (kinds[-1:] == [BlockKind.FOOTNOTES])
        for index in range(end, max(0, end - MAX_SIGNOFF_LINES), -1):
            if not _is_short_line(rendered[index]):
                break
            kinds[index] = BlockKind.SIGNOFF
    return kinds


def _is_short_line(rendered: tuple[str, str, str]) -> bool:
    opening, _, text = rendered
    return (
        opening == "paragraph_open"
        and len(text) <= MAX_SHORT_LINE_LENGTH
        and not text.rstrip().endswith(SENTENCE_ENDINGS)
    )
