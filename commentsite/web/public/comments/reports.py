"""Point out a published comment to the moderators, and see what came of it."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import READER
from commentsite.comments.queries import get_comment, get_comment_for_update, get_public_comment
from commentsite.comments.reports.queries import get_report_by_receipt
from commentsite.comments.reports.services import report_comment
from commentsite.comments.states import CommentState
from commentsite.comments.transitions import hold_reported_comment
from commentsite.db.session import transaction
from commentsite.errors import NotFound, SiteError
from commentsite.letters.queries import get_letter
from commentsite.site.queries import find_clauses
from commentsite.web.context import current_site, runtime
from commentsite.web.errors import sentence, status_of
from commentsite.web.http.client_address import client_address
from commentsite.web.http.extensions import csrf, limiter
from commentsite.web.http.form_tokens import REPORT_FORM, check_report_form
from commentsite.web.http.parameters import parse_id

bp = Blueprint("reports", __name__)
csrf.exempt(bp)  # there is no session here; the form carries a token signed for its comment
LIMIT = "10 per hour"


@bp.get("/letters/<slug>/comments/<int:comment_id>/report")
def ask(slug: str, comment_id: int) -> Response:
    """Show the form."""
    return _form(slug, comment_id, {})


@bp.post("/letters/<slug>/comments/<int:comment_id>/report")
@limiter.limit(LIMIT)
def send(slug: str, comment_id: int) -> AnyResponse:
    """Take a report in, and lead to the page that follows it."""
    typed = {name: request.form.get(name, "") for name in ("rule", "words")}
    if request.form.get("nickname"):
        abort(400)
    check_report_form(comment_id)
    get_public_comment(slug, comment_id)
    try:
        with transaction():
            receipt = report_comment(
                get_comment_for_update(comment_id),
                typed["rule"],
                typed["words"],
                rulebook=current_site().rulebook,
                by=READER,
                seen_rules_version=parse_id(request.form.get("rules", "")),
                network_address_hash=runtime().encryption.keyed_hash("address", client_address()),
            )
    except SiteError as error:
        return _form(slug, comment_id, typed, error)
    with transaction():
        hold_reported_comment(comment_id, current_site().report_threshold)
    return redirect(url_for("reports.show", token=receipt), 303)


@bp.get("/receipts/reports/<token>")
def show(token: str) -> Response:
    """Show what came of a report."""
    report, comment = get_report_by_receipt(token)
    named = (report.rules_version, report.rule)
    page = render_template(
        "public/comments/report.html",
        report=report,
        comment=comment,
        clause=find_clauses([named]).get(named),
        letter=get_letter(comment.letter_id),
        here=url_for("reports.show", token=token),
    )
    return make_response(page)


def _form(
    slug: str, comment_id: int, typed: dict[str, Any], error: SiteError | None = None
) -> Response:
    comment = get_comment(get_public_comment(slug, comment_id).id)
    if comment.state != CommentState.PUBLISHED and error is None:
        msg = "This comment is not published any more."
        raise NotFound(msg)
    page = render_template(
        "public/comments/report_form.html",
        comment=comment,
        letter=get_letter(comment.letter_id),
        rules=current_site().rulebook,
        typed=typed,
        problem=sentence(error) if error else "",
        wrong=error.field if error else "",
        signed=REPORT_FORM.sign(comment_id),
    )
    return make_response(page, status_of(error) if error else 200)
