"""Names and small questions about the elements of a Word document."""

from collections.abc import Iterator

from commentsite.letters.importing.word_processors.math import M
from commentsite.letters.importing.word_processors.package import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
V = "{urn:schemas-microsoft-com:vml}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
OFF_VALUES = frozenset({"0", "false", "off", "none"})


def get_value(element: Element | None, name: str, attribute: str = "val") -> str | None:
    """Return the attribute of a direct child, or None if there is no such child."""
    child = element.find(W + name) if element is not None else None
    return None if child is None else str(child.get(W + attribute, ""))


def is_on(value: str | None) -> bool:
    """Return whether a property that can be on or off is on. Its element without a value means on."""
    return value is not None and value.lower() not in OFF_VALUES


def is_properties(element: Element) -> bool:
    return not isinstance(element.tag, str) or element.tag.endswith("Pr")


def iterate_wrapped(container: Element, name: str) -> Iterator[Element]:
    """Yield the rows of a table or the cells of a row, also those inside content controls."""
    for child in container:
        if child.tag == W + name:
            yield child
        elif child.tag not in {W + "tbl", W + "tr", W + "tc", W + "p"} and not is_properties(child):
            yield from iterate_wrapped(child, name)


def iterate_text(element: Element) -> Iterator[str]:
    """Yield the text inside an element, deleted text too, with a space after each paragraph."""
    for item in element.iter(W + "t", W + "delText", M + "t", W + "tab", W + "br", W + "p"):
        is_text = item.tag in {W + "t", W + "delText", M + "t"}
        yield (item.text or "") if is_text else " "


def iterate_shown_text(element: Element) -> Iterator[str]:
    """Yield the text inside an element that no tracked change has deleted or moved away."""
    for child in element:
        if child.tag in {W + "t", M + "t"}:
            yield child.text or ""
        elif child.tag in {W + "tab", W + "br", W + "p"}:
            yield " "
            yield from iterate_shown_text(child)
        elif child.tag not in {W + "del", W + "moveFrom", W + "delText"}:
            yield from iterate_shown_text(child)


def has_ancestor(element: Element, tag: str, top: Element) -> bool:
    parent = element.getparent()
    while parent is not None and parent is not top:
        if parent.tag == tag:
            return True
        parent = parent.getparent()
    return False
