"""Let moderators review a sample of decided comments a second time, to measure how often they agree.

The reviewer sees neither the author nor the decision. The comment stays as it is.
"""

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.comments.hashing import hash_email
from commentsite.db.session import transaction
from commentsite.errors import Invalid
from commentsite.moderation.quality import queries as quality_queries
from commentsite.moderation.quality import services as quality_services
from commentsite.web.context import current_actor, current_site, require_staff, runtime
from commentsite.web.errors import translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _

bp = Blueprint("moderation_quality_reviews", __name__, url_prefix="/desk/reviews")
bp.before_request(require_staff(Permission.MODERATE))


@bp.get("/")
def index() -> Response:
    """Show the next comment to review, and the agreement measured so far.

    `?after=` skips the reviews up to that id. After the last one the list starts again.
    """
    after = parse_id(request.args.get("after", "")) or 0
    actor, encryption = current_actor(), runtime().encryption
    case = quality_services.find_next_review_for(actor, encryption, after=after)
    return _render_review(case or quality_services.find_next_review_for(actor, encryption))


@bp.post("/<int:review_id>")
def submit(review_id: int) -> AnyResponse:
    """Save the verdict of the second reviewer, and show the next comment."""
    try:
        with transaction():
            quality_services.submit_review(
                review_id,
                request.form.get("verdict", ""),
                rule=request.form.get("reason", ""),
                by=current_actor(),
                encryption=runtime().encryption,
            )
    except Invalid as error:
        case = quality_queries.load_review_case(quality_queries.load_review(review_id))
        return _render_review(case, error)
    flash(_("Your review is saved. The comment stays as it is."))
    return redirect(url_for(".index", after=review_id), 303)


def _render_review(
    case: quality_queries.ReviewCase | None, error: Invalid | None = None
) -> Response:
    actor = current_actor()
    html = render_template(
        "desk/moderation/quality_reviews.html",
        actor=actor,
        case=case,
        open_count=quality_queries.count_open_reviews(
            actor.user_id,
            hash_email(runtime().encryption, actor.email),
            letter_ids=actor.letter_ids,
        ),
        verdicts=quality_queries.REVIEWABLE_VERDICTS,
        rules=current_site().rulebook.active_clauses,
        agreement=quality_queries.load_monthly_agreement(),
        error_text=translate_error(error) if error else "",
        typed=request.form,
    )
    return make_response(html, 422 if error else 200)
