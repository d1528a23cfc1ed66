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
_PREFIXES = (_WP, *(f"{{http://wordpress.org/export/1.{minor}/}}" for minor in (1, 0)))
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_NO_DATE = "0000-00-00 00:00:00"
_FACTS_OF_COMMENTS = ("post_id", "status", "post_password")  # of a post
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
    """Yield posts and pages, each after its comments."""
    language = options.language
    names: dict[str, str] = {}  # of authors, by login
    wanted = {"language", "item", *(f"{prefix}author" for prefix in _PREFIXES)}
    comments = {f"{prefix}comment" for prefix in _PREFIXES}
    waiting: list[
        Element
    ] = []  # comments that stand before what tells whether their page is public
    has_comments = found = False
    for element, item in iter_elements(path, wanted, inner=comments, repairs=options.repairs):
        if item is not None:
            has_comments = True
            if all(_find(item, name) is not None for name in _FACTS_OF_COMMENTS):
                yield _read_comment(element, item)
            else:
                waiting.append(element)
        elif element.tag == "language":
            language = options.language or _text(element)
        elif element.tag == "item":
            found = True
            for comment in waiting:
                yield _read_comment(comment, element)
            yield _read_item(element, language, names, has_comments=has_comments)
            waiting, has_comments = [], False
        else:
            found = True
            names[_wp(element, "author_login")] = _wp(element, "author_display_name")
    if not found:
        msg = "The file is not an export of WordPress: it holds no posts. Choose “All content” in its tool “Export”."
        raise Invalid(msg)


def _read_item(
    item: Element, language: str, names: dict[str, str], *, has_comments: bool
) -> Record:
    source_id, kind = _wp(item, "post_id"), _wp(item, "post_type")
    title = unescape(_child(item, "title"))
    if kind not in _PAGE_TYPES and not has_comments:
        return LeftOut(f"post {source_id}", f"The kind “{kind}” is not a letter.")
    creator = _child(item, _CREATOR)
    return SourcePage(
        source_id=source_id,
        title=title,
        address=_child(item, "link"),
        status=PageStatus.PUBLIC if _is_public(item) else PageStatus.HIDDEN,
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


def _is_public(item: Element) -> bool:
    return _wp(item, "status") == "publish" and not _wp(item, "post_password")


def _read_comment(comment: Element, item: Element) -> Record:
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
    if not _is_public(item) and status in {SourceStatus.VISIBLE, SourceStatus.PENDING}:
        status = SourceStatus.WITHHELD
        remarks = ("Its page was not public.",)
    moment = _find_time(comment, "comment_date")
    if moment is None:
        return LeftOut(source_id, "It has no date.")
    parent = _wp(comment, "comment_parent")
    return SourceComment(
        source_id=source_id,
        page_id=_wp(item, "post_id"),
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
    child = _find(element, name)
    return _text(child) if child is not None else ""


def _find(element: Element, name: str) -> Element | None:
    for prefix in _PREFIXES:
        child = element.find(prefix + name)
        if child is not None:
            return child
    return None


def _child(element: Element, name: str) -> str:
    child = element.find(name)
    return _text(child) if child is not None else ""


def _text(element: Element) -> str:
    return (element.text or "").strip()
