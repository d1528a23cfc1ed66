"""Read the JSON export of Waline.

Its times have no zone: they are in that of the server, which the operator has to name. The file also holds the
accounts with the hashes of their passwords, which are not read.
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
    TextFormat,
    parse_time,
)

_STATUSES = {
    "approved": SourceStatus.VISIBLE,
    "waiting": SourceStatus.PENDING,
    "spam": SourceStatus.REFUSED,
}
_PREFIXES = ("data.data.Comment.item", "data.Comment.item")


def read_waline(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield the comments, and each page before its first one."""
    ids = {str(item["objectId"]) for item in iter_items(path, *_PREFIXES) if "objectId" in item}
    if not ids:
        msg = "The file is not an export of Waline: it has no comments."
        raise Invalid(msg)
    pages = PageCollector()
    for item in iter_items(path, *_PREFIXES):
        address, status = item.get("url") or "", item.get("status") or ""
        yield from pages.add(address)
        known = _STATUSES.get(status)
        yield SourceComment(
            source_id=str(item["objectId"]),
            page_id=address,
            parent_id=_find_parent(item, ids),
            status=known or SourceStatus.PENDING,
            name=item.get("nick") or "",
            email=item.get("mail") or "",
            text=item.get("comment") or "",
            text_format=TextFormat.MARKDOWN,
            submitted_at=parse_time(
                item.get("insertedAt") or item.get("createdAt") or "", options.time_zone
            ),
            remarks=() if known else (f"Its state “{status}” is unknown, so a moderator decides.",),
        )


def _find_parent(item: dict[str, object], ids: set[str]) -> str | None:
    """Return the comment that was answered, or the top of its thread if that one was deleted."""
    for name in ("pid", "rid"):
        value = item.get(name)
        if value and str(value) in ids:
            return str(value)
    return str(item["pid"]) if item.get("pid") else None
