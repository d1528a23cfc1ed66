"""Correct, withdraw, restore and supersede published letters. Readers see the reason for each change."""

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.letters import queries as letter_queries
from commentsite.letters.importing.services import (
    assign_import_to_version,
    check_remarks_confirmed,
)
from commentsite.letters.media.services import publish_pictures
from commentsite.letters.models import Letter, LetterVersion, WorkingCopy
from commentsite.letters.page_versions import bump_page_version, bump_related_pages
from commentsite.letters.states import ChangeKind, LetterState
from commentsite.letters.text import queries as text_queries
from commentsite.letters.transitions import change_state, withdraw_from_public
from commentsite.letters.versioning import (
    apply_working_copy,
    build_blocks,
    build_paragraph_links,
    build_searchable_text,
    check_working_copy_revision,
    hash_version,
    save_citations,
    update_search_index,
)
from commentsite.letters.webhook_facts import describe_letter
from commentsite.text.plain_text import clean_single_line
from commentsite.webhooks.events import record_webhook_event
from commentsite.webhooks.states import EventType

MIN_REASON_LENGTH, MAX_REASON_LENGTH = 3, 500


def publish_correction(  # noqa: PLR0913  # one for each field of the form
    slug: str,
    change: ChangeKind,
    note: str,
    *,
    by: Actor,
    needs_second_person: bool = False,
    revision: int | None = None,
) -> LetterVersion:
    """Publish the working copy as a new version with the kind of change and the reason.

    `revision` is that of the working copy on the actor's page. With `needs_second_person`, the
    editor of the working copy cannot publish it. Raises Invalid without a reason or a change.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if letter.state != LetterState.PUBLISHED:
        msg = "Only a published letter can be corrected. The state of this letter is “%(state)s”."
        raise Conflict(msg, state=LetterState(letter.state))
    if change not in {ChangeKind.EDITORIAL, ChangeKind.SUBSTANTIVE}:
        msg = "Choose whether the change is editorial or substantive."
        raise Invalid(msg, field="change")
    if not MIN_REASON_LENGTH <= len(note.strip()) <= MAX_REASON_LENGTH:
        msg = "Give the reason for the change in a sentence, for readers. Write at most 500 characters."
        raise Invalid(msg, field="note")
    copy = letter_queries.find_working_copy(letter)
    current = text_queries.get_current_version(letter)
    if copy is None or (_get_content(copy), copy.editors_note) == (
        _get_content(current),
        letter.editors_note,
    ):
        msg = "Nothing was changed. Edit the text and save it before you publish a correction."
        raise Invalid(msg, field="source_text")
    check_working_copy_revision(letter, revision)
    check_remarks_confirmed(letter)
    if needs_second_person and by.user_id is not None and copy.editor_id == by.user_id:
        msg = "You wrote this correction. Ask another editor to publish it."
        raise NotAllowed(msg)
    version = _publish_next_version(letter, copy, change, clean_single_line(note))
    bump_page_version(letter)
    record_webhook_event(EventType.LETTER_CORRECTED, letter=describe_letter(letter))
    record_event(
        by.label,
        "letter.corrected",
        f"letter:{letter.id}",
        version=version.number,
        change=change.value,
        content_hash=hash_version(version, version.blocks),
    )
    bump_related_pages()
    return version


def check_withdrawal_reason(reason: str) -> None:
    """Raise Invalid when readers could not be shown this reason."""
    if not MIN_REASON_LENGTH <= len(reason.strip()) <= MAX_REASON_LENGTH:
        msg = "Give the reason for the withdrawal in a sentence, for readers. Write at most 500 characters."
        raise Invalid(msg, field="reason")


def withdraw_letter(slug: str, reason: str, *, by: Actor) -> Letter:
    """Withdraw a letter. Its address then shows the reason and the comments, until a steward restores it."""
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    check_withdrawal_reason(reason)
    withdraw_from_public(letter, reason, by=by)
    return letter


def restore_letter(slug: str, *, by: Actor) -> Letter:
    """Reverse a withdrawal: readers find the text, feeds and search have it again.

    The letter stays closed for comments. Raises Invalid when no permission to publish it is left.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.RESTORE_LETTERS, letter.id)
    if not letter_queries.has_publication_permission(letter):
        msg = "Record the permission to publish this letter first."
        raise Invalid(msg, field="permission")
    is_superseded = letter.superseded_by_id is not None
    state = LetterState.SUPERSEDED if is_superseded else LetterState.PUBLISHED
    change_state(letter, state, by, "letter.withdrawal_reversed")
    letter.withdrawal_reason, letter.withdrawn_at = "", None
    version = text_queries.get_current_version(letter)
    update_search_index(letter, build_searchable_text(version.blocks))
    bump_page_version(letter)
    bump_related_pages()
    return letter


def supersede_letter(slug: str, successor_slug: str, *, by: Actor) -> Letter:
    """Name another published letter as the successor. Both stay readable."""
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    successor = letter_queries.find_by_current_slug(successor_slug)
    if successor is None or successor.id == letter.id or successor.state != LetterState.PUBLISHED:
        msg = "Enter the address of another published letter."
        raise Invalid(msg, field="superseded_by")
    change_state(letter, LetterState.SUPERSEDED, by, "letter.superseded", other=successor.id)
    letter.superseded_by_id = successor.id
    bump_related_pages()
    return letter


def _publish_next_version(
    letter: Letter, copy: WorkingCopy, change: ChangeKind, note: str
) -> LetterVersion:
    """Store the working copy as the next version and make it the current one."""
    blocks, matches = build_blocks(letter, copy.source_text)
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
    assign_import_to_version(letter, version)
    publish_pictures(letter, blocks)
    for link in build_paragraph_links(matches, blocks):
        link.version_id = version.id
        session().add(link)
    letter.version_number, letter.updated_at = version.number, now
    apply_working_copy(letter, copy)
    save_citations(letter, blocks)
    update_search_index(letter, build_searchable_text(blocks))
    return version


def _get_content(source: WorkingCopy | LetterVersion) -> tuple[str, str, str]:
    return source.title, source.standfirst, source.source_text
