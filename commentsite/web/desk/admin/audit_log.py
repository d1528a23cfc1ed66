"""The audit log, newest first."""

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
from commentsite.audit.queries import find_latest_tree_head, get_last_entry, list_latest_entries
from commentsite.audit.tree_heads import sign_tree_head
from commentsite.db.session import transaction
from commentsite.errors import ConfigurationError
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.http.parameters import parse_id

bp = Blueprint("desk_audit", __name__)
bp.before_request(require_staff(Permission.SEE_AUDIT))


@bp.get("/desk/audit/")
def index() -> Response:
    """Show a page of entries, those before `?before=`."""
    before = parse_id(request.args.get("before", ""))
    return make_response(
        render_template(
            "desk/admin/audit_log.html",
            actor=current_actor(),
            entries=list_latest_entries(100, before=before),
            last=get_last_entry()[0],
            newest=find_latest_tree_head(),
        )
    )


@bp.post("/desk/audit/heads")
def sign() -> AnyResponse:
    """Sign a head over the log as it is now."""
    actor = current_actor()
    actor.require(Permission.SIGN_LOG)
    try:
        with transaction():
            made = sign_tree_head(actor.label, runtime().settings.log_key_path)
    except (
        ConfigurationError
    ) as problem:  # the key's file: whoever runs the machine must look at it
        flash(str(problem))
    else:
        flash(
            _("A head is signed over %(n)d entries.", n=made.size)
            if made
            else _("The newest head covers every entry already.")
        )
    return redirect(url_for("desk_audit.index"), 303)
