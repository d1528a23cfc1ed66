"""Parse the front matter of a Markdown file: YAML between two lines of three hyphens."""

from datetime import date
from typing import Any

import yaml

from commentsite.errors import Invalid
from commentsite.letters.draft import AuthorDraft, PermissionDraft
from commentsite.letters.states import PermissionMethod, PermissionScope
from commentsite.text.plain_text import clean_single_line


class _NoAliasLoader(yaml.SafeLoader):
    """A safe loader that refuses aliases: nested aliases expand a small file to gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            msg = "aliases are not read"
            raise yaml.YAMLError(msg)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


KNOWN_KEYS = frozenset(
    {
        "title",
        "slug",
        "authors",
        "occasion",
        "addressee",
        "body_concerned",
        "date_received",
        "translation_of",
        "translator",
        "date_written",
        "language",
        "standfirst",
        "editors_note",
        "source",
        "licence",
        "topics",
        "permission",
    },
)


def parse_front_matter(filename: str, text: str) -> dict[str, Any]:
    """Return the front matter as a mapping. Raises Invalid on other YAML or unknown keys."""
    try:
        front = yaml.load(text, Loader=_NoAliasLoader) or {}  # noqa: S506  # a safe loader, and stricter
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        front = None
    if not isinstance(front, dict):
        msg = "The front matter of %(name)s is not YAML. Write one “name: value” per line."
        raise Invalid(msg, name=filename)
    unknown = sorted(str(name) for name in front if name not in KNOWN_KEYS)
    if unknown:
        msg = "The front matter of %(name)s has unknown names: %(unknown)s. Use only: %(known)s."
        raise Invalid(
            msg, name=filename, unknown=", ".join(unknown), known=", ".join(sorted(KNOWN_KEYS))
        )
    return front


def as_list(value: object) -> list[Any]:
    """Wrap a single value in a list. None becomes an empty list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def parse_line(filename: str, name: str, value: object) -> str:
    """Return a scalar as one line of text. Raises Invalid on a list or a mapping."""
    if isinstance(value, list | dict):
        msg = "Write “%(field_name)s” in the front matter of %(name)s as one line of text."
        raise Invalid(msg, name=filename, field_name=name)
    try:
        return clean_single_line(str(value or ""))
    except ValueError:  # Python does not convert integers of more than 4,300 digits to text
        return ""


def parse_permission(filename: str, value: object) -> PermissionDraft | None:
    """Return the permission, given as a sentence or a mapping. Raises Invalid."""
    if value is None or isinstance(value, str):
        return (
            PermissionDraft(statement=clean_single_line(value)) if value and value.strip() else None
        )
    if isinstance(value, dict) and value.keys() <= {"by", "how", "date", "for", "statement"}:
        scopes = tuple(str(item) for item in as_list(value.get("for", PermissionScope.PUBLISH)))
        method = str(value.get("how", PermissionMethod.STATED))
        if set(scopes) <= set(PermissionScope) and method in set(PermissionMethod):
            return PermissionDraft(
                given_by=parse_line(filename, "permission", value.get("by")),
                method=PermissionMethod(method),
                given_on=parse_date(filename, "date of the permission", value.get("date")),
                scopes=scopes,
                statement=parse_line(filename, "permission", value.get("statement")),
            )
    msg = (
        "Write the permission in %(name)s as one sentence, or as by, how, date, for and statement. "
        "Choose “for” from: %(scopes)s. Choose “how” from: %(methods)s."
    )
    raise Invalid(
        msg, name=filename, scopes=", ".join(PermissionScope), methods=", ".join(PermissionMethod)
    )


def parse_author(filename: str, item: object) -> AuthorDraft:
    """Return an author, given as a name or a mapping. Raises Invalid."""
    if isinstance(item, str):
        return AuthorDraft(name=clean_single_line(item))
    if (
        isinstance(item, dict)
        and item.get("name")
        and item.keys() <= {"name", "group", "capacity", "organisation"}
    ):
        return AuthorDraft(**{name: clean_single_line(str(value)) for name, value in item.items()})
    msg = "Write each author in %(name)s as a name, or as name, group, capacity and organisation."
    raise Invalid(msg, name=filename)


def parse_date(filename: str, name: str, value: object) -> date | None:
    """Return a date, or None for an empty value. Raises Invalid."""
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        msg = "“%(field_name)s” in %(name)s is not a date. Write it like 2018-01-31."
        raise Invalid(msg, name=filename, field_name=name) from None
