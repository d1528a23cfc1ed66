"""Pieces of text in their style. Hidden ones are kept for a remark."""

from collections.abc import Iterator

from commentsite.letters.importing.markdown.languages import find_script
from commentsite.letters.importing.markdown.tree import Span
from commentsite.letters.importing.markdown.writer import to_subscript, to_superscript
from commentsite.letters.importing.word_processors.odt.document import Context, Document
from commentsite.letters.importing.word_processors.odt.namespaces import STYLE
from commentsite.letters.importing.word_processors.symbols import is_symbol_font, map_symbol
from commentsite.letters.remarks import RemarkKind


def style_text(document: Document, text: str, context: Context) -> Iterator[Span]:
    """Yield the text in its style, or keep it for the remark if the style hides it."""
    if not text:
        return
    styles = document.styles
    chain = (context.paragraph_style, context.text_styles)
    if text.strip():
        script = find_script(text)
        document.collector.count_language(styles.get_language(*chain, script), script, text)
    font = styles.get_font(*chain)
    if is_symbol_font(font):
        text = "".join(_map_symbol(document, font, letter) for letter in text)
    position = styles.get_own_property(context.text_styles, STYLE + "text-position")
    if position.startswith("super"):
        text = to_superscript(text)
    elif position.startswith("sub"):
        text = to_subscript(text)
    span = Span(
        text,
        bold=styles.get_own_property(context.text_styles, "bold") == "bold",
        italic=styles.get_own_property(context.text_styles, "italic") in {"italic", "oblique"},
        strike=styles.is_struck(context.text_styles),
        link=context.link,
    )
    yield from keep_or_hide(document, [span], context)


def _map_symbol(document: Document, font: str, letter: str) -> str:
    """Return a character in Unicode. A symbol font gives other meanings to some codes."""
    if ord(letter) > 0xFF and not 0xF000 <= ord(letter) <= 0xF0FF:
        return letter
    text = map_symbol(font, ord(letter))
    if not text:
        document.collector.add_remark(RemarkKind.OTHER, f"{font} {ord(letter):X}")
    return text


def keep_or_hide(
    document: Document, spans: list[Span], context: Context, mark: tuple[int, int] | None = None
) -> Iterator[Span]:
    """Yield the spans, or keep their words for the remark, with notes and pictures since the mark."""
    if document.styles.is_hidden(context.paragraph_style, context.text_styles, context.background):
        mark = document.collector.mark() if mark is None else mark
        document.hidden.append(document.collector.take_words(mark, spans))
        return
    if any(span.text.strip() for span in spans):
        flush_hidden(document)
    elif document.hidden:
        document.hidden.append(" ")
    yield from spans


def flush_hidden(document: Document) -> None:
    words = "".join(document.hidden)
    document.hidden.clear()
    if words.strip():
        document.collector.add_remark(RemarkKind.HIDDEN_TEXT, words)
