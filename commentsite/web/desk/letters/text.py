"""Write on a letter: saved while typing, previewed by the renderer readers get, never over somebody else."""

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
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Conflict, SiteError
from commentsite.letters import editing
from commentsite.letters import queries as letter_queries
from commentsite.letters.editing import LetterContent
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.text import queries as text_queries
from commentsite.letters.text.paragraphs import ParsedBlock, parse_blocks
from commentsite.web.context import current_actor, require_staff
from commentsite.web.errors import sentence, status_of
from commentsite.web.http.parameters import parse_id

bp = Blueprint("desk_letter_text", __name__, url_prefix="/desk/letters")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.get("/<slug>/edit")
def edit(slug: str) -> Response:
    """Show what is written so far."""
    letter = letter_queries.get_any_letter(slug)
    copy = letter_queries.find_working_copy(letter)
    if copy is not None:
        wording = LetterContent(copy.title, copy.standfirst, copy.editors_note, copy.source_text)
    else:
        text = text_queries.get_current_version(letter).source_text
        wording = LetterContent(letter.title, letter.standfirst, letter.editors_note, text)
    return _page(slug, wording, copy.revision if copy else letter.copy_revision)


@bp.post("/<slug>/edit")
def save(slug: str) -> AnyResponse:
    """Keep what was typed; as JSON for the script that saves while somebody types."""
    wording, revision = _typed(), _revision()
    by, intent = current_actor(), request.form.get("intent", "save")
    wants_json = request.accept_mimetypes.best == "application/json"
    if intent == "preview":
        return _page(slug, wording, revision, preview=parse_blocks(wording.source_text))
    try:
        with transaction():
            if intent == "take_over":
                revision = editing.take_over_editing(slug, by=by).revision
            copy = editing.save_working_copy(slug, revision, wording, by=by)
    except SiteError as error:
        status, words = status_of(error), sentence(error)
        if wants_json:
            return make_response(jsonify(problem=words), status)
        return _page(
            slug,
            wording,
            revision,
            status=status,
            problem=words,
            is_taken=isinstance(error, Conflict),
        )
    if wants_json:
        saved = _("Saved at %(time)s UTC", time=f"{copy.saved_at:%H:%M:%S}")
        return jsonify(revision=copy.revision, saved=saved)
    flash(_("Saved. Readers see it once it is published."))
    return redirect(url_for("desk_letter_text.edit", slug=slug), 303)


@bp.post("/preview")
def preview() -> Response:
    """Draw a text as readers would see it, for the pane beside it."""
    pieces = parse_blocks(request.form.get("source_text", ""))
    return make_response(render_template("desk/letters/text_preview.html", pieces=pieces))


@bp.post("/<slug>/discard")
def discard(slug: str) -> AnyResponse:
    """Throw away what was written since the last version."""
    with transaction():
        editing.discard_working_copy(slug, by=current_actor())
    flash(_("What was not published is thrown away."))
    return redirect(url_for("desk_letter_text.edit", slug=slug), 303)


@bp.post("/<slug>/replace")
def replace_by_file(slug: str) -> AnyResponse:
    """Put the words of a file in place of what is written, to be looked at before it is published."""
    file = request.files.get("file")
    wording, revision = _typed(), _revision()
    try:
        draft = read_letter_file(
            (file.filename if file else "") or _("the file"), file.read() if file else b""
        )
        wording = LetterContent(
            draft.title, wording.standfirst, wording.editors_note, draft.source_text
        )
        with transaction():
            editing.save_working_copy(slug, revision, wording, by=current_actor())
    except SiteError as error:
        return _page(slug, _typed(), revision, status=status_of(error), problem=sentence(error))
    for remark in draft.remarks:
        flash(remark)
    flash(_("The words are those of the file now. Readers see them once they are published."))
    return redirect(url_for("desk_letter_text.edit", slug=slug), 303)


def _typed() -> LetterContent:
    return LetterContent(
        title=request.form.get("title", ""),
        standfirst=request.form.get("standfirst", ""),
        editors_note=request.form.get("editors_note", ""),
        source_text=request.form.get("source_text", "").replace("\r\n", "\n"),
    )


def _revision() -> int:
    return parse_id(request.form.get("revision", "")) or 0


def _page(  # noqa: PLR0913  # each is something the page shows
    slug: str,
    wording: LetterContent,
    revision: int,
    *,
    status: int = 200,
    problem: str = "",
    is_taken: bool = False,
    preview: list[ParsedBlock] | None = None,
) -> Response:
    letter, actor = letter_queries.get_any_letter(slug), current_actor()
    copy = letter_queries.find_working_copy(letter)
    page = render_template(
        "desk/letters/text.html",
        actor=actor,
        letter=letter,
        copy=copy,
        other=copy if editing.is_edited_by_other(copy, actor) else None,
        wording=wording,
        revision=revision,
        problem=problem,
        is_taken=is_taken,
        preview=parse_blocks(wording.source_text) if preview is None else preview,
    )
    return make_response(page, status)
