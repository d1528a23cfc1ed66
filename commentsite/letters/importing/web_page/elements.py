"""Facts about single elements of a web page: hidden ones, their words, numbers of lists, pictures."""

import base64
import binascii
import re
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from commentsite.letters.importing.number_formats import format_number
from commentsite.letters.importing.web_page.styles import Styles, is_far_outside, is_zero

IGNORED_TAGS = frozenset({
    "script", "rp", "style", "title", "head", "meta", "link", "base", "basefont", "param", "source",
    "track",
})  # fmt: skip
_HIDDEN = frozenset(["template", "datalist", "noframes", "annotation", "annotation-xml"])
_BOX_CLASSES = {"checkbox-on": "☒", "checkbox-off": "☐"}  # of Notion
_NUMBER_FORMATS = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
    "lower-latin": "lowerLetter", "lower-alpha": "lowerLetter", "upper-latin": "upperLetter",
    "upper-alpha": "upperLetter", "lower-roman": "lowerRoman", "upper-roman": "upperRoman",
    "decimal-leading-zero": "decimalZero", "arabic-indic": "arabicIndic",
}  # fmt: skip
_DATA_PICTURE = re.compile(
    r"data:image/[\w.+-]+(?:;[\w=-]+)*?(;base64)?,(.*)", re.DOTALL | re.IGNORECASE
)


def unwrap_redirect(address: str) -> str:
    """Return the address to which Google Docs or Outlook redirect, or the address itself.

    Their redirects tell a third party who reads the letter, and can name the recipient of a mail.
    """
    for _ in range(3):
        try:
            parts = urlsplit(address)
            host = (parts.hostname or "").removeprefix("www.")
            query = parse_qs(parts.query)
        except ValueError:
            return address
        if re.fullmatch(r"google\.[a-z.]{2,6}", host) and parts.path == "/url":
            target = (query.get("q") or query.get("url") or [""])[0]
        elif host.endswith(".safelinks.protection.outlook.com"):
            target = query.get("url", [""])[0]
        else:
            return address
        if not target:
            return address
        address = target
    return address


def is_hidden(node: LexborNode, tag: str, styles: Styles) -> bool:
    """Return whether a browser leaves out an element with all that is in it."""
    attributes = node.attributes
    return (
        tag in _HIDDEN
        or "hidden" in attributes
        or (tag == "dialog" and "open" not in attributes)
        or (tag == "input" and (attributes.get("type") or "").lower() == "hidden")
        or styles.get("display") == "none"
        or is_zero(styles.get("opacity", ""))
        or (
            (is_zero(styles.get("max-height", "")) or is_zero(styles.get("height", "")))
            and "hidden" in styles.get("overflow", "")
        )
        or is_far_outside(styles.get("text-indent", ""))
        or (
            styles.get("position") in {"absolute", "fixed"}
            and any(is_far_outside(styles.get(side, "")) for side in ("left", "top"))
        )
    )


def is_deletion(node: LexborNode, tag: str) -> bool:
    """Return whether an element is a deletion that Word tracked, not a struck-out text."""
    attributes = node.attributes
    return "msoDel" in (attributes.get("class") or "").split() or (
        tag == "del" and bool(attributes.get("datetime") or attributes.get("cite"))
    )


def is_within_article(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag in {"article", "main", "section", "blockquote"}:
            return True
        parent = parent.parent
    return False


def get_words(node: LexborNode) -> str:
    """Return the words in an element, as a remark quotes them."""
    parts = []
    if node.is_text_node:
        parts = [node.text_content or ""]
    elif (node.tag or "") not in IGNORED_TAGS:
        if node.tag == "template":
            inner = LexborHTMLParser(re.sub(r"^<[^>]*>|</template>$", "", node.html or ""))
            parts = [inner.body.text(deep=True, separator=" ") if inner.body else ""]
        else:
            parts = [
                part.text_content or ""
                for part in node.traverse(include_text=True)
                if part.is_text_node
                and (part.parent is None or part.parent.tag not in IGNORED_TAGS)
            ]
            parts += [image.attributes.get("alt") or "" for image in node.css("img[alt]")]
    return " ".join(" ".join(parts).split())


def get_indent_level(styles: Styles) -> int:
    match = re.match(r"(\d+(?:\.\d+)?)(pt|cm|in|px|mm)", styles.get("margin-left", ""))
    if not match:
        return 0
    points = float(match[1]) * {"pt": 1, "cm": 28.35, "in": 72, "px": 0.75, "mm": 2.835}[match[2]]
    return max(0, min(8, round(points / 36) - 1))


def read_integer(text: str | None, default: int) -> int:
    match = re.match(r"\s*([-+]?\d{1,6})", text or "", re.ASCII)
    return int(match[1]) if match else default


def read_start(node: LexborNode, count: int) -> tuple[int, int]:
    """Return the first number of a list, and by how much each item adds to it."""
    is_reversed = "reversed" in node.attributes
    first = read_integer(node.attributes.get("start"), count if is_reversed else 1)
    return first, -1 if is_reversed else 1


def format_label(number: int, name: str) -> str:
    if name == "arabic-indic":
        return "".join(chr(0x660 + int(digit)) for digit in str(number))
    return format_number(number, _NUMBER_FORMATS.get(name, "decimal"))


def list_table_parts(table: LexborNode) -> list[LexborNode]:
    """Return the rows of a table, with its heads first and its foot last, and its caption."""
    captions: list[LexborNode] = []
    heads: list[LexborNode] = []
    rows: list[LexborNode] = []
    feet: list[LexborNode] = []
    for child in table.iter():
        if child.tag in {"thead", "tbody", "tfoot"}:
            group = {"thead": heads, "tfoot": feet}.get(child.tag, rows)
            group += list(child.iter())
        elif child.tag == "tr":
            rows.append(child)
        elif child.tag not in {"colgroup", "col"}:
            captions.append(child)
    return [*captions, *heads, *rows, *feet]


def read_box(node: LexborNode) -> str:
    """Return the state of a box to tick that is no form field, or ''."""
    if node.attributes.get("role") in {"checkbox", "radio", "switch"}:
        return "☒" if node.attributes.get("aria-checked") == "true" else "☐"
    classes = (node.attributes.get("class") or "").split()
    return next((_BOX_CLASSES[name] for name in classes if name in _BOX_CLASSES), "")


def read_data_picture(source: str) -> bytes:
    match = _DATA_PICTURE.match(source)
    if not match:
        return b""
    if not match[1]:
        return unquote_to_bytes(match[2])
    try:
        return base64.b64decode(re.sub(r"\s+|%0A|%20", "", match[2]))
    except (ValueError, binascii.Error):
        return b""
