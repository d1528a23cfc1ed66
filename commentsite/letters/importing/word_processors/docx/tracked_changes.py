"""Tracked changes of a Word document, which are accepted and recorded."""

from commentsite.letters.importing.word_processors.docx.document import Document
from commentsite.letters.importing.word_processors.docx.elements import (
    W,
    iterate_shown_text,
    iterate_text,
)
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.remarks import TrackedChange


def describe_insertion(document: Document, element: Element) -> None:
    is_moved = element.tag == W + "moveTo"
    change = TrackedChange.MOVED if is_moved else TrackedChange.INSERTED
    document.collector.add_change(change, "".join(iterate_shown_text(element)))


def describe_deletion(document: Document, element: Element) -> None:
    """Record deleted text. Text that was moved away is named only if it stands nowhere else."""
    words = "".join(iterate_text(element))
    is_moved = element.tag == W + "moveFrom" and "".join(words.split()) in document.moved_text
    if is_moved:
        document.collector.add_change(TrackedChange.MOVED, "")
    else:
        document.collector.add_change(TrackedChange.DELETED, words)
    for kind in ("footnote", "endnote"):
        for reference in element.iter(f"{W}{kind}Reference"):
            note_id = reference.get(W + "id", "")
            note = document.notes[kind][0].get(note_id)
            if note is not None and not is_moved:
                document.used_notes.add((kind, note_id))
                words = "".join(iterate_text(note))
                document.collector.add_change(TrackedChange.DELETED, words)
