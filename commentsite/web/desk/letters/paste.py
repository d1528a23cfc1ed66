"""Turn formatted text from the clipboard into Markdown, by the same way as an uploaded page.

A script asks for it when an editor pastes from a word processor or a mail. Without the script the
browser pastes plain text.
"""

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request, url_for

from commentsite.accounts.permissions import Permission
from commentsite.db.session import session, transaction
from commentsite.errors import Invalid, SiteError
from commentsite.letters import import_review
from commentsite.letters.importing.pasted import read_clipboard
from commentsite.letters.queries import get_any_letter
from commentsite.letters.remarks import ImportRemark
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.desk.letters.import_remarks import describe_remark, describe_words
from commentsite.web.desk.letters.new_letter import write_paste
from commentsite.web.errors import add_retry_after, get_status, translate_error
from commentsite.web.rendering.i18n import gettext as _

MAX_SHOWN_WORDS = 300  # characters of the words of a remark
bp = Blueprint("desk_letter_paste", __name__, url_prefix="/desk/letters")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.post("/paste")
def paste_into_new_letter() -> Response:
    """Convert text for a letter that is not saved yet.

    Its remarks and pictures go back to the form, which sends them along with the letter.
    """
    current_actor().require_everywhere(Permission.WRITE_LETTERS)
    try:
        markdown, remarks, pictures = read_clipboard(_read_html(), runtime().settings.media_path)
    except SiteError as error:
        return _refuse(error)
    paste = write_paste(remarks, pictures) if remarks or pictures else None
    return jsonify(
        markdown=markdown, remarks=[_write_sentence(remark) for remark in remarks], paste=paste
    )


@bp.post("/<slug>/paste")
def paste(slug: str) -> Response:
    """Return the Markdown of the HTML in a JSON body, and a sentence for each remark.

    The remarks are stored with the draft, and the answer has a link to the page that confirms them.
    """
    by = current_actor()
    try:
        html = _read_html()
        by.require(Permission.WRITE_LETTERS, get_any_letter(slug).id)
        session().rollback()  # hold no database connection while the text is read
        markdown, remarks, pictures = read_clipboard(html, runtime().settings.media_path)
        with transaction():
            import_review.record_paste(slug, html, remarks, by=by, pictures=pictures)
    except SiteError as error:
        return _refuse(error)
    check = {
        "label": _("Confirm these remarks before publication"),
        "address": url_for("desk_letter_publishing.show", slug=slug, _anchor="import"),
    }
    return jsonify(
        markdown=markdown,
        remarks=[_write_sentence(remark) for remark in remarks],
        check=check if remarks else None,
    )


def _read_html() -> str:
    """Return the HTML in the JSON body of the request. Raises Invalid."""
    sent: Any = request.get_json(silent=True)
    html = sent.get("html") if isinstance(sent, dict) else None
    if not isinstance(html, str):
        msg = "Send the text as “html” in JSON."
        raise Invalid(msg, field="html")
    return html


def _refuse(error: SiteError) -> Response:
    problem = make_response(jsonify(problem=translate_error(error)), get_status(error))
    return add_retry_after(problem, error)


def _write_sentence(remark: ImportRemark) -> str:
    sentence, words = describe_remark(remark), " ".join(describe_words(remark).split())
    if not words:
        return sentence
    return str(_("%(label)s: %(value)s", label=sentence, value=words[:MAX_SHOWN_WORDS]))
