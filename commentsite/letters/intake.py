"""Read a letter from a file somebody sent: Markdown with front matter, or plain text."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from commentsite.errors import Invalid
from commentsite.letters.paragraphs import plain_to_markdown

LARGEST_FILE = 2_000_000
KNOWN = frozenset(
    {
        "title",
        "slug",
        "authors",
        "occasion",
        "addressee",
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
_FURNITURE = re.compile(r"^leave a (comment|reply)$", re.IGNORECASE)
_GREETING = re.compile(
    r"^(dear|to |hello|chère?s?|mesdames|estimad|querid|sehr geehrte|liebe|prezad|caro|уважаем|дорогие|السادة|الزملاء|عزيز|尊敬|亲爱)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class AuthorDraft:
    """An author as the file names them."""

    name: str
    group: str = "UND"
    capacity: str = "personal"
    organisation: str = ""


@dataclass(frozen=True)
class LetterDraft:
    """What a file says about a letter, before it is one."""

    title: str
    source_text: str
    slug: str = ""
    authors: tuple[AuthorDraft, ...] = ()
    occasion: str = ""
    addressee: str = ""
    date_written: date | None = None
    language: str = "en"
    standfirst: str = ""
    editors_note: str = ""
    source: str = ""
    licence: str = ""
    permission: str = ""
    topics: tuple[str, ...] = ()
    original: bytes = b""
    remarks: tuple[str, ...] = field(default=())  # what the reader of the file decided by itself


def read_letter(filename: str, content: bytes) -> LetterDraft:
    """Return the letter in a file, by its ending: .md and .markdown as Markdown, .txt as plain text.

    Raises Invalid with a sentence when it is too large, not text, empty or malformed.
    """
    if len(content) > LARGEST_FILE:
        msg = "%(name)s has %(size)d kB; a letter may have %(limit)d kB."
        raise Invalid(msg, name=filename, size=len(content) // 1000, limit=LARGEST_FILE // 1000)
    text = _decoded(filename, content)
    if filename.lower().endswith((".md", ".markdown")):
        return _from_markdown(filename, text, content)
    if filename.lower().endswith(".txt"):
        return _from_plain_text(filename, text, content)
    msg = "%(name)s is of a kind that cannot be read here. Use .md or .txt."
    raise Invalid(msg, name=filename)


def slug_for(title: str) -> str:
    """Return an address made of the title's Latin words, at most 80 characters; '' when it has none."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:80].strip("-")


def _decoded(filename: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        msg = "%(name)s is not text in UTF-8."
        raise Invalid(msg, name=filename)
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text.strip():
        msg = "%(name)s is empty."
        raise Invalid(msg, name=filename)
    return text


def _from_markdown(filename: str, text: str, content: bytes) -> LetterDraft:
    front: dict[str, Any] = {}
    match = re.match(r"---\n(.*?)\n---\n(.*)\Z", text, re.DOTALL)
    if match:
        front, text = _front_matter(filename, match[1]), match[2]
    title = str(front.pop("title", "") or "").strip()
    if not title and (heading := re.match(r"\s*#\s+(.+)\n", text)):
        title, text = heading[1].strip(), text[heading.end() :]
    if not title:
        msg = "%(name)s has no title. Write it in the front matter, or as a first line that begins with #."
        raise Invalid(msg, name=filename)
    authors = tuple(_author(filename, item) for item in _list(front.pop("authors", None)))
    topics = tuple(str(item).strip().lower() for item in _list(front.pop("topics", None)))
    written = _date(filename, front.pop("date_written", None))
    words: dict[str, Any] = {name: _line(filename, name, value) for name, value in front.items()}
    if not words.get("language"):
        words["language"] = "en"
    if not text.strip():
        msg = "%(name)s has a title and no text."
        raise Invalid(msg, name=filename)
    return LetterDraft(
        title=title,
        source_text=text.strip() + "\n",
        authors=authors,
        topics=topics,
        date_written=written,
        original=content,
        **words,
    )


def _front_matter(filename: str, text: str) -> dict[str, Any]:
    try:
        front = yaml.safe_load(text) or {}
    except yaml.YAMLError:
        front = None
    if not isinstance(front, dict):
        msg = "The front matter of %(name)s is not YAML with one “name: value” a line."
        raise Invalid(msg, name=filename)
    unknown = sorted(str(name) for name in front if name not in KNOWN)
    if unknown:
        msg = "The front matter of %(name)s has unknown names: %(unknown)s. Known are: %(known)s."
        raise Invalid(
            msg, name=filename, unknown=", ".join(unknown), known=", ".join(sorted(KNOWN))
        )
    return front


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _line(filename: str, name: str, value: object) -> str:
    if isinstance(value, list | dict):  # aliases in YAML can make a small file a vast text
        msg = "%(field_name)s in the front matter of %(name)s is not one line of text."
        raise Invalid(msg, name=filename, field_name=name)
    return str(value or "").strip()


def _author(filename: str, item: object) -> AuthorDraft:
    if isinstance(item, str):
        return AuthorDraft(name=item.strip())
    if (
        isinstance(item, dict)
        and item.get("name")
        and item.keys() <= {"name", "group", "capacity", "organisation"}
    ):
        return AuthorDraft(**{name: str(value) for name, value in item.items()})
    msg = "An author in %(name)s is neither a name nor name, group, capacity and organisation."
    raise Invalid(msg, name=filename)


def _date(filename: str, value: object) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        msg = "date_written in %(name)s is not a date. Write it like 2018-01-31."
        raise Invalid(msg, name=filename) from None


def _from_plain_text(filename: str, text: str, content: bytes) -> LetterDraft:
    title, _, rest = text.strip().partition("\n")
    blocks = [block.strip() for block in re.split(r"\n\s*\n", rest) if block.strip()]
    remarks: list[str] = []
    blocks = _without_furniture(blocks, remarks)
    note = _note_before_greeting(blocks, remarks)
    if not blocks:
        msg = "%(name)s has a title and no text."
        raise Invalid(msg, name=filename)
    source_text = "\n\n".join(plain_to_markdown(block) for block in blocks) + "\n"
    return LetterDraft(
        title=title.strip(),
        source_text=source_text,
        editors_note=note,
        original=content,
        remarks=tuple(remarks),
    )


def _without_furniture(blocks: list[str], remarks: list[str]) -> list[str]:
    """Leave out the form of the page a text was copied from: the letter did not say “Leave a comment”."""
    for index in range(max(0, len(blocks) - 4), len(blocks)):
        if _FURNITURE.match(blocks[index].splitlines()[0].strip()):
            remarks.append(
                "Left out what belongs to the page it was copied from: “"
                + blocks[index].splitlines()[0]
                + "” and after."
            )
            return blocks[:index]
    return blocks


def _note_before_greeting(blocks: list[str], remarks: list[str]) -> str:
    """Take what stands before the salutation out of the letter: it speaks about it."""
    for index in range(1, min(4, len(blocks))):
        if _GREETING.match(blocks[index]) and len(blocks[index]) <= 80:
            note = "\n\n".join(blocks[:index])
            del blocks[:index]
            remarks.append("Took the paragraph before the salutation as the editor's note.")
            return note
    return ""
