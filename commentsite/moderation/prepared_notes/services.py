"""Keep the list of prepared notes. Each change is in the audit log, without the text."""

from dataclasses import asdict, dataclass

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import Conflict, Invalid
from commentsite.letters.language_tags import parse_language
from commentsite.moderation.decisions.services import MAX_NOTE_LENGTH
from commentsite.moderation.models import PreparedNote
from commentsite.moderation.prepared_notes import queries as note_queries
from commentsite.site.queries import get_current_rulebook
from commentsite.text.plain_text import clean_line, clean_text

MAX_TITLE_LENGTH = 80
MAX_NOTES = 200


@dataclass(frozen=True)
class NoteInput:
    """The fields of a prepared note. `rule` and `language` are "" where the note fits any."""

    title: str
    text: str
    rule: str = ""
    language: str = ""


def add_prepared_note(given: NoteInput, *, by: Actor) -> PreparedNote:
    """Add a note to the list. Raises Invalid on a field with an error, Conflict when the list is full."""
    by.require_everywhere(Permission.EDIT_RULES)
    checked = _check_input(given, kept_rule="")
    acquire_advisory_lock("prepared_notes")
    if note_queries.count_prepared_notes() >= MAX_NOTES:
        msg = "The list holds at most %(limit)d notes. Delete one that is no longer used."
        raise Conflict(msg, limit=MAX_NOTES)
    note = PreparedNote(**asdict(checked))
    session().add(note)
    session().flush()
    record_event(by.label, "prepared_note.added", f"prepared_note:{note.id}")
    return note


def change_prepared_note(note_id: int, version: int, given: NoteInput, *, by: Actor) -> None:
    """Replace the fields of a note. Without a difference nothing is written.

    `version` is that of the actor's page. Raises NotFound, Conflict when another steward has changed the
    note since, and Invalid on a field with an error.
    """
    by.require_everywhere(Permission.EDIT_RULES)
    note = note_queries.get_prepared_note_for_update(note_id)
    if note.version != version:
        msg = "Another steward changed this note after you opened this page. What you typed is still here."
        raise Conflict(msg)
    checked = asdict(_check_input(given, kept_rule=note.rule))
    changed = sorted(name for name, value in checked.items() if getattr(note, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(note, name, checked[name])
    note.version += 1
    about = f"prepared_note:{note.id}"
    record_event(by.label, "prepared_note.changed", about, fields=changed, version=note.version)


def delete_prepared_note(note_id: int, *, by: Actor) -> str:
    """Delete a note and return its title. Decisions keep the text that they took from it. Raises NotFound."""
    by.require_everywhere(Permission.EDIT_RULES)
    note = note_queries.get_prepared_note_for_update(note_id)
    session().delete(note)
    record_event(by.label, "prepared_note.deleted", f"prepared_note:{note_id}")
    return note.title


def _check_input(given: NoteInput, *, kept_rule: str) -> NoteInput:
    """Return the fields cleaned. A rule that was retired since stays with its note. Raises Invalid."""
    title, text = clean_line(given.title), clean_text(given.text)
    if not 0 < len(title) <= MAX_TITLE_LENGTH:
        msg = "Give the note a title of at most 80 characters, so that moderators find it."
        raise Invalid(msg, field="title")
    if not text:
        msg = "Write the text that the author is to read."
        raise Invalid(msg, field="text")
    if len(text) > MAX_NOTE_LENGTH:
        msg = "Shorten the text to 2,000 characters."
        raise Invalid(msg, field="text")
    if given.rule not in {"", kept_rule, *get_current_rulebook().active_clauses}:
        msg = "Choose a rule from the list."
        raise Invalid(msg, field="rule")
    return NoteInput(title, text, given.rule, parse_language(given.language))
