"""The characters of a run as Unicode."""

from commentsite.letters.importing.word_processors.docx.document import Context, Document
from commentsite.letters.importing.word_processors.docx.elements import W
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.importing.word_processors.symbols import is_symbol_font, map_symbol
from commentsite.letters.remarks import RemarkKind


def read_character(
    document: Document, child: Element, properties: Element | None, context: Context
) -> str:
    tag = child.tag
    if tag == W + "t":
        return _map_text(document, child.text or "", properties, context)
    if tag in {W + "tab", W + "ptab"}:
        return "\t"
    if tag in {W + "br", W + "cr"}:
        return "\n"
    if tag == W + "noBreakHyphen":
        return "\N{NON-BREAKING HYPHEN}"
    if tag == W + "sym":
        return write_symbol(document, child.get(W + "font", ""), child.get(W + "char", ""))
    return ""


def _map_text(document: Document, text: str, properties: Element | None, context: Context) -> str:
    """Return text in Unicode. A symbol font gives other meanings to the codes of letters."""
    font = document.styles.get_run_property(properties, "rFonts", context.paragraph_style, "ascii")
    if not font or not is_symbol_font(font):
        return text
    return "".join(
        write_symbol(document, font, f"{ord(letter):X}")
        if ord(letter) < 0x100 or 0xF000 <= ord(letter) <= 0xF0FF
        else letter
        for letter in text
    )


def write_symbol(document: Document, font: str, code: str) -> str:
    try:
        number = int(code, 16)
    except ValueError:
        number = 0
    text = map_symbol(font, number)
    if not text:
        document.collector.add_remark(RemarkKind.OTHER, f"{font} {code}")
    return text
