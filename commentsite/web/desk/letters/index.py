"""List the letters of every state, and create a letter from a file or from pasted text."""

from dataclasses import replace

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
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Invalid, SiteError
from commentsite.letters.draft import LetterDraft
from commentsite.letters.importing import services as importing
from commentsite.letters.importing.pictures import store_pictures
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.queries import list_letters
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.letters.form_values import read_upload
from commentsite.web.errors import add_retry_after, get_status, translate_error
from commentsite.web.http.parameters import parse_id

LETTERS_PER_PAGE = 50
MAX_QUERY_LENGTH = 200

bp = Blueprint("desk_letters", __name__, url_prefix="/desk/letters")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.get("/")
def index() -> Response:
    """List one page of the letters, or of those whose title or author has the words in `?q=`."""
    actor = current_actor()
    q = request.args.get("q", "")[:MAX_QUERY_LENGTH].strip()
    letters = list_letters(
        actor.letter_ids,
        q=q,
        before_id=parse_id(request.args.get("before", "")),
        limit=LETTERS_PER_PAGE + 1,
    )
    page = render_template(
        "desk/letters/index.html",
        actor=actor,
        q=q,
        letters=letters[:LETTERS_PER_PAGE],
        is_first_page="before" not in request.args,
        older_than=letters[LETTERS_PER_PAGE - 1].id if len(letters) > LETTERS_PER_PAGE else None,
    )
    return make_response(page)


@bp.get("/new")
def new() -> Response:
    current_actor().require_everywhere(Permission.WRITE_LETTERS)
    return _render_form()


@bp.post("/new")
def create() -> AnyResponse:
    by = current_actor()
    by.require_everywhere(Permission.WRITE_LETTERS)
    filename, content = read_upload("file")
    text, title = request.form.get("text", ""), request.form.get("title", "")
    try:
        draft = (
            read_letter_file(filename, content, title)
            if filename
            else _read_pasted_text(text, title)
        )
        draft, pictures = store_pictures(draft, runtime().settings.media_path)
        with transaction():
            letter = importing.import_letter(draft, by=by, pictures=pictures)
    except SiteError as error:
        return _render_form(error, text, title, has_lost_file=bool(filename))
    flash(_("“%(title)s” is saved as a draft.", title=letter.title))
    return redirect(url_for("desk_letter_text.edit", slug=letter.slug), 303)


def _read_pasted_text(text: str, title: str) -> LetterDraft:
    """Read pasted Markdown. Error messages speak of the letter, because the editor chose no file."""
    if not text.strip():
        msg = "Enter the text of the letter or choose a file."
        raise Invalid(msg, field="text")
    try:
        draft = read_letter_file("pasted.md", text.encode(), title)
        return replace(draft, original_name="")  # the editor has no file of that name
    except Invalid as error:
        details = error.details | {"name": _("The letter")}
        raise Invalid(error.message, field=error.field or "text", **details) from error


def _render_form(
    error: SiteError | None = None, text: str = "", title: str = "", *, has_lost_file: bool = False
) -> Response:
    """Render the form. `has_lost_file`: a refused form had a file, which a browser does not send back."""
    wrong = error.field if error else None
    if wrong not in {"title", "text"}:
        wrong = "file" if has_lost_file else "text"
    page = render_template(
        "desk/letters/new.html",
        actor=current_actor(),
        problem=translate_error(error) if error else "",
        wrong=wrong if error else "",
        has_lost_file=has_lost_file,
        text=text,
        title=title,
    )
    return add_retry_after(make_response(page, get_status(error) if error else 200), error)
