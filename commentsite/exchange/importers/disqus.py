"""Read the XML export of Disqus.

Deleted posts and spam stay in the file with their texts, so their marks must be read.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from commentsite.errors import Invalid
from commentsite.exchange.importers.records import (
    LeftOut,
    ReadOptions,
    Record,
    SourceComment,
    SourcePage,
    SourceStatus,
    parse_time,
)
from commentsite.exchange.importers.xml_files import iter_elements

_NS = "{http://disqus.com}"
_ID = "{http://disqus.com/disqus-internals}id"


def read_disqus(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield the threads, and the posts of each."""
    is_empty = True
    wanted = {f"{_NS}thread", f"{_NS}post"}
    for element, _ in iter_elements(path, wanted, repairs=options.repairs):
        number = element.get(_ID) or ""
        if element.tag == f"{_NS}post":
            is_empty = False
            yield _read_post(element, number)
        elif len(element):  # a post names its thread by an empty element
            is_empty = False
            yield SourcePage(number, _text(element, "title"), _text(element, "link"))
    if is_empty:
        msg = "The file is not an export of Disqus: it has neither threads nor posts."
        raise Invalid(msg)


def _read_post(post: Element, number: str) -> Record:
    thread, parent = post.find(f"{_NS}thread"), post.find(f"{_NS}parent")
    author = post.find(f"{_NS}author")
    created = _text(post, "createdAt")
    if thread is None or not created:
        return LeftOut(number, "It has no thread or no date.")
    status = SourceStatus.VISIBLE
    if _is_true(post, "isDeleted"):
        status = SourceStatus.DELETED
    elif _is_true(post, "isSpam"):
        status = SourceStatus.REFUSED
    return SourceComment(
        source_id=number,
        page_id=thread.get(_ID) or "",
        parent_id=parent.get(_ID) if parent is not None else None,
        status=status,
        name=_text(author, "name") if author is not None else "",
        email=_text(author, "email") if author is not None else "",
        text=_text(post, "message"),
        submitted_at=parse_time(created),
    )


def _is_true(post: Element, name: str) -> bool:
    value = _text(post, name).lower()
    if value not in {"", "true", "false"}:
        msg = "“%(value)s” is not a value of %(name)s."
        raise Invalid(msg, value=value[:40], name=name)
    return value == "true"


def _text(element: Element, name: str) -> str:
    return (element.findtext(_NS + name) or "").strip()
