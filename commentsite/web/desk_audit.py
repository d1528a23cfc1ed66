"""The audit log, newest first."""

from flask import Blueprint, Response, make_response, render_template, request

from commentsite.accounts.permissions import Permission
from commentsite.audit.queries import head, latest_entries
from commentsite.plain import small_number
from commentsite.web.identity import current_actor, require_staff

bp = Blueprint("desk_audit", __name__)
bp.before_request(require_staff(Permission.SEE_AUDIT))


@bp.get("/desk/audit/")
def index() -> Response:
    """Show a page of entries, those before `?before=`."""
    before = small_number(request.args.get("before", ""))
    return make_response(
        render_template(
            "desk/audit.html",
            actor=current_actor(),
            entries=latest_entries(100, before=before),
            last=head()[0],
        )
    )
