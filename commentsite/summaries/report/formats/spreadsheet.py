"""Write OpenDocument spreadsheets (ODF 1.3) row by row, so that a long sheet needs little memory."""

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from commentsite.text.plain_text import clean_multiline

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"
    for name, path in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "fo": "xsl-fo-compatible",
        "meta": "meta",
    }.items()
} | {"dc": "http://purl.org/dc/elements/1.1/"}
ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the same content gives the same bytes
COLUMN_WIDTH = "5.5cm"
Cell = str | int | float | None


@dataclass(frozen=True)
class Sheet:
    """A table with a header row. Texts are texts, also where they look like formulas."""

    name: str  # at most 31 characters, without []*?:/\\
    header: tuple[str, ...]
    rows: Iterable[tuple[Cell, ...]]


@dataclass(frozen=True)
class DocumentFacts:
    """The metadata of a document."""

    title: str
    creator: str
    language: str
    created_at: datetime


def write_spreadsheet(sheets: Iterable[Sheet], facts: DocumentFacts) -> bytes:
    """Return the file. The first row of each sheet is marked as its header."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        # The media type stands first and uncompressed, where programs look for it.
        archive.writestr(_entry("mimetype", zipfile.ZIP_STORED), MEDIA_TYPE)
        archive.writestr(_entry("META-INF/manifest.xml"), _MANIFEST)
        archive.writestr(_entry("meta.xml"), _build_meta(facts))
        archive.writestr(_entry("styles.xml"), _build_styles(facts.language))
        with archive.open(_entry("content.xml"), "w") as file:
            _write_content(file, sheets)
    return out.getvalue()


def _entry(name: str, compression: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, ZIP_TIME)
    entry.compress_type = compression
    return entry


def _write_content(file: Any, sheets: Iterable[Sheet]) -> None:
    with etree.xmlfile(file, encoding="utf-8") as xml:
        xml.write_declaration()
        root = _name("office", "document-content")
        with xml.element(root, {_name("office", "version"): "1.3"}, nsmap=NAMESPACES):
            xml.write(_build_cell_styles())
            with (
                xml.element(_name("office", "body")),
                xml.element(_name("office", "spreadsheet")),
            ):
                for sheet in sheets:
                    _write_sheet(xml, sheet)


def _write_sheet(xml: Any, sheet: Sheet) -> None:
    with xml.element(_name("table", "table"), {_name("table", "name"): sheet.name}):
        columns = {
            _name("table", "style-name"): "column",
            _name("table", "number-columns-repeated"): str(len(sheet.header)),
        }
        xml.write(etree.Element(_name("table", "table-column"), columns))
        with xml.element(_name("table", "table-header-rows")):
            xml.write(_build_row(sheet.header, style="header"))
        for row in sheet.rows:
            xml.write(_build_row(row))


def _build_row(cells: Iterable[Cell], style: str = "") -> Any:
    row = etree.Element(_name("table", "table-row"))
    for value in cells:
        cell = etree.SubElement(row, _name("table", "table-cell"))
        if style:
            cell.set(_name("table", "style-name"), style)
        if value is None or value == "":
            continue
        is_number = isinstance(value, int | float)
        cell.set(_name("office", "value-type"), "float" if is_number else "string")
        if is_number:
            cell.set(_name("office", "value"), str(value))
        for line in clean_multiline(str(value)).split("\n"):
            etree.SubElement(cell, _name("text", "p")).text = line
    return row


def _build_cell_styles() -> Any:
    styles = etree.Element(_name("office", "automatic-styles"))
    header = etree.SubElement(styles, _name("style", "style"), {
        _name("style", "name"): "header", _name("style", "family"): "table-cell",
    })  # fmt: skip
    etree.SubElement(
        header, _name("style", "text-properties"), {_name("fo", "font-weight"): "bold"}
    )
    column = etree.SubElement(styles, _name("style", "style"), {
        _name("style", "name"): "column", _name("style", "family"): "table-column",
    })  # fmt: skip
    etree.SubElement(
        column,
        _name("style", "table-column-properties"),
        {_name("style", "column-width"): COLUMN_WIDTH},
    )
    return styles


def _name(prefix: str, local: str) -> str:
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _declare(*prefixes: str) -> str:
    return " ".join(f'xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in prefixes)


def _build_meta(facts: DocumentFacts) -> str:
    title, creator, language = map(escape, (facts.title, facts.creator, facts.language))
    moment = f"{facts.created_at:%Y-%m-%dT%H:%M:%S}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<office:document-meta {_declare("office", "meta", "dc")} office:version="1.3">'
        f"<office:meta><dc:title>{title}</dc:title>"
        f"<meta:initial-creator>{creator}</meta:initial-creator>"
        f"<meta:creation-date>{moment}</meta:creation-date><dc:date>{moment}</dc:date>"
        f"<dc:language>{language}</dc:language></office:meta></office:document-meta>\n"
    )


def _build_styles(language: str) -> str:
    code, _, country = language.partition("-")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<office:document-styles {_declare("office", "style", "fo")} office:version="1.3">'
        '<office:styles><style:default-style style:family="table-cell"><style:text-properties '
        f'fo:language="{escape(code)}" fo:country="{escape(country) or "none"}"/>'
        "</style:default-style></office:styles></office:document-styles>\n"
    )


_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
    'manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" '
    f'manifest:media-type="{MEDIA_TYPE}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in ("content.xml", "styles.xml", "meta.xml")
    )
    + "</manifest:manifest>\n"
)
