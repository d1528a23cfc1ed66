"""Read the discussions that collective.exportimport writes for Plone.

The file has neither states nor email addresses, so a moderator decides about each comment again.
"""

from collections.abc import Iterator
from pathlib import Path

from commentsite.errors import Invalid
from commentsite.exchange.importers.json_files import iter_items
from commentsite.exchange.importers.records import (
    ReadOptions,
    Record,
    SourceComment,
    SourcePage,
    SourceStatus,
    TextFormat,
    parse_time,
)

_FORMATS = {"text/plain": TextFormat.PLAIN, "text/html": TextFormat.HTML}
_UNDECIDED = ("The file does not say its state, so a moderator decides.",)


def read_plone(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield each conversation as a page with its comments. Raises Invalid on one that is not complete."""
    is_empty = True
    for item in iter_items(path, "item"):
        conversation = item.get("conversation")
        if not isinstance(conversation, dict):
            break
        is_empty = False
        items, total = conversation["items"], conversation["items_total"]
        if len(items) < total:
            msg = (
                "The file has %(found)d of the %(total)d comments on %(page)s. "
                "Plone writes 25 at most: raise “batch_size” and export again."
            )
            raise Invalid(msg, found=len(items), total=total, page=item["uuid"])
        yield SourcePage(item["uuid"], item["uuid"], conversation.get("@id", ""))
        for comment in items:
            kind = comment["text"]["mime-type"]
            yield SourceComment(
                source_id=comment["comment_id"],
                page_id=item["uuid"],
                parent_id=comment["in_reply_to"],
                status=SourceStatus.PENDING,
                name=comment["author_name"] or comment["author_username"] or "",
                text=comment["text"]["data"],
                text_format=_FORMATS.get(kind, TextFormat.PLAIN),
                submitted_at=parse_time(comment["creation_date"], options.time_zone),
                remarks=_UNDECIDED,
            )
    if is_empty:
        msg = "The file is not an export of Plone’s discussions."
        raise Invalid(msg)
