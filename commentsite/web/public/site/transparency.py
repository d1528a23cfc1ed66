"""The transparency report: a page for readers, and the same numbers as CSV and JSON for programs."""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, make_response, render_template

from commentsite.comments.appeals.states import AppealState
from commentsite.comments.states import CommentState
from commentsite.moderation.quality.agreement import MIN_CASES, MonthlyAgreement
from commentsite.moderation.transparency.disparity import MAX_P_VALUE, MIN_RATIO, Disparity
from commentsite.moderation.transparency.figures import (
    SummaryRow,
    TransparencyReport,
    merge_rows,
    to_table_rows,
)
from commentsite.moderation.transparency.queries import (
    load_report_version,
    load_transparency_report,
)
from commentsite.moderation.transparency.verification import find_inconsistencies
from commentsite.text.csv_cells import escape_csv_cell
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.rendering.charts import build_columns
from commentsite.web.rendering.i18n import format_fraction
from commentsite.web.rendering.i18n import gettext as _

bp = LanguageBlueprint("transparency", __name__)
MAX_MONTHS = (
    24  # the page sums up earlier months in one row; the CSV and JSON files hold each of them
)
STATE_ORDER = (
    CommentState.PUBLISHED,
    CommentState.PENDING,
    CommentState.AWAITING_EMAIL,
    CommentState.RETURNED,
    CommentState.REFUSED,
    CommentState.RESTRICTED,
    CommentState.SPAM,
    CommentState.WITHDRAWN,
)


@dataclass(frozen=True)
class DisparityRow:
    """A row of the table of differences between groups, in words."""

    disparity: Disparity
    ratio: str
    p_value: str
    conclusion: str


@bp.get("/transparency")
@cached_page(lambda: f"{load_report_version()}.{current_site().version}")
def show() -> Response:
    report = load_transparency_report()
    total = report.total
    page = render_template(
        "public/site/transparency.html",
        report=report,
        inconsistencies=find_inconsistencies(report),
        months=_limit_months(report.months),
        chart_columns=build_columns(report.months, STATE_ORDER),
        state_order=STATE_ORDER,
        rulebook=current_site().rulebook,
        automated_percent=(
            round(total.automated * 100 / total.decided) if total.decided >= MIN_CASES else None
        ),
        appeal_outcomes=_list_appeal_outcomes(total),
        min_cases=MIN_CASES,
        min_ratio=MIN_RATIO,
        max_p_value=MAX_P_VALUE,
        disparities=[describe_disparity(disparity) for disparity in report.disparities],
    )
    return make_response(page)


@bp.get("/transparency.csv")
@cached_page(lambda: str(load_report_version()))
def download_csv() -> Response:
    rows = list(to_table_rows(load_transparency_report()))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    writer.writerows([escape_csv_cell(value) for value in row.values()] for row in rows)
    return Response(text.getvalue(), mimetype="text/csv")


@bp.get("/transparency.json")
@cached_page(lambda: f"{load_report_version()}.{current_site().version}")
def download_json() -> Response:
    content = json.dumps(_build_json(load_transparency_report()), ensure_ascii=False, indent=1)
    return Response(f"{content}\n", mimetype="application/json")


def _limit_months(months: tuple[SummaryRow, ...]) -> list[SummaryRow]:
    earlier = months[MAX_MONTHS:]
    return [*months[:MAX_MONTHS], *([merge_rows("", earlier)] if earlier else [])]


def describe_disparity(disparity: Disparity) -> DisparityRow:
    ratio, p_value = disparity.ratio, disparity.p_value
    return DisparityRow(
        disparity,
        ratio="–" if ratio is None else format_beside(ratio, MIN_RATIO, 2),
        p_value=format_beside(p_value, MAX_P_VALUE, 3),
        conclusion=_conclude(disparity),
    )


def _conclude(disparity: Disparity) -> str:
    """Write the conclusion about a group. It names the limit that only one of the two numbers misses."""
    limits = {"ratio": format_fraction(MIN_RATIO, 1), "p": format_fraction(MAX_P_VALUE, 2)}
    if disparity.needs_review:
        return _("Stands out: the ratio is below %(ratio)s and p is below %(p)s.", **limits)
    if disparity.p_value < MAX_P_VALUE:
        return _(
            "Does not stand out: p is below %(p)s, but the ratio is not below %(ratio)s.",
            **limits,
        )
    if disparity.ratio is not None and disparity.ratio < MIN_RATIO:
        return _(
            "Does not stand out: the ratio is below %(ratio)s, but p is not below %(p)s.",
            **limits,
        )
    return _("Does not stand out.")


def format_beside(value: float, limit: float, decimals: int) -> str:
    """Round a number, with more decimals where it would otherwise look equal to a limit or beyond it."""
    while decimals < 6 and (value < limit) != (round(value, decimals) < limit):
        decimals += 1
    return format_fraction(value, decimals)


def _list_appeal_outcomes(total: SummaryRow) -> Iterable[tuple[str, int]]:
    by_state = total.appeals_by_state
    return (
        (_("Decision upheld"), by_state[AppealState.UPHELD]),
        (_("Decision overturned"), by_state[AppealState.OVERTURNED]),
        (_("Decision changed"), by_state[AppealState.VARIED]),
        (_("Dismissed as inadmissible"), by_state[AppealState.INADMISSIBLE]),
        (_("Withdrawn by the author"), by_state[AppealState.WITHDRAWN]),
        (_("Not yet decided"), total.open_appeals),
    )


def _build_json(report: TransparencyReport) -> dict[str, Any]:
    # The names of the keys are a public format. They do not follow renames in the code.
    oldest = report.oldest_pending_at
    return {
        "site": current_site().title,
        "entry": report.log_entry,
        "hash": report.log_digest,
        "submitted_by_the_log": report.comments_logged,
        "appeals_filed_by_the_log": report.appeals_logged,
        "does_not_balance": find_inconsistencies(report),
        "oldest_waiting_since": oldest.isoformat() if oldest else None,
        "group_names": dict(current_site().groups),
        "lines": list(to_table_rows(report)),
        "let_through": [_build_json_of_disparity(d) for d in report.disparities],
        "second_readings": [_build_json_of_agreement(month) for month in report.monthly_agreement],
    }


def _build_json_of_disparity(disparity: Disparity) -> dict[str, Any]:
    has_enough_cases = disparity.has_enough_cases
    return asdict(disparity) | {
        "ratio": disparity.ratio if has_enough_cases else None,
        "p": disparity.p_value if has_enough_cases else None,
        "asks_for_a_look": disparity.needs_review,
    }


def _build_json_of_agreement(month: MonthlyAgreement) -> dict[str, Any]:
    return {
        "month": month.month,
        "drawn": month.sample_size,
        "read": month.agreement.n,
        "alike": month.agreement.agreed,
        "kappa": month.agreement.kappa,
        "alpha": month.agreement.alpha,
        "interval": month.agreement.confidence_interval,
        "conclusion": month.agreement.conclusion,
    }
