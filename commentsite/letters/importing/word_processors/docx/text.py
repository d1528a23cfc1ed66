"""The text of the paragraphs of a Word document."""

from collections.abc import Iterator
from dataclasses import replace

from commentsite.letters.importing.markdown.languages import find_script
from commentsite.letters.importing.markdown.tree import Span
from commentsite.letters.importing.markdown.writer import to_subscript, to_superscript
from commentsite.letters.importing.word_processors.docx.characters import read_character
from commentsite.letters.importing.word_processors.docx.document import Context, Document
from commentsite.letters.importing.word_processors.docx.drawings import read_drawing
from commentsite.letters.importing.word_processors.docx.elements import (
    W14,
    R,
    W,
    get_value,
    is_on,
    is_properties,
)
from commentsite.letters.importing.word_processors.docx.fields import (
    find_field_link,
    read_field_character,
    read_link,
    show_in_field,
)
from commentsite.letters.importing.word_processors.docx.hidden_text import (
    flush_hidden,
    is_hidden,
    is_vanished,
)
from commentsite.letters.importing.word_processors.docx.notes import read_note
from commentsite.letters.importing.word_processors.docx.shading import find_shading
from commentsite.letters.importing.word_processors.docx.tracked_changes import (
    describe_deletion,
    describe_insertion,
)
from commentsite.letters.importing.word_processors.math import M, write_formula
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.importing.word_processors.symbols import (
    BOXES_AND_TICKS,
    CHECKED_BOX,
    EMPTY_BOX,
)
from commentsite.letters.remarks import RemarkKind


def read_spans(document: Document, paragraph: Element, context: Context) -> list[Span]:
    properties = paragraph.find(W + "pPr")
    style = get_value(properties, "pStyle")
    shaded = [item.find(W + "pPr") for item in document.styles.get_chain(style, "paragraph")]
    background = find_shading([properties, *shaded], context.background)
    context = replace(context, paragraph_style=style, background=background)
    return list(_read_inlines(document, paragraph, context))


def _read_inlines(document: Document, container: Element, context: Context) -> Iterator[Span]:
    """Yield the text of the runs in a paragraph or in an element inside one."""
    for child in container:
        tag = child.tag
        if tag == W + "r":
            yield from _read_run(document, child, context)
        elif tag in {W + "del", W + "moveFrom"}:
            describe_deletion(document, child)
        elif tag in {W + "ins", W + "moveTo"}:
            describe_insertion(document, child)
            yield from _read_inlines(document, child, context)
        elif tag in {W + "hyperlink", W + "fldSimple"}:
            link = _read_target(document, child) or context.link
            yield from _read_inlines(document, child, replace(context, link=link))
        elif tag == W + "sdt":
            yield from _read_control(document, child, context)
        elif tag in {M + "oMath", M + "oMathPara"}:
            yield from _read_formula(document, child, context)
        elif tag == W + "subDoc":
            document.collector.add_remark(RemarkKind.OBJECTS)
        elif not is_properties(child):
            yield from _read_inlines(document, child, context)


def _read_target(document: Document, element: Element) -> str:
    """Return the address of a link outside the document, or ''."""
    if element.tag == W + "fldSimple":
        return read_link(element.get(W + "instr", ""))
    relation = document.flow.relations.get(element.get(R + "id", ""))
    return relation.target if relation and relation.is_external else ""


def _read_control(document: Document, control: Element, context: Context) -> Iterator[Span]:
    """Yield the content of a content control. The state of a check box replaces its sign."""
    content = control.find(W + "sdtContent")
    box = control.find(f"{W}sdtPr/{W14}checkbox")
    if box is None:
        if content is not None:
            yield from _read_inlines(document, content, context)
        return
    checked = box.find(W14 + "checked")
    is_checked = checked is not None and is_on(checked.get(W14 + "val", "1"))
    run = content.find(f".//{W}r/{W}rPr") if content is not None else None
    spans = list(_read_inlines(document, content, context)) if content is not None else []
    if spans or not is_hidden(document, run, context):
        yield from _put_box(spans, CHECKED_BOX if is_checked else EMPTY_BOX)


def _put_box(spans: list[Span], box: str) -> list[Span]:
    """Return the content of a check box with its state in the place of its sign."""
    text = "".join(span.text for span in spans)
    if len(text.strip()) <= 1:
        return [Span(box)]
    for index, span in enumerate(spans):
        for sign in span.text:
            if sign in BOXES_AND_TICKS:
                changed = replace(span, text=span.text.replace(sign, box, 1))
                return [*spans[:index], changed, *spans[index + 1 :]]
    return [Span(f"{box} "), *spans]


def _read_formula(document: Document, formula: Element, context: Context) -> Iterator[Span]:
    """Yield the characters of a formula, without those of hidden runs."""
    for run in formula.iter(M + "r"):
        if is_hidden(document, run.find(W + "rPr"), context):
            for item in run.iter(M + "t", W + "t"):
                document.flow.hidden.append(item.text or "")
                item.text = ""
    text = write_formula(formula)
    if any((item.text or "").strip() for item in formula.iter(M + "t", W + "t")):
        flush_hidden(document)
        document.collector.add_remark(RemarkKind.OBJECTS, text)
        yield Span(text)


def _read_run(document: Document, run: Element, context: Context) -> Iterator[Span]:
    properties = run.find(W + "rPr")
    mark, box_count = document.collector.mark(), len(document.flow.boxes)
    spans = [
        span for child in run for span in _read_run_child(document, child, properties, context)
    ]
    if is_vanished(document, properties, context):
        boxes = document.flow.boxes[box_count:]
        del document.flow.boxes[box_count:]
        document.flow.hidden.append(document.collector.take_words(mark, spans, boxes))
        return
    if not spans:
        return
    if is_hidden(document, properties, context):
        document.flow.hidden.append(document.collector.take_words(mark, spans))
        return
    text = "".join(span.text for span in spans if not span.is_markdown)
    if text.strip():
        flush_hidden(document)
        _count_language(document, properties, context, text)
    elif document.flow.hidden:
        document.flow.hidden.append(" ")
    position = get_value(properties, "vertAlign")
    is_bold = _is_on_in_run(document, properties, "b")
    is_italic = _is_on_in_run(document, properties, "i")
    is_struck = is_on(get_value(properties, "strike")) or is_on(get_value(properties, "dstrike"))
    link = context.link or find_field_link(document)
    for span in spans:
        if span.is_markdown:
            yield span
            continue
        shown = span.text
        if position == "superscript":
            shown = to_superscript(shown)
        elif position == "subscript":
            shown = to_subscript(shown)
        yield Span(shown, is_bold, is_italic, is_struck, link)


def _is_on_in_run(document: Document, properties: Element | None, name: str) -> bool:
    own = get_value(properties, name)
    if own is not None:
        return is_on(own)
    style = get_value(properties, "rStyle")
    return style is not None and is_on(
        document.styles.get_style_property(style, name, kind="character")
    )


def _count_language(
    document: Document, properties: Element | None, context: Context, text: str
) -> None:
    script = find_script(text)
    attribute = {"rtl": "bidi", "east asian": "eastAsia"}.get(script, "val")
    language = document.styles.get_run_property(
        properties, "lang", context.paragraph_style, attribute
    )
    document.collector.count_language(language or "", script, text)


def _read_run_child(
    document: Document, child: Element, properties: Element | None, context: Context
) -> Iterator[Span]:
    tag = child.tag
    if tag == W + "fldChar":
        yield from read_field_character(document, child)
    elif tag == W + "instrText":
        if document.flow.fields and not document.flow.fields[-1].shows_result:
            document.flow.fields[-1].code += child.text or ""
    elif tag == W + "ruby":
        yield from _read_ruby(document, child, context)
    elif tag in {W + "footnoteReference", W + "endnoteReference"}:
        yield from read_note(document, child)
    elif tag in {W + "drawing", W + "pict", W + "object", W + "contentPart"}:
        yield from read_drawing(document, child, context)
    elif text := read_character(document, child, properties, context):
        shown = show_in_field(document, text)
        if shown:
            yield Span(shown)


def _read_ruby(document: Document, ruby: Element, context: Context) -> Iterator[Span]:
    """Yield the base text, and its reading in parentheses."""
    base, reading = ruby.find(W + "rubyBase"), ruby.find(W + "rt")
    if base is not None:
        yield from _read_inlines(document, base, context)
    words = (
        "".join(span.text for span in _read_inlines(document, reading, context))
        if reading is not None
        else ""
    )
    if words.strip():
        yield Span(f"({words})")
