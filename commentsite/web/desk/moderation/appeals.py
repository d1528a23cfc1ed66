"""Appeals at the desk: what waits, one as a case, the question to its author, and the outcome."""

from collections.abc import Callable

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

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments.appeals.states import OPEN_STATES, AppealState
from commentsite.comments.redaction.services import decrypt_original_text
from commentsite.comments.redaction.spans import (
    RedactionRequest,
    RedactionSegment,
    parse_spans,
    split_at_spans,
)
from commentsite.comments.states import CommentState
from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import transaction
from commentsite.errors import Conflict, Invalid, NotAllowed, SiteError
from commentsite.moderation.appeals import rulings
from commentsite.moderation.appeals.eligibility import load_eligibility
from commentsite.moderation.appeals.policy import list_allowed_variations
from commentsite.moderation.appeals.queries import (
    APPEAL_VIEWS,
    AppealCaseFile,
    count_appeals_by_view,
    load_appeal_case_file,
    load_appeal_page,
)
from commentsite.moderation.appeals.reversals import VariationRequest
from commentsite.moderation.decisions.policy import Verdict
from commentsite.text.plain_text import clean_multiline
from commentsite.web.context import current_actor, current_site, require_staff, runtime
from commentsite.web.errors import sentence, status_of
from commentsite.web.http.parameters import parse_id

bp = Blueprint("desk_appeals", __name__, url_prefix="/desk/appeals")
bp.before_request(require_staff(Permission.MODERATE))


@bp.get("/")
def index() -> Response:
    """Show one view of the appeals, the oldest first."""
    actor, asked = current_actor(), request.args.get("view", "")
    view = asked if asked in APPEAL_VIEWS else "waiting"
    page = render_template(
        "desk/moderation/appeals.html",
        actor=actor,
        view=view,
        views=APPEAL_VIEWS,
        most=MAX_COUNT,
        counts=count_appeals_by_view(moderator_id=actor.user_id, letter_ids=actor.letter_ids),
        found=load_appeal_page(
            view,
            moderator_id=actor.user_id,
            letter_ids=actor.letter_ids,
            after=parse_id(request.args.get("after", "")),
        ),
    )
    return make_response(page)


@bp.get("/<int:appeal_id>")
def show(appeal_id: int) -> Response:
    """Show one appeal with everything that is needed to decide it."""
    return _page(appeal_id)


@bp.post("/<int:appeal_id>/question")
def ask(appeal_id: int) -> AnyResponse:
    """Ask its author one question."""

    def act(by: Actor) -> None:
        said = request.form.get("question", "")
        rulings.ask_appellant(appeal_id, _shown(), said, by=by, encryption=runtime().encryption)

    return _act(appeal_id, act, _("The question is sent. The answer comes back here."))


@bp.post("/<int:appeal_id>/outcome")
def decide(appeal_id: int) -> AnyResponse:
    """Decide the appeal, and carry it out."""

    def act(by: Actor) -> None:
        rulings.decide_appeal(
            appeal_id,
            _shown(),
            request.form.get("outcome", ""),
            facts=request.form.get("facts", ""),
            by=by,
            encryption=runtime().encryption,
            variation=VariationRequest(
                request.form.get("how", ""),
                request.form.get("reason", ""),
                RedactionRequest(
                    text=clean_multiline(request.form.get("redact_words", "")).strip("\n")
                ),
            ),
        )

    return _act(appeal_id, act, _("The appeal is decided. Its author is told."))


def _act(appeal_id: int, act: Callable[[Actor], None], done: str) -> AnyResponse:
    actor = current_actor()
    try:
        with transaction():
            act(actor)
    except (Conflict, Invalid, NotAllowed) as error:
        return _page(appeal_id, error)
    flash(done)
    return redirect(url_for("desk_appeals.show", appeal_id=appeal_id), 303)


def _shown() -> str:
    return request.form.get("shown", "")[:40]


def _page(appeal_id: int, error: SiteError | None = None) -> Response:
    actor, vault = current_actor(), runtime().encryption
    file = load_appeal_case_file(appeal_id)
    comment, appeal = file.comment, file.appeal
    actor.require(Permission.MODERATE, file.letter.id)
    page = render_template(
        "desk/moderation/appeal.html",
        actor=actor,
        file=file,
        seat=load_eligibility(comment, actor, vault),
        is_open=appeal.state in OPEN_STATES,
        is_awaited=_answer_awaited(file),
        ways=list_allowed_variations(Verdict(file.decision.verdict), CommentState(comment.state)),
        sent_pieces=_as_sent(file),
        shown=rulings.make_version_token(appeal, comment),
        rules=current_site().rulebook,
        problem=sentence(error) if error else "",
        wrong=(error.field or "") if error else "",
        typed=request.form,
    )
    return make_response(page, status_of(error) if error else 200)


def _as_sent(file: AppealCaseFile) -> list[RedactionSegment]:
    """Return the words as they were sent, those hidden now marked; as they stand where no key opens them."""
    try:
        original = decrypt_original_text(file.comment, runtime().encryption)
    except Conflict:
        return split_at_spans(file.comment.body, [])
    return split_at_spans(original, parse_spans(file.comment.redactions))


def _answer_awaited(file: AppealCaseFile) -> bool:
    """Say whether the author still has time to answer the question."""
    is_asked = file.appeal.state == AppealState.ASKED
    return is_asked and clock.now() < file.appeal.changed_at + rulings.ANSWER_TIMEOUT
