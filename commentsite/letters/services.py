"""Take letters in, and let everything that shows them know of a change."""

from dataclasses import replace
from hashlib import sha256

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.db import serialize, session
from commentsite.errors import Conflict, Invalid
from commentsite.letters import history, queries
from commentsite.letters.drafts import AuthorDraft, LetterDraft, PermissionDraft
from commentsite.letters.intake import slug_for
from commentsite.letters.models import (
    Letter,
    LetterAuthor,
    LetterPermission,
    WorkingCopy,
)
from commentsite.letters.states import TRANSITIONS, LetterState
from commentsite.letters.versions import first_version, keep_citations
from commentsite.letters.window import Window, window
from commentsite.plain import one_line
from commentsite.search.services import forget, index_letter

CAPACITIES = ("personal", "on_behalf_of", "delegate", "former_member", "undisclosed")
LENGTHS = {
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
    serialize("slugs")
    original = queries.any_letter_by_slug(draft.translation_of) if draft.translation_of else None
    letter = Letter(
        slug=_free_slug(draft),
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
        authors=author_rows(draft.authors),
        versions=[first_version(draft, original)],
    )
    session().add(letter)
    session().flush()
    if draft.permission:
        session().add(_permission(letter, draft.permission, by))
    keep_citations(letter, letter.versions[0].blocks)
    record(
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


def attested(draft: LetterDraft) -> LetterDraft:
    """Return the draft with the operator's word that it may be published, where it brings no other."""
    if draft.permission:
        return draft
    by_whom = draft.authors[0].name if draft.authors else "the author"
    permission = PermissionDraft(given_by=by_whom, how="stated", statement="")
    return replace(draft, permission=permission)


def author_rows(authors: tuple[AuthorDraft, ...]) -> list[LetterAuthor]:
    """Return authors as rows. Raises Invalid on a capacity that is none, or a name too long."""
    for author in authors:
        if author.capacity not in CAPACITIES:
            msg = "“%(capacity)s” is no capacity. Known are: %(known)s."
            raise Invalid(
                msg, field="authors", capacity=author.capacity, known=", ".join(CAPACITIES)
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


def check_lengths(words: dict[str, object]) -> None:
    """Raise Invalid on the first text that is longer than its place."""
    for name, limit in LENGTHS.items():
        if len(str(words.get(name) or "")) > limit:
            msg = "%(name)s has more than %(limit)d characters."
            raise Invalid(msg, field=name, name=name.replace("_", " "), limit=limit)


def mark_changed(letter: Letter) -> None:
    """Let every cache know, in this transaction, that the letter's page looks different from now on."""
    letter.page_version = Letter.page_version + 1


def mark_all_changed() -> None:
    """Let every cache know that letters have other neighbours or translations from now on."""
    session().flush()
    serialize("audit")  # whoever holds the one row they all share waits for nobody
    session().execute(queries.touch_surroundings())


def free_slug(wanted: str) -> str:
    """Return this address or the next that is free, never one that another letter ever had."""
    slug, n = wanted, 1
    while queries.slug_is_taken(slug):
        n += 1
        slug = f"{wanted[:110]}-{n}"
    return slug


def _free_slug(draft: LetterDraft) -> str:
    if not draft.slug:
        return free_slug(slug_for(draft.title) or f"letter-{tokens.short()}")
    wanted = slug_for(draft.slug)
    if not wanted:
        msg = "“%(slug)s” is no address. Use letters from a to z, figures and hyphens."
        raise Invalid(msg, field="slug", slug=draft.slug[:60])
    if queries.slug_is_taken(wanted):
        msg = "Another letter already has the address “%(slug)s”."
        raise Conflict(msg, field="slug", slug=wanted)
    return wanted


def _permission(letter: Letter, given: PermissionDraft, by: Actor) -> LetterPermission:
    return LetterPermission(
        letter_id=letter.id,
        scopes=list(given.scopes),
        given_by=given.given_by or (letter.authors[0].name if letter.authors else "the author"),
        how=given.how,
        given_on=given.given_on,
        statement=given.statement,
        recorded_by=by.label,
        recorded_at=clock.now(),
    )


def index(letter: Letter, words: str) -> None:
    """Let a public letter be found by its title, authors and words."""
    named = " ".join([letter.title, letter.standfirst, *(author.name for author in letter.authors)])
    index_letter(letter.id, named, words)


def check_revision(letter: Letter, revision: int | None) -> None:
    """Raise Conflict when the working copy was saved after somebody looked at this revision of it."""
    copy = history.working_copy(letter)
    now = copy.revision if copy else letter.copy_revision
    if revision is not None and revision != now:
        msg = "%(name)s saved this letter after you opened this page. Read it again before you publish."
        raise Conflict(msg, name=(copy.saved_by if copy else "") or "Somebody")


def to_drafts(letter: Letter, *, by: Actor) -> None:
    """Take a letter out of review or off the schedule; whoever looked at it looks again."""
    move(letter, LetterState.DRAFT, by, "letter.back_to_draft")
    letter.scheduled_for = letter.sent_to_review_by_id = None


def withdraw(letter: Letter, reason: str, *, by: Actor) -> None:
    """Take a letter from the public for good: its reason and its comments stay, its words are found no more."""
    letter.withdrawal_reason, letter.withdrawn_at = one_line(reason), clock.now()
    letter.comments_open, letter.comments_open_at = False, None
    forget("search_letter", letter.id)
    move(letter, LetterState.WITHDRAWN, by, "letter.withdrawn")
    mark_all_changed()


def window_of(letter: Letter) -> Window:
    """Return whether the letter takes comments now."""
    return window(
        state=letter.state,
        comments_open=letter.comments_open,
        opens=letter.comments_open_at,
        closes=letter.comments_close_at,
        grace_hours=letter.grace_hours,
        now=clock.now(),
    )


def take_words_over(letter: Letter, copy: WorkingCopy) -> None:
    """Let a letter carry the words of its working copy, which is no longer needed."""
    letter.title, letter.standfirst = copy.title, copy.standfirst
    letter.editors_note = copy.editors_note
    letter.copy_revision = copy.revision
    session().delete(copy)


def move(letter: Letter, state: LetterState, by: Actor, action: str, **details: str | int) -> None:
    """Move a letter to another state: the only place that does. Raises Conflict on a way that does not exist."""
    if state not in TRANSITIONS[LetterState(letter.state)]:
        msg = "This letter is %(state)s; that cannot be done to it."
        raise Conflict(msg, state=str(letter.state))
    letter.state = state
    session().flush()
    record(by.label, action, f"letter:{letter.id}", state=state.value, **details)
