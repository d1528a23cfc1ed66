"""Read a Rich Text file: the text that a word processor shows, what is left out in remarks.

Tracked changes are accepted. Hidden text, comments and running heads are left out and recorded.
See the Rich Text Format specification, version 1.9.1.
"""

import binascii
import locale
import re
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, replace

from commentsite.letters.importing.colours import WHITE, is_unreadable
from commentsite.letters.importing.document import ParsedDocument
from commentsite.letters.importing.errors import FileProblem, UnreadableFile
from commentsite.letters.importing.markdown.languages import find_script
from commentsite.letters.importing.markdown.tree import Block, Collector, Paragraph, Span, Table
from commentsite.letters.importing.markdown.writer import (
    build_document,
    to_subscript,
    to_superscript,
)
from commentsite.letters.importing.word_processors.symbols import (
    BOXES_AND_TICKS,
    CHECKED_BOX,
    EMPTY_BOX,
    is_symbol_font,
    map_symbol,
)
from commentsite.letters.remarks import RemarkKind, TrackedChange

MAX_DEPTH = 200  # of groups
MAX_GROUPS = 300_000
MAX_CELLS = 200  # of a row
DEFAULT_SIZE = 24  # half-points
_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])|([{}])|([^\\{}\r\n\0]+)|[\r\n\0]+"
)
_CODECS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_CODE_PAGES = {
    932: "cp932",
    936: "gbk",
    949: "cp949",
    950: "cp950",
    10000: "mac_roman",
    65001: "utf-8",
}
_CHARACTERS = {
    "tab": "\t", "line": "\n", "softline": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "bullet": "•",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "emspace": " ", "enspace": " ",
    "qmspace": " ", "zwj": "\u200d", "zwnj": "\u200c", "column": "\n", "page": "\n", "pmartabql": "\t",
}  # fmt: skip
_SYMBOLS = {b"~": "\N{NO-BREAK SPACE}", b"_": "\N{NON-BREAKING HYPHEN}", b"\t": "\t"}
_HEADERS = frozenset(
    ["header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"]
)
# Destinations whose text belongs to the letter or is recorded. All others are skipped.
_SKIPPED = frozenset(
    [
        "filetbl",
        "listtable",
        "listoverridetable",
        "revtbl",
        "rsidtbl",
        "generator",
        "xe",
        "tc",
        "bkmkstart",
        "bkmkend",
        "nonshppict",
        "shprslt",
        "objdata",
        "objclass",
        "objname",
        "themedata",
        "colorschememapping",
        "latentstyles",
        "datastore",
        "ftnsep",
        "ftnsepc",
        "ftncn",
        "aftnsep",
        "aftnsepc",
        "aftncn",
        "atnid",
        "atnauthor",
        "atntime",
        "atndate",
        "atnref",
        "atnparent",
        "template",
        "private",
        "mmathPict",
        "txe",
        "rxe",
        "author",
        "operator",
        "subject",
        "keywords",
        "doccomm",
        "company",
        "manager",
        "comment",
        "category",
        "hlinkbase",
        "creatim",
        "revtim",
        "printim",
        "buptim",
        "datafield",
        "formfield",
        "ud",
    ]
)
# Groups that older readers skip, but whose text belongs to the letter.
_TRANSPARENT = frozenset(["shppict", "shpinst", "picprop", "cs", "do", "shpgrp"])
_TOGGLES = {
    "b": "bold",
    "i": "italic",
    "v": "is_hidden",
    "strike": "strike",
    "striked": "strike",
    "deleted": "is_deleted",
    "revised": "is_revised",
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
_HEADING_STYLE = re.compile(r"heading (\d)$", re.IGNORECASE)
_HYPERLINK = re.compile(r'HYPERLINK\s+(?:"([^"]*)"|(\S+))', re.IGNORECASE)
_SYMBOL_FIELD = re.compile(r'SYMBOL\s+(0x[0-9a-f]+|\d+)(?:.*?\\f\s+"?([^"\\]+))?', re.IGNORECASE)
_BULLET = re.compile(r"\s*[•·▪◦‣–]\t\s*")


@dataclass
class _Font:
    codec: str = ""
    is_symbol: bool = False
    name: str = ""


@dataclass
class _Style:
    name: str = ""
    outline: int = -1
    is_hidden: bool = False


@dataclass
class _Field:
    code: str = ""
    link: str = ""
    box: str = ""  # a check box, or the choice of a list
    choices: list[str] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    has_result: bool = False


@dataclass
class _State:
    """The settings that a group inherits. The end of the group restores those before it."""

    destination: str = "text"
    font: int = -1
    skip_count: int = 1  # characters after a Unicode one that stand for it in older readers
    language: int = 0  # a Windows locale number
    rtl_language: int = 0  # for text from right to left
    east_asian_language: int = 0
    bold: bool = False
    italic: bool = False
    strike: bool = False
    position: str = ""
    is_hidden: bool = False
    is_deleted: bool = False
    is_revised: bool = False
    size: int = DEFAULT_SIZE  # half-points
    colour: int = 0  # numbers of the table of colours, 0 for the automatic one or none
    highlight: int = 0
    background: int = 0
    paragraph_background: int = 0
    style: int = 0
    outline: int = -1
    depth: int = 0
    is_in_table: bool = False
    field: _Field | None = None
    closes: Callable[[], None] | None = None  # at the end of this group only


_DEFAULTS = _State()
_CHARACTER_FORMAT = (
    *("bold", "italic", "strike", "position", "size", "colour", "highlight", "background"),
    *("is_hidden", "is_deleted", "is_revised"),
)


@dataclass
class _Flow:
    """A sequence of blocks: the body, a note, a text box, a comment."""

    blocks: list[Block] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    cell: list[Block] = field(default_factory=list)
    row: list[list[Block]] = field(default_factory=list)
    rows: list[tuple[list[int], list[list[Block]]]] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    row_colour: int = 0
    cell_colour: int = 0  # of the cell that is being defined
    cell_colours: list[int] = field(default_factory=list)
    label: str | None = None  # the number or bullet, '' for one without a known character
    mark: tuple[int, int] = (0, 0)  # the place of its first note and picture


@dataclass
class _Picture:
    data: bytearray = field(default_factory=bytearray)
    description: str = ""


def read_rtf(content: bytes) -> ParsedDocument:
    """Return the document. Raises UnreadableFile on a file without text or with too many groups."""
    return _RtfReader().read(content)


class _RtfReader:
    def __init__(self) -> None:
        self._state = _State()
        self._stack: list[_State] = []
        self._flows = [_Flow()]
        self._collector = Collector()
        self._fonts: dict[int, _Font] = {}
        self._default_font = 0
        self._codec = "cp1252"
        self._styles: dict[int, _Style] = {}
        self._style = _Style()
        self._colours: list[tuple[int, int, int]] = []
        self._colour = [0, 0, 0]
        self._default_language = 0
        self._title = ""
        self._bytes = bytearray()
        self._skip = 0
        self._surrogate = ""
        self._buffer = ""  # text of a destination that is not a flow
        self._hidden = ""
        self._deleted = ""
        self._inserted = ""
        self._is_star = False
        self._picture = _Picture()
        self._property = ""
        self._is_shape_hidden = False
        self._group_count = 0
        self._destinations = self._get_destinations()

    def read(self, content: bytes) -> ParsedDocument:
        position, end = 0, len(content)
        while position < end:
            match = _TOKEN.match(content, position)
            if match is None:
                position += 1
                continue
            position = match.end()
            word, number, code, symbol, brace, text = match.groups()
            if text is not None:
                self._add_bytes(text)
            elif code is not None:
                self._add_bytes(bytes([int(code, 16)]))
            elif word == b"bin":
                length = max(0, int(number or 0))
                if self._state.destination == "picture":
                    self._picture.data = bytearray(content[position : position + length])
                position += length
            else:
                self._flush_bytes()
                self._read_control(word, number, symbol, brace)
        self._flush_bytes()
        while self._stack:
            self._close_group()
        self._end_paragraph()
        self._end_table()
        self._flush_removed()
        self._flush_inserted()
        return build_document(
            self._flows[0].blocks,
            self._collector,
            title=" ".join(self._title.split())[:300],
            language=self._collector.choose_language(_find_language(self._default_language)),
        )

    def _read_control(
        self, word: bytes | None, number: bytes | None, symbol: bytes | None, brace: bytes | None
    ) -> None:
        if brace == b"{":
            self._open_group()
        elif brace == b"}":
            self._close_group()
        elif word is not None:
            is_star, self._is_star = self._is_star, False
            self._read_word(word.decode(), None if number is None else int(number), is_star=is_star)
        elif symbol == b"*":
            self._is_star = True
        elif symbol in {b"\n", b"\r"}:
            self._end_paragraph()
        elif symbol in _SYMBOLS:
            self._add_text(_SYMBOLS[symbol])
        elif symbol in {b"\\", b"{", b"}"}:
            self._add_text(symbol.decode())

    # Groups

    def _open_group(self) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise UnreadableFile(FileProblem.TOO_COMPLEX)
        self._group_count += 1
        if self._group_count > MAX_GROUPS:
            raise UnreadableFile(FileProblem.TOO_COMPLEX)
        self._stack.append(self._state)
        self._state = copy(self._state)
        self._state.closes = None
        self._is_star = False

    def _close_group(self) -> None:
        closes = self._state.closes
        if closes:
            closes()
        if self._stack:
            self._state = self._stack.pop()
        self._skip = 0
        self._is_star = False

    def _enter(self, destination: str, closes: Callable[[], None] | None = None) -> None:
        self._state.destination = destination
        self._state.closes = closes
        if destination not in {"text", "skip"}:
            self._buffer = ""

    def _enter_flow(self, closes: Callable[[_Flow], None]) -> None:
        """Collect the blocks of this group apart, and hand them over at its end."""
        self._flows.append(_Flow(mark=self._collector.mark()))
        self._state.destination = "text"
        inherited = self._state
        self._state = replace(_State(), font=inherited.font, language=inherited.language)
        self._state.is_hidden, self._state.is_deleted = inherited.is_hidden, inherited.is_deleted
        hidden, deleted = self._hidden, self._deleted
        self._hidden = self._deleted = ""

        def close() -> None:
            self._end_paragraph()
            self._end_table()
            self._flush_removed()
            self._hidden, self._deleted = hidden, deleted
            closes(self._flows.pop())

        self._state.closes = close

    # Control words

    def _read_word(self, word: str, number: int | None, *, is_star: bool) -> None:
        state = self._state
        if state.destination == "skip":
            return
        if self._enter_destination(word, is_star=is_star):
            return
        if word == "u" and number is not None:
            self._add_unicode(number % 65536)
            self._skip = state.skip_count
        elif word in _CHARACTERS:
            self._add_text(_CHARACTERS[word])
        elif word in {"par", "sect", "nestcell"}:
            self._end_paragraph()
        elif word == "cell":
            self._end_cell()
        elif word == "row":
            self._end_row()
        elif not self._read_format(word, number):
            self._read_table_of_document(word, number)

    def _enter_destination(self, word: str, *, is_star: bool) -> bool:
        """Enter the destination that the word opens. Return whether it opens one."""
        state = self._state
        if word in _HEADERS:
            self._enter_flow(lambda flow: self._add_aside(RemarkKind.PAGE_FURNITURE, flow))
        elif word in self._destinations:
            self._destinations[word]()
        elif word in {"fonttbl", "colortbl", "stylesheet", "info"}:
            state.destination = word
        elif word in {"object", "moMath"}:
            self._collector.add_remark(RemarkKind.OBJECTS)
        elif word in _SKIPPED or (
            is_star
            and word not in _TRANSPARENT
            and state.destination not in {"fonttbl", "stylesheet"}
        ):
            state.destination = "skip"
        else:
            return False
        return True

    def _get_destinations(self) -> dict[str, Callable[[], None]]:
        """Return the functions that enter the destinations whose text matters."""
        return {
            "footnote": self._enter_note,
            "annotation": lambda: self._enter_flow(
                lambda flow: self._add_aside(RemarkKind.REVIEW_COMMENTS, flow)
            ),
            "shptxt": lambda: self._enter_flow(self._add_box),
            "dptxbxtext": lambda: self._enter_flow(self._add_box),
            "listtext": lambda: self._enter("buffer", self._take_label),
            "pntext": lambda: self._enter("buffer", self._take_label),
            "field": self._enter_field,
            "fldinst": lambda: self._enter("code", self._take_code),
            "fldrslt": self._enter_result,
            "formfield": self._enter_form,
            "ffl": lambda: self._enter("choice", self._take_choice),
            "title": self._enter_title,
            "pict": self._enter_picture,
            "shp": self._enter_shape,
            "sn": lambda: self._enter("buffer", self._take_name),
            "sv": lambda: self._enter("buffer", self._take_value),
        }

    def _enter_note(self) -> None:
        outer = replace(self._state)
        self._enter_flow(lambda flow: self._add_note(flow, outer))

    def _enter_field(self) -> None:
        self._state.field = _Field()
        self._state.closes = self._end_field

    def _enter_form(self) -> None:
        self._take_code()
        self._enter("form")

    def _enter_result(self) -> None:
        self._state.destination = "text"
        if self._state.field:
            self._state.field.has_result = True

    def _enter_title(self) -> None:
        if self._state.destination == "info":
            self._enter("buffer", self._take_title)

    def _enter_shape(self) -> None:
        self._leave_shape()
        self._state.closes = self._leave_shape

    def _leave_shape(self) -> None:
        self._is_shape_hidden = False

    def _enter_picture(self) -> None:
        self._picture = _Picture(description=self._picture.description)
        self._enter("picture", self._end_picture)

    def _read_format(self, word: str, number: int | None) -> bool:
        """Apply a word of formatting. Return whether it is one that matters here."""
        state = self._state
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
            state.font = self._default_font
        elif word == "pard":
            state.style, state.outline, state.depth, state.is_in_table = 0, -1, 0, False
            state.paragraph_background = 0
        elif word in {"intbl", "itap"}:
            state.is_in_table = number != 0
        else:
            return self._read_style_word(word, number)
        if state.destination == "stylesheet" and word in {"v", "outlinelevel"}:
            self._style.is_hidden, self._style.outline = state.is_hidden, state.outline
        return True

    def _read_style_word(self, word: str, number: int | None) -> bool:
        state = self._state
        if word in {"s", "cs", "ds", "ts"}:
            if state.destination == "stylesheet":
                self._style = self._styles.setdefault(
                    (number or 0) + 100_000 * (word != "s"), _Style()
                )
                self._buffer = ""
                return True
            key = (number or 0) + 100_000 * (word != "s")
            if word == "s":
                state.style = number or 0
            state.is_hidden |= self._styles.get(key, _Style()).is_hidden
        elif word == "trowd":
            flow = self._flows[-1]
            flow.edges, flow.cell_colours, flow.row_colour, flow.cell_colour = [], [], 0, 0
        elif word == "cellx":
            flow = self._flows[-1]
            flow.edges.append(number or 0)
            flow.cell_colours.append(flow.cell_colour)
            flow.cell_colour = 0
        elif word == "clcbpat":
            self._flows[-1].cell_colour = number or 0
        elif word == "trcbpat":
            self._flows[-1].row_colour = number or 0
        else:
            return False
        return True

    def _read_table_of_document(self, word: str, number: int | None) -> None:
        """Read a word of the tables at the start of the file: code pages, fonts, colours."""
        value = number or 0
        if word == "ansicpg" and value:
            self._codec = _find_codec(value)
        elif word in {"mac", "pc", "pca"}:
            self._codec = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word == "deff":
            self._default_font = self._state.font = value
        elif word == "deflang":
            self._default_language = value
        elif word == "fcharset" and self._state.destination == "fonttbl":
            font = self._fonts.setdefault(self._state.font, _Font())
            font.is_symbol = value == 2
            font.codec = _CODECS.get(value, "") if value > 1 else ""
        elif word in {"red", "green", "blue"}:
            self._colour[("red", "green", "blue").index(word)] = value
        elif self._state.destination == "form" and self._state.field:
            self._state.field.values[word] = value

    # Text

    def _add_bytes(self, text: bytes) -> None:
        if self._skip:
            skipped = min(self._skip, len(text))
            self._skip -= skipped
            text = text[skipped:]
        if self._state.destination == "picture":
            self._picture.data += text
        elif self._state.destination == "objdata":
            return
        else:
            self._bytes += text

    def _flush_bytes(self) -> None:
        if not self._bytes:
            return
        content = bytes(self._bytes)
        self._bytes.clear()
        destination = self._state.destination
        if destination == "skip":
            return
        if destination in {"colortbl", "fonttbl", "stylesheet"}:
            self._read_entry(destination, content)
            return
        font = self._fonts.get(self._state.font) or self._fonts.get(self._default_font) or _Font()
        if font.is_symbol or is_symbol_font(font.name):
            self._add_text("".join(self._map_symbol(font.name, code) for code in content))
            return
        self._add_text(content.decode(font.codec or self._codec, "replace"))

    def _read_entry(self, destination: str, content: bytes) -> None:
        if destination == "colortbl":
            for _ in range(content.count(b";")):
                self._colours.append((self._colour[0], self._colour[1], self._colour[2]))
                self._colour = [0, 0, 0]
            return
        self._buffer += content.decode(self._codec, "replace")
        if ";" not in self._buffer:
            return
        name = self._buffer.partition(";")[0].strip()
        self._buffer = ""
        if destination == "fonttbl":
            font = self._fonts.setdefault(self._state.font, _Font())
            font.name = name
            if not font.codec:
                font.codec = {
                    "Cyr": "cp1251",
                    "CE": "cp1250",
                    "Greek": "cp1253",
                    "Tur": "cp1254",
                }.get(name.rpartition(" ")[2], "")
        else:
            self._styles.setdefault(0, _Style())
            self._style.name = name
            self._style = self._styles[0]

    def _map_symbol(self, font: str, code: int) -> str:
        text = map_symbol(font, code) or ("" if is_symbol_font(font) else chr(code))
        if not text and self._state.destination == "text":
            self._collector.add_remark(RemarkKind.OTHER, f"{font} {code:X}")
        return text

    def _add_unicode(self, code: int) -> None:
        if 0xD800 <= code < 0xDC00:
            self._surrogate = chr(code)
            return
        if 0xDC00 <= code < 0xE000:
            pair = self._surrogate + chr(code)
            self._surrogate = ""
            text = pair.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            self._add_text(text)
            return
        font = self._fonts.get(self._state.font, _Font())
        if 0xF000 <= code <= 0xF0FF:
            name = font.name if is_symbol_font(font.name) else "Symbol"
            self._add_text(self._map_symbol(name, code))
        elif code:
            self._add_text(chr(code))

    def _add_text(self, text: str) -> None:
        state = self._state
        if state.destination != "text":
            if state.destination in {"buffer", "code", "choice"}:
                self._buffer += text
            return
        if state.is_deleted:
            self._flush_hidden()
            self._flush_inserted()
            self._deleted += text
            return
        if state.is_hidden or self._is_unreadable():
            self._flush_deleted()
            self._hidden += text
            return
        if text.strip():
            self._flush_removed()
            self._count_language(text)
        elif self._hidden:
            self._hidden += " "
        if state.is_revised:
            begins_paragraph = not self._flows[-1].spans
            self._inserted += f" {text}" if begins_paragraph else text
        else:
            self._flush_inserted()
        if state.position == "super":
            text = to_superscript(text)
        elif state.position == "sub":
            text = to_subscript(text)
        link = state.field.link if state.field else ""
        self._flows[-1].spans.append(Span(text, state.bold, state.italic, state.strike, link))

    def _is_unreadable(self) -> bool:
        state = self._state
        behind = [state.highlight, state.background, state.paragraph_background]
        if state.is_in_table:
            flow = self._flows[-1]
            behind += [*flow.cell_colours[len(flow.row) :][:1], flow.row_colour]
        colours = (self._find_colour(number) for number in behind)
        background = next(filter(None, colours), WHITE)
        return is_unreadable(self._find_colour(state.colour), background, state.size / 2)

    def _find_colour(self, number: int) -> str:
        if not 0 < number < len(self._colours):
            return ""
        return "#" + "".join(f"{min(part, 255):02x}" for part in self._colours[number])

    def _count_language(self, text: str) -> None:
        state, script = self._state, find_script(text)
        numbers = {"rtl": state.rtl_language, "east asian": state.east_asian_language}
        number = numbers.get(script) or state.language or self._default_language
        self._collector.count_language(_find_language(number), script, text)

    def _flush_hidden(self) -> None:
        words, self._hidden = self._hidden, ""
        if words.strip():
            self._collector.add_remark(RemarkKind.HIDDEN_TEXT, words)

    def _flush_deleted(self) -> None:
        words, self._deleted = self._deleted, ""
        if words.strip():
            self._collector.add_change(TrackedChange.DELETED, words)

    def _flush_inserted(self) -> None:
        words, self._inserted = self._inserted, ""
        if words:
            self._collector.add_change(TrackedChange.INSERTED, words)

    def _flush_removed(self) -> None:
        self._flush_hidden()
        self._flush_deleted()

    # Paragraphs and tables

    def _end_paragraph(self) -> None:
        state, flow = self._state, self._flows[-1]
        if state.destination != "text":
            return
        if state.is_deleted and flow.spans:
            return  # the mark between two paragraphs was deleted
        if not state.is_deleted and not state.is_hidden:
            self._flush_removed()
        elif self._hidden:
            self._hidden += " "
        spans, flow.spans = flow.spans, []
        stored_label, flow.label = flow.label, None
        label = stored_label or ""
        text = "".join(span.text for span in spans)
        self._collector.count_block(text)
        if not state.is_in_table:
            self._end_table()
        if not text.strip():
            return
        style = self._styles.get(state.style, _Style())
        outline = state.outline if state.outline >= 0 else style.outline
        heading = _HEADING_STYLE.match(style.name)
        bullet = stored_label is not None and not any(letter.isalnum() for letter in label)
        typed = _BULLET.match(text)
        if typed and stored_label is None:
            bullet, spans = True, _remove_start(spans, typed.end())
        if bullet and label not in BOXES_AND_TICKS - set("■□◻❑❒"):
            label = ""
        paragraph = Paragraph(
            spans,
            label=label,
            heading=outline + 1 if 0 <= outline < 9 else int(heading[1]) if heading else 0,
            bullet=bullet,
            depth=max(0, min(state.depth, 8)),
            is_quote=style.name.lower() in {"quote", "intense quote", "quotations", "block text"},
            is_title=style.name.lower() == "title",
        )
        if style.name.lower().startswith("toc "):
            self._collector.add_remark(RemarkKind.PAGE_FURNITURE, text)
            return
        (flow.cell if state.is_in_table else flow.blocks).append(paragraph)

    def _end_cell(self) -> None:
        self._state.is_in_table = True
        self._end_paragraph()
        flow = self._flows[-1]
        if len(flow.row) < MAX_CELLS:
            flow.row.append(flow.cell)
            flow.cell = []
        self._collector.count_block()

    def _end_row(self) -> None:
        flow = self._flows[-1]
        if flow.cell:
            flow.row.append(flow.cell)
            flow.cell = []
        if flow.row:
            flow.rows.append((flow.edges[: len(flow.row)], flow.row))
        flow.row = []

    def _end_table(self) -> None:
        """Add the table that has ended, its rows brought to common columns."""
        flow = self._flows[-1]
        if flow.row or flow.cell:
            self._end_row()
        if not flow.rows:
            return
        edges = sorted({edge for row_edges, _ in flow.rows for edge in row_edges})
        rows = []
        for row_edges, cells in flow.rows:
            filled: list[list[Block]] = []
            for index, cell in enumerate(cells):
                filled.append(cell)
                if len(edges) <= MAX_CELLS and index < len(row_edges):
                    column = edges.index(row_edges[index])
                    filled += [[] for _ in range(column + 1 - len(filled))]
            rows.append(filled)
        flow.rows = []
        flow.blocks.append(Table(rows))

    # Ends of destinations

    def _add_note(self, flow: _Flow, outer: _State) -> None:
        if flow.blocks and not self._remove_flow(flow, outer):
            self._flows[-1].spans.append(self._collector.add_note(flow.blocks))

    def _remove_flow(self, flow: _Flow, outer: _State) -> bool:
        """Keep the words of a flow in a hidden or deleted place. Return whether its place is one."""
        if not (outer.is_deleted or outer.is_hidden):
            return False
        words = self._collector.take_words(flow.mark, flow.blocks)
        if outer.is_deleted:
            self._deleted += f" {words} "
        else:
            self._hidden += f" {words} "
        return True

    def _add_aside(self, kind: RemarkKind, flow: _Flow) -> None:
        words = self._collector.take_words(flow.mark, flow.blocks)
        if any(letter.isalpha() for letter in words):
            self._collector.add_remark(kind, words)

    def _add_box(self, box: _Flow) -> None:
        """Add the text of a box before the paragraph in which it is anchored."""
        outer, flow = self._stack[-1], self._flows[-1]
        if self._is_shape_hidden:
            outer = replace(outer, is_hidden=True)
        if not self._remove_flow(box, outer):
            (flow.cell if outer.is_in_table else flow.blocks).extend(box.blocks)

    def _take_label(self) -> None:
        if not (self._state.is_deleted or self._state.is_hidden):
            self._flows[-1].label = " ".join(self._buffer.split())[:60]
        self._buffer = ""

    def _take_title(self) -> None:
        self._title, self._buffer = self._buffer, ""

    def _take_name(self) -> None:
        self._property, self._buffer = self._buffer.strip(), ""

    def _take_value(self) -> None:
        if self._property == "wzDescription":
            self._picture.description = self._buffer.strip()
        elif self._property == "fHidden":
            self._is_shape_hidden = self._buffer.strip() not in {"", "0"}
        self._buffer = ""

    def _take_choice(self) -> None:
        if self._state.field:
            self._state.field.choices.append(self._buffer.strip())
        self._buffer = ""

    def _take_code(self) -> None:
        current = self._state.field
        if current is None:
            return
        current.code += self._buffer
        self._buffer = ""
        if match := _HYPERLINK.search(current.code):
            current.link = match[1] or match[2]

    def _end_field(self) -> None:
        current = self._state.field
        if current is None:
            return
        self._state.field = None
        values, code = current.values, current.code.strip().upper()
        chosen = values.get("ffres", 25)
        if chosen == 25:
            chosen = values.get("ffdefres", 0)
        if code.startswith("FORMCHECKBOX"):
            self._add_text(CHECKED_BOX if chosen else EMPTY_BOX)
        elif code.startswith("FORMDROPDOWN") and not current.has_result:
            if 0 <= chosen < len(current.choices):
                self._add_text(current.choices[chosen])
        elif not current.has_result and (match := _SYMBOL_FIELD.match(current.code.strip())):
            self._add_text(self._map_symbol((match[2] or "").strip(), int(match[1], 0) & 0xFFFF))

    def _end_picture(self) -> None:
        data = bytes(self._picture.data)
        try:
            content = binascii.unhexlify(b"".join(data.split())) if _is_hexadecimal(data) else data
        except binascii.Error:
            content = b""
        description, self._picture = self._picture.description, _Picture()
        if self._state.is_deleted or self._state.is_hidden or self._is_shape_hidden:
            self._collector.add_remark(RemarkKind.PICTURES, description)
            return
        self._flows[-1].spans.append(self._collector.add_picture(content, description))


def _find_codec(code_page: int) -> str:
    name = _CODE_PAGES.get(code_page, f"cp{code_page}")
    try:
        b"".decode(name)
    except LookupError:
        return "cp1252"
    return name


def _find_language(number: int) -> str:
    """Return the language tag of a Windows locale number, or ''."""
    return locale.windows_locale.get(number, "").replace("_", "-")


def _is_hexadecimal(data: bytes) -> bool:
    return not data[:200].strip(b"0123456789abcdefABCDEF \t\r\n")


def _remove_start(spans: list[Span], length: int) -> list[Span]:
    """Return the spans without their first `length` characters."""
    rest = []
    for span in spans:
        rest.append(replace(span, text=span.text[length:]))
        length = max(0, length - len(span.text))
    return rest
