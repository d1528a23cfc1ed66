"""Turn formatted text from the clipboard into Markdown, by the same way as an uploaded page.

A script asks for it when an editor pastes from a word processor or a mail. Without the script the
browser pastes plain text.
"""

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from commentsite.accounts.permissions import Permission
from commentsite.errors import Invalid, SiteError
from commentsite.letters.importing.pasted import read_clipboard
from commentsite.letters.remarks import ImportRemark
from commentsite.web.context import require_staff
from commentsite.web.desk.letters.import_remarks import describe_remark, describe_words
from commentsite.web.errors import get_status, translate_error

MAX_SHOWN_WORDS = 300  # characters of the words of a remark
bp = Blueprint("desk_letter_paste", __name__, url_prefix="/desk/letters")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.post("/paste")
def paste() -> Response:
    """Return the Markdown of the HTML in a JSON body, and a sentence for each remark."""
    try:
        sent: Any = request.get_json(silent=True)
        html = sent.get("html") if isinstance(sent, dict) else None
        if not isinstance(html, str):
            msg = "Send the text as “html” in JSON."
            raise Invalid(msg, field="html")
        markdown, remarks = read_clipboard(html)
    except SiteError as error:
        return make_response(jsonify(problem=translate_error(error)), get_status(error))
    return jsonify(markdown=markdown, remarks=[_write_sentence(remark) for remark in remarks])


def _write_sentence(remark: ImportRemark) -> str:
    sentence, words = describe_remark(remark), " ".join(describe_words(remark).split())
    return f"{sentence}: {words[:MAX_SHOWN_WORDS]}" if words else sentence
