"""Read the JSON export of Twikoo.

Its mark for spam is also that of a comment that waits for a decision, so such a comment goes to a moderator.
"""

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
    parse_timestamp,
)

_HELD = ("Twikoo marks spam and waiting comments alike, so a moderator decides.",)


def read_twikoo(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield the comments, and each page before its first one."""
    del options
    pages = PageCollector()
    is_empty = True
    for item in iter_items(path, "data.item", "item"):
        is_empty = False
        if not {"_id", "url", "created", "comment"} <= item.keys():
            msg = "The file is not an export of Twikoo: a comment lacks its id, address, time or text."
            raise Invalid(msg)
        yield from pages.add(item["url"])
        is_held = bool(item.get("isSpam"))
        yield SourceComment(
            source_id=item["_id"],
            page_id=item["url"],
            parent_id=item.get("pid") or None,
            status=SourceStatus.PENDING if is_held else SourceStatus.VISIBLE,
            name=item.get("nick") or "",
            email=item.get("mail") or "",
            text=item["comment"],
            submitted_at=parse_timestamp(item["created"] / 1000),
            remarks=_HELD if is_held else (),
        )
    if is_empty:
        msg = "The file is not an export of Twikoo: it has no comments."
        raise Invalid(msg)
