"""Read what `manage.py dumpdata` writes for django-comments-xtd.

A comment is spread over the tables of two applications. Its text is in that of django-contrib-comments, and its
place in the thread in that of django-comments-xtd.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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

_TEXT = "django_comments.comment"


@dataclass(slots=True)
class _Tables:
    """The rows that a comment refers to. A comment is its own parent where it answers none."""

    parents: dict[int, int] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    users: dict[int, tuple[str, str]] = field(default_factory=dict)  # name and email
    content_types: dict[int, str] = field(default_factory=dict)
    has_texts: bool = False

    def is_below_removed(self, number: int) -> bool:
        seen = {number}
        while (parent := self.parents.get(number, number)) not in seen:
            if parent in self.removed:
                return True
            seen.add(parent)
            number = parent
        return False


def read_django_comments_xtd(path: Path, options: ReadOptions) -> Iterator[Record]:
    """Yield the comments, and each page before its first one. The file is read twice."""
    tables = _load_tables(path)
    if not tables.has_texts:
        msg = (
            "The file has no texts of comments. Write it with "
            "“manage.py dumpdata django_comments django_comments_xtd sites contenttypes auth.user”."
        )
        raise Invalid(msg)
    pages = PageCollector()
    for item in iter_items(path, "item"):
        if item.get("model") == _TEXT:
            fields = item["fields"]
            page_id = f"{_name_type(fields['content_type'], tables)} {fields['object_pk']}"
            yield from pages.add(page_id)
            yield _read_comment(item["pk"], fields, page_id, tables, options)


def _load_tables(path: Path) -> _Tables:
    tables = _Tables()
    for item in iter_items(path, "item"):
        number, fields = item.get("pk", 0), item.get("fields") or {}
        match item.get("model"):
            case "django_comments.comment":
                tables.has_texts = True
                if fields["is_removed"]:
                    tables.removed.add(number)
            case "django_comments_xtd.xtdcomment":
                tables.parents[number] = fields["parent_id"]
            case "contenttypes.contenttype":
                tables.content_types[number] = f"{fields['app_label']}.{fields['model']}"
            case "auth.user":
                full_name = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
                tables.users[number] = (full_name or fields["username"], fields.get("email", ""))
    return tables


def _name_type(value: Any, tables: _Tables) -> str:
    """Return a content type as application and model. A natural key is a list of both."""
    if isinstance(value, list):
        return ".".join(value)
    return tables.content_types.get(value, f"object of type {value}")


def _read_comment(
    number: int, fields: dict[str, Any], page_id: str, tables: _Tables, options: ReadOptions
) -> SourceComment:
    status = SourceStatus.VISIBLE
    if fields["is_removed"]:
        status = SourceStatus.DELETED
    elif not fields["is_public"]:
        is_withheld = tables.is_below_removed(number)
        status = SourceStatus.WITHHELD if is_withheld else SourceStatus.PENDING
    user = fields.get("user")
    user_name, user_email = (
        (str(user[0]), "") if isinstance(user, list) else tables.users.get(user or 0, ("", ""))
    )
    parent = tables.parents.get(number, number)
    return SourceComment(
        source_id=str(number),
        page_id=page_id,
        parent_id=None if parent == number else str(parent),
        status=status,
        name=fields["user_name"] or user_name,
        email=fields["user_email"] or user_email,
        text=fields["comment"],
        text_format=TextFormat.PLAIN,
        submitted_at=parse_time(fields["submit_date"], options.time_zone),
    )
