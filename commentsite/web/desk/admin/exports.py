"""Export letters and comments into a file. The worker writes it, and a steward downloads it for a day."""

from dataclasses import dataclass
from pathlib import Path

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import format_decimal
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.accounts.queries import staff_names_by_label
from commentsite.db.session import transaction
from commentsite.errors import NotFound
from commentsite.exchange.exporters.jobs import get_path
from commentsite.exchange.exporters.queries import find_run, list_runs
from commentsite.exchange.exporters.services import expire_run, record_download, start_run
from commentsite.exchange.models import ExportRun
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("desk_exports", __name__, url_prefix="/desk/exports")
bp.before_request(require_staff(Permission.CHANGE_SETTINGS))

REFRESH = "3"  # seconds


@dataclass(frozen=True)
class RunView:
    """An export as the page shows it."""

    run: ExportRun
    started_by: str
    state: str  # "waiting", "running", "ready", "expired" or "failed"
    percent: int
    size: str

    @property
    def is_under_way(self) -> bool:
        return self.state in {"waiting", "running"}


@bp.get("/")
def index() -> Response:
    names = staff_names_by_label()
    views = [_describe(run, names) for run in list_runs()]
    return make_response(
        render_template("desk/admin/exports.html", actor=current_actor(), views=views)
    )


@bp.post("/")
def create() -> AnyResponse:
    """Record the export, which the worker then writes."""
    has_email_addresses = "email_addresses" in request.form
    with transaction():
        run_id = start_run(by=current_actor(), has_email_addresses=has_email_addresses)
    flash(_("The export starts within a few seconds."))
    return redirect(url_for("desk_exports.show", run_id=run_id), 303)


@bp.get("/<int:run_id>")
def show(run_id: int) -> Response:
    """Show the progress of an export, or the link to its file."""
    view = _describe(_get_run(run_id), staff_names_by_label())
    page = render_template("desk/admin/export_run.html", actor=current_actor(), view=view)
    response = make_response(page)
    if view.is_under_way:
        response.headers["Refresh"] = REFRESH
    return response


@bp.get("/<int:run_id>/file.zip")
def download(run_id: int) -> Response:
    """Send the file of an export. The audit log records the download."""
    run = _get_run(run_id)
    path = _find_file(run)
    with transaction():
        record_download(run_id, by=current_actor())
    name = f"commentsite-{run.started_at:%Y-%m-%d}-{run_id}.zip"
    response = send_file(path, mimetype="application/zip", as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/<int:run_id>/delete")
def delete(run_id: int) -> AnyResponse:
    """Delete the file of an export before it expires."""
    run = _get_run(run_id)
    if run.finished_at is not None:
        with transaction():
            expire_run(run_id, by=current_actor())
        get_path(runtime().settings.exports_path, run_id).unlink(missing_ok=True)
        flash(_("The file was deleted."))
    return redirect(url_for("desk_exports.index"), 303)


def _get_run(run_id: int) -> ExportRun:
    if (run := find_run(run_id)) is None:
        msg = "There is no export with this number."
        raise NotFound(msg)
    return run


def _find_file(run: ExportRun) -> Path:
    path = get_path(runtime().settings.exports_path, run.id)
    if run.expires_at is None or run.expires_at <= clock.now():
        msg = "The file of this export was deleted. Start another export."
        raise NotFound(msg)
    if not path.exists():
        msg = "The file of this export is not on this machine."
        raise NotFound(msg)
    return path


def _describe(run: ExportRun, names: dict[str, str]) -> RunView:
    if run.problem:
        state = "failed"
    elif run.finished_at is None:
        state = "running" if run.written else "waiting"
    elif run.expires_at is not None and run.expires_at > clock.now():
        state = "ready"
    else:
        state = "expired"
    return RunView(
        run=run,
        started_by=names.get(run.started_by, run.started_by),
        state=state,
        percent=100 * run.written // run.total if run.total else 0,
        size=_("%(number)s MB", number=format_decimal(max(run.size / 1e6, 0.1), "0.0")),
    )
