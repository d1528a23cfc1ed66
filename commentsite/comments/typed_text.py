r"""Rules of Markdown that leave the text of a comment as its author typed it.

An ordered list is a list only if it counts 1., 2., 3. Any other numbers stay in the text, because
programs that show a comment elsewhere (readers of feeds, printers, extractors) count again from 1.
A line of stars or dashes is text, not a list of nothing in lists of nothing. A backslash disappears
only before a character that would otherwise act as Markdown. It stays in addresses of files such as
`C:\notes` and `\\server\share`. Stars between two letters or digits, as in 2*3*4, are signs.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, emphasis
from markdown_it.token import Token

_SEPARATOR = re.compile(r"[*_-](?:[ \t]*[*_-]){2,}[ \t]*")
_PATH = re.compile(r"\\\S*")
_AUTOLINK = re.compile(r"<(?:https?:|mailto:|[^\s<>@]+@)[^\s<>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
_NUMBER_BEFORE = re.compile(r"(?:^|\n) {0,3}\d{1,9}$")
_LINE_MARKS = re.compile(r"(?:>|[-+*](?=\s|$)|~~~)")


def keep_text_as_typed(markdown: MarkdownIt) -> None:
    markdown.block.ruler.before(
        "list", "separator", _keep_separator, {"alt": ["paragraph", "blockquote", "list"]}
    )
    markdown.core.ruler.after("block", "typed_numbers", _keep_typed_numbers)
    markdown.inline.ruler.at("escape", _keep_backslash)
    markdown.inline.ruler.at("emphasis", _keep_inner_stars)


def _keep_separator(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    """Read a line of three or more stars or dashes as a paragraph."""
    del end
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if state.is_code_block(start) or not _SEPARATOR.fullmatch(line):
        return False
    if not silent:
        state.push("paragraph_open", "p", 1)
        inline = state.push("inline", "", 0)
        inline.content, inline.children = line.strip(), []
        state.push("paragraph_close", "p", -1)
        state.line = start + 1
    return True


def _keep_typed_numbers(state: StateCore) -> None:
    state.tokens = list(_flatten_lists(state.tokens))


def _flatten_lists(tokens: Sequence[Token]) -> Iterator[Token]:
    """Replace ordered lists that do not count 1., 2., 3. by paragraphs with the typed numbers."""
    flat: list[bool] = []  # for each open list
    ends = _find_ends(tokens)
    for index, token in enumerate(tokens):
        if token.type in {"ordered_list_open", "bullet_list_open"}:
            flat.append(
                token.type == "ordered_list_open" and not _counts_from_one(tokens, index, ends)
            )
        is_flat = bool(flat and flat[-1])
        if token.type in {"ordered_list_close", "bullet_list_close"}:
            flat.pop()
        if not is_flat:
            yield token
        elif token.type == "list_item_open":
            yield from _put_number(tokens, index)
        elif token.type.startswith("paragraph_"):
            token.hidden = False
            yield token
        elif token.type not in {"list_item_close", "ordered_list_open", "ordered_list_close"}:
            yield token


def _find_ends(tokens: Sequence[Token]) -> dict[int, int]:
    ends, open_tokens = {}, []
    for index, token in enumerate(tokens):
        if token.nesting == 1:
            open_tokens.append(index)
        elif token.nesting == -1:
            ends[open_tokens.pop()] = index
    return ends


def _counts_from_one(tokens: Sequence[Token], start: int, ends: dict[int, int]) -> bool:
    index, number = start + 1, 1
    while index < ends[start]:  # from item to item
        if f"{tokens[index].info}{tokens[index].markup}" != f"{number}.":
            return False
        index, number = ends[index] + 1, number + 1
    return True


def _put_number(tokens: Sequence[Token], index: int) -> list[Token]:
    """Write the number of a list item before its text, or return a paragraph with the number alone."""
    typed = f"{tokens[index].info}{tokens[index].markup}"
    if tokens[index + 1].type == "paragraph_open":
        inline = tokens[index + 2]
        inline.content = f"{typed} {inline.content}"
        return []
    inline = Token("inline", "", 0, content=typed, children=[])
    return [Token("paragraph_open", "p", 1), inline, Token("paragraph_close", "p", -1)]


def _keep_inner_stars(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    """Read stars between two letters or digits as text, as CommonMark reads underscores there.

    In scripts without spaces, such stars can only be emphasis.
    """
    start, source = state.pos, state.src
    if silent or source[start] != "*":
        return emphasis.tokenize(state, silent)
    end = start
    while end < state.posMax and source[end] == "*":
        end += 1
    before, after = source[max(0, start - 1) : start], source[end : min(end + 1, state.posMax)]
    if not (_is_in_word(before) and _is_in_word(after)):
        return emphasis.tokenize(state, silent)
    state.pending += source[start:end]
    state.pos = end
    return True


def _is_in_word(character: str) -> bool:
    return character.isalnum() and unicodedata.category(character) != "Lo"


def _keep_backslash(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's signature
    """Remove a backslash before a character that would act as Markdown, and keep any other."""
    position, source = state.pos, state.src
    if source[position] != "\\":
        return False
    if path := _find_path(source, position, state.posMax):
        content, width = path, len(path)
    elif position + 1 < state.posMax and _is_markup(source, position + 1):
        content, width = source[position + 1], 2
    else:
        return False
    if not silent:
        token = state.push("text_special", "", 0)
        token.content, token.markup, token.info = (
            content,
            source[position : position + width],
            "escape",
        )
    state.pos += width
    return True


def _find_path(source: str, position: int, end: int) -> str:
    r"""Return the rest of a path such as `\\server\share`, or of `C:\notes` after the colon."""
    is_share = source.startswith("\\\\", position)
    before = source[max(0, position - 3) : position]
    is_drive = re.search(r"(?<![^\W_])[A-Za-z]:$", before) is not None
    match = _PATH.match(source, position, end) if is_share or is_drive else None
    return match[0] if match else ""


def _is_markup(source: str, position: int) -> bool:
    """Return whether the character would act as Markdown without the backslash before it."""
    character = source[position]
    if character in "*_`" and source.count(character) > 1:
        return True
    if character in "[]" and "](" in source.replace("\\", ""):
        return True
    if character == "<":
        return _AUTOLINK.match(source, position) is not None
    if character == "&":
        return _ENTITY.match(source, position) is not None
    line_start = source.rfind("\n", 0, position) + 1
    if character in ".)":
        is_end = source[position + 1 : position + 2] in {"", " ", "\n"}
        return is_end and _NUMBER_BEFORE.search(source, 0, position - 1) is not None
    is_first = not source[line_start : position - 1].strip()
    return is_first and _LINE_MARKS.match(source, position) is not None
