"""Create and change letters member by member, as programs do. The desk has a form for each part instead.

The rules are those of the parts: `importing.services` for a new letter, `editing` for text and details,
`publication` for the state, and `comment_window`.
"""

from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from typing import Any

from commentsite.accounts.permissions import Actor, Permission
from commentsite.errors import Conflict, Invalid
from commentsite.letters import comment_window, editing
from commentsite.letters import queries as letter_queries
from commentsite.letters.draft import AuthorDraft, LetterDraft, PermissionDraft
from commentsite.letters.editing import LetterContent, LetterMetadata
from commentsite.letters.importing.services import import_letter
from commentsite.letters.language_tags import parse_language
from commentsite.letters.models import Letter
from commentsite.letters.publication import services as publication
from commentsite.letters.states import LetterState
from commentsite.letters.text import queries as text_queries
from commentsite.letters.text.paragraphs import parse_blocks
from commentsite.letters.versioning import MAX_PARAGRAPHS
from commentsite.text.plain_text import clean_multiline, clean_single_line


class Unset(Enum):
    """The value of a member that stays as it is."""

    UNSET = "unset"


UNSET = Unset.UNSET


@dataclass(frozen=True)
class LetterChanges:
    """The members of a letter to set. None deletes a date."""

    title: str | Unset = UNSET
    standfirst: str | Unset = UNSET
    editors_note: str | Unset = UNSET
    text: str | Unset = UNSET  # Markdown
    language: str | Unset = UNSET
    topics: tuple[str, ...] | Unset = UNSET
    authors: tuple[AuthorDraft, ...] | Unset = UNSET
    occasion: str | Unset = UNSET
    addressee: str | Unset = UNSET
    body_concerned: str | Unset = UNSET
    source: str | Unset = UNSET
    licence: str | Unset = UNSET
    date_written: date | Unset | None = UNSET
    date_received: date | Unset | None = UNSET
    translation_of: str | Unset = UNSET  # slug of the original, or ''
    translator: str | Unset = UNSET

    def list_set(self, names: frozenset[str]) -> dict[str, Any]:
        """Return those of the named members that are set."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value for name, value in values.items() if name in names and value is not UNSET
        }


CONTENT = frozenset({"title", "standfirst", "editors_note", "text"})
METADATA = frozenset(field.name for field in fields(LetterChanges)) - CONTENT


def get_edit_version(letter: Letter) -> str:
    """Return a word that differs after each change that an editor makes to the letter."""
    copy = letter_queries.find_working_copy(letter)
    revision = copy.revision if copy else letter.copy_revision
    parts = (
        letter.id,
        letter.record_version,
        revision,
        letter.version_number,
        LetterState(letter.state).value,
        "open" if letter.comments_open else "closed",
    )
    return ".".join(map(str, parts))


def create_letter(
    new: LetterChanges, *, slug: str, permission: PermissionDraft | None, by: Actor
) -> Letter:
    """Store a letter as a draft. Title and text must be set.

    Raises Conflict when the slug is taken, and Invalid on a value that does not fit.
    """
    values = {**new.list_set(CONTENT), **new.list_set(METADATA)}
    title, text = clean_single_line(values.pop("title")), clean_multiline(values.pop("text"))
    if not title:
        msg = "Enter a title."
        raise Invalid(msg, field="title")
    _check_paragraphs(text)
    for name, value in values.items():
        if isinstance(value, str):
            values[name] = clean_single_line(value)
    values["language"] = parse_language(values.get("language", ""))
    values["topics"] = _clean_topics(values.get("topics", ()))
    if permission is not None and not clean_single_line(permission.given_by):
        msg = "Enter the name of the person who gave the permission, in at most 200 characters."
        raise Invalid(msg, field="permission.given_by")
    draft = LetterDraft(
        title=title,
        source_text=text,
        slug=slug,
        permission=permission,
        original=text.encode(),
        original_name="letter.md",
        **values,
    )
    return import_letter(draft, by=by)


def change_letter(  # noqa: PLR0913  # each is a part of the request, named by the caller
    slug: str,
    changes: LetterChanges,
    *,
    by: Actor,
    state: LetterState | None = None,
    comments_open: bool | None = None,
    needs_second_person: bool = False,
) -> Letter:
    """Change text, details, state and the opening for comments, in this order.

    Raises what the services of the parts raise.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    if content := changes.list_set(CONTENT):
        _change_content(letter, content, by)
    if metadata := changes.list_set(METADATA):
        _change_metadata(letter, metadata, by)
    if state is not None and state != letter.state:
        _change_state(letter, state, needs_second_person=needs_second_person, by=by)
    if comments_open is not None:
        comment_window.set_comments_open(slug, is_open=comments_open, by=by)
    return letter


def _change_content(letter: Letter, content: dict[str, Any], by: Actor) -> None:
    if "text" in content:
        _check_paragraphs(content["text"])
        content["source_text"] = content.pop("text")
    copy = letter_queries.find_working_copy(letter)
    source = copy or letter
    stored = {
        "title": source.title,
        "standfirst": source.standfirst,
        "editors_note": source.editors_note,
        "source_text": copy.source_text if copy else text_queries.get_source_text(letter),
    }
    if not clean_single_line(content.get("title", stored["title"])):
        msg = "Enter a title."
        raise Invalid(msg, field="title")
    revision = copy.revision if copy else letter.copy_revision
    saved = editing.save_working_copy(
        letter.slug, revision, LetterContent(**{**stored, **content}), by=by
    )
    # A program does not stay at work on the text, so it keeps no other editor waiting.
    saved.editor_id = saved.editing_since = saved.seen_at = None


def _change_metadata(letter: Letter, metadata: dict[str, Any], by: Actor) -> None:
    original_id = letter.translation_of_id
    original = letter_queries.get_letter(original_id) if original_id else None
    stored = {
        **{name: getattr(letter, name) for name in METADATA - {"translation_of", "authors"}},
        "topics": tuple(letter.topics),
        "translation_of": original.slug if original else "",
        "authors": tuple(
            AuthorDraft(author.name, author.stakeholder_group, author.capacity, author.organisation)
            for author in letter.authors
        ),
    }
    if "language" in metadata:
        metadata["language"] = parse_language(metadata["language"])
    if "topics" in metadata:
        metadata["topics"] = _clean_topics(metadata["topics"])
    editing.change_metadata(
        letter.slug, letter.record_version, LetterMetadata(**{**stored, **metadata}), by=by
    )


def _change_state(
    letter: Letter, state: LetterState, *, needs_second_person: bool, by: Actor
) -> None:
    if state == LetterState.PUBLISHED:
        publication.publish_letter(letter.slug, by=by, needs_second_person=needs_second_person)
    elif state == LetterState.REVIEW:
        publication.send_to_review(letter.slug, by=by)
    elif state == LetterState.DRAFT:
        publication.return_to_draft(letter.slug, by=by)
    else:
        msg = "This letter is in the state “%(state)s”, which does not allow this action. Reload the page."
        raise Conflict(msg, state=LetterState(letter.state))


def _clean_topics(topics: tuple[str, ...]) -> tuple[str, ...]:
    cleaned = (clean_single_line(topic).lower() for topic in topics)
    return tuple(dict.fromkeys(topic for topic in cleaned if topic))


def _check_paragraphs(text: str) -> None:
    paragraphs = [block for block in parse_blocks(clean_multiline(text)) if block.number]
    if not paragraphs:
        msg = "Write at least one paragraph."
        raise Invalid(msg, field="text")
    if len(paragraphs) > MAX_PARAGRAPHS:
        msg = "This text has more than 3,000 paragraphs. Split it into several letters."
        raise Invalid(msg, field="text")
