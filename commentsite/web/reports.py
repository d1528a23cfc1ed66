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
from commentsite.address import client_address
from commentsite.comments.queries import comment_by_id, comment_for_update, visible_comment
from commentsite.comments.reported import report_by_receipt
from commentsite.comments.reports import hold_reported, report_comment
from commentsite.comments.states import CommentState
from commentsite.db import transaction
from commentsite.errors import NotFound, SiteError
from commentsite.extensions import csrf, limiter
from commentsite.letters.queries import letter_by_id
from commentsite.plain import small_number
from commentsite.site.queries import clauses_named
from commentsite.web.errors import sentence, status_of
from commentsite.web.form_tokens import REPORT_FORM, check_report_form
from commentsite.web.identity import current_site, runtime

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
    visible_comment(slug, comment_id)
    try:
        with transaction():
            receipt = report_comment(
                comment_for_update(comment_id),
                typed["rule"],
                typed["words"],
                rules=current_site().rules,
                by=READER,
                seen_rules=small_number(request.form.get("rules", "")),
                address_hash=runtime().vault.keyed_hash("address", client_address()),
            )
    except SiteError as error:
        return _form(slug, comment_id, typed, error)
    with transaction():
        hold_reported(comment_id, current_site().report_threshold)
    return redirect(url_for("reports.show", token=receipt), 303)


@bp.get("/receipts/reports/<token>")
def show(token: str) -> Response:
    """Show what came of a report."""
    report, comment = report_by_receipt(token)
    named = (report.rules_version, report.rule)
    page = render_template(
        "public/comments/report.html",
        report=report,
        comment=comment,
        clause=clauses_named([named]).get(named),
        letter=letter_by_id(comment.letter_id),
        here=url_for("reports.show", token=token),
    )
    return make_response(page)


def _form(
    slug: str, comment_id: int, typed: dict[str, Any], error: SiteError | None = None
) -> Response:
    comment = comment_by_id(visible_comment(slug, comment_id).id)
    if comment.state != CommentState.PUBLISHED and error is None:
        msg = "This comment is not published any more."
        raise NotFound(msg)
    page = render_template(
        "public/comments/report_form.html",
        comment=comment,
        letter=letter_by_id(comment.letter_id),
        rules=current_site().rules,
        typed=typed,
        problem=sentence(error) if error else "",
        wrong=error.field if error else "",
        signed=REPORT_FORM.sign(comment_id),
    )
    return make_response(page, status_of(error) if error else 200)
