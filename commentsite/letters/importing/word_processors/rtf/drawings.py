"""Shapes and pictures of a Rich Text file."""

import binascii

from commentsite.letters.importing.word_processors.rtf.document import Document, Picture
from commentsite.letters.importing.word_processors.rtf.groups import enter
from commentsite.letters.remarks import RemarkKind


def enter_shape(document: Document) -> None:
    _leave_shape(document)
    document.state.closes = _leave_shape


def _leave_shape(document: Document) -> None:
    document.is_shape_hidden = False


def take_name(document: Document) -> None:
    document.property, document.buffer = document.buffer.strip(), ""


def take_value(document: Document) -> None:
    if document.property == "wzDescription":
        document.picture.description = document.buffer.strip()
    elif document.property == "fHidden":
        document.is_shape_hidden = document.buffer.strip() not in {"", "0"}
    document.buffer = ""


def enter_picture(document: Document) -> None:
    document.picture = Picture(description=document.picture.description)
    enter(document, "picture", _end_picture)


def _end_picture(document: Document) -> None:
    data = bytes(document.picture.data)
    try:
        content = binascii.unhexlify(b"".join(data.split())) if _is_hexadecimal(data) else data
    except binascii.Error:
        content = b""
    description, document.picture = document.picture.description, Picture()
    if document.state.is_deleted or document.state.is_hidden or document.is_shape_hidden:
        document.collector.add_remark(RemarkKind.PICTURES, description)
        return
    document.flow.spans.append(document.collector.add_picture(content, description))


def _is_hexadecimal(data: bytes) -> bool:
    return not data[:200].strip(b"0123456789abcdefABCDEF \t\r\n")
