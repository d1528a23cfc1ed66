"""Files made to exhaust the memory or the time of a reader."""

import io
import struct
import zipfile
from collections.abc import Callable

from tests.support.word_files import make_docx, make_odt, p, table

_ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip


def replace_part(content: bytes, name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            new.writestr(part, data if part == name else old.read(part))
    return out.getvalue()


def understate_size(content: bytes, name: str) -> bytes:
    """Write a small size of a part into the directory of the archive."""
    at = content.rindex(name.encode())
    header = content.rindex(b"PK\x01\x02", 0, at)
    return content[: header + 24] + struct.pack("<I", 1_000) + content[header + 28 :]


def _nest_tables() -> str:
    content = p("Words.")
    for _ in range(60):
        content = table([content])
    return content


def _replace_main(data: bytes) -> bytes:
    return replace_part(make_docx(p("Words.")), "word/document.xml", data)


_WIDE_CELL = '<w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr><w:p/></w:tc>'
_REFERENCE = '<w:r><w:footnoteReference w:id="1"/></w:r>'

HOSTILE_FILES: dict[str, Callable[[], bytes]] = {
    "declares 80 MB": lambda: _replace_main(b" " * 80_000_000),
    "declares less than it has": lambda: understate_size(
        _replace_main(b" " * 45_000_000), "word/document.xml"
    ),
    "45 MB of white space": lambda: _replace_main(b" " * 45_000_000),
    "entities": lambda: _replace_main(f"{_ENTITIES}<x>&i;</x>".encode()),
    "entity of a file": lambda: _replace_main(
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    ),
    "deep elements": lambda: _replace_main(b"<a>" * 200_000 + b"</a>" * 200_000),
    "deep runs": lambda: make_docx(
        "<w:p>" + "<w:smartTag>" * 5000 + "</w:smartTag>" * 5000 + "</w:p>"
    ),
    "paragraphs": lambda: make_docx("<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 90_000),
    "empty paragraphs": lambda: make_docx("<w:p/>" * 250_000),
    "runs": lambda: make_docx("<w:p>" + "<w:r><w:b/><w:t>x</w:t></w:r>" * 60_000 + "</w:p>"),
    "line breaks": lambda: make_docx(
        "<w:p><w:r>" + "<w:br/><w:t>x</w:t>" * 100_000 + "</w:r></w:p>"
    ),
    "long text": lambda: make_docx(p("wide words of a letter " * 400_000)),
    "cells": lambda: make_docx(table(*([["x"] * 60] * 900))),
    "tables in tables": lambda: make_docx(_nest_tables()),
    "wide cells": lambda: make_docx(table(*([[_WIDE_CELL] * 40] * 300))),
    "parts": lambda: _add_parts(make_docx(p("Words.")), 3_000),
    "references to one note": lambda: make_docx(
        p(*[_REFERENCE] * 50_000),
        parts={"footnotes": '<w:footnote w:id="1">' + p("x" * 1000) + "</w:footnote>"},
    ),
    "chain of styles": lambda: make_docx(
        p("x", style="s0"),
        styles="".join(
            f'<w:style w:type="paragraph" w:styleId="s{n}"><w:basedOn w:val="s{n + 1}"/></w:style>'
            for n in range(20_000)
        ),
    ),
    "repeated cells and spaces": lambda: make_odt(
        "<table:table><table:table-row>"
        '<table:table-cell table:number-columns-repeated="99999999"/></table:table-row></table:table>'
        '<text:p>x<text:s text:c="999999999"/></text:p>' * 2_000
    ),
    "lists in lists": lambda: make_odt(
        "<text:list><text:list-item>" * 5_000 + "</text:list-item></text:list>" * 5_000
    ),
    "groups in groups": lambda: b"{\\rtf1 words" + b"{\\b " * 100_000,
    "groups": lambda: b"{\\rtf1 " + b"{\\b x}" * 1_500_000 + b"}",
    "rows": lambda: (
        b"{\\rtf1 " + b"\\trowd\\cellx1\\cellx2\\intbl x\\cell y\\cell\\row" * 200_000 + b"}"
    ),
    "cells of one row": lambda: b"{\\rtf1 \\trowd" + b"\\cellx1 x\\cell" * 500_000 + b"\\row}",
}


def _add_parts(content: bytes, count: int) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as package:
        for number in range(count):
            package.writestr(f"word/part{number}.xml", "<x/>")
    return out.getvalue()
