"""Bring letters before the public, correct them in the open, and take them back with a reason."""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, Actor, Permission
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.letters import queries as letter_queries
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_related_pages
from commentsite.letters.states import UNPUBLISHED_STATES, LetterState
from commentsite.letters.text import queries as text_queries
from commentsite.letters.transitions import change_state, revert_to_draft
from commentsite.letters.versioning import (
    apply_working_copy,
    build_blocks,
    check_working_copy_revision,
    save_citations,
    searchable_text,
    update_search_index,
)

MAX_SCHEDULE_AHEAD = timedelta(days=366)
LONGEST_REASON = 500


def list_publication_obstacles(letter: Letter) -> list[str]:
    """Return what keeps a letter from being published, in words; empty when nothing does."""
    found = []
    if not letter_queries.has_publication_permission(letter):
        found.append("Nobody’s permission to publish it is recorded.")
    return found


def send_to_review(slug: str, *, by: Actor) -> Letter:
    """Ask a second person to look at a draft before it is published."""
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    change_state(letter, LetterState.REVIEW, by, "letter.sent_to_review")
    letter.sent_to_review_by_id = by.user_id
    return letter


def return_to_draft(slug: str, *, by: Actor) -> Letter:
    """Take a letter out of review or off the schedule."""
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    revert_to_draft(letter, by=by)
    return letter


def schedule_letter(
    slug: str,
    at: datetime,
    *,
    by: Actor,
    needs_second_person: bool = False,
    revision: int | None = None,
) -> Letter:
    """Let a letter be published by itself at a moment to come, within a year.

    Raises as publish_letter does, and Invalid on a moment that is past or too far.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    check_working_copy_revision(letter, revision)
    _check_publishable(letter, by, needs_second_person=needs_second_person)
    if not clock.now() < at <= clock.now() + MAX_SCHEDULE_AHEAD:
        msg = "Choose a moment to come, within a year."
        raise Invalid(msg, field="scheduled_for")
    change_state(letter, LetterState.SCHEDULED, by, "letter.scheduled", at=at.isoformat())
    letter.scheduled_for = at
    return letter


def publish_letter(
    slug: str, *, by: Actor, needs_second_person: bool = False, revision: int | None = None
) -> Letter:
    """Make a letter public, now, with the words of its working copy if it has one.

    `revision` is that of the working copy the actor saw. Raises Conflict when somebody saved
    since or the letter is public already, Invalid when nobody's permission is recorded,
    NotAllowed when two people are asked for and this is the first of them.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    check_working_copy_revision(letter, revision)
    _check_publishable(letter, by, needs_second_person=needs_second_person)
    _publish(letter, by)
    return letter


def publish_if_due(slug: str, now: datetime) -> bool:
    """Publish one letter if its minute has come; say whether it was published.

    One whose permission was taken back goes to the drafts instead.
    """
    letter = letter_queries.get_letter_for_update(slug)
    if letter.state != LetterState.SCHEDULED or not letter.scheduled_for:
        return False  # somebody was quicker
    if letter.scheduled_for > now:
        return False
    if list_publication_obstacles(letter):
        unschedule_letter(slug)
        return False
    _publish(letter, SYSTEM)
    return True


def unschedule_letter(slug: str) -> None:
    """Put a letter that cannot be published by itself back to the drafts, where its editors see it."""
    revert_to_draft(letter_queries.get_letter_for_update(slug), by=SYSTEM)


def _check_publishable(letter: Letter, by: Actor, *, needs_second_person: bool) -> None:
    if letter.state not in UNPUBLISHED_STATES:
        msg = "This letter is %(state)s already."
        raise Conflict(msg, state=str(letter.state))
    for sentence in list_publication_obstacles(letter):
        raise Invalid(sentence, field="permission")
    if needs_second_person and by.user_id is not None and letter.state != LetterState.SCHEDULED:
        if letter.state != LetterState.REVIEW:
            msg = "A second person looks at every letter here. Send it to review first."
            raise NotAllowed(msg)
        if letter.sent_to_review_by_id == by.user_id:
            msg = "You sent this letter to review. Somebody else publishes it."
            raise NotAllowed(msg)


def _publish(letter: Letter, by: Actor) -> None:
    version, copy, now = (
        text_queries.get_current_version(letter),
        letter_queries.find_working_copy(letter),
        clock.now(),
    )
    if copy is not None:
        blocks, _links = build_blocks(letter, copy.source_text)
        version.blocks = []
        session().flush()
        version.blocks, version.source_text = blocks, copy.source_text
        version.title, version.standfirst = copy.title, copy.standfirst
        apply_working_copy(letter, copy)
        save_citations(letter, blocks)
    change_state(letter, LetterState.PUBLISHED, by, "letter.published", version=version.number)
    letter.published_at = version.published_at = now
    update_search_index(letter, searchable_text(version.blocks))
    letter.scheduled_for = None
    bump_related_pages()
