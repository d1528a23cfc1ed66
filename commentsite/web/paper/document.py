"""Turn the page of a letter into the document that is printed as PDF.

The PDF says what the page says, because it is made from it. This module takes away what a reader on paper cannot
use, such as navigation and forms, and supplies what the renderer of PDFs does not work out by itself: the direction
of a text, absolute links, and headings without a gap.
"""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, SubElement

from commentsite.letters.media.files import FILE_NAME
from commentsite.text.direction import estimate_direction, guess_east_asian_language

SCREEN_ONLY_TAGS = {
    *("nav", "form", "script", "noscript", "button", "input", "meter", "select", "textarea"),
}
SCREEN_ONLY_CLASSES = {
    *("back-to-top", "contents", "copied", "copy", "face", "filters", "jump", "order"),
    *("para-side", "reply", "report"),
}
LINES = {"p", "h1", "h2", "h3", "h4", "dt", "dd", "li"}  # elements that can hold a line of text
BLOCKS = LINES | {"article", "div", "ol", "ul", "dl", "blockquote", "table", "header"}
SCREEN_ONLY_IDS = {"leave"}
LINK_SCHEMES = {"http", "https", "mailto"}
MEDIA_URL = "file:///media/"  # the address of a picture, which only the renderer understands
_PICTURE = re.compile(f"/media/({FILE_NAME.pattern})")
_HEADING = re.compile(r"h([1-6])")
_BLOCK_ADDRESS = re.compile(
    r"^[\s\\/]*[\\/][\s\\/]*[\\/]"
)  # //host, and what browsers read as the same


def make_document(page: Element, address: str, notes: list[str]) -> Element:
    """Change the parsed page of a letter at this address into a document, and return it.

    `notes` are sentences about this PDF. They come first.
    """
    body, main = page.find("body"), page.find(".//main")
    if body is None or main is None:
        msg = "This is not a page of the site."
        raise ValueError(msg)
    for child in list(body):
        body.remove(child)
    body.text, body.tail = None, None
    _add_notes(body, notes)
    body.append(main)
    _remove_screen_only(body)
    _replace_head(page, body)
    if page.get("dir") == "rtl":
        _set_direction_of_lines(body)
    for element in list(body.iter()):
        if element.tag in {"ol", "ul"}:
            _label_list_items(element)
        elif element.tag in {"td", "th"}:
            _separate_cell(element)
        _unfold(element)
        _resolve_image(element)
        _set_direction(element)
        _set_language(element)
    _number_paragraphs(body)
    _close_heading_gaps(body)
    _make_links_absolute(body, address)
    return page


def _add_notes(body: Element, notes: list[str]) -> None:
    for note in notes:
        paragraph = SubElement(body, "p", {"class": "pdf-note", "lang": "en", "dir": "ltr"})
        paragraph.text = note


def _replace_head(page: Element, body: Element) -> None:
    """Keep the title and the authors. The name of the site belongs to the page and not to the letter."""
    head, heading = page.find("head"), body.find(".//h1")
    if head is None or heading is None:
        return
    authors = [meta.get("content", "") for meta in head if meta.get("name") == "citation_author"]
    for child in list(head):
        head.remove(child)
    SubElement(head, "title").text = get_text(heading)
    SubElement(head, "meta", {"name": "author", "content": ", ".join(authors)})


def get_text(element: Element) -> str:
    """Return the text of an element with single spaces."""
    return " ".join("".join(element.itertext()).split())


def _remove_screen_only(root: Element) -> None:
    for parent, child in list(_iter_pairs(root)):
        classes = set(child.get("class", "").split())
        if (
            not isinstance(child.tag, str)
            or child.tag in SCREEN_ONLY_TAGS
            or classes & SCREEN_ONLY_CLASSES
            or child.get("id") in SCREEN_ONLY_IDS
        ):
            _remove(parent, child)


def _remove(parent: Element, child: Element) -> None:
    """Remove an element, but not the text after it."""
    siblings = list(parent)
    index = siblings.index(child)
    if child.tail:
        if index:
            siblings[index - 1].tail = (siblings[index - 1].tail or "") + child.tail
        else:
            parent.text = (parent.text or "") + child.tail
    parent.remove(child)


def _iter_pairs(root: Element) -> Iterator[tuple[Element, Element]]:
    for parent in root.iter():
        for child in list(parent):
            yield parent, child


def _unfold(element: Element) -> None:
    if element.tag == "details":
        element.tag = "div"
    elif element.tag == "summary":
        element.tag = "p"


def _separate_cell(cell: Element) -> None:
    """End a cell with a space, so that programs that read PDFs do not join it with the next one."""
    if len(cell):
        cell[-1].tail = (cell[-1].tail or "").rstrip() + "\u00a0"
    else:
        cell.text = (cell.text or "").rstrip() + "\u00a0"


def _resolve_image(element: Element) -> None:
    """Print a picture of the letter, and the alternative text of every other image. None is fetched."""
    source = element.attrib.pop("src", "")
    if element.tag != "img":
        return
    picture = _PICTURE.fullmatch(source)
    if picture:
        element.set("src", MEDIA_URL + picture[1])
    else:
        element.tag, element.text = "span", element.get("alt", "")


def _set_direction(element: Element) -> None:
    is_isolated = element.tag == "bdi" and "dir" not in element.attrib
    if is_isolated or element.get("dir") == "auto":
        element.set("dir", estimate_direction(get_text(element)))


def _set_direction_of_lines(element: Element) -> None:
    """Give each line of the interface on a right-to-left page the direction of its own words.

    Browsers do so by their style. The text of the letter and of a comment names its direction itself.
    """
    for child in element:
        if "dir" in child.attrib or not isinstance(child.tag, str):
            continue
        is_line = child.tag in LINES and not any(
            e.tag in BLOCKS for e in child.iter() if e is not child
        )
        if is_line and "note" not in child.get("class", "").split():
            child.set("dir", estimate_direction(_get_own_words(child) or get_text(child)))
        else:
            _set_direction_of_lines(child)


def _get_own_words(line: Element) -> str:
    """Return the text of a line without names, which are isolated."""
    words = [line.text or ""]
    for child in line:
        words += [] if child.tag == "bdi" else [_get_own_words(child)]
        words.append(child.tail or "")
    return " ".join(" ".join(words).split())


def _set_language(element: Element) -> None:
    """Name the language of a comment in Chinese, Japanese or Korean, for the choice of the font."""
    if "comment-text" in element.get("class", "") and "lang" not in element.attrib:
        language = guess_east_asian_language(get_text(element))
        if language:
            element.set("lang", language)


def _number_paragraphs(body: Element) -> None:
    """Write the number of a paragraph into its first line, where it is also first in the order of reading.

    A positioned number would be drawn after the rest of the page, and a program that reads the page in the order
    of drawing would put it there.
    """
    for block in list(body.iter()):
        children = list(block)
        if block.get("class") != "para" or not children:
            continue
        classes = children[0].get("class", "").split()
        if "para-n" not in classes:
            continue
        number = get_text(children[0])
        block.remove(children[0])
        line = _find_first_line(block)
        if line is None:
            line = Element("p", {"class": " ".join(["para-line", *classes[1:]])})
            block.insert(0, line)
        _insert_label(line, number, " ".join(classes))


def _find_first_line(block: Element) -> Element | None:
    first = block[0] if len(block) else None
    if first is not None and first.tag == "blockquote" and len(first):
        first = first[0]
    return first if first is not None and first.tag == "p" else None


def _label_list_items(lists: Element) -> None:
    """Write the mark of each item into its first line, for the same reason as the number of a paragraph."""
    if "thread" in lists.get("class", "").split():
        return
    number = _parse_number(lists.get("start"), 1)
    for item in lists:
        number = _parse_number(item.get("value"), number)
        line = (
            item[0] if len(item) and item[0].tag == "p" and not (item.text or "").strip() else item
        )
        _insert_label(line, f"{number}." if lists.tag == "ol" else "•", "mark")
        number += 1


def _parse_number(value: str | None, default: int) -> int:
    return int(value) if value and re.fullmatch(r"-?[0-9]{1,9}", value) else default


def _insert_label(line: Element, text: str, name: str) -> None:
    """Put a label before the text of a line. The no-break space separates the two for programs that read PDFs.

    The box of the label has the direction of the line, on which its margins depend. Only its text is isolated.
    """
    label = Element("span", {"class": name})
    label.text, label.tail = f"{text}\u00a0", (line.text or "").lstrip()
    if any(
        character.isalpha() for character in text
    ):  # as in "11 bis", in a line of another direction
        isolated = SubElement(label, "bdi", {"dir": estimate_direction(text)})
        label.text, isolated.text, isolated.tail = None, text, "\u00a0"
    line.text = None
    line.insert(0, label)


def _close_heading_gaps(body: Element) -> None:
    """Raise headings that skip a level, which a screen reader would take for a missing part."""
    level = 0
    for element in body.iter():
        found = _HEADING.fullmatch(element.tag) if isinstance(element.tag, str) else None
        if found:
            level = min(int(found[1]), level + 1)
            element.tag = f"h{level}"


def _make_links_absolute(body: Element, address: str) -> None:
    ids = {element.get("id") for element in body.iter()}
    for element in body.iter():
        href = element.attrib.pop("href", None)
        if href is None or element.tag != "a":
            continue
        target = _resolve(href, address, ids)
        if target:
            element.attrib = {"href": target} | element.attrib
        else:
            element.tag = "span"
        element.attrib.pop("rel", None)
        element.attrib.pop("title", None)


def _resolve(href: str, address: str, ids: set[str | None]) -> str:
    """Return the target of a link on paper, or "" for one that leads nowhere certain."""
    if href.startswith("#") and href[1:] in ids:
        return href
    if _BLOCK_ADDRESS.match(href):
        return ""
    try:
        target = urljoin(address, href)
        return target if urlsplit(target).scheme.lower() in LINK_SCHEMES else ""
    except ValueError:
        return ""
