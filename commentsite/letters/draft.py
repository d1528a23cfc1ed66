"""The values that an importer reads from a file, before they are stored as a letter."""

from dataclasses import dataclass
from datetime import date

from commentsite.errors import Invalid
from commentsite.letters.remarks import ImportRemark
from commentsite.letters.states import AuthorCapacity, PermissionMethod, PermissionScope


@dataclass(frozen=True)
class Picture:
    """A picture of the document. `marker` is the text that stands in its place in the Markdown."""

    marker: str
    content: bytes
    description: str = ""  # the text alternative; empty if the document has none


@dataclass(frozen=True)
class AuthorDraft:
    """An author as typed. importing.services.build_author_rows checks the values."""

    name: str
    group: str = "UND"  # code of a stakeholder group
    capacity: str = AuthorCapacity.PERSONAL
    organisation: str = ""


@dataclass(frozen=True)
class PermissionDraft:
    given_by: str = ""
    method: PermissionMethod = PermissionMethod.STATED
    given_on: date | None = None
    scopes: tuple[str, ...] = (PermissionScope.PUBLISH,)
    statement: str = ""


@dataclass(frozen=True)
class LetterDraft:
    title: str
    source_text: str  # Markdown
    slug: str = ""  # empty: made from the title
    authors: tuple[AuthorDraft, ...] = ()
    occasion: str = ""
    addressee: str = ""
    body_concerned: str = ""
    date_written: date | None = None
    date_received: date | None = None
    language: str = ""  # BCP 47, as the file states it; empty if it does not
    detected_language: str = ""  # BCP 47, of the text; empty if the detection is not sure
    standfirst: str = ""
    editors_note: str = ""
    source: str = ""
    licence: str = ""
    permission: PermissionDraft | None = None
    translation_of: str = ""  # slug of the original
    translator: str = ""
    topics: tuple[str, ...] = ()
    original: bytes = b""  # the file as received
    original_name: str = ""
    remarks: tuple[ImportRemark, ...] = ()
    pictures: tuple[Picture, ...] = ()


# In characters, by field of LetterDraft. The columns of models.Letter have the same limits.
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
    """Check the fields that MAX_LENGTHS names. Raises Invalid on the first that is too long."""
    for name, limit in MAX_LENGTHS.items():
        if len(str(values.get(name) or "")) > limit:
            msg = "“%(name)s” is too long. Write at most %(limit)d characters."
            raise Invalid(msg, field=name, name=name.replace("_", " "), limit=limit)
