"""The page of a record of positions as it would be published now, for its editors."""

from flask import Blueprint, Response, make_response

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.summaries.compilation.builder import build_report
from commentsite.web.context import require_staff
from commentsite.web.desk.letters.record.publication import load_record
from commentsite.web.public.records.pages import get_site_groups, render_draft

bp = Blueprint("desk_record_preview", __name__, url_prefix="/desk/letters/<slug>/record")
bp.before_request(require_staff(Permission.WRITE_LETTERS))


@bp.get("/preview")
def show(slug: str) -> Response:
    """Show the draft of the record of a letter."""
    letter, summary = load_record(slug)
    built = build_report(summary.id, groups=get_site_groups(), cut_off=clock.now())
    return make_response(render_draft(letter, built))
