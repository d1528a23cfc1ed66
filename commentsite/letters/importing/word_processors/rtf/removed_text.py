"""Hidden text and tracked changes of a Rich Text file, collected for remarks."""

from commentsite.letters.importing.colours import WHITE, is_unreadable
from commentsite.letters.importing.word_processors.rtf.document import Document
from commentsite.letters.remarks import RemarkKind, TrackedChange


def flush_removed(document: Document) -> None:
    flush_hidden(document)
    flush_deleted(document)


def flush_hidden(document: Document) -> None:
    words, document.hidden = document.hidden, ""
    if words.strip():
        document.collector.add_remark(RemarkKind.HIDDEN_TEXT, words)


def flush_deleted(document: Document) -> None:
    words, document.deleted = document.deleted, ""
    if words.strip():
        document.collector.add_change(TrackedChange.DELETED, words)


def flush_inserted(document: Document) -> None:
    words, document.inserted = document.inserted, ""
    if words:
        document.collector.add_change(TrackedChange.INSERTED, words)


def is_text_unreadable(document: Document) -> bool:
    state = document.state
    behind = [state.highlight, state.background, state.paragraph_background]
    if state.is_in_table:
        flow = document.flow
        behind += [*flow.cell_colours[len(flow.row) :][:1], flow.row_colour]
    colours = (_find_colour(document, number) for number in behind)
    background = next(filter(None, colours), WHITE)
    return is_unreadable(_find_colour(document, state.colour), background, state.size / 2)


def _find_colour(document: Document, number: int) -> str:
    if not 0 < number < len(document.colours):
        return ""
    return "#" + "".join(f"{min(part, 255):02x}" for part in document.colours[number])
