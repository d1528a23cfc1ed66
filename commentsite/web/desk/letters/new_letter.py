"""Create a letter at the desk: from the fields of a form, from pasted text, or from a file.

The values that the editor typed count. A file, or the front matter of a text, fills the fields that
are left empty.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Busy, Invalid, SiteError
from commentsite.letters.draft import LetterDraft
from commentsite.letters.importing import services as importing
from commentsite.letters.importing.pictures import store_pictures
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.language_tags import parse_language
from commentsite.letters.media.files import FILE_NAME, has_sound_file
from commentsite.letters.media.services import StoredPicture
from commentsite.letters.remarks import ImportRemark, RemarkKind
from commentsite.letters.text.paragraphs import escape_markdown
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.letters.author_rows import (
    AuthorRow,
    change_rows,
    is_row_change,
    list_authors,
    read_author_rows,
)
from commentsite.web.desk.letters.form_values import read_date, read_upload
from commentsite.web.desk.letters.language_choices import build_language_choices
from commentsite.web.errors import add_retry_after, get_status, translate_error
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_new_letter", __name__, url_prefix="/desk/letters/new")
bp.before_request(require_staff(Permission.WRITE_LETTERS))

PASTED_TEXT_NAME = "pasted.md"
MAX_PASTES = 50  # whose remarks and pictures a form holds
MAX_SIDE = 20_000  # pixels of a picture


@dataclass
class NewLetterForm:
    """The values that the editor typed, and a sentence for each field that is wrong."""

    title: str = ""
    text: str = ""
    language: str = ""
    date_written: str = ""
    authors: list[AuthorRow] = field(default_factory=lambda: [AuthorRow()])
    pastes: list[str] = field(default_factory=list)
    file_name: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200


@bp.get("")
def new() -> Response:
    current_actor().require_everywhere(Permission.WRITE_LETTERS)
    return _render_form(NewLetterForm())


@bp.post("")
def create() -> AnyResponse:
    """Save the letter as a draft. A refused form comes back with all that was typed."""
    by = current_actor()
    by.require_everywhere(Permission.WRITE_LETTERS)
    form = _read_form()
    if is_row_change():
        form.authors = change_rows(form.authors)
        return _render_form(form)
    try:
        draft = _read_draft(form)
        if form.errors:
            form.status = 422
            return _render_form(form)
        pasted = [_read_paste(paste) for paste in form.pastes]
        draft, pictures = store_pictures(draft, runtime().settings.media_path)
        draft = replace(draft, remarks=(*draft.remarks, *_join_remarks(pasted)))
        pictures = (*pictures, *(picture for paste in pasted for picture in paste.pictures))
        with transaction():
            letter = importing.import_letter(draft, by=by, pictures=pictures)
    except SiteError as error:
        _add_error(form, error)
        return add_retry_after(_render_form(form), error if isinstance(error, Busy) else None)
    flash(_("Saved. “%(title)s” is a draft now.", title=letter.title))
    return redirect(url_for("desk_letter_text.edit", slug=letter.slug), 303)


def _read_form() -> NewLetterForm:
    return NewLetterForm(
        title=request.form.get("title", "").strip(),
        text=request.form.get("text", "").replace("\r\n", "\n"),
        language=request.form.get("language", "").strip(),
        date_written=request.form.get("date_written", "").strip(),
        authors=read_author_rows(),
        pastes=request.form.getlist("pasted")[:MAX_PASTES],
    )


def _read_draft(form: NewLetterForm) -> LetterDraft:
    """Read the letter, and note each field that is wrong in the form. Raises SiteError on a file."""
    form.file_name, content = read_upload("file")
    language, date_written = _read_language(form), _read_date_written(form)
    if form.file_name:
        draft = read_letter_file(form.file_name, content, form.title)
    else:
        draft = _read_text(form)
    draft = _use_typed_title(draft, form.title)
    if language:
        draft = importing.state_language(draft, language)
    return replace(
        draft,
        authors=list_authors(form.authors) or draft.authors,
        date_written=date_written or draft.date_written,
    )


def _read_text(form: NewLetterForm) -> LetterDraft:
    """Read the typed text. Error messages speak of the letter, because the editor chose no file."""
    empty = LetterDraft(title="", source_text="")
    if not form.text.strip():
        form.errors["text"] = _("Enter the text of the letter, or choose a file.")
        if not form.title:
            form.errors["title"] = _("Enter the title of the letter.")
        return empty
    try:
        draft = read_letter_file(PASTED_TEXT_NAME, form.text.encode(), form.title)
        return replace(draft, original_name="")  # the editor has no file of that name
    except Invalid as error:
        if error.field == "title":
            form.errors["title"] = _("Enter the title of the letter.")
            return empty
        details = error.details | {"name": _("The letter")}
        raise Invalid(error.message, field=error.field or "text", **details) from error


def _use_typed_title(draft: LetterDraft, title: str) -> LetterDraft:
    """Let the typed title count. Another one in the text becomes a heading, so that no word is lost."""
    if not title or not draft.title or draft.title == title:
        return draft
    text = f"## {escape_markdown(draft.title)}\n\n{draft.source_text}"
    return replace(draft, title=title, source_text=text)


def _read_language(form: NewLetterForm) -> str:
    try:
        return parse_language(form.language)
    except Invalid as error:
        form.errors["language"] = translate_error(error)
        return ""


def _read_date_written(form: NewLetterForm) -> date | None:
    try:
        return read_date("date_written")
    except Invalid as error:
        form.errors["date_written"] = translate_error(error)
        return None


def _add_error(form: NewLetterForm, error: SiteError) -> None:
    """Show an error at its field, or at the part of the form that the letter was read from."""
    shown = {"title", "text", "language", "date_written", "authors"}
    place = error.field if error.field in shown else ("file" if form.file_name else "text")
    form.errors[place] = translate_error(error)
    form.status = get_status(error)


# Remarks and pictures of pasted text, which the form holds until there is a letter to store them with.


@dataclass(frozen=True)
class Paste:
    remarks: tuple[ImportRemark, ...]
    pictures: tuple[StoredPicture, ...]


def write_paste(remarks: list[ImportRemark], pictures: tuple[StoredPicture, ...]) -> str:
    """Return what a form has to send with the letter, in one of its fields `pasted`."""
    return json.dumps(
        {
            "remarks": [[item.kind, item.count, item.words] for item in remarks],
            "pictures": [[item.file_name, item.width, item.height] for item in pictures],
        }
    )


def _read_paste(text: str) -> Paste:
    """Read the result of write_paste. A value that a browser has changed is left out."""
    try:
        sent: Any = json.loads(text)
        remarks = [_build_remark(*item) for item in sent["remarks"]]
        pictures = [_build_picture(*item) for item in sent["pictures"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        return Paste((), ())
    return Paste(tuple(remarks), tuple(picture for picture in pictures if picture))


def _build_remark(kind: str, count: int, words: str) -> ImportRemark:
    return ImportRemark(RemarkKind(kind), int(count), str(words))


def _build_picture(name: str, width: int, height: int) -> StoredPicture | None:
    match = FILE_NAME.fullmatch(str(name))
    if not match or not has_sound_file(runtime().settings.media_path, match[0]):
        return None
    sides = (min(max(int(side), 1), MAX_SIDE) for side in (width, height))
    return StoredPicture(match[1], match[2], *sides)


def _join_remarks(pasted: list[Paste]) -> tuple[ImportRemark, ...]:
    """Return the remarks of all pastes, each once."""
    return tuple(dict.fromkeys(remark for paste in pasted for remark in paste.remarks))


def _render_form(form: NewLetterForm) -> Response:
    order = ("file", "title", "authors", "language", "date_written", "text")
    errors: Mapping[str, str] = {name: form.errors[name] for name in order if name in form.errors}
    page = render_template(
        "desk/letters/new.html",
        actor=current_actor(),
        form=form,
        errors=errors,
        languages=build_language_choices(form.language),
    )
    return make_response(page, form.status)
