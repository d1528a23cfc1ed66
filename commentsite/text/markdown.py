"""Rules of Markdown that letters and comments share: no word is lost, no address swallows a sentence.

Each function changes a parser of markdown-it. The upstream rules follow CommonMark and linkify-it,
which drop words in a few places: below the nesting limit, after an opening code fence, in titles of
links. They also let an address run on into Chinese or Arabic text.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

from linkify_it import LinkifyIt
from linkify_it.tlds import TLDS
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from commentsite.text.plain_text import remove_invisible

# Of quotations, lists, list items and notes within each other. It must stay below markdown-it's own
# limit of 20, with room for one more list and item.
MAX_DEPTH = 16
MAX_ADDRESS_LENGTH = 8_000  # of a link in the text, in characters

_ADDRESS = re.compile(r"(?<![a-z0-9.+\\-])(?:https?|ftp)://", re.IGNORECASE)
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_AFTER_ADDRESS = re.compile(r"[\s<>()\[\]\"]")
_SCHEME = re.compile(r"(?:^|[^a-z0-9.+-])([a-z][a-z0-9.+-]*)$", re.IGNORECASE)
_SCHEME_AND_HOST = re.compile(r"(?:[a-z][a-z0-9.+-]*:)?(?://)?[^/?#]*", re.IGNORECASE)
BlockRule = Callable[[StateBlock, int, int, bool], bool]
_CONTAINER_RULES = {
    "blockquote": ["paragraph", "reference", "blockquote", "list"],
    "list": ["paragraph", "reference", "blockquote"],
    "footnote_def": ["paragraph", "reference"],
}
_TLDS = frozenset(name.lower() for name in TLDS) | {"example", "test", "invalid", "localhost"}


def limit_nesting(markdown: MarkdownIt) -> None:
    """Show containers below MAX_DEPTH as text. Upstream drops the rest of the text there."""
    for name, chains in _CONTAINER_RULES.items():
        if name in markdown.block.ruler.get_all_rules():
            rule = _limit_depth(_find_rule(markdown, name))
            markdown.block.ruler.at(name, rule, {"alt": chains})


def _find_rule(markdown: MarkdownIt, name: str) -> BlockRule:
    return next(rule.fn for rule in markdown.block.ruler.__rules__ if rule.name == name)


def _limit_depth(rule: BlockRule) -> BlockRule:
    def limited(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
        return state.level < MAX_DEPTH and rule(state, start, end, silent)

    return limited


def end_containers_at_unmarked_lines(markdown: MarkdownIt) -> None:
    """Let a line without mark or indentation end a quotation or list, not continue it."""

    def unmarked(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
        del end
        is_unmarked = state.parentType == "blockquote" or state.sCount[line] < state.blkIndent
        return silent and is_unmarked

    markdown.block.ruler.before(
        "paragraph", "unmarked_line", unmarked, {"alt": ["paragraph", "blockquote"]}
    )


def link_addresses(markdown: MarkdownIt) -> None:
    """Link addresses in text up to their end, as `find_address_end` tells, and show them as typed."""
    markdown.enable("linkify")
    markdown.inline.ruler.at("linkify", _link_typed_address)
    markdown.core.ruler.disable("linkify")
    markdown.core.ruler.after("text_join", "link_addresses", _link_addresses_in_text)


def find_address_end(url: str) -> int:
    """Return the length of the address at the start of a text that may run on after it.

    An address ends before a backslash, a brace and punctuation outside ASCII. It also ends where a
    letter of a script without capitals follows a Latin letter or digit, as in `/page的`. A path
    segment that begins with such letters belongs to the address.
    """
    end = len(url)
    for index, character in enumerate(url):
        if character in "\\{}" or (
            not character.isascii() and unicodedata.category(character)[0] in "PZC"
        ):
            end = index
            break
    host = _SCHEME_AND_HOST.match(url, 0, end)
    host_end = host.end() if host else 0
    for index in range(1, end):
        before, character = url[index - 1], url[index]
        is_border = (
            before.isascii() and before.isalnum() and unicodedata.category(character) == "Lo"
        )
        if is_border and (
            index >= host_end or _ends_with_top_level_domain(url[max(0, index - 64) : index])
        ):
            end = index
            break
    return _trim_end(url, end)


def _ends_with_top_level_domain(text: str) -> bool:
    head, dot, label = text.rpartition(".")
    return bool(dot and head and label.isascii() and label.lower() in _TLDS)


def _trim_end(url: str, end: int) -> int:
    """Leave out punctuation that belongs to the sentence."""
    return len(url[:end].rstrip("*_.,;:!?'\"-"))


def find_addresses(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each address with `http://`, `https://` or `ftp://` in a text."""
    linkify, found, end = _linkify(), [], 0
    for match in _ADDRESS.finditer(text):
        if match.start() < end or not (
            link := linkify.match_at_start(text[match.start() : match.start() + MAX_ADDRESS_LENGTH])
        ):
            continue
        end = match.start() + find_address_end(link.url)
        found.append((match.start(), end))
    return found


def find_links(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each address in a text that begins with `http://`, `https://` or `www.`.

    The end is that of the link which readers get. An address without a valid host ends with its punctuation.
    """
    found, end = [], 0
    for match in _LINK.finditer(text):
        start = match.start()
        if start < end:
            continue
        typed = text[start : start + MAX_ADDRESS_LENGTH]
        prefix = "http://" if match[0].lower() == "www." else ""
        link = _linkify().match_at_start(prefix + typed)
        address = link.url[len(prefix) :] if link else _AFTER_ADDRESS.split(typed, 1)[0]
        end = start + max(find_address_end(address), len(match[0]))
        found.append((start, end))
    return found


@cache
def _linkify() -> LinkifyIt:
    return LinkifyIt()


def _link_typed_address(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    """Link an address that begins with a scheme, before emphasis can take its characters."""
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.pending)
    if not scheme or not state.md.linkify:
        return False
    start = state.pos - len(scheme[1])
    end = min(state.posMax, start + MAX_ADDRESS_LENGTH)
    link = state.md.linkify.match_at_start(state.src[start:end])
    if not link:
        return False
    url = link.url[: find_address_end(link.url)]
    href = state.md.normalizeLink(url)
    if len(url) <= len(scheme[1]) + 3 or not state.md.validateLink(href):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[1])]
        for token in _build_link(href, url):
            state.push(token.type, token.tag, token.nesting)
            state.tokens[-1].attrs, state.tokens[-1].content = token.attrs, token.content
            state.tokens[-1].markup, state.tokens[-1].info = token.markup, token.info
    state.pos = start + len(url)
    return True


def _build_link(href: str, text: str) -> list[Token]:
    opening = Token("link_open", "a", 1, attrs={"href": href}, markup="linkify", info="auto")
    closing = Token("link_close", "a", -1, markup="linkify", info="auto")
    return [opening, Token("text", "", 0, content=text), closing]


def _link_addresses_in_text(state: StateCore) -> None:
    """Link the other addresses that linkify-it finds, such as `mailto:` and `www.`."""
    linkify = state.md.linkify
    for token in state.tokens:
        if token.type != "inline" or not linkify or not linkify.pretest(token.content):
            continue
        children: list[Token] = []
        depth = 0
        for child in token.children or []:
            depth += child.nesting if child.type.startswith("link_") else 0
            if child.type == "text" and not depth and linkify.test(child.content):
                children += _split_at_addresses(state.md, child)
            else:
                children.append(child)
        token.children = children


def _split_at_addresses(markdown: MarkdownIt, token: Token) -> list[Token]:
    tokens: list[Token] = []
    position, text = 0, token.content
    for link in (markdown.linkify.match(text) if markdown.linkify else None) or []:
        end = link.index + find_address_end(text[link.index : link.last_index])
        address = text[link.index : end]
        prefix = link.url[: len(link.url) - len(link.text)]  # "http://" or "mailto:", if not typed
        href = markdown.normalizeLink(prefix + address)
        if link.schema == "//" or not address or not markdown.validateLink(href):
            continue
        if link.index > position:
            tokens.append(Token("text", "", 0, content=text[position : link.index]))
        tokens += _build_link(href, address)
        position = end
    if position < len(text):
        tokens.append(Token("text", "", 0, content=text[position:]))
    return tokens


def keep_all_words(markdown: MarkdownIt) -> None:
    """Show the words after an opening code fence and the titles of links, as they were typed.

    Characters that change the direction of text are removed again, because a character reference
    can bring them back.
    """
    markdown.core.ruler.push("keep_all_words", _keep_all_words)


def _keep_all_words(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "fence" and token.info.strip():
            token.content = f"{token.info.strip()}\n{token.content}"
            token.info = ""
        if token.children:
            token.children = _show_titles(token.children)


def _show_titles(children: list[Token]) -> list[Token]:
    tokens: list[Token] = []
    titles: list[str] = []
    for child in children:
        child.content = remove_invisible(child.content)
        tokens.append(child)
        if child.type == "link_open":
            titles.append(remove_invisible(str(child.attrs.pop("title", ""))).strip())
        elif child.type == "link_close" and titles and (title := titles.pop()):
            tokens.append(Token("text", "", 0, content=f' "{title}"'))
    return tokens


def keep_wide_tables(markdown: MarkdownIt) -> None:
    """Show a table as text if a row has more cells than the head. Upstream drops such cells."""
    table = _find_rule(markdown, "table")

    def keep_cells(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
        token_count = len(state.tokens)
        if not table(state, start, end, silent):
            return False
        if silent:
            return True
        lines = [
            state.src[state.bMarks[n] : state.eMarks[n]].strip() for n in range(start, state.line)
        ]
        width, *others = map(_count_cells, lines)
        if max(others) > width:
            del state.tokens[token_count:]
            _push_paragraph(state, "\n".join(lines))
        return True

    markdown.block.ruler.at("table", keep_cells, {"alt": ["paragraph", "reference"]})


def _push_paragraph(state: StateBlock, text: str) -> None:
    state.push("paragraph_open", "p", 1)
    inline = state.push("inline", "", 0)
    inline.content, inline.children = text, []
    state.push("paragraph_close", "p", -1)


def _count_cells(line: str) -> int:
    cells = escapedSplit(line)
    return len(cells) - (cells[0] == "") - (len(cells) > 1 and cells[-1] == "")


class _Definitions(dict[str, dict[str, str]]):
    """The definitions of links by label. It notes which of them the text uses."""

    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()

    def get(self, label: str, default: Any = None) -> Any:
        if label in self:
            self.used.add(label)
        return super().get(label, default)


def keep_unused_definitions(markdown: MarkdownIt) -> None:
    """Show a line such as `[Name]: word` as text, unless a link uses it as its definition."""
    reference = _find_rule(markdown, "reference")

    def mark_definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
        definitions = state.env.setdefault("references", _Definitions())
        known = len(definitions)
        if not reference(state, start, end, silent):
            return False
        if not silent:
            token = state.push("definition", "", 0)
            token.content = state.getLines(start, state.line, state.blkIndent, False).strip()  # noqa: FBT003  # markdown-it's signature
            is_new = len(definitions) > known
            token.meta["label"] = next(reversed(definitions)) if is_new else None
        return True

    markdown.block.ruler.at("reference", mark_definition)
    markdown.core.ruler.after("inline", "unused_definitions", _show_unused_definitions)


def _show_unused_definitions(state: StateCore) -> None:
    used = getattr(state.env.get("references"), "used", ())
    tokens: list[Token] = []
    for token in state.tokens:
        if token.type != "definition":
            tokens.append(token)
        elif token.meta["label"] not in used:
            text = Token("text", "", 0, content=token.content)
            inline = Token("inline", "", 0, content=token.content, children=[text])
            tokens += [Token("paragraph_open", "p", 1), inline, Token("paragraph_close", "p", -1)]
    state.tokens = tokens


def align_cells_by_class(markdown: MarkdownIt) -> None:
    """Give aligned table cells a class, since the content security policy forbids styles."""

    def align(state: StateCore) -> None:
        for token in state.tokens:
            if token.type in {"th_open", "td_open"} and (style := token.attrs.pop("style", "")):
                token.attrs["class"] = f"align-{str(style).rpartition(':')[2]}"

    markdown.core.ruler.push("align_cells_by_class", align)


def text_of_tokens(tokens: list[Token]) -> str:
    """Return the text of blocks, one line for each."""
    return "\n".join(
        _text_of_token(token) for token in tokens if token.type in {"inline", "fence", "code_block"}
    )


def _text_of_token(token: Token) -> str:
    if token.children is None:
        return token.content
    return "".join(
        "\n" if child.type in {"softbreak", "hardbreak"} else child.content
        for child in token.children
    )
