"""Form controls and fields of an OpenDocument text."""

from collections.abc import Iterator

from commentsite.letters.importing.markdown.tree import Span
from commentsite.letters.importing.word_processors.odt.document import Context, Document
from commentsite.letters.importing.word_processors.odt.namespaces import DRAW, FIELD, FORM, TEXT
from commentsite.letters.importing.word_processors.odt.spans import style_text
from commentsite.letters.importing.word_processors.package import Element
from commentsite.letters.importing.word_processors.symbols import CHECKED_BOX, EMPTY_BOX
from commentsite.letters.remarks import RemarkKind


def read_condition(document: Document, element: Element, context: Context) -> Iterator[Span]:
    """Yield text that depends on a condition. Without a stored result it counts as hidden."""
    text = "".join(element.itertext())
    if element.tag == TEXT + "conditional-text":
        yield from style_text(document, text, context)
    elif element.tag == TEXT + "hidden-paragraph":
        document.hides_paragraph |= element.get(TEXT + "is-hidden", "true") == "true"
    elif element.get(TEXT + "is-hidden", "true") == "true":
        document.hidden.append(element.get(TEXT + "string-value") or text)
    else:
        yield from style_text(document, text or element.get(TEXT + "string-value", ""), context)


def read_control(document: Document, element: Element, context: Context) -> Iterator[Span]:
    """Yield a check box of a form with its label."""
    control = document.controls.get(element.get(DRAW + "control", ""))
    if control is None:
        document.collector.add_remark(RemarkKind.OBJECTS)
        return
    name = "current-state" if control.tag == FORM + "checkbox" else "current-selected"
    is_checked = control.get(FORM + name, "") in {"checked", "true"}
    label = control.get(FORM + "label", "")
    text = f"{CHECKED_BOX if is_checked else EMPTY_BOX} {label}".rstrip()
    yield from style_text(document, text, context)


def read_field_mark(document: Document, element: Element, context: Context) -> Iterator[Span]:
    if element.get(FIELD + "type", "").endswith("FORMCHECKBOX"):
        parameters = {
            item.get(FIELD + "name"): item.get(FIELD + "value")
            for item in element.iter(FIELD + "param")
        }
        is_checked = parameters.get("Checkbox_Checked") == "true"
        yield from style_text(document, CHECKED_BOX if is_checked else EMPTY_BOX, context)
    elif element.get(FIELD + "type", "").endswith("FORMDROPDOWN"):
        entries = [
            item.get(FIELD + "value", "")
            for item in element.iter(FIELD + "param")
            if item.get(FIELD + "name") == "Dropdown_ListEntry"
        ]
        chosen = [
            item.get(FIELD + "value", "")
            for item in element.iter(FIELD + "param")
            if item.get(FIELD + "name") == "Dropdown_Selected"
        ]
        if chosen and chosen[0].isdecimal() and int(chosen[0]) < len(entries):
            yield from style_text(document, entries[int(chosen[0])], context)


def read_drop_down(document: Document, element: Element, context: Context) -> Iterator[Span]:
    yield from style_text(document, "".join(_iterate_tails(element, {TEXT + "label"})), context)


def _iterate_tails(element: Element, skipped: set[str]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag not in skipped:
            yield "".join(child.itertext())
        yield child.tail or ""
