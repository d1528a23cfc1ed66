"""Generated documents, written by several writers, with the words that their readers must see."""

import io
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import docx
import pypandoc
from hypothesis import strategies as st
from odf import style as odf_style
from odf import table as odf_table
from odf import text as odf_text
from odf.opendocument import OpenDocumentText

from tests.support.word_files import make_docx, numbering, p, r, table

SIGNS = (
    "",
    "*",
    "_x_",
    "`",
    "<b>",
    "&copy;",
    "[1](y)",
    "~~",
    "|",
    "\\",
    "#",
    "1.",
    "$5",
    "{a}",
    "!",
)
HIDDEN = "<w:vanish/>"
_STYLES = '<w:style w:type="character" w:styleId="Internal"><w:name w:val="Internal"/><w:rPr><w:vanish/></w:rPr></w:style>'
_LEVELS = numbering(("decimal", "%1."), ("lowerLetter", "(%2)"))


@dataclass
class Piece:
    word: str
    kind: str  # plain, bold, italic, hidden, style, deleted, inserted, moved, note

    @property
    def is_shown(self) -> bool:
        return self.kind not in {"hidden", "style", "deleted"}


@dataclass
class Block:
    kind: str  # paragraph, heading, numbered, sub, bullet, table
    pieces: list[Piece] = field(default_factory=list)
    columns: int = 1


@dataclass
class Source:
    blocks: list[Block]

    def shown(self) -> list[str]:
        """Return the words of the text in order, without those of notes."""
        return [piece.word for block in self.blocks for piece in block.pieces if piece.is_shown]

    def removed(self) -> list[str]:
        return [piece.word for block in self.blocks for piece in block.pieces if not piece.is_shown]

    def notes(self) -> list[str]:
        return [
            f"n{piece.word}"
            for block in self.blocks
            for piece in block.pieces
            if piece.kind == "note"
        ]


@st.composite
def sources(
    draw, kinds=("paragraph", "heading", "numbered", "sub", "bullet", "table"), *, styles=None
) -> Source:
    """Draw a document of distinct words: w0, w1… with signs that mean something in Markdown."""
    piece_kinds = styles or (
        *("plain",) * 4, "bold", "italic", "hidden", "style", "deleted", "inserted", "note",
    )  # fmt: skip
    count = 0
    blocks = [Block("paragraph", [Piece("salutation", "plain")])]
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=8)):
        pieces = []
        for piece_kind in draw(st.lists(st.sampled_from(piece_kinds), min_size=1, max_size=6)):
            sign = draw(st.sampled_from(SIGNS)) if piece_kind in {"plain", "bold"} else ""
            count += 1
            pieces.append(Piece(f"{sign} w{count}".strip(), piece_kind))
        blocks.append(Block(kind, pieces, draw(st.integers(2, 3))))
    return Source(blocks)


def write_xml(source: Source) -> bytes:
    """Return a Word document of plain XML with every kind of block and piece."""
    notes: list[str] = []
    blocks = [_write_xml_block(block, notes) for block in source.blocks]
    footnotes = "".join(
        f'<w:footnote w:id="{number}">{p(word)}</w:footnote>'
        for number, word in enumerate(notes, 1)
    )
    parts = {"numbering": _LEVELS, **({"footnotes": footnotes} if notes else {})}
    return make_docx(*blocks, styles=_STYLES, parts=parts)


def _write_xml_block(block: Block, notes: list[str]) -> str:
    pieces = [_write_xml_piece(piece, notes) + r(" ") for piece in block.pieces]
    if block.kind == "table":
        rows = [
            pieces[start : start + block.columns] for start in range(0, len(pieces), block.columns)
        ]
        rows = [row + [p("")] * (block.columns - len(row)) for row in rows]
        return table(
            *([cell if cell.startswith("<w:p>") else p(cell) for cell in row] for row in rows)
        )
    properties = {
        "heading": '<w:outlineLvl w:val="1"/>',
        "numbered": '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>',
        "sub": '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr>',
    }.get(block.kind, "")
    return p(*pieces, properties=properties)


def _write_xml_piece(piece: Piece, notes: list[str]) -> str:
    text = escape(piece.word)
    if piece.kind == "deleted":
        return f"<w:del><w:r><w:delText>{text}</w:delText></w:r></w:del>"
    if piece.kind == "inserted":
        return f"<w:ins>{r(text)}</w:ins>"
    if piece.kind == "note":
        notes.append(f"n{text}")
        return r(text) + f'<w:r><w:footnoteReference w:id="{len(notes)}"/></w:r>'
    properties = {
        "bold": "<w:b/>",
        "italic": "<w:i/>",
        "hidden": HIDDEN,
        "style": '<w:rStyle w:val="Internal"/>',
    }.get(piece.kind, "")
    return r(text, properties)


def write_python_docx(source: Source) -> bytes:
    document = docx.Document()
    styles = {"numbered": "List Number", "sub": "List Number 2", "bullet": "List Bullet"}
    for block in source.blocks:
        if block.kind == "table":
            rows = -(-len(block.pieces) // block.columns)
            grid = document.add_table(rows, block.columns)
            for index, piece in enumerate(block.pieces):
                (paragraph,) = grid.cell(*divmod(index, block.columns)).paragraphs
                _add_run(paragraph, piece)
            continue
        paragraph = (
            document.add_heading(level=2)
            if block.kind == "heading"
            else document.add_paragraph(style=styles.get(block.kind))
        )
        for piece in block.pieces:
            _add_run(paragraph, piece)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _add_run(paragraph, piece: Piece) -> None:
    run = paragraph.add_run(f"{piece.word} ")
    run.bold, run.italic = piece.kind == "bold", piece.kind == "italic"
    run.font.hidden = not piece.is_shown or None


def write_odfpy(source: Source) -> bytes:
    document = OpenDocumentText()
    for name, attributes in (
        ("bold", {"fontweight": "bold"}),
        ("italic", {"fontstyle": "italic"}),
        ("hidden", {"display": "none"}),
    ):
        item = odf_style.Style(name=name, family="text")
        item.addElement(odf_style.TextProperties(**attributes))
        document.automaticstyles.addElement(item)
    levels = odf_text.ListStyle(name="numbers")
    levels.addElement(odf_text.ListLevelStyleNumber(level="1", numformat="1", numsuffix="."))
    document.automaticstyles.addElement(levels)
    for block in source.blocks:
        document.text.addElement(_build_odf_block(block))
    out = io.BytesIO()
    document.write(out)
    return out.getvalue()


def _build_odf_block(block: Block):
    if block.kind == "table":
        grid = odf_table.Table(name="t")
        grid.addElement(odf_table.TableColumn(numbercolumnsrepeated=str(block.columns)))
        for start in range(0, len(block.pieces), block.columns):
            row = odf_table.TableRow()
            for piece in block.pieces[start : start + block.columns]:
                cell = odf_table.TableCell()
                paragraph = odf_text.P()
                _add_odf_piece(paragraph, piece)
                cell.addElement(paragraph)
                row.addElement(cell)
            grid.addElement(row)
        return grid
    element = odf_text.H(outlinelevel=2) if block.kind == "heading" else odf_text.P()
    for piece in block.pieces:
        _add_odf_piece(element, piece)
    if block.kind not in {"numbered", "sub", "bullet"}:
        return element
    items = odf_text.List(stylename="numbers", continuenumbering="true")
    item = odf_text.ListItem()
    item.addElement(element)
    items.addElement(item)
    return items


def _add_odf_piece(element, piece: Piece) -> None:
    kind = "hidden" if not piece.is_shown else piece.kind
    if kind in {"bold", "italic", "hidden"}:
        element.addElement(odf_text.Span(stylename=kind, text=piece.word))
    else:
        element.addElement(odf_text.Span(text=piece.word))
    if piece.kind == "note":
        note = odf_text.Note(noteclass="footnote")
        note.addElement(odf_text.NoteCitation(text="1"))
        body = odf_text.NoteBody()
        body.addElement(odf_text.P(text=f"n{piece.word}"))
        note.addElement(body)
        element.addElement(note)
    element.addText(" ")


def write_pandoc(source: Source, file_format: str) -> bytes:
    """Return a file that pandoc writes. It has no way to hide text, so those pieces are left out."""
    blocks = []
    for block in source.blocks:
        inlines = []
        for piece in block.pieces:
            if not piece.is_shown:
                continue
            content = [{"t": "Str", "c": word} for word in piece.word.split()]
            spaced = [item for word in content for item in (word, {"t": "Space"})][:-1]
            name = {"bold": "Strong", "italic": "Emph"}.get(piece.kind)
            inlines += [{"t": name, "c": spaced}] if name else spaced
            if piece.kind == "note":
                note = [{"t": "Para", "c": [{"t": "Str", "c": f"n{piece.word}"}]}]
                inlines.append({"t": "Note", "c": note})
            inlines.append({"t": "Space"})
        if inlines:
            blocks.append(_build_pandoc_block(block.kind, inlines[:-1]))
    tree = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": blocks}
    return _run_pandoc(tree, file_format)


def _build_pandoc_block(kind: str, inlines: list) -> dict:
    paragraph = {"t": "Para", "c": inlines}
    if kind == "heading":
        return {"t": "Header", "c": [2, ["", [], []], inlines]}
    if kind in {"numbered", "sub"}:
        return {"t": "OrderedList", "c": [[3, {"t": "Decimal"}, {"t": "Period"}], [[paragraph]]]}
    if kind == "bullet":
        return {"t": "BulletList", "c": [[paragraph]]}
    return paragraph


def _run_pandoc(tree: dict, file_format: str) -> bytes:
    import json  # noqa: PLC0415
    import subprocess  # noqa: PLC0415

    done = subprocess.run(
        [pypandoc.get_pandoc_path(), "--sandbox", "-s", "-f", "json", "-t", file_format, "-o", "-"],
        input=json.dumps(tree).encode(),
        capture_output=True,
        check=True,
    )
    return done.stdout
