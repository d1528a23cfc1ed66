"""Send letters to review, schedule them and publish them."""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, Actor, Permission
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid, NotAllowed, SiteError
from commentsite.letters import queries as letter_queries
from commentsite.letters.importing.queries import has_unconfirmed_remarks
from commentsite.letters.importing.services import (
    assign_import_to_version,
    build_remarks_conflict,
    check_remarks_confirmed,
)
from commentsite.letters.language_tags import UNDETERMINED
from commentsite.letters.media.services import publish_pictures
from commentsite.letters.models import Letter
from commentsite.letters.page_versions import bump_related_pages
from commentsite.letters.states import UNPUBLISHED_STATES, LetterState
from commentsite.letters.text import queries as text_queries
from commentsite.letters.transitions import change_state, revert_to_draft
from commentsite.letters.versioning import (
    apply_working_copy,
    build_blocks,
    build_searchable_text,
    check_working_copy_revision,
    hash_version,
    save_citations,
    update_search_index,
)

MAX_SCHEDULE_AHEAD = timedelta(days=366)


def list_publication_obstacles(letter: Letter) -> list[SiteError]:
    """Return an error for each obstacle to publication. Empty: the letter can be published.

    The field of each error names the condition that is not met. Letters that are public already are
    not asked again. The date can be that of receipt, for a letter that bears none. The comments of a page
    elsewhere need neither author nor date.
    """
    obstacles: list[SiteError] = []
    if has_unconfirmed_remarks(letter):
        obstacles.append(build_remarks_conflict())
    if not letter_queries.has_publication_permission(letter):
        msg = "Record the permission to publish this letter first."
        obstacles.append(Invalid(msg, field="permission"))
    if not letter.authors and not letter.is_page:
        msg = "Name the author of this letter, or several authors."
        obstacles.append(Invalid(msg, field="authors"))
    if letter.language == UNDETERMINED:
        msg = "Choose the language of this letter."
        obstacles.append(Invalid(msg, field="language"))
    has_date = letter.date_written is not None or letter.date_received is not None
    if not has_date and not letter.is_page:
        msg = "Enter the date on which this letter was written, or was received."
        obstacles.append(Invalid(msg, field="date_written"))
    return obstacles


def find_review_obstacle(letter: Letter, by: Actor) -> NotAllowed | None:
    """Return why this person cannot publish the letter where every letter needs two people."""
    # A scheduled letter has been through this check when it was scheduled, and any edit since
    # would have made it a draft again.
    if by.user_id is None or letter.state == LetterState.SCHEDULED:
        return None
    if letter.state != LetterState.REVIEW:
        return NotAllowed(
            "A second person must read every letter before it is published. Send it to review first."
        )
    if letter.sent_to_review_by_id == by.user_id:
        return NotAllowed("You sent this letter to review. Ask another editor to publish it.")
    return None


def send_to_review(slug: str, *, by: Actor) -> Letter:
    """Ask a second person to read a draft before it is published."""
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    check_remarks_confirmed(letter)
    change_state(letter, LetterState.REVIEW, by, "letter.sent_to_review")
    letter.sent_to_review_by_id = by.user_id
    return letter


def return_to_draft(slug: str, *, by: Actor) -> Letter:
    """Cancel the review or the schedule of a letter."""
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
    """Have the worker publish a letter at a time within the next year.

    Raises what publish_letter raises, and Invalid on a time outside the limits.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    check_working_copy_revision(letter, revision)
    _check_publishable(letter, by, needs_second_person=needs_second_person)
    if not clock.now() < at <= clock.now() + MAX_SCHEDULE_AHEAD:
        msg = "Choose a time in the future, within a year."
        raise Invalid(msg, field="scheduled_for")
    change_state(letter, LetterState.SCHEDULED, by, "letter.scheduled", at=at.isoformat())
    letter.scheduled_for = at
    return letter


def publish_letter(
    slug: str, *, by: Actor, needs_second_person: bool = False, revision: int | None = None
) -> Letter:
    """Publish a letter now, with the text of its working copy if there is one.

    `revision` is that of the working copy on the actor's page. Raises Conflict when an editor
    has saved since, the letter is public already or remarks of its import are not confirmed, Invalid when the permission,
    the author, the language or the date is missing, and NotAllowed when `needs_second_person` and the actor is the first person.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    check_working_copy_revision(letter, revision)
    _check_publishable(letter, by, needs_second_person=needs_second_person)
    _publish(letter, by)
    return letter


def publish_if_due(slug: str, now: datetime) -> bool:
    """Publish a scheduled letter whose time has come. Return whether it was published.

    A letter that lacks a condition by now, such as the permission, becomes a draft instead.
    """
    letter = letter_queries.get_letter_for_update(slug)
    if letter.state != LetterState.SCHEDULED or not letter.scheduled_for:
        return False  # another process or an editor was faster
    if letter.scheduled_for > now:
        return False
    if list_publication_obstacles(letter):
        unschedule_letter(slug)
        return False
    _publish(letter, SYSTEM)
    return True


def unschedule_letter(slug: str) -> None:
    """Return a letter that the worker cannot publish to the drafts, where its editors see it."""
    revert_to_draft(letter_queries.get_letter_for_update(slug), by=SYSTEM)


def _check_publishable(letter: Letter, by: Actor, *, needs_second_person: bool) -> None:
    if letter.state not in UNPUBLISHED_STATES:
        msg = "This letter is public already. Its state is “%(state)s”."
        raise Conflict(msg, state=LetterState(letter.state))
    for obstacle in list_publication_obstacles(letter):
        raise obstacle
    refusal = find_review_obstacle(letter, by) if needs_second_person else None
    if refusal is not None:
        raise refusal


def _publish(letter: Letter, by: Actor) -> None:
    version = text_queries.get_current_version(letter)
    copy = letter_queries.find_working_copy(letter)
    if copy is not None:
        # No reader has seen version 1 yet, so the working copy replaces its text. The paragraph
        # links of the match would refer to a text that was never public. They are not stored.
        blocks, _matches = build_blocks(letter, copy.source_text)
        version.blocks = []
        session().flush()  # delete the old rows first: their positions are unique
        version.blocks, version.source_text = blocks, copy.source_text
        version.title, version.standfirst = copy.title, copy.standfirst
        assign_import_to_version(letter, version)
        apply_working_copy(letter, copy)
        save_citations(letter, blocks)
    publish_pictures(letter, version.blocks)
    change_state(
        letter,
        LetterState.PUBLISHED,
        by,
        "letter.published",
        version=version.number,
        content_hash=hash_version(version, version.blocks),
    )
    letter.published_at = version.published_at = letter.updated_at = clock.now()
    if not letter.is_page:
        update_search_index(letter, build_searchable_text(version.blocks))
    letter.scheduled_for = None
    bump_related_pages()
