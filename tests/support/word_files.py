"""Word processor files for tests, built from the XML of their text."""

import io
import zipfile

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="{_R}" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)
_MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_RELATION_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def p(*content: str, style: str = "", properties: str = "") -> str:
    """Return a paragraph. Content that is no XML becomes a run."""
    style_xml = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = "".join(item if item.startswith("<") else r(item) for item in content)
    return f"<w:p><w:pPr>{style_xml}{properties}</w:pPr>{runs}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def numbered(text: str, number: int = 1, level: int = 0) -> str:
    properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return p(text, properties=properties)


def table(*rows: list[str]) -> str:
    """Return a table. A cell is text, blocks, or a whole `w:tc` element."""
    return (
        "<w:tbl>"
        + "".join(f"<w:tr>{''.join(map(_build_cell, row))}</w:tr>" for row in rows)
        + "</w:tbl>"
    )


def _build_cell(content: str) -> str:
    if content.startswith("<w:tc>"):
        return content
    return f"<w:tc>{content if content.startswith('<') else p(content)}</w:tc>"


def numbering(*levels: tuple[str, str], start: int = 1, instances: str = "") -> str:
    """Return a numbering part: format and text of each level of one numbering with the number 1."""
    level_xml = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{number_format}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (number_format, text) in enumerate(levels)
    )
    return (
        f'<w:abstractNum w:abstractNumId="7">{level_xml}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>{instances}'
    )


def make_docx(
    *blocks: str,
    styles: str = "",
    parts: dict[str, str] | None = None,
    binaries: dict[str, bytes] | None = None,
    links: dict[str, str] | None = None,
    title: str = "",
    main: str = "document.xml",
    main_type: str = _MAIN_TYPE,
) -> bytes:
    """Return a Word document.

    `parts` holds the inner XML of further parts by their type: numbering, comments, footnotes,
    endnotes, header, footer. `binaries` holds pictures by relationship id, `links` addresses.
    """
    parts = {"styles": styles, **(parts or {})}
    relations = "".join(
        f'<Relationship Id="{name}" Type="{_RELATION_TYPE}/{name}" Target="{name}.xml"/>'
        for name in parts
    )
    relations += "".join(
        f'<Relationship Id="{name}" Type="{_RELATION_TYPE}/image" Target="media/{name}.png"/>'
        for name in binaries or {}
    )
    relations += "".join(
        f'<Relationship Id="{name}" Type="{_RELATION_TYPE}/hyperlink" Target="{target}" '
        'TargetMode="External"/>'
        for name, target in (links or {}).items()
    )
    roots = {"header": "hdr", "footer": "ftr"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="png" ContentType="image/png"/>'
            f'<Override PartName="/word/{main}" ContentType="{main_type}"/>'
            + "".join(
                f'<Override PartName="/word/{name}.xml" ContentType="application/vnd.'
                f'openxmlformats-officedocument.wordprocessingml.{name}+xml"/>'
                for name in parts
            )
            + "</Types>",
        )
        package.writestr(
            "_rels/.rels",
            _relationships(
                f'<Relationship Id="r1" Type="{_RELATION_TYPE}/officeDocument" Target="word/{main}"/>'
                '<Relationship Id="r2" Type="http://schemas.openxmlformats.org/package/2006/'
                'relationships/metadata/core-properties" Target="docProps/core.xml"/>'
            ),
        )
        package.writestr(
            "docProps/core.xml",
            '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
            'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{title}</dc:title></cp:coreProperties>",
        )
        package.writestr(
            f"word/{main}",
            f"<w:document {_NAMESPACES}><w:body>{''.join(blocks)}</w:body></w:document>",
        )
        package.writestr(f"word/_rels/{main}.rels", _relationships(relations))
        for name, content in parts.items():
            root = roots.get(name, name)
            package.writestr(f"word/{name}.xml", f"<w:{root} {_NAMESPACES}>{content}</w:{root}>")
        for name, data in (binaries or {}).items():
            package.writestr(f"word/media/{name}.png", data)
    return out.getvalue()


def _relationships(content: str) -> str:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{content}</Relationships>"
    )


_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_ODF_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{_ODF}{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"),
        ("draw", "drawing"), ("form", "form"), ("fo", "xsl-fo-compatible"), ("svg", "svg-compatible"),
    )
) + (
    ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"'
)  # fmt: skip


def make_odt(
    *blocks: str, automatic: str = "", styles: str = "", masters: str = "", title: str = ""
) -> bytes:
    """Return an OpenDocument text. `automatic` and `styles` are styles, `masters` page styles."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr(
            "content.xml",
            f"<office:document-content {_ODF_NAMESPACES}>"
            f"<office:automatic-styles>{automatic}</office:automatic-styles>"
            f"<office:body><office:text>{''.join(blocks)}</office:text></office:body>"
            "</office:document-content>",
        )
        package.writestr(
            "styles.xml",
            f"<office:document-styles {_ODF_NAMESPACES}><office:styles>{styles}</office:styles>"
            f"<office:master-styles>{masters}</office:master-styles></office:document-styles>",
        )
        package.writestr(
            "meta.xml",
            f"<office:document-meta {_ODF_NAMESPACES}><office:meta><dc:title>{title}</dc:title>"
            "</office:meta></office:document-meta>",
        )
    return out.getvalue()
