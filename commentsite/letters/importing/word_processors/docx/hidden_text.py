"""Text that Word does not show, or that has the colour of its background."""

from commentsite.letters.importing.colours import TRANSPARENT, is_unreadable, read_hexadecimal
from commentsite.letters.importing.word_processors.docx.document import Context, Document
from commentsite.letters.importing.word_processors.docx.elements import W14, get_value
from commentsite.letters.importing.word_processors.docx.shading import find_shading
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.remarks import RemarkKind

_HIGHLIGHTS = {
    "black": "#000000", "blue": "#0000ff", "cyan": "#00ffff", "green": "#00ff00", "red": "#ff0000",
    "magenta": "#ff00ff", "yellow": "#ffff00", "white": "#ffffff", "darkblue": "#000080",
    "darkcyan": "#008080", "darkgreen": "#008000", "darkmagenta": "#800080", "darkred": "#800000",
    "darkyellow": "#808000", "darkgray": "#808080", "lightgray": "#c0c0c0",
}  # fmt: skip


def is_vanished(document: Document, properties: Element | None, context: Context) -> bool:
    """Return whether a run is hidden with all that is anchored in it."""
    return document.styles.is_run_property_on(
        properties, "vanish", context.paragraph_style, context.table_style
    )


def is_hidden(document: Document, properties: Element | None, context: Context) -> bool:
    """Return whether the text of a run is hidden, or has the colour of its background."""
    if is_vanished(document, properties, context):
        return True
    styles, style = document.styles, context.paragraph_style
    size = styles.get_run_property(properties, "sz", style) or ""
    colour = read_hexadecimal(styles.get_run_property(properties, "color", style))
    if (
        properties is not None
        and properties.find(f"{W14}textFill/{W14}noFill") is not None
        and properties.find(W14 + "textOutline") is None
    ):
        colour = TRANSPARENT
    background = find_shading(styles.list_run_properties(properties, style), context.background)
    highlight = (get_value(properties, "highlight") or "none").lower()
    background = _HIGHLIGHTS.get(highlight, background)
    return is_unreadable(colour, background, int(size) / 2 if size.isdecimal() else None)


def flush_hidden(document: Document) -> None:
    words = "".join(document.flow.hidden)
    document.flow.hidden.clear()
    if words.strip():
        document.collector.add_remark(RemarkKind.HIDDEN_TEXT, words)
