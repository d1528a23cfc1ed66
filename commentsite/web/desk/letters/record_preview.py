"""The page of a record of positions as it would be published now, for its editors."""

from flask import Blueprint, Response, make_response

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.errors import NotFound
from commentsite.letters import queries as letter_queries
from commentsite.summaries import queries as summary_queries
from commentsite.summaries.compilation.builder import build_report
from commentsite.web.context import current_actor, require_staff
from commentsite.web.public.records.pages import get_site_groups, render_draft

bp = Blueprint("desk_record_preview", __name__, url_prefix="/desk/letters/<slug>/record")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.get("/preview")
def show(slug: str) -> Response:
    """Show the draft of the record of a letter."""
    letter = letter_queries.get_any_letter(slug)
    current_actor().require(Permission.WRITE_LETTERS, letter.id)
    summary = summary_queries.find_summary(letter.id)
    if summary is None:
        msg = "This letter has no record of positions yet."
        raise NotFound(msg)
    built = build_report(summary.id, groups=get_site_groups(), cut_off=clock.now())
    return make_response(render_draft(letter, built))
