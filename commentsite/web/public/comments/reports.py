"""Report a published comment to the moderators, and follow the report on a private page."""

from flask import (
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import READER
from commentsite.comments.queries import get_comment, get_comment_for_update, get_public_comment
from commentsite.comments.reports.queries import get_report_by_receipt
from commentsite.comments.reports.services import find_mistakes, report_comment
from commentsite.comments.states import CommentState
from commentsite.comments.transitions import hold_reported_comment
from commentsite.db.session import transaction
from commentsite.errors import Invalid, NotAllowed, NotFound, SiteError
from commentsite.letters.queries import get_letter
from commentsite.site.queries import find_clauses
from commentsite.web.context import current_site, runtime
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.client_address import client_address, client_networks
from commentsite.web.http.cross_site import is_sent_from_elsewhere
from commentsite.web.http.extensions import csrf
from commentsite.web.http.form_tokens import REPORT_FORM, check_report_form
from commentsite.web.http.languages import LanguageBlueprint
from commentsite.web.http.parameters import parse_id
from commentsite.web.http.rate_limits import REPORT_LIMITS, limit_by_network
from commentsite.web.rendering.i18n import gettext as _

bp = LanguageBlueprint("reports", __name__)
csrf.exempt(bp)  # there is no session; the form carries a token that is signed for its comment


@bp.get("/letters/<slug>/comments/<int:comment_id>/report")
def new(slug: str, comment_id: int) -> Response:
    return _render_form(slug, comment_id)


@bp.post("/letters/<slug>/comments/<int:comment_id>/report")
@limit_by_network(REPORT_LIMITS)
def create(slug: str, comment_id: int) -> AnyResponse:
    """Store a report and redirect to its private page."""
    if is_sent_from_elsewhere():
        return _render_form(
            slug,
            comment_id,
            NotAllowed(
                "This report was sent from a page of another site. If you want to report the comment, send it from here."
            ),
        )
    if request.form.get("nickname"):
        abort(400)  # readers do not see this field; programs fill it in
    try:
        check_report_form(comment_id)
    except BadRequest:
        message = "This page was open for too long. Your text is still here. Send it again."
        return _render_form(slug, comment_id, Invalid(message), status=400)
    get_public_comment(slug, comment_id)
    try:
        with transaction():
            receipt = report_comment(
                get_comment_for_update(comment_id),
                request.form.get("rule", ""),
                request.form.get("words", ""),
                rulebook=current_site().rulebook,
                by=READER,
                seen_rules_version=parse_id(request.form.get("rules", "")),
                network_address_hash=runtime().encryption.keyed_hash("address", client_address()),
                network_hash=runtime().encryption.keyed_hash(
                    "network", client_networks().of_one_holder
                ),
            )
    except SiteError as error:
        return _render_form(slug, comment_id, error)
    # The report is stored even if the comment cannot be held.
    with transaction():
        hold_reported_comment(comment_id, current_site().report_threshold)
    return redirect(url_for("reports.show", token=receipt), 303)


@bp.get("/receipts/reports/<token>")
def show(token: str) -> Response:
    """Show the outcome of a report to its sender."""
    report, comment = get_report_by_receipt(token)
    cited_rule = (report.rules_version, report.rule)
    page = render_template(
        "public/comments/report.html",
        report=report,
        heading=_build_heading(report.state),
        clause=find_clauses([cited_rule]).get(cited_rule),
        letter=get_letter(comment.letter_id),
        page_address=url_for("reports.show", token=token),
    )
    return make_response(page)


def _build_heading(state: str) -> str:
    return {
        "open": _("Your report is waiting for a moderator."),
        "upheld": _("The comment was removed."),
        "gone": _("The comment is no longer published. Its author withdrew it."),
        "kept": _("A moderator dismissed your report. The comment stays published."),
    }[state]


def _render_form(
    slug: str, comment_id: int, error: SiteError | None = None, *, status: int | None = None
) -> Response:
    comment = get_comment(get_public_comment(slug, comment_id).id)
    if comment.state != CommentState.PUBLISHED and error is None:
        raise NotFound(_("This comment is no longer published."))
    rule, text = request.form.get("rule", ""), request.form.get("words", "")
    # A mistake in a field names that field. The page then lists the mistakes in all fields.
    mistakes = find_mistakes(rule, text, current_site().rulebook) if error and error.field else []
    page = render_template(
        "public/comments/report_form.html",
        comment=comment,
        letter=get_letter(comment.letter_id),
        rulebook=current_site().rulebook,
        rule=rule,
        text=text,
        problem="" if mistakes or error is None else translate_error(error),
        mistakes={mistake.field: translate_error(mistake) for mistake in mistakes},
        form_token=REPORT_FORM.sign(comment_id),
    )
    return make_response(page, status or (get_status(error) if error else 200))
