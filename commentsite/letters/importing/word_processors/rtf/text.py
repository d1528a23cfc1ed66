"""The characters of a Rich Text file, and where they go."""

from commentsite.letters.importing.markdown.languages import find_script
from commentsite.letters.importing.markdown.tree import Span
from commentsite.letters.importing.markdown.writer import to_subscript, to_superscript
from commentsite.letters.importing.word_processors.rtf.code_pages import find_language
from commentsite.letters.importing.word_processors.rtf.document import Document, Font, Style
from commentsite.letters.importing.word_processors.rtf.removed_text import (
    flush_deleted,
    flush_hidden,
    flush_inserted,
    flush_removed,
    is_text_unreadable,
)
from commentsite.letters.importing.word_processors.symbols import is_symbol_font, map_symbol
from commentsite.letters.remarks import RemarkKind


def add_bytes(document: Document, text: bytes) -> None:
    if document.skip:
        skipped = min(document.skip, len(text))
        document.skip -= skipped
        text = text[skipped:]
    if document.state.destination == "picture":
        document.picture.data += text
    elif document.state.destination == "objdata":
        return
    else:
        document.bytes += text


def flush_bytes(document: Document) -> None:
    if not document.bytes:
        return
    content = bytes(document.bytes)
    document.bytes.clear()
    destination = document.state.destination
    if destination == "skip":
        return
    if destination in {"colortbl", "fonttbl", "stylesheet"}:
        _read_entry(document, destination, content)
        return
    font = (
        document.fonts.get(document.state.font)
        or document.fonts.get(document.default_font)
        or Font()
    )
    if font.is_symbol or is_symbol_font(font.name):
        add_text(document, "".join(write_symbol(document, font.name, code) for code in content))
        return
    add_text(document, content.decode(font.codec or document.codec, "replace"))


def write_symbol(document: Document, font: str, code: int) -> str:
    text = map_symbol(font, code) or ("" if is_symbol_font(font) else chr(code))
    if not text and document.state.destination == "text":
        document.collector.add_remark(RemarkKind.OTHER, f"{font} {code:X}")
    return text


def add_unicode(document: Document, code: int) -> None:
    if 0xD800 <= code < 0xDC00:
        document.surrogate = chr(code)
        return
    if 0xDC00 <= code < 0xE000:
        pair = document.surrogate + chr(code)
        document.surrogate = ""
        text = pair.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        add_text(document, text)
        return
    font = document.fonts.get(document.state.font, Font())
    if 0xF000 <= code <= 0xF0FF:
        name = font.name if is_symbol_font(font.name) else "Symbol"
        add_text(document, write_symbol(document, name, code))
    elif code:
        add_text(document, chr(code))


def add_text(document: Document, text: str) -> None:
    state = document.state
    if state.destination != "text":
        if state.destination in {"buffer", "code", "choice"}:
            document.buffer += text
        return
    if state.is_deleted:
        flush_hidden(document)
        flush_inserted(document)
        document.deleted += text
        return
    if state.is_hidden or is_text_unreadable(document):
        flush_deleted(document)
        document.hidden += text
        return
    if text.strip():
        flush_removed(document)
        _count_language(document, text)
    elif document.hidden:
        document.hidden += " "
    if state.is_revised:
        begins_paragraph = not document.flow.spans
        document.inserted += f" {text}" if begins_paragraph else text
    else:
        flush_inserted(document)
    if state.position == "super":
        text = to_superscript(text)
    elif state.position == "sub":
        text = to_subscript(text)
    link = state.field.link if state.field else ""
    document.flow.spans.append(Span(text, state.bold, state.italic, state.strike, link))


def _count_language(document: Document, text: str) -> None:
    state, script = document.state, find_script(text)
    numbers = {"rtl": state.rtl_language, "east asian": state.east_asian_language}
    number = numbers.get(script) or state.language or document.default_language
    document.collector.count_language(find_language(number), script, text)


def _read_entry(document: Document, destination: str, content: bytes) -> None:
    if destination == "colortbl":
        for _ in range(content.count(b";")):
            document.colours.append((document.colour[0], document.colour[1], document.colour[2]))
            document.colour = [0, 0, 0]
        return
    document.buffer += content.decode(document.codec, "replace")
    if ";" not in document.buffer:
        return
    name = document.buffer.partition(";")[0].strip()
    document.buffer = ""
    if destination == "fonttbl":
        font = document.fonts.setdefault(document.state.font, Font())
        font.name = name
        if not font.codec:
            font.codec = {
                "Cyr": "cp1251",
                "CE": "cp1250",
                "Greek": "cp1253",
                "Tur": "cp1254",
            }.get(name.rpartition(" ")[2], "")
    else:
        document.styles.setdefault(0, Style())
        document.style.name = name
        document.style = document.styles[0]
