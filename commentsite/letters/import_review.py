"""Replace the text of a letter by a file, confirm the remarks of an import, describe pictures.

An import can leave out, move or change words of a file. Its remarks say which. The text is not
published before an editor has confirmed that they were read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.letters import queries as letter_queries
from commentsite.letters.draft import LetterDraft
from commentsite.letters.editing import LetterContent, lock_editable_letter, save_working_copy
from commentsite.letters.importing import queries as import_queries
from commentsite.letters.importing import services as import_services
from commentsite.letters.importing.pictures import leave_out_pictures
from commentsite.letters.language_tags import UNDETERMINED, parse_language
from commentsite.letters.media.services import StoredPicture, add_to_letter
from commentsite.letters.models import Letter, LetterImport
from commentsite.letters.page_versions import bump_page_version, bump_related_pages
from commentsite.letters.remarks import ImportRemark, RemarkKind
from commentsite.letters.text import queries as text_queries
from commentsite.letters.text.images import add_descriptions, format_reference

_METADATA_FIELDS = (
    *("occasion", "addressee", "body_concerned", "source", "licence", "translator"),
    *("date_written", "date_received"),
)


def replace_text(  # noqa: PLR0913  # the form, the file, and the pictures of the file
    slug: str,
    revision: int,
    form: LetterContent,
    draft: LetterDraft,
    *,
    by: Actor,
    pictures: Sequence[StoredPicture] = (),
) -> LetterImport:
    """Replace title and text of the working copy by those of a file.

    The standfirst of the file is used where the form has none. The text that the reader moved to
    the editor's note is added to the note of the form. The other metadata of the letter stays: where
    the file says something else, a remark says so. Raises the errors of save_working_copy.
    """
    if draft.pictures:
        draft = leave_out_pictures(draft)
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    remarks = [*draft.remarks, *_list_unused_metadata(letter, form, draft)]
    content = LetterContent(
        draft.title,
        form.standfirst or draft.standfirst,
        _join_notes(form.editors_note, draft.editors_note),
        draft.source_text,
    )
    save_working_copy(slug, revision, content, by=by)
    for earlier in import_queries.list_working_copy_imports(letter):
        session().delete(earlier)
    add_to_letter(letter, pictures)
    if letter.language == UNDETERMINED and draft.detected_language:
        _change_language(letter, draft.detected_language, by)
    row = import_services.record_import(
        letter, replace(draft, remarks=tuple(remarks)), letter.language, content=draft.original
    )
    record_event(by.label, "letter.text_replaced", f"letter:{letter.id}", sha256=row.sha256)
    return row


def record_paste(
    slug: str,
    text: str,
    remarks: Sequence[ImportRemark],
    *,
    by: Actor,
    pictures: Sequence[StoredPicture] = (),
) -> None:
    """Store the remarks on text that an editor pasted, and its pictures.

    The remarks are confirmed as those of a file are.

    `text` is the text as it was pasted. Raises Conflict when the text of the letter cannot be changed.
    """
    letter = lock_editable_letter(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    add_to_letter(letter, pictures)
    if remarks:
        import_services.record_paste(letter, text, remarks)


def confirm_import(
    slug: str,
    import_id: int | None = None,
    *,
    by: Actor,
    language: str = "",
    descriptions: Mapping[str, str] | None = None,
) -> Letter:
    """Confirm the remarks of the current import, and change the language and the descriptions.

    `import_id` is that of the actor's page, None without a page. An empty `language` changes nothing. `descriptions` are
    those of pictures, by hash. Raises Conflict when the text comes from another file by now, and
    Invalid when the remarks ask for the language and there is none, and on a language that is no code.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    current = import_queries.find_current_import(letter)
    if current is None or import_id not in {None, current.id}:
        msg = "The text of this letter comes from another file by now. Check the remarks again."
        raise Conflict(msg)
    remarks = import_queries.load_remarks(current)
    if not language and any(remark.kind == RemarkKind.LANGUAGE for remark in remarks):
        msg = "Choose the language of the text."
        raise Invalid(msg, field="import-language")
    if descriptions:
        describe_pictures(slug, descriptions, by=by)
    if language and language != letter.language:
        _change_language(letter, language, by)
    if current.confirmed_at is None:
        current.confirmed_at, current.confirmed_by = clock.now(), by.name
        record_event(
            by.label, "letter.import_confirmed", f"letter:{letter.id}", remarks=len(remarks)
        )
    return letter


def describe_pictures(slug: str, descriptions: Mapping[str, str], *, by: Actor) -> None:
    """Add descriptions, by hash, to the pictures of the text that have none.

    Raises Conflict when another editor holds the working copy.
    """
    by.require(Permission.WRITE_LETTERS, letter_queries.get_any_letter(slug).id)
    content, revision = _load_content(slug)
    source_text = add_descriptions(content.source_text, descriptions)
    if source_text != content.source_text:
        save_working_copy(slug, revision, replace(content, source_text=source_text), by=by)


def add_picture(
    slug: str, picture: StoredPicture, description: str, *, by: Actor, to_text: bool
) -> str:
    """Give a picture to a letter, and put it at the end of the working copy if `to_text`.

    Return its Markdown. Raises Invalid without a description.
    """
    letter = letter_queries.get_letter_for_update(slug)
    by.require(Permission.WRITE_LETTERS, letter.id)
    if not description.strip():
        msg = "Describe the picture for readers who do not see it."
        raise Invalid(msg, field="picture-description")
    add_to_letter(letter, (picture,))
    markdown = format_reference(picture.sha256, description)
    if to_text:
        content, revision = _load_content(slug)
        source_text = f"{content.source_text.rstrip()}\n\n{markdown}\n"
        save_working_copy(slug, revision, replace(content, source_text=source_text), by=by)
    return markdown


def _load_content(slug: str) -> tuple[LetterContent, int]:
    """Return the text in the editor and its revision."""
    letter = letter_queries.get_any_letter(slug)
    copy = letter_queries.find_working_copy(letter)
    if copy is not None:
        content = LetterContent(copy.title, copy.standfirst, copy.editors_note, copy.source_text)
        return content, copy.revision
    text = text_queries.get_current_version(letter).source_text
    content = LetterContent(letter.title, letter.standfirst, letter.editors_note, text)
    return content, letter.copy_revision


def _change_language(letter: Letter, language: str, by: Actor) -> None:
    letter.language = parse_language(language, field="import-language")
    letter.record_version += 1
    bump_page_version(letter)
    record_event(
        by.label, "letter.record_changed", f"letter:{letter.id}", record=letter.record_version
    )
    bump_related_pages()


def _join_notes(note: str, moved: str) -> str:
    if not moved or moved in note:
        return note
    return f"{note.rstrip()}\n\n{moved}" if note.strip() else moved


def _list_unused_metadata(
    letter: Letter, form: LetterContent, draft: LetterDraft
) -> list[ImportRemark]:
    """Return a remark about the metadata of a file that differ from those of the letter."""
    names = ", ".join(author.name for author in draft.authors)
    unused = [
        (name, str(getattr(draft, name)))
        for name in _METADATA_FIELDS
        if getattr(draft, name) and getattr(draft, name) != getattr(letter, name)
    ]
    if form.standfirst and draft.standfirst not in {"", form.standfirst}:
        unused.append(("standfirst", draft.standfirst))
    if names and names != ", ".join(author.name for author in letter.authors):
        unused.append(("authors", names))
    if draft.topics and list(draft.topics) != letter.topics:
        unused.append(("topics", ", ".join(draft.topics)))
    if draft.permission and not letter_queries.has_publication_permission(letter):
        unused.append(("permission", draft.permission.statement or draft.permission.given_by))
    if not unused:
        return []
    words = "\n".join(f"{name}: {value}" for name, value in unused)
    return [ImportRemark(RemarkKind.UNKNOWN_FIELDS, len(unused), words)]
