"""What becomes of a letter once it is public: corrected in the open, withdrawn with a reason, renamed, closed."""

from datetime import datetime, timedelta

from commentsite import clock
from commentsite.accounts.permissions import SYSTEM, Actor, Permission
from commentsite.audit.services import record
from commentsite.db import serialize, session
from commentsite.errors import Conflict, Invalid, NotAllowed
from commentsite.letters import history, queries
from commentsite.letters.intake import slug_for
from commentsite.letters.models import Letter, LetterSlug, LetterVersion, WorkingCopy
from commentsite.letters.services import (
    check_revision,
    index,
    mark_all_changed,
    mark_changed,
    move,
    take_words_over,
    withdraw,
)
from commentsite.letters.states import PUBLIC, ChangeKind, LetterState
from commentsite.letters.versions import frozen_blocks, keep_citations, link_rows, searchable
from commentsite.letters.window import LONGEST_GRACE
from commentsite.plain import one_line
from commentsite.site.modes import Mode
from commentsite.site.services import CONFIRMATIONS

LONGEST_REASON = 500


def correct_letter(  # noqa: PLR0913  # each is said by the form
    slug: str,
    change: ChangeKind,
    note: str,
    *,
    by: Actor,
    needs_two: bool = False,
    revision: int | None = None,
) -> LetterVersion:
    """Publish the working copy as a new version that says what kind of change it is and why.

    Raises Invalid without a reason or without a difference; the versions before stay readable.
    """
    letter = queries.letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if letter.state != LetterState.PUBLISHED:
        msg = "Only a published letter can be corrected; this one is %(state)s."
        raise Conflict(msg, state=str(letter.state))
    if change not in {ChangeKind.EDITORIAL, ChangeKind.SUBSTANTIVE}:
        msg = "Say whether the change is editorial or of substance."
        raise Invalid(msg, field="change")
    if not 3 <= len(note.strip()) <= LONGEST_REASON:
        msg = "Say in a sentence why the letter is changed. Readers see it."
        raise Invalid(msg, field="note")
    copy, current = history.working_copy(letter), history.current_version(letter)
    if copy is None or _words(copy) == (*_words(current), letter.editors_note):
        msg = "Nothing was changed yet."
        raise Invalid(msg, field="source_text")
    check_revision(letter, revision)
    if needs_two and by.user_id is not None and copy.editor_id == by.user_id:
        msg = "You wrote this correction. Somebody else publishes it."
        raise NotAllowed(msg)
    version = _next_version(letter, copy, change, one_line(note))
    mark_changed(letter)
    record(
        by.label,
        "letter.corrected",
        f"letter:{letter.id}",
        version=version.number,
        change=change.value,
    )
    mark_all_changed()
    return version


def withdraw_letter(slug: str, reason: str, *, by: Actor) -> Letter:
    """Take a letter back: a notice with the reason and its comments stay at its address."""
    letter = queries.letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if not 3 <= len(reason.strip()) <= LONGEST_REASON:
        msg = "Say in a sentence why the letter is withdrawn. Readers see it."
        raise Invalid(msg, field="reason")
    withdraw(letter, reason, by=by)
    return letter


def supersede_letter(slug: str, by_slug: str, *, by: Actor) -> Letter:
    """Say that another published letter takes this one's place; both stay readable."""
    letter = queries.letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    other = queries.letter_now_at(by_slug)
    if other is None or other.id == letter.id or other.state != LetterState.PUBLISHED:
        msg = "There is no other published letter at this address."
        raise Invalid(msg, field="superseded_by")
    move(letter, LetterState.SUPERSEDED, by, "letter.superseded", other=other.id)
    letter.superseded_by_id = other.id
    mark_all_changed()
    return letter


def rename_letter(slug: str, wanted: str, *, by: Actor) -> Letter:
    """Give a letter another address; the one it had leads there for ever.

    Raises Conflict when another letter has or had the address.
    """
    letter = queries.letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    new = slug_for(wanted)
    serialize("slugs")
    if not new:
        msg = "Use letters from a to z, figures and hyphens."
        raise Invalid(msg, field="slug")
    if new == letter.slug:
        return letter
    owner = queries.owner_of_slug(new)
    if owner not in {None, letter.id}:
        msg = "Another letter has or had this address."
        raise Conflict(msg, field="slug")
    former = queries.former_slug(new)
    if former is not None:
        session().delete(former)
    if letter.state in PUBLIC:
        session().add(LetterSlug(slug=letter.slug, letter_id=letter.id, until=clock.now()))
    letter.slug = new
    mark_all_changed()
    record(by.label, "letter.renamed", f"letter:{letter.id}")
    return letter


def set_window(
    slug: str, opens: datetime | None, closes: datetime | None, grace_hours: int, *, by: Actor
) -> Letter:
    """Say from when until when a letter takes comments; a later closing time opens it again.

    Raises Invalid on moments that do not follow each other or a grace that is too long.
    """
    letter = queries.letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if closes is not None and closes <= max(opens or clock.now(), clock.now()):
        msg = "The closing time must lie ahead, after the opening."
        raise Invalid(msg, field="closes")
    if not 0 <= grace_hours <= LONGEST_GRACE:
        msg = "A grace has at most 168 hours."
        raise Invalid(msg, field="grace_hours")
    letter.comments_open_at, letter.comments_close_at = opens, closes
    letter.grace_hours, letter.comments_open = grace_hours, True
    mark_changed(letter)
    moments = {"opens": opens, "closes": closes}
    said = {name: at.isoformat() for name, at in moments.items() if at is not None}
    record(by.label, "letter.window_set", f"letter:{letter.id}", grace=grace_hours, **said)
    return letter


def is_window_due(now: datetime) -> bool:
    """Return whether `close_due` would open or close a letter now."""
    return bool(_past_grace(now) or queries.opening_until(now))


def _past_grace(now: datetime) -> list[Letter]:
    return [
        letter
        for letter in queries.closing_until(now)
        if letter.comments_close_at is not None
        and letter.comments_close_at + timedelta(hours=letter.grace_hours) < now
    ]


def close_due(now: datetime) -> int:
    """Close the letters whose time and grace are over, and let the pages of those that opened know."""
    closed = _past_grace(now)
    for letter in closed:
        letter.comments_open = False
        mark_changed(letter)
        record(SYSTEM.label, "letter.comments_closed", f"letter:{letter.id}")
    opened = queries.opening_until(now)
    for letter in opened:
        letter.comments_open_at = None
        mark_changed(letter)
        record(SYSTEM.label, "letter.comments_opened", f"letter:{letter.id}")
    return len(closed) + len(opened)


def set_comments_open(slug: str, *, is_open: bool, by: Actor) -> Letter:
    """Open or close a letter for comments; what is published stays readable."""
    letter = queries.letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if letter.comments_open != is_open:
        letter.comments_open = is_open
        letter.comments_open_at = None
        if is_open:
            letter.comments_close_at = None
        mark_changed(letter)
        action = "letter.comments_opened" if is_open else "letter.comments_closed"
        record(by.label, action, f"letter:{letter.id}")
    return letter


def set_email_confirmation(slug: str, how: str, *, by: Actor) -> Letter:
    """Ask commenters of one letter to confirm their address, or not, whatever the site does; empty is as the site."""
    by.require(Permission.PUBLISH_LETTERS)
    if how not in {"", *CONFIRMATIONS}:
        msg = "Choose one of these."
        raise Invalid(msg, field="email_confirmation")
    letter = queries.letter_for_update(slug)
    if letter.email_confirmation != how:
        letter.email_confirmation = how
        asks = how or "as_site"
        record(by.label, "letter.email_confirmation", f"letter:{letter.id}", asks=asks)
    return letter


def set_moderation_mode(slug: str, mode: str, *, by: Actor) -> Letter:
    """Let refusals on one letter need one, two or two of different groups, whatever the site does; empty is as the site.

    Votes that are open are judged by it when the next one comes.
    """
    letter = queries.letter_for_update(slug)
    by.require(Permission.PUBLISH_LETTERS, letter.id)
    if mode not in {"", *Mode}:
        msg = "Choose one of these."
        raise Invalid(msg, field="moderation_mode")
    if letter.moderation_mode != mode:
        letter.moderation_mode = mode
        needs = mode or "as_site"
        record(by.label, "letter.moderation_mode", f"letter:{letter.id}", needs=needs)
    return letter


def _next_version(
    letter: Letter, copy: WorkingCopy, change: ChangeKind, note: str
) -> LetterVersion:
    """Make the working copy the letter's newest version, its paragraphs with the ids they had."""
    blocks, links = frozen_blocks(letter, copy.source_text)
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
    for row in link_rows(links, blocks):
        row.version_id = version.id
        session().add(row)
    letter.version_number = version.number
    take_words_over(letter, copy)
    keep_citations(letter, blocks)
    index(letter, searchable(blocks))
    return version


def _words(of: WorkingCopy | LetterVersion) -> tuple[str, ...]:
    words = (of.title, of.standfirst, of.source_text)
    return (*words, of.editors_note) if isinstance(of, WorkingCopy) else words
