"""Write the text of an imported comment in the Markdown of comments, so that it shows the same words."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from commentsite.comments.sanitizer import is_plain, render_comment_html, text_of_html
from commentsite.exchange.importers.records import TextFormat
from commentsite.text.plain_text import clean_text

MAX_DEPTH = 60
_HIDDEN = frozenset({"script", "style", "template", "head", "iframe", "object", "-comment"})
_BLOCKS = frozenset(
    ["p", "div", "section", "article", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "figure"]
)
_HAS_BLOCKS = re.compile(r"<(?:p|br|div|ul|ol|blockquote|pre|h[1-6]|table)\b", re.IGNORECASE)
_MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "cite": "*"}
_SPECIAL = re.compile(
    r"`|\*(?=\S)|(?<=\S)\*|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)|\[(?=[^\[\]]*\]\()|&(?=#?\w+;)"
)
_LINE_START = re.compile(r"^(\s*)(>|[-+](?=\s|$)|~~~|\d{1,9}(?=[.)](?:\s|$)))", re.MULTILINE)
_SPACES = re.compile(r"[ \t\n\r\f]+")


class ConvertedText(NamedTuple):
    """The Markdown of a comment, its HTML, and whether the HTML shows the words of the original."""

    markdown: str
    html: str
    is_exact: bool


def convert_text(text: str, text_format: TextFormat) -> ConvertedText:
    """Convert the text of a comment. Signs that would be marks of Markdown are escaped, so that they show."""
    if text_format is TextFormat.MARKDOWN:
        markdown = clean_text(text)
        return ConvertedText(markdown, render_comment_html(markdown), is_exact=True)
    if text_format is TextFormat.PLAIN or ("<" not in text and "&" not in text):
        return _convert_plain(clean_text(text))
    if not _HAS_BLOCKS.search(text):
        # WordPress stores the line breaks that a reader typed, and makes paragraphs of them when it shows them.
        text = text.replace("\r\n", "\n").replace("\n", "<br>")
    root = LexborHTMLParser(text).body
    if root is None:
        return ConvertedText("", "", is_exact=True)
    words = _read(root)
    converted = _render(clean_text(_tidy("".join(_walk(root, 0)))), words)
    return converted if converted.is_exact else _convert_plain(clean_text(words))


def _convert_plain(text: str) -> ConvertedText:
    if is_plain(text):
        return ConvertedText(text, render_comment_html(text), is_exact=True)
    escaped = _LINE_START.sub(_escape_line_start, _SPECIAL.sub(r"\\\g<0>", text))
    converted = _render(escaped, text)
    return converted if converted.is_exact else _render(text, text)


def _render(markdown: str, words: str) -> ConvertedText:
    html = render_comment_html(markdown)
    is_exact = _split_words(text_of_html(html)) == _split_words(words)
    return ConvertedText(markdown, html, is_exact)


def _escape_line_start(match: re.Match[str]) -> str:
    space, mark = match.groups()
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"


def _walk(node: LexborNode, depth: int) -> Iterator[str]:
    """Yield the parts of the Markdown. Blocks are set apart by newlines, of which _tidy removes the surplus."""
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            yield _SPECIAL.sub(r"\\\g<0>", _SPACES.sub(" ", child.text_content or ""))
        elif tag in _HIDDEN or depth > MAX_DEPTH:
            continue
        else:
            yield from _write(child, tag, depth)


def _write(node: LexborNode, tag: str, depth: int) -> Iterator[str]:
    inner = "".join(_walk(node, depth + 1))
    if tag == "br":
        yield "\n"
    elif tag == "img":
        address = node.attributes.get("src") or ""
        yield _write_link(address, _SPECIAL.sub(r"\\\g<0>", node.attributes.get("alt") or address))
    elif tag in _MARKS and inner.strip():
        mark = _MARKS[tag]
        start, end = _outer_spaces(inner)
        yield f"{start}{mark}{inner.strip()}{mark}{end}"
    elif tag == "code" and inner.strip():
        yield f"`{node.text(deep=True)}`"
    elif tag == "a" and inner.strip():
        yield _write_link(node.attributes.get("href") or "", inner)
    elif tag == "pre":
        yield f"\n\n```\n{node.text(deep=True).strip(chr(10))}\n```\n\n"
    elif tag == "blockquote":
        lines = _tidy(inner).split("\n")
        yield "\n\n" + "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"
    elif tag in {"ul", "ol"}:
        yield f"\n\n{''.join(_write_items(node, is_numbered=tag == 'ol', depth=depth))}\n\n"
    elif tag in _BLOCKS or tag == "li":
        yield f"\n\n{inner}\n\n"
    else:
        yield inner


def _write_items(node: LexborNode, *, is_numbered: bool, depth: int) -> Iterator[str]:
    start = node.attributes.get("start") or "1"
    number = int(start) - 1 if start.isdecimal() and len(start) < 9 else 0
    for item in node.iter():
        if item.tag == "li":
            number += 1
            mark = f"{number}. " if is_numbered else "- "
            text = _tidy("".join(_walk(item, depth + 1))).replace("\n", "\n" + " " * len(mark))
            yield f"{mark}{text}\n"


def _write_link(address: str, inner: str) -> str:
    text = inner.strip()
    if not re.match(r"(?:https?|mailto):", address, re.IGNORECASE):
        return inner
    if text.replace("\\", "") in {address, address.removeprefix("mailto:")}:
        return address
    target = address.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    return f"[{text}]({target})"


def _outer_spaces(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _tidy(text: str) -> str:
    """Remove surplus spaces and empty lines outside blocks of code."""
    lines: list[str] = []
    is_code = False
    for line in text.split("\n"):
        if line == "```":
            is_code = not is_code
        indented = is_code or line.startswith("  ")  # the second line of an item of a list
        tidy = line.rstrip() if indented else line.strip(" ")
        if tidy or is_code or (lines and lines[-1]):
            lines.append(tidy)
    return "\n".join(lines).strip("\n")


def _read(root: LexborNode) -> str:
    """Return the words that a browser would show."""
    return _tidy("".join(_iter_words(root)))


def _iter_words(node: LexborNode) -> Iterator[str]:
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            yield _SPACES.sub(" ", child.text_content or "")
        elif tag == "br":
            yield "\n"
        elif tag == "img":
            yield child.attributes.get("alt") or child.attributes.get("src") or ""
        elif tag not in _HIDDEN:
            breaks = "\n\n" if tag in _BLOCKS or tag in {"li", "blockquote", "pre"} else ""
            yield breaks
            yield from _iter_words(child)
            yield breaks


def _split_words(text: str) -> list[str]:
    """Return the words without the marks and numbers of lists, and without the hosts that links show."""
    lines = re.sub(r"^(?:• |\d+\. )", "", text, flags=re.MULTILINE)
    return re.sub(r"\s\([\w.:-]+\)", "", lines).split()
