"""The desk for letters: all there are, and how one comes in."""

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
from commentsite.errors import SiteError
from commentsite.letters.importing import services as importing
from commentsite.letters.importing.reader import read_letter_file
from commentsite.letters.queries import list_letters
from commentsite.web.context import current_actor, require_staff
from commentsite.web.errors import sentence, status_of

bp = Blueprint("desk_letters", __name__, url_prefix="/desk/letters")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.get("/")
def index() -> Response:
    """List letters of every state, those this person looks after."""
    actor = current_actor()
    return make_response(
        render_template(
            "desk/letters/index.html", actor=actor, letters=list_letters(actor.letter_ids)
        )
    )


@bp.route("/new", methods=["GET", "POST"])
def new() -> AnyResponse:
    """Take a letter in, from a file or from pasted text."""
    current_actor().require_everywhere(Permission.WRITE_LETTERS)
    if request.method == "GET":
        return _form()
    file, pasted = request.files.get("file"), request.form.get("text", "")
    try:
        name, content = (
            (file.filename, file.read())
            if file and file.filename
            else ("letter.md", pasted.encode())
        )
        draft = read_letter_file(name or "letter.md", content)
        with transaction():
            letter = importing.import_letter(draft, by=current_actor())
    except SiteError as error:
        return _form(sentence(error), status_of(error), pasted)
    for remark in draft.remarks:
        flash(remark)
    flash(_("“%(title)s” is taken in as a draft.", title=letter.title))
    return redirect(url_for("desk_letter_text.edit", slug=letter.slug), 303)


def _form(problem: str = "", status: int = 200, text: str = "") -> Response:
    page = render_template(
        "desk/letters/import.html", actor=current_actor(), problem=problem, text=text
    )
    return make_response(page, status)
