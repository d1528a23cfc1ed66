"""Notes, comments, running heads and text boxes of a Rich Text file."""

from dataclasses import replace
from functools import partial

from commentsite.letters.importing.word_processors.rtf.document import Document, Flow, State
from commentsite.letters.importing.word_processors.rtf.groups import enter_flow
from commentsite.letters.remarks import RemarkKind


def enter_note(document: Document) -> None:
    outer = replace(document.state)
    enter_flow(document, partial(_add_note, outer=outer))


def _add_note(document: Document, flow: Flow, outer: State) -> None:
    if flow.blocks and not _remove_flow(document, flow, outer):
        document.flow.spans.append(document.collector.add_note(flow.blocks))


def add_aside(document: Document, flow: Flow, kind: RemarkKind) -> None:
    words = document.collector.take_words(flow.mark, flow.blocks)
    if any(letter.isalpha() for letter in words):
        document.collector.add_remark(kind, words)


def add_box(document: Document, box: Flow) -> None:
    """Add the text of a box before the paragraph in which it is anchored."""
    outer, flow = document.stack[-1], document.flow
    if document.is_shape_hidden:
        outer = replace(outer, is_hidden=True)
    if not _remove_flow(document, box, outer):
        (flow.cell if outer.is_in_table else flow.blocks).extend(box.blocks)


def _remove_flow(document: Document, flow: Flow, outer: State) -> bool:
    """Keep the words of a flow in a hidden or deleted place. Return whether its place is one."""
    if not (outer.is_deleted or outer.is_hidden):
        return False
    words = document.collector.take_words(flow.mark, flow.blocks)
    if outer.is_deleted:
        document.deleted += f" {words} "
    else:
        document.hidden += f" {words} "
    return True
