"""Store an imported letter as a draft."""

from dataclasses import replace
from hashlib import sha256

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Conflict, Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft, check_lengths
from commentsite.letters.language_tags import parse_language
from commentsite.letters.models import Letter, LetterAuthor, LetterPermission
from commentsite.letters.remarks import RemarkKind
from commentsite.letters.slugs import find_free_slug, slugify
from commentsite.letters.states import AuthorCapacity, PermissionMethod
from commentsite.letters.versioning import build_first_version, save_citations


def import_letter(draft: LetterDraft, *, by: Actor) -> Letter:
    """Store a letter in the state “draft”, with its authors, version 1, citations and permission.

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
        language=draft.language or draft.detected_language or "en",
        topics=list(draft.topics),
        date_written=draft.date_written,
        date_received=draft.date_received,
        created_at=clock.now(),
        translation_of_id=original.id if original else None,
        translator=draft.translator,
        authors=build_author_rows(draft.authors),
        versions=[build_first_version(draft, original)],
    )
    session().add(letter)
    session().flush()
    if draft.permission:
        session().add(_build_permission(letter, draft.permission, by))
    save_citations(letter, letter.versions[0].blocks)
    record_event(
        by.label,
        "letter.imported",
        f"letter:{letter.id}",
        version=1,
        sha256=sha256(draft.original).hexdigest(),
    )
    return letter


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
