"""Import letters and comments from the files of another system. The worker runs the import."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from zoneinfo import available_timezones

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
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.accounts.queries import staff_names_by_label
from commentsite.db.session import transaction
from commentsite.errors import Invalid, NotFound, SiteError
from commentsite.exchange import jobs
from commentsite.exchange.importers.records import System
from commentsite.exchange.models import ImportRun
from commentsite.exchange.queries import find_run, list_runs
from commentsite.exchange.run import DRAFT_TARGET, MAX_TITLES
from commentsite.exchange.services import start_run
from commentsite.letters.language_tags import parse_language
from commentsite.web.context import current_actor, require_staff, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.labels import IMPORT_SYSTEM_LABELS

bp = Blueprint("desk_imports", __name__, url_prefix="/desk/imports")
bp.before_request(require_staff(Permission.CHANGE_SETTINGS))

OUTCOME_LABELS = {
    "letter_taken": _l("Letters taken over"),
    "letter_draft": _l("Letters that would become drafts"),
    "letter_there_already": _l("Letters that were here already"),
    "letter_left_out": _l("Letters left out"),
    "page_taken": _l("Pages taken over"),
    "page_there_already": _l("Pages that were here already"),
    "page_left_out": _l("Pages left out"),
    "comment_taken": _l("Comments taken over"),
    "comment_changed": _l("Comments taken over with a change"),
    "comment_there_already": _l("Comments that were here already"),
    "comment_left_out": _l("Entries left out"),
    "record_taken": _l("Records of positions taken over"),
    "record_there_already": _l("Records of positions that were here already"),
    "record_left_out": _l("Records of positions left out"),
}
MAX_SHOWN_ROWS = 200
OPTIONS = ("language", "time_zone", "site", "first_message", "repair")


@dataclass(frozen=True)
class RunView:
    """An import as the page shows it."""

    run: ImportRun
    system: str
    started_by: str
    state: str  # "waiting", "running", "done" or "refused"
    counts: list[tuple[str, int]]


@bp.get("/")
def index() -> Response:
    return _render_form({}, None)


@bp.post("/")
def create() -> AnyResponse:
    """Store the files and record the import, which the worker then runs."""
    form = request.form
    try:
        system = _parse_system(form.get("system", ""))
        options = _parse_options()
        uploads = [file for file in request.files.getlist("files") if file.filename]
        if not uploads:
            msg = "Choose the file that the other system exported."
            raise Invalid(msg, field="files")
        table = request.files.get("map")
        with transaction():
            run_id = start_run(
                system,
                by=current_actor(),
                file_names=[file.filename or "" for file in uploads],
                options=options,
                is_dry_run="dry_run" in form,
            )
    except SiteError as error:
        return _render_form(form, error)
    # The worker looks for files, so they come last.
    folder = runtime().settings.imports_path / str(run_id)
    jobs.store_files(folder, uploads, table if table and table.filename else None)
    flash(_("The import starts within a few seconds."))
    return redirect(url_for("desk_imports.show", run_id=run_id), 303)


@bp.get("/<int:run_id>")
def show(run_id: int) -> Response:
    """Show the progress or the result of an import."""
    view = _describe(_get_run(run_id), staff_names_by_label())
    page = render_template(
        "desk/admin/import_run.html",
        actor=current_actor(),
        view=view,
        rows=_list_rows(run_id),
        drafts=_list_drafts(run_id) if view.run.is_dry_run else [],
        max_rows=MAX_SHOWN_ROWS,
        has_report=_report_path(run_id).exists() and view.state in {"done", "refused"},
    )
    response = make_response(page)
    if view.state in {"waiting", "running"}:
        response.headers["Refresh"] = "3"
    return response


@bp.get("/<int:run_id>/report.csv")
def report(run_id: int) -> Response:
    """Download the outcome of every row."""
    _get_run(run_id)
    path = _report_path(run_id)
    if not path.exists():
        msg = "The report of this import is not on this machine."
        raise NotFound(msg)
    return send_file(
        path, mimetype="text/csv", as_attachment=True, download_name=f"import-{run_id}.csv"
    )


def _render_form(form: dict[str, str] | object, error: SiteError | None) -> Response:
    names = staff_names_by_label()
    page = render_template(
        "desk/admin/imports.html",
        actor=current_actor(),
        systems=IMPORT_SYSTEM_LABELS,
        values=form,
        problem=translate_error(error) if error else "",
        wrong=error.field if error else "",
        zones=sorted(available_timezones()),
        runs=[_describe(run, names) for run in list_runs()],
    )
    return make_response(page, get_status(error) if error else 200)


def _parse_system(value: str) -> System:
    try:
        return System(value)
    except ValueError:
        msg = "Choose the system that the file comes from."
        raise Invalid(msg, field="system") from None


def _parse_options() -> dict[str, str]:
    values = {name: request.form.get(name, "").strip()[:200] for name in OPTIONS}
    if values["language"]:
        values["language"] = parse_language(values["language"])
    if values["time_zone"] and values["time_zone"] not in available_timezones():
        msg = "“%(zone)s” is not a time zone. Choose one from the list."
        raise Invalid(msg, field="time_zone", zone=values["time_zone"])
    return {name: value for name, value in values.items() if value}


def _get_run(run_id: int) -> ImportRun:
    if (run := find_run(run_id)) is None:
        msg = "There is no import with this number."
        raise NotFound(msg)
    return run


def _describe(run: ImportRun, names: dict[str, str]) -> RunView:
    state = "running" if run.stored else "waiting"
    if run.finished_at:
        state = "refused" if run.problem else "done"
    counts = [
        (str(OUTCOME_LABELS[key]), run.counts[key]) for key in OUTCOME_LABELS if key in run.counts
    ]
    system = IMPORT_SYSTEM_LABELS.get(System(run.system), run.system)
    return RunView(run, str(system), names.get(run.started_by, run.started_by), state, counts)


def _report_path(run_id: int) -> Path:
    return runtime().settings.imports_path / str(run_id) / jobs.REPORT


def _list_rows(run_id: int) -> list[dict[str, str]]:
    """Return the first rows of the report that need attention: changed, left out, or with a remark."""
    rows = (row for row in _iter_report(run_id) if row["remarks"])
    return list(islice(rows, MAX_SHOWN_ROWS + 1))


def _list_drafts(run_id: int) -> list[str]:
    """Return the titles of the first letters that would become drafts."""
    targets = (row["target"] for row in _iter_report(run_id) if row["kind"] == "letter")
    titles = (
        target.removeprefix(DRAFT_TARGET) for target in targets if target.startswith(DRAFT_TARGET)
    )
    return list(islice(titles, MAX_TITLES))


def _iter_report(run_id: int) -> Iterator[dict[str, str]]:
    path = _report_path(run_id)
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)
