"""The public books for machines: the same numbers as the page, as a table and as JSON."""

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response

from commentsite.moderation.books import public_books, stamp
from commentsite.moderation.tally import Books, does_not_balance, flat
from commentsite.plain import csv_cell
from commentsite.web.caching.page_cache import cached_page
from commentsite.web.identity import current_site

bp = Blueprint("books", __name__)


@bp.get("/transparency.csv")
@cached_page(lambda: str(stamp()))
def table() -> Response:
    """Answer with every line of the books as a row."""
    rows = list(flat(public_books()))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    writer.writerows([csv_cell(value) for value in row.values()] for row in rows)
    return Response(text.getvalue(), mimetype="text/csv")


@bp.get("/transparency.json")
@cached_page(lambda: f"{stamp()}.{current_site().version}")
def document() -> Response:
    """Answer with the whole of the books."""
    said = json.dumps(_said(public_books()), ensure_ascii=False, indent=1)
    return Response(f"{said}\n", mimetype="application/json")


def _said(books: Books) -> dict[str, Any]:
    oldest = books.oldest_waiting
    return {
        "site": current_site().title,
        "entry": books.entry,
        "hash": books.digest,
        "submitted_by_the_log": books.logged,
        "appeals_filed_by_the_log": books.appeals_logged,
        "does_not_balance": does_not_balance(books),
        "oldest_waiting_since": oldest.isoformat() if oldest else None,
        "group_names": dict(current_site().groups),
        "lines": list(flat(books)),
        "let_through": [
            asdict(d)
            | {
                "ratio": d.ratio if d.is_enough else None,
                "p": d.p if d.is_enough else None,
                "asks_for_a_look": d.asks_for_a_look,
            }
            for d in books.disparities
        ],
        "second_readings": [
            {
                "month": month.month,
                "drawn": month.drawn,
                "read": month.agreement.n,
                "alike": month.agreement.same,
                "kappa": month.agreement.kappa,
                "alpha": month.agreement.alpha,
                "interval": month.agreement.interval,
                "conclusion": month.agreement.conclusion,
            }
            for month in books.blind
        ],
    }
