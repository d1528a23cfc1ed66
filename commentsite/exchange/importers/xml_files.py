"""Read XML files of any size, one element at a time, without entities and without a document type.

Plug-ins write a bare `&` or a control character into otherwise sound files. The refusal of such a file names the
lines, and they are mended only if the operator asks for it.
"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple
from xml.etree.ElementTree import Element
from xml.parsers.expat import ExpatError, ParserCreate

from commentsite.errors import Invalid
from commentsite.exchange.importers.json_files import open_file

MAX_LISTED_LINES = 10
_CHUNK = 1 << 16  # bytes
_CONTROLS = bytes(set(range(32)) - {9, 10, 13})
_BARE_AMPERSAND = re.compile(rb"&(?!#[0-9]{1,7};|#x[0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{0,30};)")
# Where an ampersand means itself: in CDATA sections and comments.
_SECTION_START = re.compile(rb"<!\[CDATA\[|<!--")
_SECTION_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}


class _RepairedFile:
    """The bytes of an XML file, in whole lines, with what is not well-formed mended."""

    def __init__(self, file: BinaryIO) -> None:
        self.bad_lines: list[int] = []
        self._file = file
        self._number, self._section_end = 0, b""

    def read(self, size: int, /) -> bytes:
        """Return the next lines, about as many bytes as asked for, or nothing at the end."""
        lines, total = [], 0
        while total < size and (line := self.next_line()):
            lines.append(line)
            total += len(line)
        return b"".join(lines)

    def next_line(self) -> bytes:
        """Return the next line, mended if it has to be, or nothing at the end."""
        line = self._file.readline()
        self._number += 1
        mended = self._escape_ampersands(line).translate(None, _CONTROLS)
        if mended != line:
            self.bad_lines.append(self._number)
        return mended

    def _escape_ampersands(self, line: bytes) -> bytes:
        """Escape the bare ampersands outside CDATA sections and comments."""
        parts, position = [], 0
        while position < len(line):
            if self._section_end:
                end = line.find(self._section_end, position)
                end = len(line) if end < 0 else end + len(self._section_end)
                if line[position:end].endswith(self._section_end):
                    self._section_end = b""
                parts.append(line[position:end])
            else:
                mark = _SECTION_START.search(line, position)
                end = mark.end() if mark else len(line)
                if mark:
                    self._section_end = _SECTION_ENDS[mark.group()]
                parts.append(_BARE_AMPERSAND.sub(b"&amp;", line[position:end]))
            position = end
        return b"".join(parts)


class FoundElement(NamedTuple):
    """A complete element. `outer` is the wanted element that it stands in, which is not complete yet, or None."""

    element: Element
    outer: Element | None


def iter_elements(
    path: Path, names: Collection[str], *, inner: Collection[str] = (), repairs: bool = False
) -> Iterator[FoundElement]:
    """Yield the outermost elements with these names as they end, and before them those named in `inner` in each.

    An inner element is no child of its outer element afterwards, so that memory does not grow with their number.
    Names are written as ElementTree does, with the namespace in braces. Raises Invalid on a file that is not
    well-formed: the sentence names the lines.
    """
    parser = _ElementParser(frozenset(names), frozenset(inner))
    with open_file(path) as file:
        source = _RepairedFile(file) if repairs else file
        try:
            while chunk := source.read(_CHUNK):
                yield from parser.feed(chunk)
            yield from parser.close()
        except ExpatError as error:
            _raise_bad_lines(path)
            msg = "The file is not well-formed XML: line %(line)d. %(reason)s"
            raise Invalid(msg, line=error.lineno, reason=str(error)) from None


class _ElementParser:
    """Builds the wanted elements and nothing else.

    expat is used directly, because the parser of defusedxml is written in Python and takes five times as long.
    A document type is refused here as there, so that no entity can be defined.
    """

    def __init__(self, names: frozenset[str], inner: frozenset[str]) -> None:
        self._names, self._inner = names, inner
        self._open: list[Element] = []  # the wanted element and those in it
        self._text: list[str] = []
        self._found: list[FoundElement] = []
        self._parser = ParserCreate(namespace_separator="}")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def feed(self, chunk: bytes) -> list[FoundElement]:
        """Parse the next bytes and return the elements that ended in them."""
        self._parser.Parse(chunk, False)  # noqa: FBT003  # the C function takes no names
        return self._take()

    def close(self) -> list[FoundElement]:
        self._parser.Parse(b"", True)  # noqa: FBT003  # as above
        return self._take()

    def _take(self) -> list[FoundElement]:
        found, self._found = self._found, []
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _write_name(name)
        if self._open or tag in self._names:
            element = Element(tag, {_write_name(key): value for key, value in attributes.items()})
            if self._open:
                self._open[-1].append(element)
            self._open.append(element)
        self._text.clear()

    def _end(self, _name: str) -> None:
        if self._open:
            element = self._open.pop()
            if not len(element):
                element.text = "".join(self._text)
            if not self._open:
                self._found.append(FoundElement(element, None))
            elif element.tag in self._inner:
                self._open[-1].remove(element)
                self._found.append(FoundElement(element, self._open[0]))
        self._text.clear()


def _write_name(name: str) -> str:
    return "{" + name if "}" in name else name


def _refuse_doctype(*_: object) -> None:
    msg = "The file defines entities or a document type of its own. An export has none."
    raise Invalid(msg)


def _raise_bad_lines(path: Path) -> None:
    """Raise Invalid with the lines that `repairs` would mend, if there are any."""
    with open_file(path) as file:
        lines = _RepairedFile(file)
        while lines.next_line():
            pass
    if lines.bad_lines:
        shown = ", ".join(map(str, lines.bad_lines[:MAX_LISTED_LINES]))
        if len(lines.bad_lines) > MAX_LISTED_LINES:
            shown += ", …"
        msg = (
            "The file is not well-formed XML: a bare “&” or a control character in line %(lines)s. "
            "Correct these lines, or import with --repair, which changes only these characters."
        )
        raise Invalid(msg, lines=shown) from None
