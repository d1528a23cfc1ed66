"""Read a Markdown file and its front matter.

Front matter is YAML between two lines of three hyphens, or TOML between two lines of three plus
signs.
"""

import re
import tomllib
from datetime import date, datetime
from typing import Any

import yaml

from commentsite.errors import Invalid
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft
from commentsite.letters.language_tags import parse_language
from commentsite.letters.remarks import ImportRemark, RemarkKind
from commentsite.letters.states import PermissionMethod, PermissionScope
from commentsite.letters.text.paragraphs import parse_blocks
from commentsite.text.plain_text import clean_single_line


class _TextLoader(yaml.BaseLoader):
    """A loader that reads every scalar as it is typed: YAML takes `7:45` for 465 and `no` for false.

    It refuses aliases: nested aliases expand a small file to gigabytes.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            msg = "aliases are not read"
            raise yaml.YAMLError(msg)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


_NULL = "tag:yaml.org,2002:null"
_TextLoader.add_implicit_resolver(_NULL, re.compile(r"(?:~|null|)$"), ["~", "n", ""])
_TextLoader.add_constructor(_NULL, lambda _loader, _node: None)

MAX_FRONT_MATTER_LENGTH = 60_000  # characters
MAX_TOPIC_LENGTH = 60
MAX_UNKNOWN_VALUE_LENGTH = 300  # characters of a value that a remark quotes
_SINGLE_LINES = frozenset(
    {
        "slug",
        "occasion",
        "addressee",
        "body_concerned",
        "translation_of",
        "translator",
        "standfirst",
        "editors_note",
        "source",
        "licence",
    },
)
KNOWN_KEYS = _SINGLE_LINES | {
    "title",
    "authors",
    "date_received",
    "date_written",
    "language",
    "topics",
    "permission",
}
# Names that other programs use for the same things.
_ALIASES = {
    "author": "authors",
    "by": "authors",
    "name": "authors",
    "date": "date_written",
    "lang": "language",
    "locale": "language",
    "tags": "topics",
    "categories": "topics",
    "category": "topics",
    "keywords": "topics",
    "subtitle": "standfirst",
    "license": "licence",
}
_YAML = re.compile(r"---[ \t]*\n(|.*?\n)(?:---|\.\.\.)[ \t]*(?:\n(.*)|)\Z", re.DOTALL)
_TOML = re.compile(r"\+\+\+[ \t]*\n(|.*?\n)\+\+\+[ \t]*(?:\n(.*)|)\Z", re.DOTALL)
_HEADING = re.compile(r"\s*(#[ \t]+[^\n]+|[^\n]+\n=+[ \t]*)(?:\n|\Z)")
# A timestamp of YAML: the date counts as it is typed, without regard to the time zone.
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:(?:[Tt]|[ \t]+)\d{1,2}:\d{2}(?::\d{2}(?:\.\d*)?)?[ \t]*(?:Z|[-+]\d{1,2}(?::?\d{2})?)?)?",
    re.ASCII,
)
_AUTHOR_KEYS = {"name", "group", "capacity", "organisation"}


def read_front_matter(filename: str, text: str, default_title: str = "") -> LetterDraft:
    """Read a Markdown file. Names that are not those of a letter are named in a remark.

    Raises Invalid on front matter that cannot be read, on a value that does not fit its name, and
    on a file without a title or a text.
    """
    fields, text = _split(filename, text.lstrip("\n"))
    front, unknown = _sort_fields(fields)
    title = parse_line(filename, "title", front.pop("title", ""))
    if not title and (heading := _HEADING.match(text)):
        title, text = parse_blocks(heading[1])[0].text, text[heading.end() :]
    title = title or default_title
    if not title:
        msg = "%(name)s has no title. Write it in the front matter, or as a first line that starts with #."
        raise Invalid(msg, field="title", name=filename)
    authors = tuple(
        parse_author(filename, item, unknown) for item in as_list(front.pop("authors", None))
    )
    date_written = parse_date(filename, "date_written", front.pop("date_written", None))
    date_received = parse_date(filename, "date_received", front.pop("date_received", None))
    permission = parse_permission(filename, front.pop("permission", None))
    topics = _parse_topics(filename, front.pop("topics", None))
    language = parse_language(parse_line(filename, "language", front.pop("language", "")))
    single_lines: dict[str, Any] = {
        name: parse_line(filename, name, value) for name, value in front.items()
    }
    if not text.strip():
        msg = "%(name)s has a title but no text. Add the text of the letter."
        raise Invalid(msg, name=filename)
    words = "\n".join(
        f"{name}: {_write_value(value)}"[:MAX_UNKNOWN_VALUE_LENGTH] for name, value in unknown
    )
    remark = ImportRemark(RemarkKind.UNKNOWN_FIELDS, len(unknown), words)
    return LetterDraft(
        title=title,
        source_text=text.strip("\n").rstrip() + "\n",
        authors=authors,
        topics=topics,
        date_written=date_written,
        date_received=date_received,
        permission=permission,
        language=language,
        remarks=(remark,) if unknown else (),
        **single_lines,
    )


def _split(filename: str, text: str) -> tuple[dict[str, Any], str]:
    """Return the fields of the front matter, and the text after it. Raises Invalid."""
    for pattern, parse, language in ((_YAML, _parse_yaml, "YAML"), (_TOML, _parse_toml, "TOML")):
        match = pattern.match(text)
        if not match:
            continue
        front = parse(match[1]) if len(match[1]) <= MAX_FRONT_MATTER_LENGTH else None
        if not isinstance(front, dict):
            msg = "The front matter of %(name)s is not %(language)s. Write one “name: value” per line."
            raise Invalid(msg, name=filename, language=language)
        return {str(name or ""): value for name, value in front.items()}, match[2] or ""
    return {}, text


def _parse_yaml(text: str) -> object:
    try:
        return yaml.load(text, Loader=_TextLoader) or {}  # noqa: S506  # a safe loader, and stricter
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError):
        return None


def _parse_toml(text: str) -> object:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError):
        return None


def _sort_fields(fields: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, object]]]:
    """Return the values by the names that a letter has for them, and the fields that it has not."""
    known: dict[str, Any] = {}
    unknown: list[tuple[str, object]] = []
    foreign: list[tuple[str, Any]] = []
    for name, value in fields.items():
        key = name.strip().lower().replace("-", "_").replace(" ", "_")
        if key in KNOWN_KEYS and key not in known:
            known[key] = value
        else:
            foreign.append((name, value))
    for name, value in foreign:
        key = _ALIASES.get(name.strip().lower(), "")
        fits = key and key not in known and (key != "date_written" or _is_date(value))
        if fits and not (key in _SINGLE_LINES and isinstance(value, list | dict)):
            known[key] = value
        else:
            unknown.append((name, value))
    return known, unknown


def _is_date(value: object) -> bool:
    try:
        return parse_date("", "", value) is not None
    except Invalid:
        return False


def _parse_topics(filename: str, value: object) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else as_list(value)
    lines = (parse_line(filename, "topics", item).lower()[:MAX_TOPIC_LENGTH] for item in items)
    return tuple(dict.fromkeys(line for line in lines if line))


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
    return clean_single_line(_write_value(value))


def _write_value(value: object) -> str:
    """Return a value as text. None is ''."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return str(value)
    except ValueError:  # Python does not convert integers of more than 4,300 digits to text
        return ""


def parse_permission(filename: str, value: object) -> PermissionDraft | None:
    """Return the permission, given as a sentence or a mapping. Raises Invalid."""
    if value is None or isinstance(value, str):
        return (
            PermissionDraft(statement=clean_single_line(value)) if value and value.strip() else None
        )
    if isinstance(value, dict) and value.keys() <= {"by", "how", "date", "for", "statement"}:
        scopes = tuple(
            _write_value(item) for item in as_list(value.get("for", PermissionScope.PUBLISH))
        )
        method = _write_value(value.get("how", PermissionMethod.STATED))
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


def parse_author(filename: str, item: object, unknown: list[tuple[str, object]]) -> AuthorDraft:
    """Return an author, given as a name or a mapping. Other keys are added to `unknown`. Raises Invalid."""
    if isinstance(item, str) and item.strip():
        return AuthorDraft(name=clean_single_line(item))
    if isinstance(item, dict) and item.get("name"):
        unknown += [
            (f"author {key}", value) for key, value in item.items() if key not in _AUTHOR_KEYS
        ]
        known = {key: value for key, value in item.items() if key in _AUTHOR_KEYS}
        return AuthorDraft(
            **{key: parse_line(filename, f"author {key}", value) for key, value in known.items()}
        )
    msg = "Write each author in %(name)s as a name, or as name, group, capacity and organisation."
    raise Invalid(msg, name=filename)


def parse_date(filename: str, name: str, value: object) -> date | None:
    """Return a date, or None for an empty value. Raises Invalid."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _write_value(value).strip()
    try:
        if match := _DATE.fullmatch(text):
            return date(int(match[1]), int(match[2]), int(match[3]))
        return datetime.fromisoformat(text).date()
    except ValueError:
        msg = "“%(field_name)s” in %(name)s is not a date. Write it like 2018-01-31."
        raise Invalid(msg, name=filename, field_name=name) from None
