"""Read annotations in the W3C model (https://www.w3.org/TR/annotation-model/), as Hypothesis and this site write them.

A file holds one annotation, a list of them, a page, a collection with its pages, or one annotation on each line. The
answers of the API of Hypothesis, which add the state and the annotation that is answered, are read too.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

from commentsite.errors import Invalid
from commentsite.exchange.importers.json_files import iter_items, iter_lines, open_file
from commentsite.exchange.importers.records import (
    LeftOut,
    PageCollector,
    Quote,
    ReadOptions,
    Record,
    SourceComment,
    SourceStatus,
    TextFormat,
    parse_time,
)

MAX_QUOTE_LENGTH = 5_000  # characters
MAX_SINGLE_BYTES = 64 * 1024 * 1024
_PREFIXES = ("item", "first.items.item", "items.item", "rows.item")
_FORMATS = {"text/html": TextFormat.HTML, "text/markdown": TextFormat.MARKDOWN}
_UNDECIDED = "The file does not say its state, so a moderator decides."
_STATES = {
    "APPROVED": SourceStatus.VISIBLE,
    "PENDING": SourceStatus.PENDING,
    "DENIED": SourceStatus.WITHHELD,
    "SPAM": SourceStatus.REFUSED,
}


def read_annotations(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield each annotation as a comment, and each annotated page before its first one. Raises Invalid."""
    pages, count = PageCollector(), 0
    # A reply is about an annotation. It belongs to the page of that annotation.
    page_of: dict[str, str] = {}
    for item in _iter_annotations(path):
        count += 1
        record = _read_annotation(item, page_of, options)
        if isinstance(record, SourceComment):
            page_of[record.source_id] = record.page_id
            yield from pages.add(record.page_id, _find_title(item))
        yield record
    if not count:
        msg = "The file holds no annotations."
        raise Invalid(msg)


def _iter_annotations(path: Path) -> Iterator[dict[str, Any]]:
    if _has_one_on_each_line(path):
        for _number, item in iter_lines(path):
            yield item
        return
    found = False
    for item in iter_items(path, *_PREFIXES):
        found = True
        yield item
    if not found:
        yield from _read_single(path)


def _has_one_on_each_line(path: Path) -> bool:
    with closing(open_file(path)) as file:
        first = file.readline(1024 * 1024)
    try:
        item = json.loads(first)
    except ValueError:
        return False
    return isinstance(item, dict) and _is_annotation(item)


def _read_single(path: Path) -> Iterator[dict[str, Any]]:
    with closing(open_file(path)) as file:
        try:
            item = json.loads(file.read(MAX_SINGLE_BYTES))
        except ValueError:
            item = None
    if isinstance(item, dict) and _is_annotation(item):
        yield item


def _is_annotation(item: dict[str, Any]) -> bool:
    return "Annotation" in _list(item.get("type")) or ("uri" in item and "target" in item)


def _read_annotation(
    item: dict[str, Any], page_of: dict[str, str], options: ReadOptions
) -> SourceComment | LeftOut:
    source_id = str(item.get("id") or "")[:2000]
    if not source_id:
        return LeftOut("", "It has no id.")
    if _is_private(item):
        return LeftOut(source_id, "Only its author could read it.")
    text, text_format, remarks = _read_bodies(item)
    if not text.strip():
        return LeftOut(source_id, "It has no words: it is only a mark.")
    parent = _find_parent(item, page_of)
    page = page_of.get(parent or "") or _find_source(item)
    if not page:
        return LeftOut(source_id, "It names no page.")
    created = item.get("created") or item.get("modified") or item.get("updated")
    if not created:
        return LeftOut(source_id, "It has no time.")
    status, state_remark = _find_status(item)
    return SourceComment(
        source_id=source_id,
        page_id=page,
        parent_id=parent,
        status=status,
        name=_find_name(item),
        text=text,
        text_format=text_format,
        submitted_at=parse_time(str(created), options.time_zone),
        remarks=(*remarks, *state_remark),
        quotes=() if parent else tuple(_iter_quotes(item)),
        language=_find_language(item),
    )


def _read_bodies(item: dict[str, Any]) -> tuple[str, TextFormat, tuple[str, ...]]:
    """Return the words of an annotation, their format, and what was left out."""
    if "text" in item and "body" not in item:
        tags = ("Its tags were left out.",) if item.get("tags") else ()
        return str(item["text"] or ""), TextFormat.MARKDOWN, tags
    if "bodyValue" in item:
        return str(item["bodyValue"]), TextFormat.PLAIN, ()
    texts, formats, has_tags = [], [], False
    for body in _list(item.get("body")):
        if isinstance(body, str):
            texts.append(body)
            formats.append(TextFormat.PLAIN)
        elif isinstance(body, dict) and "tagging" in _list(body.get("purpose")):
            has_tags = True
        elif isinstance(body, dict) and body.get("value"):
            texts.append(str(body["value"]))
            formats.append(_FORMATS.get(str(body.get("format")), TextFormat.PLAIN))
    remarks = ("Its tags were left out.",) if has_tags else ()
    return "\n\n".join(texts), formats[0] if formats else TextFormat.PLAIN, remarks


def _find_language(item: dict[str, Any]) -> str:
    """Return the language that all texts of an annotation name, or ''."""
    bodies = [body for body in _list(item.get("body")) if _get(body, "value")]
    languages = {str(name) for body in bodies for name in _list(_get(body, "language"))}
    return languages.pop() if len(languages) == 1 else ""


def _find_parent(item: dict[str, Any], page_of: dict[str, str]) -> str | None:
    """Return the annotation that one answers: the last of its references, or its target."""
    references = [str(value) for value in _list(item.get("references"))]
    if references:
        return references[-1]
    for target in _list(item.get("target")):
        name = target if isinstance(target, str) else _get(target, "source") or _get(target, "id")
        if name in page_of or ("replying" in _list(item.get("motivation")) and name):
            return str(name)
    return None


def _find_source(item: dict[str, Any]) -> str:
    """Return the address of the annotated page, without the fragment."""
    for target in _list(item.get("target")):
        source = target if isinstance(target, str) else _get(target, "source") or _get(target, "id")
        if isinstance(source, dict):
            source = source.get("id")
        if isinstance(source, str) and source:
            return urldefrag(source).url[:2000]
    return urldefrag(str(item.get("uri") or "")).url[:2000]


def _iter_quotes(item: dict[str, Any]) -> Iterator[Quote]:
    for target in _list(item.get("target")):
        for selector in _list(_get(target, "selector")):
            if _get(selector, "type") == "TextQuoteSelector" and _get(selector, "exact"):
                exact, prefix, suffix = (
                    str(_get(selector, name) or "")[:MAX_QUOTE_LENGTH]
                    for name in ("exact", "prefix", "suffix")
                )
                yield Quote(exact, prefix, suffix)


def _find_status(item: dict[str, Any]) -> tuple[SourceStatus, tuple[str, ...]]:
    if item.get("hidden"):
        return SourceStatus.WITHHELD, ()
    state = item.get("moderation_status")
    if state in _STATES:
        return _STATES[str(state)], ()
    if "group:__world__" in _list(_get(item.get("permissions"), "read")):
        return SourceStatus.VISIBLE, ()
    return SourceStatus.PENDING, (_UNDECIDED,)


def _is_private(item: dict[str, Any]) -> bool:
    readers = [str(reader) for reader in _list(_get(item.get("permissions"), "read"))]
    return bool(readers) and not any(reader.startswith("group:") for reader in readers)


def _find_name(item: dict[str, Any]) -> str:
    shown = _get(item.get("user_info"), "display_name")
    if shown:
        return str(shown)
    for creator in _list(item.get("creator") or item.get("user")):
        if isinstance(creator, dict):
            name = creator.get("name") or creator.get("nickname") or ""
            return str(_list(name)[0]) if name else ""
        # Hypothesis names accounts as acct:name@host, which is no email address.
        return str(creator).removeprefix("acct:").partition("@")[0]
    return ""


def _find_title(item: dict[str, Any]) -> str:
    titles = _list(_get(item.get("document"), "title"))
    return str(titles[0])[:300] if titles else ""


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    is_many = isinstance(value, Iterable) and not isinstance(value, str | dict)
    return list(value) if is_many else [value]
