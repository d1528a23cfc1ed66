"""Read a word processor's file: Word (.docx), OpenDocument (.odt) or Rich Text (.rtf)."""

from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.signatures import OLE_SIGNATURE, RTF_START

_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")


def read_word_document(content: bytes) -> ParsedDocument:
    """Read a document of the format that its first bytes say. Raises UnreadableFile.

    Run it in a child process, with `bounded.run_bounded`: a hostile file can cost much.
    """
    if not content:
        raise UnreadableFile(FileProblem.EMPTY)
    if content.startswith(OLE_SIGNATURE):
        is_encrypted = _ENCRYPTED_STREAM in content
        raise UnreadableFile(FileProblem.ENCRYPTED if is_encrypted else FileProblem.WRONG_TYPE)
    if content.lstrip().startswith(RTF_START):
        from commentsite.letters.importing.word_processors.rtf.reader import read_rtf  # noqa: PLC0415

        return read_rtf(content)
    if content[:2] != b"PK":
        raise UnreadableFile(FileProblem.WRONG_TYPE)
    # The readers import lxml, which a server that only runs them in a child does not need.
    from commentsite.letters.importing.word_processors.docx.reader import read_docx  # noqa: PLC0415
    from commentsite.letters.importing.word_processors.odt.reader import is_odt, read_odt  # noqa: PLC0415

    return read_odt(content) if is_odt(content) else read_docx(content)
