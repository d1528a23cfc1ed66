"""Split the Markdown of a letter into blocks and number its paragraphs.

Letters may use more Markdown than comments, because staff import them. Their HTML is no less
safe: the renderer treats HTML in the source as text, and its output passes an allow-list.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from commentsite.letters.states import BlockKind
from commentsite.letters.text.footnotes import use_footnotes
from commentsite.letters.text.images import MEDIA_SCHEME, Image, resolve_images
from commentsite.letters.text.labels import escape_labels, is_year, take_attributes, take_label
from commentsite.text.markdown import (
    align_cells_by_class,
    find_addresses,
    keep_all_words,
    keep_unused_definitions,
    keep_wide_tables,
    limit_nesting,
    link_addresses,
    text_of_tokens,
)
from commentsite.text.sentences import ends_sentence

MAX_SHORT_LINE_LENGTH = 60
MAX_SIGNOFF_LINES = 200

_ABBREVIATION_AT_END = re.compile(r"\b(?:Jr|Sr|Inc|Ltd|Co|Corp|Esq|Ph\.?D|M\.?D|e\.V|[A-Z])\.$")
_CHECK_BOX = re.compile("[\u2610-\u2612\u2713-\u2718\U0001f5f5-\U0001f5f9\U0001f78e-\U0001f794]")
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
    "figcaption",
    "figure",
    "img",
}
# Only the footnotes have ids, since HTML in the source is treated as text.
_ATTRIBUTES = {
    "a": {"href", "id"},
    "li": {"id", "lang", "value"},
    "ol": {"start"},
    "img": {"src", "alt", "width", "height", "loading"},
}
_ALIGNMENTS = {"align-left", "align-center", "align-right"}
_KIND_BY_TOKEN = {
    "heading_open": BlockKind.HEADING,
    "hr": BlockKind.RULE,
    "signoff_open": BlockKind.SIGNOFF,
    "footnote_block_open": BlockKind.FOOTNOTES,
    "caption_open": BlockKind.CAPTION,
}
_UNNUMBERED_TOKENS = {*_KIND_BY_TOKEN, "footnote_reference_open"}
_SIGNOFF_OPENS = re.compile(r"::: *signoff *")
_SIGNOFF_CLOSES = re.compile(r"^::: *$", re.MULTILINE)


@dataclass(frozen=True)
class ParsedBlock:
    kind: BlockKind
    number: int | None  # position among the paragraphs, from 1
    html: str
    text: str
    language: str = ""  # from {lang=…} at the end of the block; empty: that of the letter
    label: str = ""  # of paragraphs only: the number that readers see


@dataclass(frozen=True)
class _Rendered:
    opening: Token
    html: str
    text: str
    longest_line: int  # characters between hard line breaks

    @property
    def label(self) -> str:
        return str(self.opening.meta.get("label", ""))


def parse_blocks(source: str, images: Mapping[str, Image] | None = None) -> list[ParsedBlock]:
    """Return the blocks of a Markdown text in order. `images` are its stored pictures, by hash.

    A short first paragraph that does not end like a sentence is the salutation. The last paragraphs
    of that kind, at most MAX_SIGNOFF_LINES, are the sign-off with its signatories. If the text has a
    `::: signoff` block, that alone is the sign-off. Neither has a number. A list, a table or a
    quotation counts as one paragraph, and so does a picture with its caption, except that each item of an ordered list with one item, or with
    empty lines between its items, is a paragraph with the number that its author typed.

    The label of a paragraph is the author's number, as typed (see `labels`). In a letter with such
    numbers, the other paragraphs have their position in square brackets, so that no two paragraphs
    seem to have the same number. In other letters the label is the position.
    """
    groups = _group_by_block(_build_parser().parse(source))
    rendered = [_render_block(group) for group in groups if resolve_images(group, images or {})]
    signoffs = [block for block in rendered if block.opening.type == "signoff_open"]
    rendered = [block for block in rendered if block.opening.type != "signoff_open"]
    kinds = _classify_blocks(rendered, has_signoff=bool(signoffs))
    has_labels = any(block.label for block in rendered)
    blocks: list[ParsedBlock] = []
    paragraph_count = 0
    for block, kind in zip(rendered, kinds, strict=True):
        number, label = None, ""
        if kind == BlockKind.PARAGRAPH:
            number = paragraph_count = paragraph_count + 1
            label = block.label or (f"[{number}]" if has_labels else f"{number}")
        language = str(block.opening.meta.get("language", ""))
        blocks.append(ParsedBlock(kind, number, block.html, block.text, language, label))
    index = len(blocks) - (kinds[-1:] == [BlockKind.FOOTNOTES])  # footnotes stay last
    blocks[index:index] = [
        ParsedBlock(BlockKind.SIGNOFF, None, block.html, block.text) for block in signoffs
    ]
    return blocks


def render_document(source: str) -> str:
    """Return the HTML of a Markdown text that has no numbered paragraphs, such as a page besides letters.

    It has no pictures. Each becomes its description.
    """
    markdown = _build_document_parser()
    tokens = [
        token
        for group in _group_by_block(markdown.parse(source))
        if resolve_images(group, {})
        for token in group
    ]
    _lower_headings(tokens)
    renderer: RendererHTML = markdown.renderer  # type: ignore[assignment]
    return _clean(renderer.render(tokens, markdown.options, {}))


def list_foreign_images(source: str) -> list[tuple[str, str]]:
    """List address and description of the images of a text that are not stored with a letter."""
    tokens = _build_parser().parse(source)
    images = [child for token in tokens for child in token.children or [] if child.type == "image"]
    found = [(str(image.attrGet("src") or ""), image.content) for image in images]
    return [(address, text) for address, text in found if not address.startswith(MEDIA_SCHEME)]


def new_paragraph_id(used_pids: set[str], random_id: Callable[[int], str]) -> str:
    """Return an opaque paragraph id that is not among the used ones. `random_id` takes a length."""
    while (pid := f"p-{random_id(6)}") in used_pids:
        pass
    return pid


def escape_markdown(text: str) -> str:
    """Convert plain text to Markdown that `parse_blocks` renders to the same characters.

    Empty lines separate paragraphs, and a line break stays a line break. White space at either end of
    a line is dropped. Addresses stay as they are, so that they become links.
    """
    return "\n".join(escape_labels(_escape_line(line.strip())) for line in text.split("\n"))


_INLINE_MARKUP = re.compile(
    r"[*`\[<]|~(?=~)|(?<=~)~|(?<![^\W_])_|_(?![^\W_])|&(?=#|[A-Za-z][A-Za-z0-9]*;)|\{(?=(?:lang|no)=)"
    r"|\\(?=[!-/:-@\[-`{-~]|$)"
)
_BLOCK_MARKUP = re.compile(r"#{1,6}(?=\s|$)|>|[-+](?=[\s|:-]|$)|=+$|\||:(?=[:-])|~(?=~)")


def _escape_line(line: str) -> str:
    parts, position = [], 0
    for start, end in find_addresses(line):
        parts += [_INLINE_MARKUP.sub(r"\\\g<0>", line[position:start]), line[start:end]]
        position = end
    parts.append(_INLINE_MARKUP.sub(r"\\\g<0>", line[position:]))
    escaped = "".join(parts)
    return f"\\{escaped}" if _BLOCK_MARKUP.match(line) and escaped[0] == line[0] else escaped


@cache
def _build_parser() -> MarkdownIt:
    """Return the parser of letters."""
    markdown = _build_base_parser()
    markdown.block.ruler.before("paragraph", "signoff", _parse_signoff, {"alt": ["paragraph"]})
    markdown.core.ruler.before("inline", "units", _mark_units)
    return markdown


@cache
def _build_document_parser() -> MarkdownIt:
    return _build_base_parser()


def _build_base_parser() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": True})
    markdown.enable(["table", "strikethrough"])
    use_footnotes(markdown)
    link_addresses(markdown)
    keep_all_words(markdown)
    keep_unused_definitions(markdown)
    keep_wide_tables(markdown)
    align_cells_by_class(markdown)
    limit_nesting(markdown)
    return markdown


def _parse_signoff(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    """Read the lines from `::: signoff` to `:::`, each as a paragraph."""
    line = state.src[state.bMarks[start] : state.eMarks[start]]
    if state.level or not _SIGNOFF_OPENS.fullmatch(line):
        return False
    if "signoff_ends" not in state.env:
        state.env["signoff_ends"] = {m.start() for m in _SIGNOFF_CLOSES.finditer(state.src)}
    last_end = max(state.env["signoff_ends"], default=-1)
    if last_end < state.bMarks[start]:
        return False
    if silent:
        return True
    close = next(n for n in range(start + 1, end) if state.bMarks[n] in state.env["signoff_ends"])
    state.push("signoff_open", "", 1).hidden = True
    for number in range(start + 1, close):
        if content := state.src[state.bMarks[number] : state.eMarks[number]].strip():
            state.push("paragraph_open", "p", 1)
            inline = state.push("inline", "", 0)
            inline.content, inline.children = content, []
            state.push("paragraph_close", "p", -1)
    state.push("signoff_close", "", -1).hidden = True
    state.line = close + 1
    return True


def _mark_units(state: StateCore) -> None:
    """Make units of the items of numbered lists, and take labels and attributes out of the text."""
    tokens: list[Token] = []
    for group in _group_by_block(state.tokens):
        if group[0].type == "ordered_list_open" and _is_sequence_of_paragraphs(group):
            for item in _group_by_block(group[1:-1]):
                tokens += _build_unit(item)
        else:
            tokens += group
    for group in _group_by_block(tokens):
        _take_marks(group)
    _keep_typed_numbers(tokens)
    state.tokens = tokens


def _is_sequence_of_paragraphs(group: Sequence[Token]) -> bool:
    """Return whether an ordered list has a single item, or empty lines between its items."""
    items = [token for token in group if token.type == "list_item_open" and token.level == 1]
    return len(items) == 1 or any(
        token.type == "paragraph_open" and token.level == 2 and not token.hidden for token in group
    )


def _build_unit(item: Sequence[Token]) -> list[Token]:
    """Return the content of a list item as one unit with the typed number as its label."""
    content = list(item[1:-1])
    for token in content:
        if token.level == 2 and token.type.startswith("paragraph_"):
            token.hidden = False
    typed = f"{item[0].info}{item[0].markup}"
    if not content or (is_year(typed) and content[0].type == "paragraph_open"):
        if not content:
            inline = Token("inline", "", 0, children=[])
            content = [Token("paragraph_open", "p", 1), inline, Token("paragraph_close", "p", -1)]
        content[1].content = f"{typed} {content[1].content}".strip()
        typed = ""
    opening = Token("unit_open", "", 1, hidden=True, meta={"label": typed.removesuffix(".")})
    return [opening, *content, Token("unit_close", "", -1, hidden=True)]


def _take_marks(group: Sequence[Token]) -> None:
    opening = group[0]
    if opening.type == "paragraph_open":
        label, rest = take_label(group[1].content)
        if rest:
            opening.meta["label"], group[1].content = label, rest
    last = next((token for token in reversed(group) if token.type == "inline"), None)
    if last is None or opening.type == "signoff_open":
        return
    attributes = take_attributes(last.content)
    if attributes.label and opening.type in _UNNUMBERED_TOKENS:
        return
    last.content = attributes.text
    if attributes.language:
        opening.meta["language"] = attributes.language
    if attributes.label:
        opening.meta["label"] = attributes.label


def _keep_typed_numbers(tokens: Sequence[Token]) -> None:
    """Give an item of an ordered list its typed number where counting would give another one."""
    expected: list[int] = []
    for token in tokens:
        if token.type in {"ordered_list_open", "bullet_list_open"}:
            expected.append(1)
        elif token.type in {"ordered_list_close", "bullet_list_close"}:
            expected.pop()
        elif token.type == "list_item_open" and token.info:
            if (typed := int(token.info)) != expected[-1]:
                token.attrs["value"] = typed
            expected[-1] = typed + 1


def _group_by_block(tokens: Sequence[Token]) -> list[list[Token]]:
    """Split a token stream at its top level: one group per block."""
    groups: list[list[Token]] = []
    depth = 0
    for token in tokens:
        if depth == 0:
            groups.append([])
        groups[-1].append(token)
        depth += token.nesting
    return groups


def _render_block(tokens: list[Token]) -> _Rendered:
    markdown = _build_parser()
    _lower_headings(tokens)
    renderer: RendererHTML = markdown.renderer  # type: ignore[assignment]
    html = _clean(renderer.render(tokens, markdown.options, {}))
    return _Rendered(tokens[0], html, text_of_tokens(tokens), _longest_line(tokens))


def _lower_headings(tokens: Sequence[Token]) -> None:
    for token in tokens:  # h1 is reserved for the title of the page
        if token.tag in {"h1", "h2"}:
            token.tag = "h2"
        elif token.tag in {"h3", "h4", "h5", "h6"}:
            token.tag = "h3"


def _longest_line(tokens: Sequence[Token]) -> int:
    """Return the length of the longest run of text between hard line breaks."""
    longest = length = 0
    for token in tokens:
        for child in token.children or ():
            length = 0 if child.type == "hardbreak" else length + len(child.content or " ")
            longest = max(longest, length)
    return longest


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes={"th": _ALIGNMENTS, "td": _ALIGNMENTS},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
    ).strip()


def _classify_blocks(rendered: Sequence[_Rendered], *, has_signoff: bool) -> list[BlockKind]:
    kinds = [_KIND_BY_TOKEN.get(block.opening.type, BlockKind.PARAGRAPH) for block in rendered]
    if rendered and _is_short_line(rendered[0]) and len(rendered) > 1:
        kinds[0] = BlockKind.SALUTATION
    if not has_signoff:
        end = len(rendered) - 1 - (kinds[-1:] == [BlockKind.FOOTNOTES])
        for index in range(end, max(0, end - MAX_SIGNOFF_LINES), -1):
            if not _is_short_line(rendered[index]):
                break
            kinds[index] = BlockKind.SIGNOFF
    return kinds


def _is_short_line(block: _Rendered) -> bool:
    """Return whether a block is short lines only, neither a sentence nor numbered nor an answer to tick."""
    text = block.text.rstrip()
    end = text[-MAX_SHORT_LINE_LENGTH:]
    return (
        block.opening.type == "paragraph_open"
        and not block.label
        and block.longest_line <= MAX_SHORT_LINE_LENGTH
        and not _CHECK_BOX.match(text)
        and (not ends_sentence(end) or _ABBREVIATION_AT_END.search(end) is not None)
    )
