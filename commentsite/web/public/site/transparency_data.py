"""The public books for machines: the same numbers as the page, as a table and as JSON."""

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response

from commentsite.moderation.transparency.figures import TransparencyReport, to_table_rows
from commentsite.moderation.transparency.queries import (
    load_report_version,
    load_transparency_report,
)
from commentsite.moderation.transparency.verification import find_inconsistencies
from commentsite.text.csv_cells import escape_csv_cell
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.context import current_site

bp = Blueprint("books", __name__)


@bp.get("/transparency.csv")
@cached_page(lambda: str(load_report_version()))
def table() -> Response:
    """Answer with every line of the books as a row."""
    rows = list(to_table_rows(load_transparency_report()))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    writer.writerows([escape_csv_cell(value) for value in row.values()] for row in rows)
    return Response(text.getvalue(), mimetype="text/csv")


@bp.get("/transparency.json")
@cached_page(lambda: f"{load_report_version()}.{current_site().version}")
def document() -> Response:
    """Answer with the whole of the books."""
    said = json.dumps(_said(load_transparency_report()), ensure_ascii=False, indent=1)
    return Response(f"{said}\n", mimetype="application/json")


def _said(books: TransparencyReport) -> dict[str, Any]:
    oldest = books.oldest_pending_at
    return {
        "site": current_site().title,
        "entry": books.log_entry,
        "hash": books.log_digest,
        "submitted_by_the_log": books.comments_logged,
        "appeals_filed_by_the_log": books.appeals_logged,
        "does_not_balance": find_inconsistencies(books),
        "oldest_waiting_since": oldest.isoformat() if oldest else None,
        "group_names": dict(current_site().groups),
        "lines": list(to_table_rows(books)),
        "let_through": [
            asdict(d)
            | {
                "ratio": d.ratio if d.has_enough_cases else None,
                "p": d.p_value if d.has_enough_cases else None,
                "asks_for_a_look": d.needs_review,
            }
            for d in books.disparities
        ],
        "second_readings": [
            {
                "month": month.month,
                "drawn": month.sample_size,
                "read": month.agreement.n,
                "alike": month.agreement.agreed,
                "kappa": month.agreement.kappa,
                "alpha": month.agreement.alpha,
                "interval": month.agreement.confidence_interval,
                "conclusion": month.agreement.conclusion,
            }
            for month in books.monthly_agreement
        ],
    }
