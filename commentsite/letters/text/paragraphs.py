"""Split the text of a letter into numbered paragraphs, and what stands between them.

Letters come from staff, so they may carry more Markdown than comments; their HTML is still
made by a renderer that takes none and passes an allow-list.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

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
}
# Ids can only come from footnotes: no text of ours or theirs is read as HTML.
_ATTRIBUTES = {
    "a": {"href", "title", "id"},
    "li": {"id"},
    "ol": {"start"},
    "th": {"style"},
    "td": {"style"},
}
_KIND_BY_TOKEN = {"heading_open": "heading", "hr": "rule", "footnote_block_open": "footnotes"}
_LANGUAGE = re.compile(r"\s*\{lang=([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\}\s*$")
_SIGNOFF_OPENS = re.compile(r"^::: *signoff *$", re.MULTILINE)
_SIGNOFF_CLOSES = re.compile(r"^::: *$", re.MULTILINE)


@dataclass(frozen=True)
class ParsedBlock:
    """One block of a letter: its kind, its number if it has one, how it looks and what it says."""

    kind: str  # salutation, paragraph, heading, signoff
    number: int | None
    html: str
    text: str
    language: str = ""  # where it differs from the letter's, said by {lang=…} at its end


def parse_blocks(source: str) -> list[ParsedBlock]:
    """Return the blocks of a Markdown text in order, its paragraphs numbered from 1.

    A short first paragraph that is no sentence is the salutation, short last ones that are
    none (or a `::: signoff` block) close the letter; neither is numbered. A list, a table
    or a quotation is a paragraph of its own.
    """
    opens = _SIGNOFF_OPENS.search(source)
    closes = _SIGNOFF_CLOSES.search(source, opens.end()) if opens else None
    body, closing = source, ""
    if opens and closes:
        body = source[: opens.start()] + "\n\n" + source[closes.end() :]
        closing = source[opens.end() : closes.start()].strip()
    groups = _group_by_block(_build_parser().parse(body))
    languages = [_take_language(group) for group in groups]
    raw = [_render_block(group) for group in groups]
    kinds = _classify_blocks(raw, has_signoff=bool(closing))
    pieces: list[ParsedBlock] = []
    number = 0
    for (_, html, text), kind, language in zip(raw, kinds, languages, strict=True):
        if kind == "paragraph":
            number += 1
        pieces.append(
            ParsedBlock(kind, number if kind == "paragraph" else None, html, text, language)
        )
    if closing:
        lines = [line.strip() for line in closing.splitlines() if line.strip()]
        html = "".join(f"<p>{_clean(_build_parser().renderInline(line))}</p>" for line in lines)
        at = len(pieces) - (kinds[-1:] == ["footnotes"])
        pieces.insert(at, ParsedBlock("signoff", None, html, "\n".join(lines)))
    return pieces


def new_paragraph_id(taken: set[str], random_id: Callable[[int], str]) -> str:
    """Return an opaque paragraph id that no paragraph of this letter has ever had."""
    while (pid := f"p-{random_id(6)}") in taken:
        pass
    return pid


def escape_markdown(text: str) -> str:
    """Return plain text as Markdown that renders to the same characters."""
    return re.sub(
        r"([\\`*_\[\]<>#|~])",
        r"\\\1",
        re.sub(r"^(\s*)([-+=]|\d+[.)])", r"\1\\\2", text, flags=re.MULTILINE),
    )


def _build_parser() -> MarkdownIt:
    return (
        MarkdownIt("commonmark", {"html": False, "linkify": True})
        .enable(["table", "strikethrough", "linkify"])
        .disable("image")
        .use(footnote_plugin)
    )


def _take_language(tokens: list[Token]) -> str:
    """Take `{lang=…}` from the end of a block and return the language."""
    for token in reversed(tokens):
        if token.type == "inline" and token.children:
            last = token.children[-1]
            if last.type == "text" and (found := _LANGUAGE.search(last.content)):
                last.content = last.content[: found.start()]
                return found[1]
            return ""
    return ""


def _group_by_block(tokens: list[Token]) -> list[list[Token]]:
    groups: list[list[Token]] = []
    depth = 0
    for token in tokens:
        if depth == 0:
            groups.append([])
        groups[-1].append(token)
        depth += token.nesting
    return groups


def _render_block(tokens: list[Token]) -> tuple[str, str, str]:
    markdown = _build_parser()
    for token in tokens:  # the page has one h1, its title
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


def _classify_blocks(raw: list[tuple[str, str, str]], *, has_signoff: bool) -> list[str]:
    kinds = [_KIND_BY_TOKEN.get(kind, "paragraph") for kind, _, _ in raw]
    if raw and _is_short_line(raw[0]) and len(raw) > 1:
        kinds[0] = "salutation"
    if not has_signoff:
        end = len(raw) - 1 - (kinds[-1:] == ["footnotes"])
        for index in range(end, max(0, end - MAX_SIGNOFF_LINES), -1):
            if not _is_short_line(raw[index]):
                break
            kinds[index] = "signoff"
    return kinds


def _is_short_line(block: tuple[str, str, str]) -> bool:
    kind, _, text = block
    return (
        kind == "paragraph_open"
        and len(text) <= MAX_SHORT_LINE_LENGTH
        and not text.rstrip().endswith(SENTENCE_ENDINGS)
    )
