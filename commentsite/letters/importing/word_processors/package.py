"""Open a package of XML parts (.docx, .odt) without trusting what it says about itself."""

import io
import zipfile
import zlib
from typing import Any

from lxml import etree

from commentsite.letters.importing.errors import FileProblem, UnreadableFile

MAX_PARTS = 2_000
MAX_UNPACKED_BYTES = 50_000_000
MAX_XML_BYTES = 12_000_000  # of one part; its tree takes about ten times as much memory
MAX_ELEMENTS = 300_000  # of one part

Element = Any  # lxml carries no types


class Package:
    """The parts of a ZIP package, unpacked one at a time within a common limit."""

    def __init__(self, content: bytes) -> None:
        """Raise UnreadableFile on a damaged archive, or one that says that it unpacks to too much."""
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as problem:
            raise UnreadableFile from problem
        parts = self._archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise UnreadableFile(FileProblem.TOO_LARGE)
        if any(part.flag_bits & 1 for part in parts):
            raise UnreadableFile(FileProblem.ENCRYPTED)
        self._names = {part.filename.replace("\\", "/").lower(): part.filename for part in parts}
        self._remaining = MAX_UNPACKED_BYTES

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def read(self, name: str, limit: int = MAX_UNPACKED_BYTES) -> bytes:
        """Return a part, or nothing if there is none. Raises UnreadableFile beyond a limit."""
        stored_name = self._names.get(name.lower())
        if stored_name is None:
            return b""
        limit = min(limit, self._remaining)
        try:
            with self._archive.open(stored_name) as part:
                content = part.read(limit + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            ValueError,
            NotImplementedError,
            RuntimeError,
        ) as problem:
            raise UnreadableFile from problem
        if len(content) > limit:
            raise UnreadableFile(FileProblem.TOO_LARGE)
        self._remaining -= len(content)
        return content

    def parse(self, name: str) -> Element | None:
        """Return the root element of an XML part, or None if there is no such part."""
        content = self.read(name, MAX_XML_BYTES)
        return parse_xml(content) if content else None


def parse_xml(content: bytes) -> Element:
    """Return the root element. Raises UnreadableFile on a DTD, damage, or too many elements."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as problem:
        deep = "depth" in str(problem)
        raise UnreadableFile(FileProblem.TOO_COMPLEX if deep else FileProblem.DAMAGED) from problem
    if root.getroottree().docinfo.doctype:
        raise UnreadableFile
    for count, _ in enumerate(root.iter()):
        if count > MAX_ELEMENTS:
            raise UnreadableFile(FileProblem.TOO_COMPLEX)
    return root
