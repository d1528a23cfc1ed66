"""Read WXR, the export file of WordPress, whose names of fields are those of its database.

The file never holds spam. It holds comments of drafts, of private pages and of pages behind a password, which were
never public, and editors' notes, which must not become so. Names and texts have passed WordPress's filters, which
write `&amp;` for `&`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from xml.etree.ElementTree import Element

from commentsite.errors import Invalid
from commentsite.exchange.importers.records import (
    LeftOut,
    PageStatus,
    ReadOptions,
    Record,
    SourceComment,
    SourcePage,
    SourceStatus,
    TextFormat,
    parse_time,
)
from commentsite.exchange.importers.xml_files import iter_elements

_WP = "{http://wordpress.org/export/1.2/}"
_OLDER = tuple(f"{{http://wordpress.org/export/1.{minor}/}}" for minor in (1, 0))
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_NO_DATE = "0000-00-00 00:00:00"
_PAGE_TYPES = frozenset({"post", "page"})
_STATUSES = {
    "1": SourceStatus.VISIBLE,
    "0": SourceStatus.PENDING,
    "spam": SourceStatus.REFUSED,
    "trash": SourceStatus.DELETED,
    "post-trashed": SourceStatus.WITHHELD,
}
#: Kinds of comments that are none, with the reason. Any other kind is named in the reason.
_OTHER_KINDS = {
    "pingback": "A pingback, which a program wrote.",
    "trackback": "A trackback, which a program wrote.",
    "note": "A note among editors.",
}


def read_wordpress(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield posts and pages, each before its comments."""
    language = options.language
    names: dict[str, str] = {}  # of authors, by login
    wanted = {"language", "item", *(f"{prefix}author" for prefix in (_WP, *_OLDER))}
    found = False
    for element in iter_elements(path, wanted, repairs=options.repairs):
        if element.tag == "language":
            language = options.language or _text(element)
        elif element.tag == "item":
            found = True
            yield from _read_item(element, language, names)
        else:
            found = True
            names[_wp(element, "author_login")] = _wp(element, "author_display_name")
    if not found:
        msg = "The file is not an export of WordPress: it holds no posts. Choose “All content” in its tool “Export”."
        raise Invalid(msg)


def _read_item(item: Element, language: str, names: dict[str, str]) -> Iterator[Record]:
    source_id, kind = _wp(item, "post_id"), _wp(item, "post_type")
    title = unescape(_child(item, "title"))
    comments = [child for child in item if child.tag.endswith("}comment")]
    if kind not in _PAGE_TYPES and not comments:
        yield LeftOut(f"post {source_id}", f"{title or kind}: the kind “{kind}” is not a letter.")
        return
    is_public = _wp(item, "status") == "publish" and not _wp(item, "post_password")
    creator = _child(item, _CREATOR)
    yield SourcePage(
        source_id=source_id,
        title=title,
        address=_child(item, "link"),
        status=PageStatus.PUBLIC if is_public else PageStatus.HIDDEN,
        text=_child(item, _CONTENT),
        author=unescape(names.get(creator) or creator),
        written_at=_find_time(item, "post_date"),
        language=language.replace("_", "-"),
        topics=tuple(
            unescape(_text(term))
            for term in item.findall("category")
            if term.get("domain") == "category" and term.get("nicename") != "uncategorized"
        ),
        is_site_page=kind == "page",
    )
    for comment in comments:
        yield _read_comment(comment, source_id, is_public=is_public)


def _read_comment(comment: Element, page_id: str, *, is_public: bool) -> Record:
    source_id = _wp(comment, "comment_id")
    kind = _wp(comment, "comment_type") or "comment"
    approved = _wp(comment, "comment_approved")
    if kind != "comment":
        return LeftOut(source_id, _OTHER_KINDS.get(kind, f"The kind “{kind}” is not a comment."))
    status = _STATUSES.get(approved)
    remarks: tuple[str, ...] = ()
    if status is None:
        status = SourceStatus.PENDING
        remarks = (f"Its state “{approved}” is unknown, so a moderator decides.",)
    if not is_public and status in {SourceStatus.VISIBLE, SourceStatus.PENDING}:
        status = SourceStatus.WITHHELD
        remarks = ("Its page was not public.",)
    moment = _find_time(comment, "comment_date")
    if moment is None:
        return LeftOut(source_id, "It has no date.")
    parent = _wp(comment, "comment_parent")
    return SourceComment(
        source_id=source_id,
        page_id=page_id,
        parent_id=parent if parent not in {"", "0"} else None,
        status=status,
        name=unescape(_wp(comment, "comment_author")),
        email=_wp(comment, "comment_author_email"),
        text=_wp(comment, "comment_content"),
        text_format=TextFormat.HTML,
        submitted_at=moment,
        remarks=remarks,
    )


def _find_time(element: Element, name: str) -> datetime | None:
    """Return the time in UTC. Local times have no zone in the file, so they are not read."""
    value = _wp(element, f"{name}_gmt")
    return parse_time(value, UTC) if value and value != _NO_DATE else None


def _wp(element: Element, name: str) -> str:
    for prefix in (_WP, *_OLDER):
        child = element.find(prefix + name)
        if child is not None:
            return _text(child)
    return ""


def _child(element: Element, name: str) -> str:
    child = element.find(name)
    return _text(child) if child is not None else ""


def _text(element: Element) -> str:
    return (element.text or "").strip()
