"""Export the statements of reasons of a period as files for the EU's transparency database (DSA)."""

import json
from datetime import date, timedelta

from flask import Blueprint, Response, make_response, render_template, request

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Invalid
from commentsite.moderation.dsa.schema import MAX_LENGTHS
from commentsite.moderation.dsa.services import DsaExport, export_part, prepare_export
from commentsite.moderation.quality.sampling import month_bounds, previous_month
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_actor, require_staff
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id

MAX_ROWS = 100  # decisions that the page lists; the files hold all
bp = Blueprint("desk_dsa_export", __name__, url_prefix="/desk/reasons")
bp.before_request(require_staff(Permission.EXPORT_DSA_STATEMENTS))


@bp.get("/")
def show() -> Response:
    """Show the decisions of a period, by default of last month."""
    try:
        first_day, last_day = _read_period()
        prepared = prepare_export(first_day, last_day, {}, by=current_actor())
    except Invalid as error:
        return _render_page(None, status=get_status(error), problem=translate_error(error))
    return _render_page(prepared)


@bp.post("/")
def download() -> Response:
    """Send one file of the export, or the page with the problems that have to be solved first."""
    by = current_actor()
    try:
        first_day, last_day = _read_period()
        with transaction():
            prepared = prepare_export(first_day, last_day, _read_legal_grounds(), by=by)
            if prepared.problems:
                return _render_page(prepared, status=422, lists_problems=True)
            part = parse_id(request.form.get("part", "1")) or 0
            document = export_part(prepared, part, first_day, last_day, by=by)
    except Invalid as error:
        return _render_page(None, status=get_status(error), problem=translate_error(error))
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    response = Response(text, mimetype="application/json")
    filename = f"statements-{first_day}-{last_day}-{part}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _read_period() -> tuple[date, date]:
    """Return the first and the last day of the period. Raises Invalid when one is not a date."""
    start, end = month_bounds(previous_month(clock.now()))
    defaults = {"first": start.date(), "last": end.date() - timedelta(days=1)}
    try:
        first_day, last_day = (
            date.fromisoformat(request.values[name]) if request.values.get(name) else default
            for name, default in defaults.items()
        )
    except ValueError:
        msg = "Enter the days of the period as year, month and day, for example 2026-03-01."
        raise Invalid(msg, field="first") from None
    return first_day, last_day


def _read_legal_grounds() -> dict[int, tuple[str, str]]:
    """Return the law and its explanation by decision, for the decisions on unlawful comments."""
    grounds = {}
    for name, law in request.form.items():
        field, _dash, number = name.partition("-")
        if field == "law" and (decision_id := parse_id(number)) is not None:
            explanation = request.form.get(f"why-{number}", "")
            grounds[decision_id] = (clean_single_line(law), clean_single_line(explanation))
    return grounds


def _render_page(
    prepared: DsaExport | None,
    *,
    status: int = 200,
    problem: str = "",
    lists_problems: bool = False,
) -> Response:
    try:
        period = [day.isoformat() for day in _read_period()]
    except Invalid:
        period = [request.values.get("first", ""), request.values.get("last", "")]
    page = render_template(
        "desk/admin/dsa_export.html",
        actor=current_actor(),
        prepared=prepared,
        period=period,
        problem=problem,
        lists_problems=lists_problems,
        max_rows=MAX_ROWS,
        max_lengths=MAX_LENGTHS,
        typed=request.form,
    )
    return make_response(page, status)
