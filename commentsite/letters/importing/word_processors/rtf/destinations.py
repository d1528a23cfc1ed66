"""Destinations of a Rich Text file: groups whose text does not stand in its place."""

from collections.abc import Callable
from functools import partial

from commentsite.letters.importing.word_processors.rtf.asides import add_aside, add_box, enter_note
from commentsite.letters.importing.word_processors.rtf.document import Document
from commentsite.letters.importing.word_processors.rtf.drawings import (
    enter_picture,
    enter_shape,
    take_name,
    take_value,
)
from commentsite.letters.importing.word_processors.rtf.fields import (
    enter_field,
    enter_form,
    enter_result,
    take_choice,
    take_code,
)
from commentsite.letters.importing.word_processors.rtf.groups import enter, enter_flow
from commentsite.letters.remarks import RemarkKind

_HEADERS = frozenset(
    ["header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"]
)
# Destinations whose text belongs to the letter or is recorded. All others are skipped.
_SKIPPED = frozenset({
    "filetbl", "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator", "xe", "tc",
    "bkmkstart", "bkmkend", "nonshppict", "shprslt", "objdata", "objclass", "objname",
    "themedata", "colorschememapping", "latentstyles", "datastore", "ftnsep", "ftnsepc",
    "ftncn", "aftnsep", "aftnsepc", "aftncn", "atnid", "atnauthor", "atntime", "atndate",
    "atnref", "atnparent", "template", "private", "mmathPict", "txe", "rxe", "author",
    "operator", "subject", "keywords", "doccomm", "company", "manager", "comment", "category",
    "hlinkbase", "creatim", "revtim", "printim", "buptim", "datafield", "formfield", "ud",
})  # fmt: skip
# Groups that older readers skip, but whose text belongs to the letter.
_TRANSPARENT = frozenset(["shppict", "shpinst", "picprop", "cs", "do", "shpgrp"])


def enter_destination(document: Document, word: str, *, is_star: bool) -> bool:
    """Enter the destination that the word opens. Return whether it opens one."""
    state = document.state
    if word in _HEADERS:
        enter_flow(document, partial(add_aside, kind=RemarkKind.PAGE_FURNITURE))
    elif word in _DESTINATIONS:
        _DESTINATIONS[word](document)
    elif word in {"fonttbl", "colortbl", "stylesheet", "info"}:
        state.destination = word
    elif word in {"object", "moMath"}:
        document.collector.add_remark(RemarkKind.OBJECTS)
    elif word in _SKIPPED or (
        is_star and word not in _TRANSPARENT and state.destination not in {"fonttbl", "stylesheet"}
    ):
        state.destination = "skip"
    else:
        return False
    return True


def _take_label(document: Document) -> None:
    if not (document.state.is_deleted or document.state.is_hidden):
        document.flow.label = " ".join(document.buffer.split())[:60]
    document.buffer = ""


def _enter_title(document: Document) -> None:
    if document.state.destination == "info":
        enter(document, "buffer", _take_title)


def _take_title(document: Document) -> None:
    document.title, document.buffer = document.buffer, ""


_DESTINATIONS: dict[str, Callable[[Document], None]] = {
    "footnote": enter_note,
    "annotation": partial(enter_flow, closes=partial(add_aside, kind=RemarkKind.REVIEW_COMMENTS)),
    "shptxt": partial(enter_flow, closes=add_box),
    "dptxbxtext": partial(enter_flow, closes=add_box),
    "listtext": partial(enter, destination="buffer", closes=_take_label),
    "pntext": partial(enter, destination="buffer", closes=_take_label),
    "field": enter_field,
    "fldinst": partial(enter, destination="code", closes=take_code),
    "fldrslt": enter_result,
    "formfield": enter_form,
    "ffl": partial(enter, destination="choice", closes=take_choice),
    "title": _enter_title,
    "pict": enter_picture,
    "shp": enter_shape,
    "sn": partial(enter, destination="buffer", closes=take_name),
    "sv": partial(enter, destination="buffer", closes=take_value),
}
