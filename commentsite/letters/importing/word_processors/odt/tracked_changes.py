"""Tracked changes of an OpenDocument text, which are accepted and recorded."""

from lxml.etree import iterwalk

from commentsite.letters.importing.word_processors.odt.document import Document
from commentsite.letters.importing.word_processors.odt.elements import (
    SPACES,
    iterate_text,
    write_space,
)
from commentsite.letters.importing.word_processors.odt.namespaces import OFFICE, TEXT, XML_ID
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.remarks import RemarkKind, TrackedChange

_PARAGRAPHS = frozenset({TEXT + "p", TEXT + "h"})
_ASIDES = frozenset({TEXT + "tracked-changes", OFFICE + "annotation", TEXT + "note-citation"})


def describe_changes(document: Document) -> None:
    inserted = _collect_inserted_text(document.body)
    for region in document.body.iter(TEXT + "changed-region"):
        identifier = region.get(TEXT + "id") or region.get(XML_ID) or ""
        for change in region:
            if change.tag == TEXT + "deletion":
                words = " ".join(iterate_text(change))
                document.collector.add_change(TrackedChange.DELETED, words)
            elif change.tag == TEXT + "insertion":
                words = "".join(inserted.get(identifier, ()))
                document.collector.add_change(TrackedChange.INSERTED, words)
            else:
                document.collector.add_remark(RemarkKind.TRACKED_CHANGES)


def _collect_inserted_text(body: Element) -> dict[str, list[str]]:
    """Return the text between the start and the end of each tracked change, by its identifier."""
    texts: dict[str, list[str]] = {}
    opened: set[str] = set()
    steps = iterwalk(body, events=("start", "end"))
    for event, element in steps:
        if event == "start":
            identifier = element.get(TEXT + "change-id", "")
            if element.tag == TEXT + "change-start":
                opened.add(identifier)
            elif element.tag == TEXT + "change-end":
                opened.discard(identifier)
            if element.tag in _ASIDES:
                steps.skip_subtree()
                continue
            text = write_space(element) if element.tag in SPACES else element.text
        else:
            text = element.tail if element.tag not in _PARAGRAPHS else " "
        for identifier in opened if text else ():
            texts.setdefault(identifier, []).append(text or "")
    return texts
