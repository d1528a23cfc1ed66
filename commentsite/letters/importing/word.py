"""Read a word processor's file: Word (.docx), OpenDocument (.odt) or Rich Text (.rtf)."""

from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile


def read_word_document(content: bytes) -> ParsedDocument:
    """Read a document of the format that its first bytes say. Raises UnreadableFile.

    Run it in a child process, with `bounded.run_bounded`: a hostile file costs much.
    """
    raise UnreadableFile(FileProblem.WRONG_TYPE if content else FileProblem.EMPTY)
