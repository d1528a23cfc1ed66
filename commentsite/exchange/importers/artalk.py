"""Read Artrans, the transfer file of Artalk. Its truth values are booleans or words, by the program that wrote it."""

import re
from collections.abc import Iterator
from pathlib import Path

from commentsite.errors import Invalid
from commentsite.exchange.importers.json_files import iter_items
from commentsite.exchange.importers.records import (
    PageCollector,
    ReadOptions,
    Record,
    SourceComment,
    SourceStatus,
    TextFormat,
    parse_time,
)

_TRUTH = {True: True, False: False, "true": True, "false": False}
_OFFSET = re.compile(r" (?=[+-]\d{4}$)")


def read_artalk(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield the comments, and each page before its first one. `rid` is the comment that was answered."""
    pages = PageCollector()
    is_empty = True
    for item in iter_items(path, "item"):
        is_empty = False
        if not {"id", "page_key", "content", "created_at"} <= item.keys():
            msg = "The file is not an Artrans file: a comment lacks its id, page, text or time."
            raise Invalid(msg)
        yield from pages.add(item["page_key"], item.get("page_title") or "")
        is_pending = _TRUTH.get(item.get("is_pending", False))
        if is_pending is None:
            msg = "“%(value)s” is not a value of %(name)s."
            raise Invalid(msg, value=str(item["is_pending"])[:40], name="is_pending")
        parent = str(item.get("rid") or "0")
        yield SourceComment(
            source_id=str(item["id"]),
            page_id=item["page_key"],
            parent_id=None if parent == "0" else parent,
            status=SourceStatus.PENDING if is_pending else SourceStatus.VISIBLE,
            name=item.get("nick") or "",
            email=item.get("email") or "",
            text=item["content"],
            text_format=TextFormat.MARKDOWN,
            submitted_at=parse_time(_OFFSET.sub("", item["created_at"]), options.time_zone),
        )
    if is_empty:
        msg = "The file is not an Artrans file: it has no comments."
        raise Invalid(msg)
