"""Second readings: what would you have decided, not knowing what was decided."""

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
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commentsite.accounts.permissions import Permission
from commentsite.comments.hashing import hash_email
from commentsite.db.session import transaction
from commentsite.errors import Invalid
from commentsite.moderation.quality import queries as quality_queries
from commentsite.moderation.quality import services as quality
from commentsite.web.context import current_actor, current_site, require_staff, runtime
from commentsite.web.errors import sentence
from commentsite.web.http.parameters import parse_id

bp = Blueprint("desk_reviews", __name__, url_prefix="/desk/reviews")
bp.before_request(require_staff(Permission.MODERATE))


@bp.get("/")
def index() -> Response:
    """Show the next comment to read, those after `?after=`, and what came of the readings so far."""
    after = parse_id(request.args.get("after", "")) or 0
    actor = current_actor()
    vault = runtime().encryption
    return _page(quality.next_for(actor, vault, after=after) or quality.next_for(actor, vault))


@bp.post("/<int:review_id>")
def answer(review_id: int) -> AnyResponse:
    """Take in what somebody would have decided, and show the next."""
    try:
        with transaction():
            quality.submit_review(
                review_id,
                request.form.get("verdict", ""),
                rule=request.form.get("reason", ""),
                by=current_actor(),
                encryption=runtime().encryption,
            )
    except Invalid as error:
        case = quality_queries.load_review_case(quality_queries.load_review(review_id))
        return _page(case, status=422, problem=sentence(error))
    flash(_("Your reading is kept. The comment stays as it is."))
    return redirect(url_for("desk_reviews.index", after=review_id), 303)


def _page(
    case: quality_queries.ReviewCase | None, *, status: int = 200, problem: str = ""
) -> Response:
    actor = current_actor()
    page = render_template(
        "desk/moderation/quality_reviews.html",
        actor=actor,
        case=case,
        waiting=quality_queries.count_open_reviews(
            actor.user_id, hash_email(runtime().encryption, actor.email)
        ),
        verdicts=quality_queries.REVIEWABLE_VERDICTS,
        reasons=current_site().rulebook.active_clauses,
        blind=quality_queries.load_monthly_agreement(),
        problem=problem,
        typed=request.form,
    )
    return make_response(page, status)
