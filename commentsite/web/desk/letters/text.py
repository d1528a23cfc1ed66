"""Edit the text of a letter: save drafts while the editor types, preview, replace by a file, discard.

Each save names the revision of the working copy that the form was based on. A save on top of an
older revision is refused, and so is one while another editor is at work. The refused text stays in
the form, and the editor can take over.
"""

from dataclasses import dataclass

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Conflict, Invalid, SiteError
from commentsite.letters import editing, import_review
from commentsite.letters import queries as letter_queries
from commentsite.letters.editing import LetterContent
from commentsite.letters.importing.pictures import store_pictures
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.text import queries as text_queries
from commentsite.letters.text.paragraphs import parse_blocks
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.letters.form_values import read_upload
from commentsite.web.desk.letters.import_panel import build_import_panel, load_staff_images
from commentsite.web.errors import add_retry_after, get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.filters import format_clock_time
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_letter_text", __name__, url_prefix="/desk/letters")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@dataclass(frozen=True)
class TextForm:
    """The text as the form shows it, and the revision of the working copy that it is based on."""

    content: LetterContent
    revision: int


@bp.get("/<slug>/edit")
def edit(slug: str) -> Response:
    return render_stored_text(slug)


def render_stored_text(
    slug: str, error: SiteError | None = None, *, input_note: str = ""
) -> Response:
    """Render the page with the text as it is stored. `error` belongs to another form on it.

    `input_note` says what has become of the input of that form.
    """
    letter = letter_queries.get_any_letter(slug)
    copy = letter_queries.find_working_copy(letter)
    if copy is not None:
        content = LetterContent(copy.title, copy.standfirst, copy.editors_note, copy.source_text)
    else:
        text = text_queries.get_source_text(letter)
        content = LetterContent(letter.title, letter.standfirst, letter.editors_note, text)
    form = TextForm(content, copy.revision if copy else letter.copy_revision)
    return _render_page(slug, form, error, can_take_over=False, input_note=input_note)


@bp.post("/<slug>/edit")
def save(slug: str) -> AnyResponse:
    """Save the text as a working copy, or preview it.

    The script that saves while the editor types accepts JSON and gets the new revision, or the
    problem, instead of a page.
    """
    form, by = _read_form(), current_actor()
    intent = request.form.get("intent", "save")
    if intent == "preview":
        return _render_page(slug, form)
    wants_json = request.accept_mimetypes.best == "application/json"
    revision = form.revision
    try:
        with transaction():
            if intent == "take_over":
                revision = editing.take_over_editing(slug, by=by).revision
            copy = editing.save_working_copy(slug, revision, form.content, by=by)
    except SiteError as error:
        if wants_json:
            return make_response(jsonify(problem=translate_error(error)), get_status(error))
        return _render_page(slug, TextForm(form.content, revision), error)
    if wants_json:
        saved = _("Saved at %(time)s", time=format_clock_time(copy.saved_at))
        return jsonify(revision=copy.revision, saved=saved)
    flash(_("Saved. Readers see it once it is published."))
    return redirect(url_for("desk_letter_text.edit", slug=slug), 303)


@bp.post("/preview")
def preview_text() -> Response:
    """Render a text as readers would see it, without the pictures of a letter."""
    blocks = parse_blocks(request.form.get("source_text", ""))
    return make_response(render_template("desk/letters/text_preview.html", blocks=blocks))


@bp.post("/<slug>/preview")
def preview(slug: str) -> Response:
    """Render the text of a letter as readers would see it, for the preview beside the form."""
    text = request.form.get("source_text", "")
    blocks = parse_blocks(text, load_staff_images(letter_queries.get_any_letter(slug), text))
    return make_response(render_template("desk/letters/text_preview.html", blocks=blocks))


@bp.post("/<slug>/discard")
def discard(slug: str) -> AnyResponse:
    """Delete the working copy. The text of the latest version remains."""
    with transaction():
        editing.discard_working_copy(slug, by=current_actor())
    flash(_("The unpublished changes are discarded."))
    return redirect(url_for("desk_letter_text.edit", slug=slug), 303)


@bp.post("/<slug>/replace")
def replace(slug: str) -> AnyResponse:
    """Replace title and text of the working copy by those of a file.

    The title of the form is for a file without one. A refusal shows the stored text, which the
    form does not send.
    """
    form = _read_form()
    filename, content = read_upload("file")
    try:
        if not filename:
            msg = "Choose a file."
            raise Invalid(msg)
        draft = read_letter_file(filename, content, form.content.title)
        draft, pictures = store_pictures(draft, runtime().settings.media_path)
        with transaction():
            import_review.replace_text(
                slug, form.revision, form.content, draft, by=current_actor(), pictures=pictures
            )
    except SiteError as error:
        if not isinstance(error, Conflict):
            error.field = "file-title" if error.field == "title" else "file"
        note = _("The text in the editor has not changed. Choose the file again.")
        return render_stored_text(slug, error, input_note=note)
    flash(_("The text is replaced. Readers see it once it is published."))
    return redirect(url_for("desk_letter_text.edit", slug=slug), 303)


def _read_form() -> TextForm:
    content = LetterContent(
        title=request.form.get("title", ""),
        standfirst=request.form.get("standfirst", ""),
        editors_note=request.form.get("editors_note", ""),
        source_text=request.form.get("source_text", "").replace("\r\n", "\n"),
    )
    return TextForm(content, parse_id(request.form.get("revision", "")) or 0)


def _render_page(
    slug: str,
    form: TextForm,
    error: SiteError | None = None,
    *,
    can_take_over: bool = True,
    input_note: str = "",
) -> Response:
    letter, actor = letter_queries.get_any_letter(slug), current_actor()
    copy = letter_queries.find_working_copy(letter)
    has_conflict = can_take_over and isinstance(error, Conflict)
    page = render_template(
        "desk/letters/text.html",
        actor=actor,
        letter=letter,
        copy=copy,
        edited_by_other=copy if editing.is_edited_by_other(copy, actor) else None,
        has_conflict=has_conflict,
        content=form.content,
        revision=form.revision,
        problem=translate_error(error) if error else "",
        wrong=error.field if error else "",
        input_note=input_note,
        preview=parse_blocks(
            form.content.source_text, load_staff_images(letter, form.content.source_text)
        ),
        panel=build_import_panel(letter),
        typed=request.form,
    )
    return add_retry_after(make_response(page, get_status(error) if error else 200), error)
