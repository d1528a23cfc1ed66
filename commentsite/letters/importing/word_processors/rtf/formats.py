"""Control words of formatting, and those of the tables at the start of a Rich Text file."""

from commentsite.letters.importing.word_processors.rtf.code_pages import CODECS, find_codec
from commentsite.letters.importing.word_processors.rtf.document import (
    DEFAULT_SIZE,
    Document,
    Font,
    State,
    Style,
)

_TOGGLES = {
    "b": "bold",
    "i": "italic",
    "v": "is_hidden",
    "strike": "strike",
    "striked": "strike",
    "deleted": "is_deleted",
    "revised": "is_revised",
    "intbl": "is_in_table",
    "itap": "is_in_table",
    "dropcapt": "is_drop_cap",
    "mvf": "is_deleted",  # moved from here
    "mvt": "is_revised",  # moved to here
}
_NUMBERS = {
    "f": "font",
    "ilvl": "depth",
    "outlinelevel": "outline",
    "cf": "colour",
    "highlight": "highlight",
    "cb": "background",
    "chcbpat": "background",
    "cbpat": "paragraph_background",
    "uc": "skip_count",
    "lang": "language",
    "alang": "rtl_language",
    "langfe": "east_asian_language",
}
_DEFAULTS = State()
_CHARACTER_FORMAT = (
    *("bold", "italic", "strike", "position", "size", "colour", "highlight", "background"),
    *("is_hidden", "is_deleted", "is_revised"),
)


def read_format(document: Document, word: str, number: int | None) -> bool:
    """Apply a word of formatting. Return whether it is one that matters here."""
    state = document.state
    if word in _TOGGLES:
        setattr(state, _TOGGLES[word], number != 0)
    elif word == "fs":
        state.size = DEFAULT_SIZE if number is None else number
    elif word in _NUMBERS:
        setattr(state, _NUMBERS[word], number or 0)
    elif word in {"super", "sub", "nosupersub"}:
        state.position = word if number != 0 else ""
    elif word == "plain":
        for name in _CHARACTER_FORMAT:
            setattr(state, name, getattr(_DEFAULTS, name))
        state.font = document.default_font
    elif word == "pard":
        state.style, state.outline, state.depth, state.is_in_table = 0, -1, 0, False
        state.paragraph_background, state.is_drop_cap = 0, False
    else:
        return _read_style_word(document, word, number)
    if state.destination == "stylesheet" and word in {"v", "outlinelevel"}:
        document.style.is_hidden, document.style.outline = state.is_hidden, state.outline
    return True


def _read_style_word(document: Document, word: str, number: int | None) -> bool:
    state = document.state
    if word in {"s", "cs", "ds", "ts"}:
        if state.destination == "stylesheet":
            document.style = document.styles.setdefault(
                (number or 0) + 100_000 * (word != "s"), Style()
            )
            document.buffer = ""
            return True
        key = (number or 0) + 100_000 * (word != "s")
        if word == "s":
            state.style = number or 0
        state.is_hidden |= document.styles.get(key, Style()).is_hidden
    elif word == "trowd":
        flow = document.flow
        flow.edges, flow.cell_colours, flow.row_colour, flow.cell_colour = [], [], 0, 0
        flow.merged = set()
    elif word in {"clmrg", "clvmrg"}:
        document.flow.merged.add(len(document.flow.edges))
    elif word == "cellx":
        flow = document.flow
        flow.edges.append(number or 0)
        flow.cell_colours.append(flow.cell_colour)
        flow.cell_colour = 0
    elif word == "clcbpat":
        document.flow.cell_colour = number or 0
    elif word == "trcbpat":
        document.flow.row_colour = number or 0
    else:
        return False
    return True


def read_table_of_document(document: Document, word: str, number: int | None) -> None:
    """Read a word of the tables at the start of the file: code pages, fonts, colours."""
    value = number or 0
    if word == "ansicpg" and value:
        document.codec = find_codec(value)
    elif word in {"mac", "pc", "pca"}:
        document.codec = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
    elif word == "deff":
        document.default_font = document.state.font = value
    elif word == "deflang":
        document.default_language = value
    elif word == "fcharset" and document.state.destination == "fonttbl":
        font = document.fonts.setdefault(document.state.font, Font())
        font.is_symbol = value == 2
        font.codec = CODECS.get(value, "") if value > 1 else ""
    elif word in {"red", "green", "blue"}:
        document.colour[("red", "green", "blue").index(word)] = value
    elif document.state.destination == "form" and document.state.field:
        document.state.field.values[word] = value
