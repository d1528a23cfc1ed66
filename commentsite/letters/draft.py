"""What a file says about a letter, before it is one."""

from dataclasses import dataclass, field
from datetime import date

from commentsite.errors import Invalid


@dataclass(frozen=True)
class AuthorDraft:
    """An author as the file names them."""

    name: str
    group: str = "UND"
    capacity: str = "personal"
    organisation: str = ""


@dataclass(frozen=True)
class PermissionDraft:
    """Somebody's leave as the file states it."""

    given_by: str = ""
    method: str = "stated"
    given_on: date | None = None
    scopes: tuple[str, ...] = ("publish",)
    statement: str = ""


@dataclass(frozen=True)
class LetterDraft:
    """What a file says about a letter, before it is one."""

    title: str
    source_text: str
    slug: str = ""
    authors: tuple[AuthorDraft, ...] = ()
    occasion: str = ""
    addressee: str = ""
    body_concerned: str = ""
    date_written: date | None = None
    date_received: date | None = None
    language: str = "en"
    standfirst: str = ""
    editors_note: str = ""
    source: str = ""
    licence: str = ""
    permission: PermissionDraft | None = None
    translation_of: str = ""
    translator: str = ""
    topics: tuple[str, ...] = ()
    original: bytes = b""
    original_name: str = ""
    remarks: tuple[str, ...] = field(default=())  # what the reader of the file decided by itself


MAX_LENGTHS = {
    "title": 300,
    "standfirst": 500,
    "editors_note": 5_000,
    "occasion": 300,
    "addressee": 300,
    "body_concerned": 300,
    "source": 500,
    "licence": 200,
    "translator": 200,
    "language": 20,
}


def check_lengths(values: dict[str, object]) -> None:
    """Raise Invalid on the first text that is longer than its place."""
    for name, limit in MAX_LENGTHS.items():
        if len(str(values.get(name) or "")) > limit:
            msg = "%(name)s has more than %(limit)d characters."
            raise Invalid(msg, field=name, name=name.replace("_", " "), limit=limit)
