"""Show the audit log at the desk, and sign a checkpoint over it on request."""

from dataclasses import dataclass
from datetime import datetime

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
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.audit.models import AuditEntry
from commentsite.audit.private_entries import PRIVATE_ACTION, PRIVATE_LABEL, is_private
from commentsite.audit.queries import (
    find_latest_tree_head,
    get_last_entry,
    list_latest_entries,
    load_private_entries,
)
from commentsite.audit.tree_heads import sign_tree_head
from commentsite.db.session import transaction
from commentsite.errors import ConfigurationError
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.http.parameters import parse_id

ENTRIES_PER_PAGE = 100
bp = Blueprint("desk_audit_log", __name__)
bp.before_request(require_staff(Permission.SEE_AUDIT))


@dataclass(frozen=True)
class EntryRow:
    """One line of the list."""

    seq: int
    at: datetime
    actor: str
    action: str
    object: str
    state: str  # after the event, "" where it changed none
    hash: str


@bp.get("/desk/audit/")
def index() -> Response:
    """Show the newest entries, or those before the entry number in `?before=`."""
    actor = current_actor()
    before = parse_id(request.args.get("before", ""))
    entries = list_latest_entries(ENTRIES_PER_PAGE, before=before)
    rows = _describe_entries(entries, can_see_private=actor.can(Permission.MANAGE_PEOPLE))
    entry_count = get_last_entry()[0]
    checkpoint = find_latest_tree_head()
    signed_count = checkpoint.size if checkpoint else 0
    page = render_template(
        "desk/admin/audit_log.html",
        actor=actor,
        entries=rows,
        entry_count=entry_count,
        checkpoint=checkpoint,
        can_sign=actor.can(Permission.SIGN_LOG) and entry_count > signed_count,
        older_than=entries[-1].seq if entries and entries[-1].seq > 1 else None,
    )
    return make_response(page)


def _describe_entries(entries: list[AuditEntry], *, can_see_private: bool) -> list[EntryRow]:
    """Describe entries. Only those who manage the staff see what concerns the security of an account."""
    private = load_private_entries([e.seq for e in entries]) if can_see_private else {}
    rows = []
    for entry in entries:
        content = private.get(entry.seq, entry)
        is_hidden = is_private(entry.action) and not can_see_private
        rows.append(
            EntryRow(
                seq=entry.seq,
                at=entry.at,
                actor=PRIVATE_LABEL if is_hidden else content.actor,
                action=PRIVATE_ACTION if is_hidden else content.action,
                object=PRIVATE_LABEL if is_hidden else content.object,
                state=str(content.details.get("state", "")),
                hash=entry.hash,
            )
        )
    return rows


@bp.post("/desk/audit/heads")
def sign() -> AnyResponse:
    """Sign a checkpoint (a tree head) over all entries of the log."""
    actor = current_actor()
    actor.require(Permission.SIGN_LOG)
    try:
        with transaction():
            checkpoint = sign_tree_head(actor.label, runtime().settings.log_key_path)
    except ConfigurationError as error:
        # The file of the signing key is missing or unsafe. The operator of the server can repair it.
        flash(str(error), "error")
    else:
        flash(
            ngettext(
                "Signed a checkpoint over %(num)d entry.",
                "Signed a checkpoint over %(num)d entries.",
                checkpoint.size,
            )
            if checkpoint
            else _("The latest checkpoint covers every entry already.")
        )
    return redirect(url_for("desk_audit_log.index"), 303)
