"""Read XML files of any size, one element at a time, without entities and without a document type.

Plug-ins write a bare `&` or a control character into otherwise sound files. Both are found before parsing, with
their lines, and mended only if the operator asks for it.
"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from commentsite.errors import Invalid
from commentsite.exchange.importers.json_files import open_file

MAX_LISTED_LINES = 10
_CONTROLS = bytes(set(range(32)) - {9, 10, 13})
_BARE_AMPERSAND = re.compile(rb"&(?!#[0-9]{1,7};|#x[0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{0,30};)")
# Where an ampersand means itself: in CDATA sections and comments.
_SECTION_START = re.compile(rb"<!\[CDATA\[|<!--")
_SECTION_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}


class _RepairedFile:
    """The bytes of an XML file, in whole lines. With `repairs`, what is not well-formed is mended."""

    def __init__(self, file: BinaryIO, *, repairs: bool) -> None:
        self.bad_lines: list[int] = []
        self._file, self._repairs = file, repairs
        self._number, self._section_end = 0, b""

    def read(self, size: int = 1 << 16, /) -> bytes:
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
        return mended if self._repairs else line

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


def iter_elements(
    path: Path, names: Collection[str], *, repairs: bool = False
) -> Iterator[Element]:
    """Yield the outermost elements with these names when they are complete, and drop them afterwards.

    Names are written as ElementTree does, with the namespace in braces. Raises Invalid on a file that is not
    well-formed: the sentence names the lines.
    """
    if not repairs:
        _check_lines(path)
    with open_file(path) as file:
        source = _RepairedFile(file, repairs=repairs)
        parents: list[Element] = []
        depth = 0  # of elements with these names
        try:
            for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
                is_wanted = element.tag in names
                if event == "start":
                    parents.append(element)
                    depth += is_wanted
                    continue
                parents.pop()
                depth -= is_wanted
                if is_wanted and not depth:
                    yield element
                    if parents:
                        parents[-1].remove(element)
        except ParseError as error:
            msg = "The file is not well-formed XML: line %(line)d. %(reason)s"
            raise Invalid(msg, line=error.position[0], reason=str(error)) from None
        except DefusedXmlException:
            msg = "The file defines entities or a document type of its own. An export has none."
            raise Invalid(msg) from None


def _check_lines(path: Path) -> None:
    with open_file(path) as file:
        lines = _RepairedFile(file, repairs=False)
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
        raise Invalid(msg, lines=shown)
