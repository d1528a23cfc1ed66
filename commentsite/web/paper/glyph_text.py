"""Make WeasyPrint write the text behind each glyph of a PDF, so that search, copying and screen readers find it.

It also adds the language of each part, by which a screen reader chooses its voice.

WeasyPrint gives each glyph of a font one text: that of the place where the glyph was drawn first. One glyph can
stand for several texts, though. An Arabic font may build ب, ت and ث from one shape and its dots, and a ligature of
Devanagari takes over the text of its neighbours. Two additions correct that:

- A glyph with a second text gets a second code in the PDF. `CIDToGIDMap` leads both codes to the same glyph.
  Fonts with PostScript outlines cannot have such a map and keep one text for each glyph.
- A word of a left-to-right script whose glyphs and letters do not correspond one to one carries its letters
  as `ActualText`. Right-to-left words do not: poppler 22.12 would write their letters backwards.

The functions of WeasyPrint that are replaced here belong to no public interface. A test compares the extracted
words of each script, so that a new release of WeasyPrint that changes them does not pass unnoticed.
"""

import re
import unicodedata
from collections import deque
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import pydyf
from weasyprint.draw import text as weasyprint_text
from weasyprint.matrix import Matrix
from weasyprint.pdf import fonts as weasyprint_fonts
from weasyprint.pdf import tags as weasyprint_tags
from weasyprint.pdf.stream import Stream
from weasyprint.text.ffi import FROM_UNITS, ffi, pango

JOINERS = "\u200c\u200d"
NO_BREAK_SPACE = "\u00a0"
MAX_CODE = 0xFFFF
_CODES_PER_BLOCK = 100  # the most that one block of a CMap may hold
_TOKEN = re.compile(r"<([0-9a-f]*)>|([^<>]+)")
_draw_first_line = weasyprint_text.draw_first_line
_build_font_dictionary = weasyprint_fonts._build_vector_font_dictionary  # noqa: SLF001
_show_text = Stream.show_text
_build_box_tree = weasyprint_tags._build_box_tree  # noqa: SLF001


class _Word:
    """Glyphs between two spaces. `letters` is empty where each glyph stands for one letter."""

    def __init__(self, letters: str) -> None:
        self.letters = letters


class _Glyph(NamedTuple):
    font: Any
    text: str  # empty where another glyph of the cluster carries the text
    word: _Word


class _Part(NamedTuple):
    """A glyph in the order of drawing. `cluster` is the byte of the text where its cluster begins."""

    cluster: int
    text: str


def install() -> None:
    """Replace the functions of WeasyPrint. For a process that only renders PDFs."""
    weasyprint_text.draw_first_line = _draw_line_with_text
    weasyprint_fonts._build_vector_font_dictionary = _build_font_with_codes  # noqa: SLF001
    Stream.show_text = _show_with_codes
    weasyprint_tags._build_box_tree = _build_tree_with_languages  # noqa: SLF001


def _build_tree_with_languages(box: Any, *options: Any) -> Iterator[Any]:
    """Add the language of a part to its element in the structure tree, which WeasyPrint leaves out."""
    html = getattr(getattr(box, "_box", box), "element", None)
    language = html.get("lang") if html is not None else None
    for element in _build_box_tree(box, *options):
        if language:
            element["Lang"] = pydyf.String(language)
        yield element


def _draw_line_with_text(
    stream: Any, textbox: Any, overflow: Any, ellipsis: Any, matrix: Matrix
) -> list[Any]:
    """Draw a line run by run in the order of reading, each with the text of its glyphs.

    WeasyPrint draws from left to right. The runs of a line that mixes directions then come in another order than
    they are read. For one run at a time, the list of runs is cut to that run and the matrix moved to its place.
    """
    if not textbox.text.strip():
        return []
    layout = textbox.pango_layout
    pango.pango_layout_set_single_paragraph_mode(layout.layout, True)  # noqa: FBT003
    line, _ = layout.get_first_line()
    text, all_runs = layout.text.encode(), line.runs
    emojis: list[Any] = []
    try:
        for links, x in _place_runs(line):
            run, following = links[0], links[0].next
            font, _ = stream.add_font(run.data.item.analysis.font)
            glyphs = deque(_describe_run(run.data, text, font))
            stream.glyphs, stream.word = glyphs.copy(), None
            stream.is_rtl = bool(run.data.item.analysis.level % 2)
            line.runs, run.next = links, ffi.NULL
            moved = Matrix(d=-1, e=matrix[2][0] + x, f=matrix[2][1])
            try:
                emojis += _draw_first_line(stream, textbox, overflow, ellipsis, moved)
            finally:
                run.next = following
            _open_word(stream, None)
            if stream.is_rtl:
                _repeat_space(stream, font, glyphs)
    finally:
        line.runs = all_runs
    return emojis


def _repeat_space(stream: Any, font: Any, glyphs: deque[_Glyph]) -> None:
    """Write the space at the end of the last right-to-left run again, at the start of this one.

    It was drawn at the left of the last run, where pypdf does not take it for a space between the two. A space is
    invisible, so it may be drawn anywhere.
    """
    code = getattr(font, "space_code", None)
    if code is not None and getattr(stream, "owes_space", False):
        stream.glyphs = deque()
        _show_text(stream, f"<{code:04x}>")
    stream.owes_space = bool(glyphs) and glyphs[0].text.isspace()


def _separate_from_rtl(stream: Any, font: Any) -> str:
    """Return a space of no width for the start of a run that follows a right-to-left run and a space.

    It is a no-break space, because pypdf counts an ordinary one to the run before and puts it at its start.
    """
    glyph_id = getattr(font, "space_glyph", None)
    owes_space, stream.owes_space = getattr(stream, "owes_space", False), False
    if not owes_space or glyph_id is None:
        return ""
    return f"<{_find_code(font, glyph_id, NO_BREAK_SPACE):04x}> {font.widths[glyph_id]}"


def _place_runs(line: Any) -> list[tuple[Any, float]]:
    """Return the runs of a line in the order of reading, each with its distance from the start of the line."""
    places, x, links = [], 0.0, line.runs
    while links != ffi.NULL:
        glyphs = links[0].data.glyphs
        places.append((links, x))
        x += sum(glyphs.glyphs[i].geometry.width for i in range(glyphs.num_glyphs)) * FROM_UNITS
        links = links[0].next
    return sorted(places, key=lambda place: place[0][0].data.item.offset)


def _describe_run(run: Any, text: bytes, font: Any) -> Iterator[_Glyph]:
    is_rtl = bool(run.item.analysis.level % 2)
    word: list[_Part] = []
    for part in _list_parts(run, text, is_rtl=is_rtl):
        if part.text.isspace():
            yield from _close_word(word, font, is_rtl=is_rtl)
            yield _Glyph(font, part.text, _Word(""))
            word = []
        else:
            word.append(part)
    yield from _close_word(word, font, is_rtl=is_rtl)


def _close_word(word: list[_Part], font: Any, *, is_rtl: bool) -> Iterator[_Glyph]:
    is_simple = all(len(part.text) == 1 for part in word)
    in_order = sorted(word, key=lambda part: part.cluster)
    shared = _Word("" if is_rtl or is_simple else "".join(part.text for part in in_order))
    for part in word:
        yield _Glyph(font, part.text, shared)


def _list_parts(run: Any, text: bytes, *, is_rtl: bool) -> Iterator[_Part]:
    """Give the text of each cluster to its widest glyph.

    A joiner has no glyph, so the letter before it takes it over. The same holds for marks of left-to-right
    scripts, and for the digits of an Arabic number, which pypdf would otherwise put in the wrong order.
    """
    glyphs = run.glyphs
    clusters = [glyphs.log_clusters[i] for i in range(glyphs.num_glyphs)]
    starts = sorted(set(clusters))
    ends = [*starts[1:], run.item.length]
    offset = run.item.offset
    texts: dict[int, str] = {}
    owner = -1
    for start, end in zip(starts, ends, strict=True):
        part = text[offset + start : offset + end].decode()
        if owner >= 0 and part and _continues(texts[owner], part, is_rtl=is_rtl):
            texts[owner] += part
            texts[start] = ""
        else:
            owner, texts[start] = start, part
    drawn = [
        (clusters[i], glyphs.glyphs[i].geometry.width)
        for i in range(glyphs.num_glyphs)
        if glyphs.glyphs[i].glyph != pango.PANGO_GLYPH_EMPTY  # WeasyPrint draws no such glyph
    ]
    for cluster, group in groupby(drawn, itemgetter(0)):
        widths = [width for _, width in group]
        part = texts[cluster]
        if is_rtl and len(part) == len(widths):
            # Each letter has its glyph, the last one at the left. poppler reverses the letters of one glyph.
            yield from (_Part(cluster, letter) for letter in reversed(part))
        else:
            carrier = widths.index(max(widths))  # the others are dots and marks
            yield from (_Part(cluster, part if i == carrier else "") for i in range(len(widths)))


def _continues(before: str, part: str, *, is_rtl: bool) -> bool:
    if part[0] in JOINERS:
        return True
    if unicodedata.category(part[0]).startswith("M"):
        return not is_rtl
    return _is_arabic_number(before) and _is_arabic_number(part)


def _is_arabic_number(text: str) -> bool:
    return text.isdigit() and not text.isascii()


def _show_with_codes(stream: Any, text: str) -> None:
    """Write glyphs as WeasyPrint does, each with the code for its text, and mark the words."""
    glyphs = getattr(stream, "glyphs", None)
    if not glyphs or glyphs[0].font.bitmap:
        _show_text(stream, text)
        return
    shown = "" if stream.is_rtl else _separate_from_rtl(stream, glyphs[0].font)
    for codes, spacing in _TOKEN.findall(text):
        if spacing:
            shown += f" {spacing}"
        for i in range(0, len(codes), 4):
            glyph = glyphs.popleft()
            if glyph.word is not stream.word:
                if shown:
                    _show_text(stream, shown)
                shown = ""
                _open_word(stream, glyph.word)
            code = _find_code(glyph.font, int(codes[i : i + 4], 16), glyph.text)
            if glyph.text == " ":
                glyph.font.space_code = code
                glyph.font.space_glyph = int(codes[i : i + 4], 16)
            shown += f"<{code:04x}>"
    if shown:
        _show_text(stream, shown.replace("><", ""))


def _open_word(stream: Any, word: _Word | None) -> None:
    """End the marked content of the last word, and begin that of the next where it has letters to say."""
    if stream.word is not None and stream.word.letters:
        stream.end_marked_content()
    if word is not None and word.letters:
        letters = pydyf.String(word.letters)
        stream.begin_marked_content("Span", pydyf.Dictionary({"ActualText": letters}))
    stream.word = word


def _find_code(font: Any, glyph_id: int, text: str) -> int:
    """Return the code that stands for this glyph with this text. The first text of a glyph has its own number."""
    if not hasattr(font, "codes"):
        font.codes, font.first_texts, font.glyph_of_code, font.text_of_code = {}, {}, {}, {}
    key = (glyph_id, text)
    if key in font.codes:
        return int(font.codes[key])
    if glyph_id not in font.first_texts:
        font.first_texts[glyph_id] = font.to_unicode[glyph_id] = text
        font.codes[key] = glyph_id
        return glyph_id
    code: int = font.glyph_count + len(font.missing) + len(font.glyph_of_code) + 1000
    if font.type == "otf" or code > MAX_CODE:
        return glyph_id
    font.codes[key], font.glyph_of_code[code], font.text_of_code[code] = code, glyph_id, text
    return code


def _build_font_with_codes(dictionary: Any, pdf: Any, font: Any, *options: Any) -> None:
    """Add the second texts of glyphs to the font that WeasyPrint builds."""
    _build_font_dictionary(dictionary, pdf, font, *options)
    glyph_of_code = getattr(font, "glyph_of_code", {})
    if not glyph_of_code:
        return
    objects = {pdf_object.reference: pdf_object for pdf_object in pdf.objects}
    lines = objects[dictionary["ToUnicode"]].stream
    end = lines.index(b"endcmap")
    lines[end:end] = _write_texts(font.text_of_code)
    drawn = objects[dictionary["DescendantFonts"][0]]
    missing = set(font.missing.values())
    glyphs = {code: 0 if code in missing else code for code in font.to_unicode} | glyph_of_code
    table = bytearray(2 * (max(glyphs) + 1))
    for code, glyph_id in glyphs.items():
        table[2 * code : 2 * code + 2] = glyph_id.to_bytes(2, "big")
    glyph_map = pydyf.Stream([bytes(table)], compress=True)
    pdf.add_object(glyph_map)
    drawn["CIDToGIDMap"] = glyph_map.reference
    for code, glyph_id in sorted(glyph_of_code.items()):
        drawn["W"] += [code, pydyf.Array([font.widths[glyph_id]])]
    dictionary["Encoding"] = "/Identity-H"


def _write_texts(text_of_code: dict[int, str]) -> Iterator[bytes]:
    texts = list(text_of_code.items())
    for i in range(0, len(texts), _CODES_PER_BLOCK):
        block = texts[i : i + _CODES_PER_BLOCK]
        yield f"{len(block)} beginbfchar".encode()
        for code, text in block:
            yield f"<{code:04x}> <{text.encode('utf-16-be').hex()}>".encode()
        yield b"endbfchar"
