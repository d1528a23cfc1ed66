"""What a file says about a letter, before it is one."""

from dataclasses import dataclass, field
from datetime import date


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
    how: str = "stated"
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
