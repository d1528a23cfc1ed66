"""Read an OpenDocument text: the text that a word processor shows, what is left out in remarks.

Tracked changes are accepted. Hidden text, comments, running heads and tables of contents are left
out and recorded.
"""

from dataclasses import replace

from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.markdown.tree import Block
from commentsite.letters.importing.markdown.writer import build_document
from commentsite.letters.importing.word_processors.odt.document import Context, Document, Place
from commentsite.letters.importing.word_processors.odt.drawings import read_drawing
from commentsite.letters.importing.word_processors.odt.elements import SKIPPED, iterate_text
from commentsite.letters.importing.word_processors.odt.lists import Counters
from commentsite.letters.importing.word_processors.odt.namespaces import (
    DC,
    DRAW,
    TABLE,
    TEXT,
    XML_ID,
)
from commentsite.letters.importing.word_processors.odt.pages import (
    describe_page_furniture,
    find_page_colour,
)
from commentsite.letters.importing.word_processors.odt.paragraphs import read_paragraph
from commentsite.letters.importing.word_processors.odt.tables import read_table
from commentsite.letters.importing.word_processors.odt.tracked_changes import describe_changes
from commentsite.letters.importing.word_processors.package import Element, Package
from commentsite.letters.remarks import RemarkKind


def is_odt(content: bytes) -> bool:
    """Return whether a ZIP package is an OpenDocument file. Raises UnreadableFile on a damaged one."""
    package = Package(content)
    return "content.xml" in package and "[Content_Types].xml" not in package


def read_odt(content: bytes) -> ParsedDocument:
    """Return the document. Raises UnreadableFile on a damaged file and on another kind of document."""
    return _read(Document(Package(content), _read_blocks))


def _read(document: Document) -> ParsedDocument:
    describe_changes(document)
    blocks = document.read_blocks(document.body, Place(background=find_page_colour(document)))
    describe_page_furniture(document)
    title, language = _read_properties(document)
    return build_document(
        blocks,
        document.collector,
        title=title,
        language=document.collector.choose_language(language),
    )


def _read_blocks(document: Document, container: Element, place: Place) -> list[Block]:
    blocks: list[Block] = []
    for child in container:
        tag = child.tag
        if tag in {TEXT + "p", TEXT + "h"}:
            blocks += read_paragraph(document, child, place)
            place = replace(place, is_first=False)
        elif tag == TEXT + "list":
            blocks += _read_list(document, child, place)
        elif tag == TABLE + "table":
            blocks.append(read_table(document, child, place))
        elif tag == TEXT + "section" and _is_hidden_section(child):
            mark = document.collector.mark()
            words = document.collector.take_words(mark, document.read_aside(child))
            document.collector.add_remark(RemarkKind.HIDDEN_TEXT, words)
        elif tag == TEXT + "table-of-content":
            words = " ".join(iterate_text(child))
            document.collector.add_remark(RemarkKind.PAGE_FURNITURE, words)
        elif str(tag).startswith(DRAW):
            list(read_drawing(document, child, Context()))
            blocks += document.take_boxes()
        elif tag not in SKIPPED and not str(tag).endswith("-source"):
            blocks += _read_blocks(document, child, place)
    return blocks


def _is_hidden_section(section: Element) -> bool:
    display = section.get(TEXT + "display", "true")
    if display == "condition":
        return bool(section.get(TEXT + "is-hidden", "true") == "true")
    return bool(display == "none" or section.get(TEXT + "is-hidden") == "true")


def _read_list(document: Document, element: Element, outer: Place) -> list[Block]:
    style = element.get(TEXT + "style-name") or outer.list_style
    counters = outer.counters if outer.depth >= 0 else None
    if counters is None:
        counters = _find_counters(document, element, style)
    place = replace(
        outer,
        list_style=style,
        depth=outer.depth + 1,
        counters=counters,
        start=None,
        is_first=False,
    )
    blocks: list[Block] = []
    for item in element:
        if item.tag == TEXT + "list-item":
            start = item.get(TEXT + "start-value", "")
            blocks += _read_blocks(
                document,
                item,
                replace(place, is_first=True, start=int(start) if start.isdecimal() else None),
            )
        elif item.tag == TEXT + "list-header":
            blocks += _read_blocks(document, item, place)
    return blocks


def _find_counters(document: Document, element: Element, style: str) -> Counters:
    """Return the counters that a list continues, or new ones."""
    counters = None
    if continued := element.get(TEXT + "continue-list"):
        counters = document.lists.get(continued)
    elif element.get(TEXT + "continue-numbering") == "true":
        counters = document.last_lists.get(style)
    if counters is None:
        counters = Counters()
    document.last_lists[style] = counters
    if identifier := element.get(XML_ID):
        document.lists[identifier] = counters
    return counters


def _read_properties(document: Document) -> tuple[str, str]:
    root = document.package.parse("meta.xml")
    if root is None:
        return "", ""
    title = next((item.text or "" for item in root.iter(DC + "title")), "")
    language = next((item.text or "" for item in root.iter(DC + "language")), "")
    return " ".join(title.split())[:300], language.strip()
