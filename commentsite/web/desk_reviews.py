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
from commentsite.comments.keys import hash_email
from commentsite.db import transaction
from commentsite.errors import Invalid
from commentsite.moderation import reviewed, reviews
from commentsite.plain import small_number
from commentsite.web.errors import sentence
from commentsite.web.identity import current_actor, current_site, require_staff, runtime

bp = Blueprint("desk_reviews", __name__, url_prefix="/desk/reviews")
bp.before_request(require_staff(Permission.MODERATE))


@bp.get("/")
def index() -> Response:
    """Show the next comment to read, those after `?after=`, and what came of the readings so far."""
    after = small_number(request.args.get("after", "")) or 0
    actor = current_actor()
    vault = runtime().vault
    return _page(reviews.next_for(actor, vault, after=after) or reviews.next_for(actor, vault))


@bp.post("/<int:review_id>")
def answer(review_id: int) -> AnyResponse:
    """Take in what somebody would have decided, and show the next."""
    try:
        with transaction():
            reviews.answer(
                review_id,
                request.form.get("verdict", ""),
                reason=request.form.get("reason", ""),
                by=current_actor(),
                vault=runtime().vault,
            )
    except Invalid as error:
        case = reviewed.blind_case(reviewed.review_by_id(review_id))
        return _page(case, status=422, problem=sentence(error))
    flash(_("Your reading is kept. The comment stays as it is."))
    return redirect(url_for("desk_reviews.index", after=review_id), 303)


def _page(case: reviewed.BlindCase | None, *, status: int = 200, problem: str = "") -> Response:
    actor = current_actor()
    page = render_template(
        "desk/moderation/quality_reviews.html",
        actor=actor,
        case=case,
        waiting=reviewed.count_open(actor.user_id, hash_email(runtime().vault, actor.email)),
        verdicts=reviewed.COMPARED,
        reasons=current_site().rules.clauses,
        blind=reviewed.blind_months(),
        problem=problem,
        typed=request.form,
    )
    return make_response(page, status)
