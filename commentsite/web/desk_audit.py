"""The audit log, newest first."""

from flask import Blueprint, Response, make_response, render_template, request

from commentsite.accounts.permissions import Permission
from commentsite.audit.queries import head, latest_entries
from commentsite.web.identity import current_actor, require_staff

bp = Blueprint("desk_audit", __name__)
bp.before_request(require_staff(Permission.SEE_AUDIT))


@bp.get("/desk/audit/")
def index() -> Response:
    """Show a page of entries, those before `?before=`."""
    asked = request.args.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else None
    return make_response(
        render_template(
            "desk/audit.html",
            actor=current_actor(),
            entries=latest_entries(100, before=before),
            last=head()[0],
        )
    )
