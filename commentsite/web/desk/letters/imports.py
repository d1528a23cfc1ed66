"""Confirm the remarks of an import, describe and add pictures, and show the files to staff."""

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import session, transaction
from commentsite.errors import Invalid, NotFound, SiteError
from commentsite.letters import import_review
from commentsite.letters import queries as letter_queries
from commentsite.letters.importing import queries as import_queries
from commentsite.letters.importing.pictures import store_picture
from commentsite.letters.language_tags import parse_language
from commentsite.letters.media.files import FILE_NAME
from commentsite.letters.media.queries import list_media
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.letters import publishing, text
from commentsite.web.desk.letters.form_values import build_download, read_upload
from commentsite.web.desk.letters.import_panel import read_descriptions
from commentsite.web.errors import add_retry_after, get_status, translate_error
from commentsite.web.http.pictures import build_picture_response
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_letter_imports", __name__, url_prefix="/desk/letters/<slug>")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.post("/imports/<int:import_id>/confirm")
def confirm(slug: str, import_id: int) -> AnyResponse:
    """Record that an editor has read the remarks, with the language and the descriptions."""
    try:
        language = parse_language(request.form.get("language", ""), field="import-language")
        with transaction():
            import_review.confirm_import(
                slug,
                import_id,
                by=current_actor(),
                language=language,
                descriptions=read_descriptions(request.form),
            )
    except SiteError as error:
        return _render_page(slug, error, _("The remarks are not confirmed."))
    flash(_("The remarks on the import are confirmed."))
    return _redirect_to_page(slug)


@bp.post("/pictures/descriptions")
def describe(slug: str) -> AnyResponse:
    """Add descriptions to the pictures of the text that have none."""
    try:
        with transaction():
            import_review.describe_pictures(
                slug, read_descriptions(request.form), by=current_actor()
            )
    except SiteError as error:
        return _render_page(slug, error)
    flash(_("Saved. Pictures with a description are published with the text."))
    return _redirect_to_page(slug)


@bp.post("/pictures")
def add_picture(slug: str) -> AnyResponse:
    """Store a picture. Put it at the end of the text, or answer a script with its Markdown."""
    wants_json = request.accept_mimetypes.best == "application/json"
    description = request.form.get("picture_description", "")
    filename, content = read_upload("picture")
    by = current_actor()
    try:
        letter = letter_queries.get_any_letter(slug)
        by.require(Permission.WRITE_LETTERS, letter.id)
        if not filename:
            msg = "Choose a picture."
            raise Invalid(msg, field="picture")
        session().rollback()  # hold no database connection while the picture is encoded
        picture = store_picture(content, runtime().settings.media_path)
        with transaction():
            markdown = import_review.add_picture(
                slug, picture, description, by=by, to_text=not wants_json
            )
    except SiteError as error:
        if wants_json:
            problem = jsonify(problem=translate_error(error))
            return add_retry_after(make_response(problem, get_status(error)), error)
        return _render_page(slug, error, _("The picture is not added. Choose it again."))
    if wants_json:
        added = _("The picture stands in the text.")
        return jsonify(markdown=markdown, added=added)
    flash(_("The picture stands at the end of the text. Move its line to where it belongs."))
    return _redirect_to_page(slug)


@bp.get("/imports/<int:import_id>/file")
def download(slug: str, import_id: int) -> Response:
    """Send the file of an import, byte for byte as it was received."""
    row = import_queries.get_import(letter_queries.get_any_letter(slug), import_id)
    if row.content is None:
        msg = "This letter has no such file."
        raise NotFound(msg)
    return build_download(row.content, row.file_name or "letter")


@bp.get("/media/<name>")
def show_picture(slug: str, name: str) -> Response:
    """Show a picture of the letter to staff, also before readers can see it."""
    match = FILE_NAME.fullmatch(name)
    media = list_media(letter_queries.get_any_letter(slug).id, [match[1]]) if match else []
    return build_picture_response(name if media else "")


def _redirect_to_page(slug: str) -> AnyResponse:
    if request.form.get("page") == "publish":
        return redirect(url_for("desk_letter_publishing.show", slug=slug), 303)
    return redirect(url_for("desk_letter_text.edit", slug=slug), 303)


def _render_page(slug: str, error: SiteError, input_note: str = "") -> Response:
    """Render the page that the form stood on, with the reason of the refusal and what it left undone."""
    if request.form.get("page") == "publish":
        return publishing.render_page(slug, error)
    return text.render_stored_text(slug, error, input_note=input_note)
