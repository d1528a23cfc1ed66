"""Take letters in and publish them."""

from dataclasses import replace
from hashlib import sha256

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.db import session
from commentsite.errors import Conflict, Invalid
from commentsite.letters import queries
from commentsite.letters.intake import AuthorDraft, LetterDraft, slug_for
from commentsite.letters.models import Block, Letter, LetterAuthor, LetterVersion
from commentsite.letters.paragraphs import new_pid, split
from commentsite.letters.states import TRANSITIONS, LetterState

CAPACITIES = ("personal", "on_behalf_of", "delegate", "former_member", "undisclosed")


def import_letter(draft: LetterDraft, *, by: Actor) -> Letter:
    """Store a letter as a draft with its first version, every paragraph with its permanent id.

    Raises Conflict when the address it asks for is taken, Invalid when a value does not fit.
    """
    by.require(Permission.WRITE_LETTERS)
    _check(draft)
    letter = Letter(
        slug=_free_slug(draft),
        title=draft.title,
        standfirst=draft.standfirst,
        editors_note=draft.editors_note,
        occasion=draft.occasion,
        addressee=draft.addressee,
        source=draft.source,
        licence=draft.licence,
        permission=draft.permission,
        language=draft.language,
        topics=list(draft.topics),
        date_written=draft.date_written,
        created_at=clock.now(),
        authors=[
            LetterAuthor(
                position=position,
                name=author.name,
                stakeholder_group=author.group,
                capacity=author.capacity,
                organisation=author.organisation,
            )
            for position, author in enumerate(draft.authors)
        ],
        versions=[_first_version(draft)],
    )
    session().add(letter)
    session().flush()
    record(
        by.label,
        "letter.imported",
        f"letter:{letter.id}",
        version=1,
        sha256=sha256(draft.original).hexdigest(),
    )
    return letter


def publish_letter(slug: str, *, by: Actor) -> Letter:
    """Make a draft public, now. Raises Conflict when it is public already."""
    by.require(Permission.PUBLISH_LETTERS)
    letter = queries.any_letter_by_slug(slug)
    if LetterState.PUBLISHED not in TRANSITIONS[LetterState(letter.state)]:
        msg = "This letter is %(state)s; only a draft can be published."
        raise Conflict(msg, state=str(letter.state))
    letter.state = LetterState.PUBLISHED
    letter.published_at = clock.now()
    mark_changed(letter)
    record(by.label, "letter.published", f"letter:{letter.id}", version=letter.version_number)
    return letter


def set_comments_open(slug: str, *, is_open: bool, by: Actor) -> Letter:
    """Open or close a letter for comments; what is published stays readable."""
    by.require(Permission.PUBLISH_LETTERS)
    letter = queries.any_letter_by_slug(slug)
    if letter.comments_open != is_open:
        letter.comments_open = is_open
        mark_changed(letter)
        record(
            by.label,
            "letter.comments_opened" if is_open else "letter.comments_closed",
            f"letter:{letter.id}",
        )
    return letter


def with_authors(draft: LetterDraft, authors: tuple[AuthorDraft, ...]) -> LetterDraft:
    """Return the draft with these authors instead of its own."""
    return replace(draft, authors=authors)


def mark_changed(letter: Letter) -> None:
    """Let every cache know, in this transaction, that the letter's page looks different from now on."""
    letter.page_version = Letter.page_version + 1


def _check(draft: LetterDraft) -> None:
    if len(draft.title) > 300:
        msg = "The title has more than 300 characters."
        raise Invalid(msg, field="title")
    for author in draft.authors:
        if author.capacity not in CAPACITIES:
            msg = "“%(capacity)s” is no capacity. Known are: %(known)s."
            raise Invalid(
                msg, field="authors", capacity=author.capacity, known=", ".join(CAPACITIES)
            )
    for name, limit in (
        ("standfirst", 500),
        ("occasion", 300),
        ("addressee", 300),
        ("source", 500),
        ("permission", 500),
        ("licence", 200),
    ):
        if len(getattr(draft, name)) > limit:
            msg = "%(name)s has more than %(limit)d characters."
            raise Invalid(msg, field=name, name=name, limit=limit)


def _free_slug(draft: LetterDraft) -> str:
    wanted = slug_for(draft.slug) if draft.slug else slug_for(draft.title)
    if draft.slug and queries.slug_is_taken(wanted):
        msg = "Another letter already has the address “%(slug)s”."
        raise Conflict(msg, slug=wanted)
    slug, n = wanted or f"letter-{tokens.short()}", 1
    while queries.slug_is_taken(slug):
        n += 1
        slug = f"{wanted or 'letter'}-{n}"
    return slug


def _first_version(draft: LetterDraft) -> LetterVersion:
    taken: set[str] = set()
    blocks = []
    for position, piece in enumerate(split(draft.source_text)):
        pid = new_pid(taken, tokens.short) if piece.number else None
        if pid:
            taken.add(pid)
        blocks.append(
            Block(
                position=position,
                kind=piece.kind,
                pid=pid,
                number=piece.number,
                html=piece.html,
                text=piece.text,
            )
        )
    return LetterVersion(
        number=1,
        source_text=draft.source_text,
        original=draft.original,
        original_sha256=sha256(draft.original).hexdigest(),
        created_at=clock.now(),
        blocks=blocks,
    )
