"""Store an imported letter as a draft."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Conflict, Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft, check_lengths
from commentsite.letters.importing import queries as import_queries
from commentsite.letters.importing.pictures import leave_out_pictures
from commentsite.letters.language_tags import UNDETERMINED, is_same_language, parse_language
from commentsite.letters.media.services import StoredPicture, add_to_letter, build_images
from commentsite.letters.models import (
    Letter,
    LetterAuthor,
    LetterImport,
    LetterPermission,
    LetterVersion,
)
from commentsite.letters.remarks import ImportRemark, RemarkKind
from commentsite.letters.slugs import find_free_slug, slugify
from commentsite.letters.states import AuthorCapacity, PermissionMethod
from commentsite.letters.text.paragraphs import list_foreign_images
from commentsite.letters.versioning import build_first_version, save_citations

DEFAULT_LANGUAGE = "en"  # what a file that states none is compared with
MAX_REMARK_LENGTH = 20_000  # characters of the words of a remark that are stored


def import_letter(
    draft: LetterDraft, *, by: Actor, pictures: Sequence[StoredPicture] = ()
) -> Letter:
    """Store a letter in the state “draft”, with its authors, version 1, citations and permission.

    `pictures` are those that pictures.store_pictures has stored for the draft. It is not published
    before an editor has confirmed the remarks of the draft.

    Raises Conflict when the slug that the file asks for is taken, Invalid on a value that does
    not fit, and NotFound when the original of a translation does not exist.
    """
    by.require_everywhere(Permission.WRITE_LETTERS)
    check_lengths(draft.__dict__)
    if draft.permission and (
        len(draft.permission.given_by) > 200 or len(draft.permission.statement) > 500
    ):
        msg = "Shorten the permission. A name has at most 200 characters, a statement at most 500."
        raise Invalid(msg, field="permission")
    if draft.pictures:
        draft = leave_out_pictures(draft)
    acquire_advisory_lock("slugs")
    original = letter_queries.get_any_letter(draft.translation_of) if draft.translation_of else None
    letter = Letter(
        slug=_choose_slug(draft),
        title=draft.title,
        standfirst=draft.standfirst,
        editors_note=draft.editors_note,
        occasion=draft.occasion,
        addressee=draft.addressee,
        body_concerned=draft.body_concerned,
        source=draft.source,
        licence=draft.licence,
        language=draft.language or draft.detected_language or UNDETERMINED,
        topics=list(draft.topics),
        date_written=draft.date_written,
        date_received=draft.date_received,
        created_at=clock.now(),
        translation_of_id=original.id if original else None,
        translator=draft.translator,
        authors=build_author_rows(draft.authors),
        versions=[build_first_version(draft, original, build_images(pictures))],
    )
    session().add(letter)
    session().flush()
    if draft.permission:
        session().add(_build_permission(letter, draft.permission, by))
    save_citations(letter, letter.versions[0].blocks)
    add_to_letter(letter, pictures)
    record_import(letter, draft, version_number=1)
    record_event(
        by.label,
        "letter.imported",
        f"letter:{letter.id}",
        version=1,
        sha256=sha256(draft.original).hexdigest(),
    )
    return letter


def complete_remarks(draft: LetterDraft, language: str = "") -> list[ImportRemark]:
    """Return the remarks of a draft, with those that its text gives rise to.

    Images of other sites are left out. The language is in question if the text seems to be in another
    one than the letter, the file, or else the default says. `language` is that of the letter, if it
    is stored already.
    """
    remarks = [*draft.remarks]
    if images := list_foreign_images(draft.source_text):
        words = "\n".join(f"{address} {description}".strip() for address, description in images)
        remarks.append(ImportRemark(RemarkKind.PICTURES, len(images), words))
    stated = language or draft.language or DEFAULT_LANGUAGE
    found = draft.detected_language or draft.language or stated
    has_remark = any(remark.kind == RemarkKind.LANGUAGE for remark in remarks)
    if not has_remark and not is_same_language(found, stated):
        remarks.append(ImportRemark(RemarkKind.LANGUAGE, words=found))
    return remarks


def record_import(
    letter: Letter,
    draft: LetterDraft,
    language: str = "",
    *,
    version_number: int | None = None,
    content: bytes | None = None,
) -> LetterImport:
    """Store the remarks of a draft with the file's name.

    `language` is that of the letter, if it is stored already. `content` is the file, if no version
    has it.
    """
    row = LetterImport(
        letter_id=letter.id,
        version_number=version_number,
        file_name=draft.original_name[:200],
        content=content,
        sha256=sha256(draft.original).hexdigest(),
        stated_language=draft.language[:20],
        detected_language=draft.detected_language[:20],
        remarks=_encode_remarks(complete_remarks(draft, language)),
        created_at=clock.now(),
    )
    session().add(row)
    session().flush()
    return row


def record_paste(letter: Letter, text: str, remarks: Sequence[ImportRemark]) -> LetterImport:
    """Add the remarks on pasted text to the unconfirmed ones of the text in the editor."""
    current = import_queries.find_current_import(letter)
    row = current
    if row is None or row.version_number is not None:
        is_open = current is not None and import_queries.needs_confirmation(current)
        row = LetterImport(
            letter_id=letter.id,
            version_number=None,
            file_name="",
            sha256=sha256(text.encode()).hexdigest(),
            detected_language=current.detected_language if current and is_open else "",
            remarks=current.remarks if current and is_open else [],
            created_at=clock.now(),
        )
        session().add(row)
    added = [item for item in _encode_remarks(remarks) if item not in row.remarks]
    row.remarks = [*row.remarks, *added]
    row.confirmed_at, row.confirmed_by = None, ""
    session().flush()
    return row


def _encode_remarks(remarks: Sequence[ImportRemark]) -> list[dict[str, Any]]:
    return [
        {"kind": item.kind.value, "count": item.count, "words": item.words[:MAX_REMARK_LENGTH]}
        for item in remarks
    ]


def assign_import_to_version(letter: Letter, version: LetterVersion) -> None:
    """Give a version the file that the working copy was read from, if it was.

    The version's earlier file stays with the earlier import. Pasted text has remarks and no file.
    """
    current = import_queries.find_current_import(letter)
    if current is None or current.version_number is not None:
        return
    if current.content is None:
        current.version_number = version.number
        return
    if version.original is not None:
        earlier = import_queries.find_version_import(letter, version)
        if earlier is not None and earlier.content is None:
            earlier.content = version.original
    version.original, current.content = current.content, None
    version.original_name, version.original_sha256 = current.file_name, current.sha256
    current.version_number = version.number


def check_remarks_confirmed(letter: Letter) -> None:
    """Raise Conflict when the text in the editor has unconfirmed remarks."""
    if import_queries.has_unconfirmed_remarks(letter):
        raise build_remarks_conflict()


def build_remarks_conflict() -> Conflict:
    msg = "Check the remarks on the import of this letter first, and confirm them."
    return Conflict(msg, field="import")


def state_language(draft: LetterDraft, language: str) -> LetterDraft:
    """Set the language of a draft, and drop a remark that it is not sure. Raises Invalid."""
    remarks = tuple(item for item in draft.remarks if item.kind != RemarkKind.LANGUAGE)
    return replace(draft, language=parse_language(language), remarks=remarks)


def replace_authors(draft: LetterDraft, authors: tuple[AuthorDraft, ...]) -> LetterDraft:
    return replace(draft, authors=authors)


def add_operator_permission(draft: LetterDraft) -> LetterDraft:
    """Add the operator's statement that the author permits publication, unless the file has a permission."""
    if draft.permission:
        return draft
    given_by = draft.authors[0].name if draft.authors else "the author"
    permission = PermissionDraft(given_by=given_by, method=PermissionMethod.STATED)
    return replace(draft, permission=permission)


def build_author_rows(authors: tuple[AuthorDraft, ...]) -> list[LetterAuthor]:
    """Build rows in the given order. Raises Invalid on an unknown capacity or a text too long."""
    for author in authors:
        if author.capacity not in set(AuthorCapacity):
            msg = "“%(capacity)s” is not a capacity. Choose one of these: %(known)s."
            raise Invalid(
                msg, field="authors", capacity=author.capacity, known=", ".join(AuthorCapacity)
            )
        if not 0 < len(author.name) <= 120 or len(author.organisation) > 200:
            msg = "Enter a name of at most 120 characters for each author, and an organisation of at most 200."
            raise Invalid(msg, field="authors")
    return [
        LetterAuthor(
            position=position,
            name=author.name,
            stakeholder_group=author.group[:8],
            capacity=AuthorCapacity(author.capacity),
            organisation=author.organisation,
        )
        for position, author in enumerate(authors)
    ]


def _choose_slug(draft: LetterDraft) -> str:
    if not draft.slug:
        return find_free_slug(slugify(draft.title) or f"letter-{tokens.new_short_id()}")
    wanted = slugify(draft.slug)
    if not wanted:
        msg = "“%(slug)s” is not an address. Use only the letters a to z, digits and hyphens."
        raise Invalid(msg, field="slug", slug=draft.slug[:60])
    if letter_queries.is_slug_taken(wanted):
        msg = "Another letter has or had the address “%(slug)s”. Choose a different one."
        raise Conflict(msg, field="slug", slug=wanted)
    return wanted


def _build_permission(letter: Letter, permission: PermissionDraft, by: Actor) -> LetterPermission:
    first_author = letter.authors[0].name if letter.authors else "the author"
    return LetterPermission(
        letter_id=letter.id,
        scopes=list(permission.scopes),
        given_by=permission.given_by or first_author,
        method=permission.method,
        given_on=permission.given_on,
        statement=permission.statement,
        recorded_by=by.label,
        recorded_at=clock.now(),
    )
