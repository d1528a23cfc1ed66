"""Footnotes and endnotes of a Word document."""

from collections.abc import Iterator

from commentsite.letters.importing.markdown.tree import Span
from commentsite.letters.importing.word_processors.docx.document import Context, Document, Flow
from commentsite.letters.importing.word_processors.docx.elements import W, iterate_text
from commentsite.letters.importing.word_processors.docx.fields import show_in_field
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.remarks import RemarkKind


def read_note(document: Document, reference: Element) -> Iterator[Span]:
    kind = "footnote" if reference.tag == W + "footnoteReference" else "endnote"
    note_id = reference.get(W + "id", "")
    notes, relations = document.notes[kind]
    note = notes.get(note_id)
    if note is None or (kind, note_id) in document.used_notes or show_in_field(document, "x") == "":
        return
    document.used_notes.add((kind, note_id))
    outer, document.flow = document.flow, Flow(relations)
    blocks = document.read_blocks(note, Context())
    document.flow = outer
    if blocks:
        yield document.collector.add_note(blocks)


def describe_unused_notes(document: Document) -> None:
    for kind, (notes, _) in document.notes.items():
        for note_id, note in notes.items():
            words = " ".join(iterate_text(note))
            if (kind, note_id) not in document.used_notes and words.strip():
                document.collector.add_remark(RemarkKind.OTHER, words)
