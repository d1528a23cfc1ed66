"""Groups of a Rich Text file. The end of one restores the settings before it."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace

from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.word_processors.rtf.blocks import end_paragraph, end_table
from commentsite.letters.importing.word_processors.rtf.document import Document, Flow, State
from commentsite.letters.importing.word_processors.rtf.removed_text import flush_removed

MAX_DEPTH = 200  # of groups
MAX_GROUPS = 300_000


def open_group(document: Document) -> None:
    if len(document.stack) >= MAX_DEPTH:
        raise UnreadableFile(FileProblem.TOO_COMPLEX)
    document.group_count += 1
    if document.group_count > MAX_GROUPS:
        raise UnreadableFile(FileProblem.TOO_COMPLEX)
    document.stack.append(document.state)
    document.state = copy(document.state)
    document.state.closes = None
    document.is_star = False


def close_group(document: Document) -> None:
    closes = document.state.closes
    if closes:
        closes(document)
    if document.stack:
        document.state = document.stack.pop()
    document.skip = 0
    document.is_star = False


def enter(
    document: Document, destination: str, closes: Callable[[Document], None] | None = None
) -> None:
    document.state.destination = destination
    document.state.closes = closes
    if destination not in {"text", "skip"}:
        document.buffer = ""


def enter_flow(document: Document, closes: Callable[[Document, Flow], None]) -> None:
    """Collect the blocks of this group apart, and hand them over at its end."""
    document.flows.append(Flow(mark=document.collector.mark()))
    document.state.destination = "text"
    inherited = document.state
    document.state = replace(State(), font=inherited.font, language=inherited.language)
    document.state.is_hidden, document.state.is_deleted = inherited.is_hidden, inherited.is_deleted
    hidden, deleted = document.hidden, document.deleted
    document.hidden = document.deleted = ""

    def close(document: Document) -> None:
        end_paragraph(document)
        end_table(document)
        flush_removed(document)
        document.hidden, document.deleted = hidden, deleted
        closes(document, document.flows.pop())

    document.state.closes = close
