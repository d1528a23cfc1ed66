"""Bring letters before the public, correct them in the open, and take them back with a reason."""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, Actor, Permission
from commentsite.db import session
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.letters import history, queries
from commentsite.letters.models import Letter
from commentsite.letters.services import (
    check_revision,
    index,
    mark_all_changed,
    move,
    take_words_over,
    to_drafts,
)
from commentsite.letters.states import UNPUBLISHED, LetterState
from commentsite.letters.versions import frozen_blocks, keep_citations, searchable

FARTHEST = timedelta(days=366)
LONGEST_REASON = 500


def obstacles(letter: Letter) -> list[str]:
    """Return what keeps a letter from being published, in words; empty when nothing does."""
    found = []
    if not history.may_be_published(letter):
        found.append("Nobody’s permission to publish it is recorded.")
    return found


def send_to_review(slug: str, *, by: Actor) -> Letter:
    """Ask a second person to look at a draft before it is published."""
    letter = queries.letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    move(letter, LetterState.REVIEW, by, "letter.sent_to_review")
    letter.sent_to_review_by_id = by.user_id
    return letter


def back_to_draft(slug: str, *, by: Actor) -> Letter:
    """Take a letter out of review or off the schedule."""
    letter = queries.letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    to_drafts(letter, by=by)
    return letter


def schedule_letter(
    slug: str, at: datetime, *, by: Actor, needs_two: bool = False, revision: int | None = None
) -> Letter:
    """Let a letter be published by itself at a moment to come, within a year.

    Raises as publish_letter does, and Invalid on a moment that is past or too far.
    """
    letter = queries.letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    check_revision(letter, revision)
    _check_may_be_public(letter, by, needs_two=needs_two)
    if not clock.now() < at <= clock.now() + FARTHEST:
        msg = "Choose a moment to come, within a year."
        raise Invalid(msg, field="scheduled_for")
    move(letter, LetterState.SCHEDULED, by, "letter.scheduled", at=at.isoformat())
    letter.scheduled_for = at
    return letter


def publish_letter(
    slug: str, *, by: Actor, needs_two: bool = False, revision: int | None = None
) -> Letter:
    """Make a letter public, now, with the words of its working copy if it has one.

    `revision` is that of the working copy the actor saw. Raises Conflict when somebody saved
    since or the letter is public already, Invalid when nobody's permission is recorded,
    NotAllowed when two people are asked for and this is the first of them.
    """
    letter = queries.letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    check_revision(letter, revision)
    _check_may_be_public(letter, by, needs_two=needs_two)
    _publish(letter, by)
    return letter


def publish_when_due(slug: str, now: datetime) -> bool:
    """Publish one letter if its minute has come; say whether it was published.

    One whose permission was taken back goes to the drafts instead.
    """
    letter = queries.letter_for_update(slug)
    if letter.state != LetterState.SCHEDULED or not letter.scheduled_for:
        return False  # somebody was quicker
    if letter.scheduled_for > now:
        return False
    if obstacles(letter):
        unschedule(slug)
        return False
    _publish(letter, SYSTEM)
    return True


def unschedule(slug: str) -> None:
    """Put a letter that cannot be published by itself back to the drafts, where its editors see it."""
    to_drafts(queries.letter_for_update(slug), by=SYSTEM)


def _check_may_be_public(letter: Letter, by: Actor, *, needs_two: bool) -> None:
    if letter.state not in UNPUBLISHED:
        msg = "This letter is %(state)s already."
        raise Conflict(msg, state=str(letter.state))
    for sentence in obstacles(letter):
        raise Invalid(sentence, field="permission")
    if needs_two and by.user_id is not None and letter.state != LetterState.SCHEDULED:
        if letter.state != LetterState.REVIEW:
            msg = "A second person looks at every letter here. Send it to review first."
            raise NotAllowed(msg)
        if letter.sent_to_review_by_id == by.user_id:
            msg = "You sent this letter to review. Somebody else publishes it."
            raise NotAllowed(msg)


def _publish(letter: Letter, by: Actor) -> None:
    version, copy, now = history.current_version(letter), history.working_copy(letter), clock.now()
    if copy is not None:
        blocks, _links = frozen_blocks(letter, copy.source_text)
        version.blocks = []
        session().flush()
        version.blocks, version.source_text = blocks, copy.source_text
        version.title, version.standfirst = copy.title, copy.standfirst
        take_words_over(letter, copy)
        keep_citations(letter, blocks)
    move(letter, LetterState.PUBLISHED, by, "letter.published", version=version.number)
    letter.published_at = version.published_at = now
    index(letter, searchable(version.blocks))
    letter.scheduled_for = None
    mark_all_changed()
