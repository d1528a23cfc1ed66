"""What becomes of a letter once it is public: corrected in the open, withdrawn with a reason, renamed, closed."""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter, LetterVersion, WorkingCopy
from commentsite.letters.page_versions import bump_page_version, bump_related_pages
from commentsite.letters.states import ChangeKind, LetterState
from commentsite.letters.text import queries as text_queries
from commentsite.letters.transitions import change_state, withdraw_from_public
from commentsite.letters.versioning import (
    apply_working_copy,
    build_blocks,
    build_paragraph_links,
    check_working_copy_revision,
    save_citations,
    searchable_text,
    update_search_index,
)
from commentsite.text.plain_text import clean_single_line

MAX_REASON_LENGTH = 500


def publish_correction(  # noqa: PLR0913  # each is said by the form
    slug: str,
    change: ChangeKind,
    note: str,
    *,
    by: Actor,
    needs_second_person: bool = False,
    revision: int | None = None,
) -> LetterVersion:
    """Publish the working copy as a new version that says what kind of change it is and why.

    Raises Invalid without a reason or without a difference; the versions before stay readable.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if letter.state != LetterState.PUBLISHED:
        msg = "Only a published letter can be corrected; this one is %(state)s."
        raise Conflict(msg, state=str(letter.state))
    if change not in {ChangeKind.EDITORIAL, ChangeKind.SUBSTANTIVE}:
        msg = "Say whether the change is editorial or of substance."
        raise Invalid(msg, field="change")
    if not 3 <= len(note.strip()) <= MAX_REASON_LENGTH:
        msg = "Say in a sentence why the letter is changed. Readers see it."
        raise Invalid(msg, field="note")
    copy, current = (
        letter_queries.find_working_copy(letter),
        text_queries.get_current_version(letter),
    )
    if copy is None or _content_of(copy) == (*_content_of(current), letter.editors_note):
        msg = "Nothing was changed yet."
        raise Invalid(msg, field="source_text")
    check_working_copy_revision(letter, revision)
    if needs_second_person and by.user_id is not None and copy.editor_id == by.user_id:
        msg = "You wrote this correction. Somebody else publishes it."
        raise NotAllowed(msg)
    version = _publish_next_version(letter, copy, change, clean_single_line(note))
    bump_page_version(letter)
    record_event(
        by.label,
        "letter.corrected",
        f"letter:{letter.id}",
        version=version.number,
        change=change.value,
    )
    bump_related_pages()
    return version


def withdraw_letter(slug: str, reason: str, *, by: Actor) -> Letter:
    """Take a letter back: a notice with the reason and its comments stay at its address."""
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if not 3 <= len(reason.strip()) <= MAX_REASON_LENGTH:
        msg = "Say in a sentence why the letter is withdrawn. Readers see it."
        raise Invalid(msg, field="reason")
    withdraw_from_public(letter, reason, by=by)
    return letter


def supersede_letter(slug: str, successor_slug: str, *, by: Actor) -> Letter:
    """Say that another published letter takes this one's place; both stay readable."""
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    other = letter_queries.find_by_current_slug(successor_slug)
    if other is None or other.id == letter.id or other.state != LetterState.PUBLISHED:
        msg = "There is no other published letter at this address."
        raise Invalid(msg, field="superseded_by")
    change_state(letter, LetterState.SUPERSEDED, by, "letter.superseded", other=other.id)
    letter.superseded_by_id = other.id
    bump_related_pages()
    return letter


def is_window_due(now: datetime) -> bool:
    """Return whether `close_due` would open or close a letter now."""
    return bool(_past_grace(now) or letter_queries.lock_letters_due_to_open(now))


def _past_grace(now: datetime) -> list[Letter]:
    return [
        letter
        for letter in letter_queries.lock_letters_due_to_close(now)
        if letter.comments_close_at is not None
        and letter.comments_close_at + timedelta(hours=letter.grace_hours) < now
    ]


def _publish_next_version(
    letter: Letter, copy: WorkingCopy, change: ChangeKind, note: str
) -> LetterVersion:
    """Make the working copy the letter's newest version, its paragraphs with the ids they had."""
    blocks, links = build_blocks(letter, copy.source_text)
    now = clock.now()
    version = LetterVersion(
        letter_id=letter.id,
        number=letter.version_number + 1,
        title=copy.title,
        standfirst=copy.standfirst,
        source_text=copy.source_text,
        change=change,
        change_note=note,
        created_at=now,
        published_at=now,
        blocks=blocks,
    )
    session().add(version)
    session().flush()
    for row in build_paragraph_links(links, blocks):
        row.version_id = version.id
        session().add(row)
    letter.version_number = version.number
    apply_working_copy(letter, copy)
    save_citations(letter, blocks)
    update_search_index(letter, searchable_text(blocks))
    return version


def _content_of(of: WorkingCopy | LetterVersion) -> tuple[str, ...]:
    words = (of.title, of.standfirst, of.source_text)
    return (*words, of.editors_note) if isinstance(of, WorkingCopy) else words
