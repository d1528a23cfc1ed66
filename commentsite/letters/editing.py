"""Edit the text and the metadata of a letter, so that two editors cannot overwrite each other.

One editor at a time holds the working copy. Another editor sees the holder's name and may take
over. A hold ends by itself EDITOR_IDLE_TIMEOUT after the holder's page last saved (it saves
automatically). Besides, every save names the revision it started from. If an editor has saved in
between, the save is refused and the browser keeps the text. The metadata has no hold, only a
`record_version` that works like the revision.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.draft import AuthorDraft, check_lengths
from commentsite.letters.importing.queries import list_working_copy_imports
from commentsite.letters.importing.services import build_author_rows
from commentsite.letters.models import Letter, WorkingCopy
from commentsite.letters.page_versions import bump_page_version, bump_related_pages
from commentsite.letters.states import LetterState
from commentsite.letters.text import queries as text_queries
from commentsite.letters.transitions import revert_to_draft
from commentsite.letters.versioning import build_searchable_text, update_search_index
from commentsite.text.plain_text import clean_multiline, clean_single_line

EDITOR_IDLE_TIMEOUT = timedelta(seconds=150)

MAX_TEXT_BYTES = 2_000_000


@dataclass(frozen=True)
class LetterContent:
    title: str
    standfirst: str
    editors_note: str
    source_text: str  # Markdown


@dataclass(frozen=True)
class LetterMetadata:
    occasion: str
    addressee: str
    body_concerned: str
    source: str
    licence: str
    language: str
    topics: tuple[str, ...]
    date_written: date | None
    date_received: date | None
    translation_of: str  # slug of the original, or ''
    translator: str
    authors: tuple[AuthorDraft, ...]


def is_edited_by_other(copy: WorkingCopy | None, by: Actor) -> bool:
    """Return whether another editor holds the working copy."""
    if copy is None or copy.editor_id is None or copy.editor_id == by.user_id:
        return False
    return copy.seen_at is not None and clock.now() - copy.seen_at <= EDITOR_IDLE_TIMEOUT


def save_working_copy(
    slug: str, revision: int, content: LetterContent, *, by: Actor
) -> WorkingCopy:
    """Save what an editor typed. `revision` is that of the editor's page, 0 before the first save.

    A letter in review or on schedule becomes a draft again. Raises Conflict when another editor
    holds the working copy or has saved a later revision, and Invalid without a title or a text.
    """
    letter = lock_editable_letter(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    if not content.title.strip():
        msg = "Enter a title."
        raise Invalid(msg, field="title")
    if not content.source_text.strip():
        msg = "Enter the text of the letter."
        raise Invalid(msg, field="source_text")
    check_lengths(content.__dict__)
    if len(content.source_text.encode()) > MAX_TEXT_BYTES:
        msg = "This text is too long. Shorten it to at most 2 MB."
        raise Invalid(msg, field="source_text")
    copy = letter_queries.find_working_copy(letter)
    if copy is None:
        copy = _build_working_copy(letter)
        session().add(copy)
    if is_edited_by_other(copy, by):
        msg = "%(name)s has been editing this letter since %(time)s. Wait, or take over."
        raise Conflict(msg, name=copy.editor_name, time=copy.editing_since)
    if copy.revision != revision and copy.saved_by:
        msg = "%(name)s saved this letter at %(time)s, after you opened it."
        raise Conflict(msg, name=copy.saved_by, time=copy.saved_at)
    if copy.revision != revision:
        msg = "This letter was published or discarded after you opened it."
        raise Conflict(msg)
    if copy.saved_by and _has_same_content(copy, content):
        _touch_editor(copy, by)
        return copy
    copy.title = clean_single_line(content.title)
    copy.standfirst = clean_single_line(content.standfirst)
    copy.editors_note = clean_multiline(content.editors_note).strip()
    copy.source_text = clean_multiline(content.source_text)
    copy.revision += 1
    copy.saved_at, copy.saved_by = clock.now(), by.name
    _touch_editor(copy, by)
    if letter.state in {LetterState.REVIEW, LetterState.SCHEDULED}:
        # The second person approved another text than the one that would now be published.
        revert_to_draft(letter, by=by)
    session().flush()
    return copy


def take_over_editing(slug: str, *, by: Actor) -> WorkingCopy:
    """Take the hold from another editor, who learns of it at the next save."""
    letter = lock_editable_letter(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    copy = letter_queries.find_working_copy(letter)
    if copy is None:
        copy = _build_working_copy(letter)
        session().add(copy)
    copy.editor_id = None
    _touch_editor(copy, by)
    session().flush()
    record_event(by.label, "letter.taken_over", f"letter:{letter.id}")
    return copy


def discard_working_copy(slug: str, *, by: Actor) -> None:
    """Delete the working copy. Raises Conflict when another editor holds it."""
    letter = lock_editable_letter(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    copy = letter_queries.find_working_copy(letter)
    if is_edited_by_other(copy, by):
        msg = "Another editor is editing this letter. Wait, or take over."
        raise Conflict(msg)
    if copy is not None:
        # A page that still shows the deleted copy must not match the next one.
        letter.copy_revision = copy.revision + 1
        session().delete(copy)
        for row in list_working_copy_imports(letter):
            session().delete(row)
        record_event(by.label, "letter.changes_discarded", f"letter:{letter.id}")


def change_metadata(
    slug: str, record_version: int, metadata: LetterMetadata, *, by: Actor
) -> Letter:
    """Replace the metadata. `record_version` is that of the editor's page.

    Raises Conflict when an editor has changed the metadata since, and Invalid.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    if letter.record_version != record_version:
        msg = "Another editor changed these details after you opened this page. What you typed is still here. Compare it and save again."
        raise Conflict(msg)
    check_lengths(metadata.__dict__)
    original = None
    if metadata.translation_of:
        original = letter_queries.find_by_current_slug(clean_single_line(metadata.translation_of))
        if original is None or original.id == letter.id:
            msg = "Enter the address of another letter."
            raise Invalid(msg, field="translation_of")
    for name in ("occasion", "addressee", "body_concerned", "source", "licence", "translator"):
        setattr(letter, name, clean_single_line(getattr(metadata, name)))
    letter.language = metadata.language or "en"
    letter.topics = [clean_single_line(topic)[:60] for topic in metadata.topics]
    letter.date_written, letter.date_received = metadata.date_written, metadata.date_received
    letter.translation_of_id = original.id if original else None
    letter.authors = build_author_rows(metadata.authors)
    letter.record_version += 1
    letter.updated_at = clock.now()
    bump_page_version(letter)
    if letter.state in {LetterState.PUBLISHED, LetterState.SUPERSEDED}:
        update_search_index(
            letter, build_searchable_text(text_queries.get_current_version(letter).blocks)
        )
    record_event(
        by.label, "letter.record_changed", f"letter:{letter.id}", record=letter.record_version
    )
    bump_related_pages()
    return letter


def lock_editable_letter(slug: str) -> Letter:
    """Return the letter, locked. Raises Conflict when its text cannot be changed any more."""
    letter = letter_queries.get_letter_for_update(slug)
    if letter.state in {LetterState.WITHDRAWN, LetterState.SUPERSEDED}:
        msg = (
            "The text of this letter cannot be changed any more, because its state is “%(state)s”."
        )
        raise Conflict(msg, state=LetterState(letter.state))
    return letter


def _build_working_copy(letter: Letter) -> WorkingCopy:
    version = text_queries.get_current_version(letter)
    return WorkingCopy(
        letter_id=letter.id,
        revision=letter.copy_revision,
        title=letter.title,
        standfirst=letter.standfirst,
        editors_note=letter.editors_note,
        source_text=version.source_text,
        saved_at=clock.now(),
        saved_by="",
    )


def _has_same_content(copy: WorkingCopy, content: LetterContent) -> bool:
    return (copy.title, copy.standfirst, copy.editors_note, copy.source_text) == (
        clean_single_line(content.title),
        clean_single_line(content.standfirst),
        clean_multiline(content.editors_note).strip(),
        clean_multiline(content.source_text),
    )


def _touch_editor(copy: WorkingCopy, by: Actor) -> None:
    now = clock.now()
    if copy.editor_id != by.user_id or copy.editing_since is None:
        copy.editor_id, copy.editor_name, copy.editing_since = by.user_id, by.name, now
    copy.seen_at = now
