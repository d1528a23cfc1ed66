"""The text of elements of OpenDocument, for remarks, and their spaces and repetitions."""

from collections.abc import Iterator

from commentsite.letters.importing.word_processors.odt.namespaces import OFFICE, TEXT
from commentsite.letters.importing.word_processors.package import Element

SKIPPED = frozenset(
    {
        TEXT + "sequence-decls",
        TEXT + "variable-decls",
        TEXT + "user-field-decls",
        TEXT + "dde-connection-decls",
        TEXT + "tracked-changes",
        TEXT + "note-citation",
        TEXT + "number",
        OFFICE + "forms",
        OFFICE + "annotation-end",
        OFFICE + "event-listeners",
    }
)
SPACES = frozenset({TEXT + "s", TEXT + "tab", TEXT + "line-break"})
MAX_REPEATED = 200  # cells or rows that an attribute repeats
MAX_SPACES = 1_000


def iterate_text(element: Element) -> Iterator[str]:
    """Yield the text of the paragraphs inside an element, without comments on it."""
    for part in element.iter(TEXT + "p", TEXT + "h"):
        yield "".join(
            write_space(item) if item.tag in SPACES else text
            for item, text in _iterate_pieces(part)
        )


def _iterate_pieces(element: Element) -> Iterator[tuple[Element, str]]:
    yield element, element.text or ""
    for child in element:
        if child.tag not in {OFFICE + "annotation", TEXT + "note-citation"}:
            yield from _iterate_pieces(child)
        yield element, child.tail or ""


def write_space(element: Element) -> str:
    if element.tag == TEXT + "s":
        return " " * min(to_int(element.get(TEXT + "c"), 1), MAX_SPACES)
    return "\t" if element.tag == TEXT + "tab" else "\n"


def to_int(value: str | None, default: int) -> int:
    return (
        min(int(value), MAX_REPEATED) if value and value.isdecimal() and len(value) < 9 else default
    )
