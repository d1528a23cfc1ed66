"""Files made to exhaust the memory or the time of a reader."""

import io
import struct
import zipfile

from tests.support.word_files import make_docx, make_odt, p, table

_ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip


def replace_part(content: bytes, name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, data if part == name else old.read(part))
    return out.getvalue()


def understate_size(content: bytes, name: str) -> bytes:
    """Write a small size of a part into the directory of the archive."""
    at = content.rindex(name.encode())
    header = content.rindex(b"PK\x01\x02", 0, at)
    return content[: header + 24] + struct.pack("<I", 1_000) + content[header + 28 :]


def list_hostile_files() -> dict[str, bytes]:
    """Return hostile files by a name with their extension."""
    ordinary = make_docx(p("Words."))
    main = "word/document.xml"
    zeros = replace_part(ordinary, main, b" " * 45_000_000)
    deep_table = "Words."
    for _ in range(60):
        deep_table = table([deep_table if deep_table.startswith("<") else p(deep_table)])
    nested_groups = b"{\\rtf1 words" + b"{\\b " * 100_000
    text = "wide words of a letter " * 400_000
    return {
        "declared.docx": replace_part(ordinary, main, b" " * 80_000_000),
        "actual.docx": understate_size(zeros, main),
        "white-space.docx": zeros,
        "entities.docx": replace_part(ordinary, main, f"{_ENTITIES}<x>&i;</x>".encode()),
        "entity-file.docx": replace_part(
            ordinary, main, b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
        ),
        "deep.docx": replace_part(ordinary, main, b"<a>" * 200_000 + b"</a>" * 200_000),
        "deep-runs.docx": make_docx("<w:p>" + "<w:smartTag>" * 5000 + "</w:smartTag>" * 5000 + "</w:p>"),
        "paragraphs.docx": make_docx("<w:p><w:r><w:t>x</w:t></w:r></w:p>" * 250_000),
        "empty-paragraphs.docx": make_docx("<w:p/>" * 550_000),
        "runs.docx": make_docx("<w:p>" + "<w:r><w:b/><w:t>x</w:t></w:r>" * 150_000 + "</w:p>"),
        "breaks.docx": make_docx("<w:p><w:r>" + "<w:br/><w:t>x</w:t>" * 200_000 + "</w:r></w:p>"),
        "text.docx": make_docx(p(text)),
        "table.docx": make_docx(table(*([["x"] * 60] * 900))),
        "deep-table.docx": make_docx(deep_table),
        "wide-cells.docx": make_docx(
            table(*([['<w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr><w:p/></w:tc>'] * 40] * 300))
        ),
        "parts.docx": _add_parts(ordinary, 3_000),
        "many-notes.docx": make_docx(
            p(*['<w:r><w:footnoteReference w:id="1"/></w:r>'] * 50_000),
            parts={"footnotes": '<w:footnote w:id="1">' + p("x" * 1000) + "</w:footnote>"},
        ),
        "style-loop.docx": make_docx(
            p("x", style="s0"),
            styles="".join(
                f'<w:style w:type="paragraph" w:styleId="s{n}"><w:basedOn w:val="s{n + 1}"/></w:style>'
                for n in range(20_000)
            ),
        ),
        "repeated.odt": make_odt(
            "<table:table><table:table-row>"
            '<table:table-cell table:number-columns-repeated="99999999"/></table:table-row></table:table>'
            '<text:p>x<text:s text:c="999999999"/></text:p>' * 2_000
        ),
        "deep-lists.odt": make_odt("<text:list><text:list-item>" * 5_000 + "</text:list-item></text:list>" * 5_000),
        "groups.rtf": nested_groups,
        "flat-groups.rtf": b"{\\rtf1 " + b"{\\b x}" * 1_500_000 + b"}",
        "rows.rtf": b"{\\rtf1 " + b"\\trowd\\cellx1\\cellx2\\intbl x\\cell y\\cell\\row" * 200_000 + b"}",
        "cells.rtf": b"{\\rtf1 \\trowd" + b"\\cellx1 x\\cell" * 500_000 + b"\\row}",
        "picture.rtf": b"{\\rtf1 x{\\pict\\pngblip " + b"00" * 4_900_000 + b"}}",
    }  # fmt: skip


def _add_parts(content: bytes, count: int) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as package:
        for number in range(count):
            package.writestr(f"word/part{number}.xml", "<x/>")
    return out.getvalue()
