"""Read a backup of Remark42: one JSON object per line, the first of which describes the file."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

from commentsite.errors import Invalid
from commentsite.exchange.importers.json_files import iter_lines
from commentsite.exchange.importers.records import (
    PageCollector,
    ReadOptions,
    Record,
    SourceComment,
    SourceStatus,
    TextFormat,
    parse_time,
)

VERSION = 1


def read_remark42(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield the comments, and each page before its first one.

    Anonymous people with the same name have the same id in the file, so it identifies nobody.
    """
    del options
    pages = PageCollector()
    is_first = True
    for number, item in iter_lines(path):
        if is_first:
            is_first = False
            _check_header(item)
            continue
        try:
            address = item["locator"]["url"]
            record = _read_comment(item, address)
        except (KeyError, TypeError):
            msg = "Line %(line)d is not a comment of Remark42."
            raise Invalid(msg, line=number) from None
        yield from pages.add(address, unescape(item.get("title") or ""))
        yield record
    if is_first:
        _check_header({})


def _check_header(item: dict[str, Any]) -> None:
    if "version" not in item or "users" not in item:
        msg = "The file is not a backup of Remark42: its first line does not describe it."
        raise Invalid(msg)
    if item["version"] != VERSION:
        msg = "The backup has version %(version)s. Only version 1 can be read."
        raise Invalid(msg, version=item["version"])


def _read_comment(item: dict[str, Any], address: str) -> SourceComment:
    is_deleted = bool(item.get("delete"))
    edit = item.get("edit")
    source = item.get("orig")  # comments that Remark42 itself imported have HTML only
    return SourceComment(
        source_id=item["id"],
        page_id=address,
        parent_id=item.get("pid") or None,
        status=SourceStatus.DELETED if is_deleted else SourceStatus.VISIBLE,
        name="" if is_deleted else item["user"]["name"],
        text=source or item.get("text") or "",
        text_format=TextFormat.MARKDOWN if source else TextFormat.HTML,
        submitted_at=parse_time(item["time"]),
        edited_at=parse_time(edit["time"]) if edit else None,
    )
