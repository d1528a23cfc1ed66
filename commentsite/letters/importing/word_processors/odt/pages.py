"""The pages of an OpenDocument text: their running heads, which are recorded, and their colour."""

from commentsite.letters.importing.colours import WHITE, read_hexadecimal
from commentsite.letters.importing.word_processors.odt.document import Document
from commentsite.letters.importing.word_processors.odt.elements import iterate_text
from commentsite.letters.importing.word_processors.odt.namespaces import DRAW, FO, OFFICE, STYLE
from commentsite.letters.remarks import RemarkKind

_HEADERS = frozenset(
    STYLE + name
    for name in ("header", "footer", "header-left", "footer-left", "header-first", "footer-first")
)


def describe_page_furniture(document: Document) -> None:
    masters = (
        document.style_root.find(OFFICE + "master-styles")
        if document.style_root is not None
        else None
    )
    for part in masters.iter(*_HEADERS) if masters is not None else ():
        words = " ".join(iterate_text(part))
        if any(letter.isalpha() for letter in words):  # more than a page number
            document.collector.add_remark(RemarkKind.PAGE_FURNITURE, words)
        pictures = list(part.iter(DRAW + "image"))
        if pictures:
            document.collector.add_remark(RemarkKind.PICTURES, count=len(pictures))


def find_page_colour(document: Document) -> str:
    """Return the background of the first kind of page."""
    root = document.style_root
    master = root.find(f"{OFFICE}master-styles/{STYLE}master-page") if root is not None else None
    if root is None or master is None:
        return WHITE
    for layout in root.iter(STYLE + "page-layout"):
        if layout.get(STYLE + "name") == master.get(STYLE + "page-layout-name"):
            properties = layout.find(STYLE + "page-layout-properties")
            if properties is not None:
                return read_hexadecimal(properties.get(FO + "background-color")) or WHITE
    return WHITE
