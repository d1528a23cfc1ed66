"""Export the statements of reasons of a period as files for the EU's transparency database (DSA)."""

import json
from collections.abc import Sequence
from datetime import date, timedelta

from flask import Blueprint, Response, make_response, render_template, request

from commentsite import clock
from commentsite.accounts.permissions import Permission
from commentsite.db.session import transaction
from commentsite.errors import Invalid
from commentsite.moderation.dsa.schema import MAX_LENGTHS
from commentsite.moderation.dsa.services import (
    DsaExport,
    Period,
    build_part,
    load_export,
    record_export,
)
from commentsite.moderation.quality.sampling import month_bounds, previous_month
from commentsite.text.plain_text import clean_single_line
from commentsite.web.context import current_actor, require_staff
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id

bp = Blueprint("desk_dsa_export", __name__, url_prefix="/desk/reasons")
bp.before_request(require_staff(Permission.EXPORT_DSA_STATEMENTS))


@bp.get("/")
def show() -> Response:
    """Show the decisions of a period, by default of last month."""
    try:
        export = load_export(_read_period(), by=current_actor())
    except Invalid as error:
        return _render_page(None, status=get_status(error), problem=translate_error(error))
    return _render_page(export)


@bp.post("/")
def download() -> Response:
    """Send one file of the export, or the page with the problems that have to be solved first."""
    by = current_actor()
    part = parse_id(request.form.get("part", "1")) or 0
    try:
        period = _read_period()
        with transaction():
            built = build_part(period, part, _read_legal_grounds(), by=by)
            if built.problems:
                return _render_page(load_export(period, by=by), built.problems, status=422)
            record_export(period, part, built.file, by=by)
    except Invalid as error:
        return _render_page(None, status=get_status(error), problem=translate_error(error))
    text = json.dumps(built.file, ensure_ascii=False, indent=1) + "\n"
    response = Response(text, mimetype="application/json")
    filename = f"statements-{period.first_day}-{period.last_day}-{part}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _read_period() -> Period:
    """Return the period, by default last month. Raises Invalid when a day is not a date."""
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
    return Period(first_day, last_day)


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
    export: DsaExport | None,
    problems: Sequence[str] = (),
    *,
    status: int = 200,
    problem: str = "",
) -> Response:
    try:
        read = _read_period()
        period = [read.first_day.isoformat(), read.last_day.isoformat()]
    except Invalid:
        period = [request.values.get("first", ""), request.values.get("last", "")]
    page = render_template(
        "desk/admin/dsa_export.html",
        actor=current_actor(),
        export=export,
        period=period,
        problem=problem,
        problems=problems,
        max_lengths=MAX_LENGTHS,
        typed=request.form,
    )
    return make_response(page, status)
