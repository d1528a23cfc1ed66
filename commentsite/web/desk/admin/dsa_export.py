"""Statements of reasons of a period, as files for the transparency database."""

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
from commentsite.web.errors import sentence
from commentsite.web.http.parameters import parse_id

bp = Blueprint("desk_reasons", __name__, url_prefix="/desk/reasons")
bp.before_request(require_staff(Permission.EXPORT_DSA_STATEMENTS))


@bp.get("/")
def index() -> Response:
    """Show what a period holds; the month that ended last unless asked otherwise."""
    try:
        first, last = _period()
        prepared = prepare_export(first, last, {}, by=current_actor())
    except Invalid as error:
        return _page(None, status=422, problem=sentence(error))
    return _page(prepared)


@bp.post("/")
def export() -> Response:
    """Answer with one file, or with the page and what is wrong."""
    by = current_actor()
    try:
        first, last = _period()
        with transaction():
            prepared = prepare_export(first, last, _laws(), by=by)
            if prepared.problems:
                return _page(prepared, status=422, is_asked=True)
            part = parse_id(request.form.get("part", "1")) or 0
            file = export_part(prepared, part, first, last, by=by)
    except Invalid as error:
        return _page(None, status=422, problem=sentence(error))
    answer = Response(
        json.dumps(file, ensure_ascii=False, indent=1) + "\n", mimetype="application/json"
    )
    name = f"statements-{first}-{last}-{part}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _period() -> tuple[date, date]:
    start, end = month_bounds(previous_month(clock.now()))
    usual = {"first": start.date(), "last": end.date() - timedelta(days=1)}
    try:
        first, last = (
            date.fromisoformat(request.values[name]) if request.values.get(name) else day
            for name, day in usual.items()
        )
    except ValueError:
        raise Invalid("Write the days of the period as 2026-03-01.", field="first") from None
    return first, last


def _laws() -> dict[int, tuple[str, str]]:
    """Return what was typed about each decision that rests on a law."""
    found = {}
    for name, law in request.form.items():
        kind, _dash, number = name.partition("-")
        if kind == "law" and (decision := parse_id(number)) is not None:
            why = request.form.get(f"why-{number}", "")
            found[decision] = (clean_single_line(law), clean_single_line(why))
    return found


def _page(
    prepared: DsaExport | None, *, status: int = 200, problem: str = "", is_asked: bool = False
) -> Response:
    try:
        period = [day.isoformat() for day in _period()]
    except Invalid:
        period = [request.values.get("first", ""), request.values.get("last", "")]
    page = render_template(
        "desk/admin/dsa_export.html",
        actor=current_actor(),
        prepared=prepared,
        period=period,
        problem=problem,
        is_asked=is_asked,
        longest=MAX_LENGTHS,
        typed=request.form,
    )
    return make_response(page, status)
