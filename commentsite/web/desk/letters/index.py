"""List the letters of every state."""

from flask import Blueprint, Response, make_response, render_template, request

from commentsite.accounts.permissions import Permission
from commentsite.letters.queries import list_letters
from commentsite.summaries.positions.queries import map_records
from commentsite.web.context import current_actor, require_staff
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
        records=map_records([letter.id for letter in letters[:LETTERS_PER_PAGE]]),
        is_first_page="before" not in request.args,
        older_than=letters[LETTERS_PER_PAGE - 1].id if len(letters) > LETTERS_PER_PAGE else None,
    )
    return make_response(page)
