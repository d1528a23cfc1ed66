"""TODO docstring of commentsite.letters.importing.services."""

from dataclasses import replace
from hashlib import sha256

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Conflict, Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft, check_lengths
from commentsite.letters.models import Letter, LetterAuthor, LetterPermission
from commentsite.letters.slugs import find_free_slug, slugify
from commentsite.letters.versioning import build_first_version, save_citations

AUTHOR_CAPACITIES = ("personal", "on_behalf_of", "delegate", "former_member", "undisclosed")


def import_letter(draft: LetterDraft, *, by: Actor) -> Letter:
    """Store a letter as a draft with its first version, every paragraph with its permanent id.

    Raises Conflict when the address it asks for is taken, Invalid when a value does not fit,
    NotFound when it translates a letter that is not there.
    """
    by.require_everywhere(Permission.WRITE_LETTERS)
    check_lengths(draft.__dict__)
    if draft.permission and (
        len(draft.permission.given_by) > 200 or len(draft.permission.statement) > 500
    ):
        msg = (
            "The permission names somebody in at most 200 characters, in a sentence of at most 500."
        )
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
        language=draft.language,
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


def with_authors(draft: LetterDraft, authors: tuple[AuthorDraft, ...]) -> LetterDraft:
    """Return the draft with these authors instead of its own."""
    return replace(draft, authors=authors)


def with_operator_permission(draft: LetterDraft) -> LetterDraft:
    """Return the draft with the operator's word that it may be published, where it brings no other."""
    if draft.permission:
        return draft
    by_whom = draft.authors[0].name if draft.authors else "the author"
    permission = PermissionDraft(given_by=by_whom, method="stated", statement="")
    return replace(draft, permission=permission)


def build_author_rows(authors: tuple[AuthorDraft, ...]) -> list[LetterAuthor]:
    """Return authors as rows. Raises Invalid on a capacity that is none, or a name too long."""
    for author in authors:
        if author.capacity not in AUTHOR_CAPACITIES:
            msg = "“%(capacity)s” is no capacity. Known are: %(known)s."
            raise Invalid(
                msg, field="authors", capacity=author.capacity, known=", ".join(AUTHOR_CAPACITIES)
            )
        if not 0 < len(author.name) <= 120 or len(author.organisation) > 200:
            msg = "An author has a name of at most 120 characters, and an organisation of at most 200."
            raise Invalid(msg, field="authors")
    return [
        LetterAuthor(
            position=position,
            name=author.name,
            stakeholder_group=author.group[:8],
            capacity=author.capacity,
            organisation=author.organisation,
        )
        for position, author in enumerate(authors)
    ]


def _choose_slug(draft: LetterDraft) -> str:
    if not draft.slug:
        return find_free_slug(slugify(draft.title) or f"letter-{tokens.new_short_id()}")
    wanted = slugify(draft.slug)
    if not wanted:
        msg = "“%(slug)s” is no address. Use letters from a to z, figures and hyphens."
        raise Invalid(msg, field="slug", slug=draft.slug[:60])
    if letter_queries.is_slug_taken(wanted):
        msg = "Another letter already has the address “%(slug)s”."
        raise Conflict(msg, field="slug", slug=wanted)
    return wanted


def _build_permission(letter: Letter, given: PermissionDraft, by: Actor) -> LetterPermission:
    return LetterPermission(
        letter_id=letter.id,
        scopes=list(given.scopes),
        given_by=given.given_by or (letter.authors[0].name if letter.authors else "the author"),
        method=given.method,
        given_on=given.given_on,
        statement=given.statement,
        recorded_by=by.label,
        recorded_at=clock.now(),
    )
