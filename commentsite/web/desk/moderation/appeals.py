"""Show appeals at the desk, ask an appellant one question, and rule on an appeal.

A reviewer rules who did not take part in the decision. Both forms of the page send back a token for the
version of appeal and comment that the reviewer saw, so that a ruling never rests on an outdated page.
"""

from collections.abc import Callable
from dataclasses import dataclass

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
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.accounts.queries import staff_names_by_label
from commentsite.comments.appeals.states import OPEN_STATES, AppealState
from commentsite.comments.redaction.services import decrypt_original_text
from commentsite.comments.redaction.spans import (
    RedactionRequest,
    RedactionSegment,
    parse_spans,
    split_at_spans,
)
from commentsite.comments.states import CommentState
from commentsite.db.session import transaction
from commentsite.errors import Conflict, Invalid, NotAllowed, SiteError
from commentsite.moderation.appeals import rulings
from commentsite.moderation.appeals.eligibility import Eligibility, load_eligibility
from commentsite.moderation.appeals.policy import (
    NO_REVIEWER,
    VariationKind,
    list_allowed_variations,
)
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
from commentsite.web.desk.moderation.audit_labels import (
    DECISION_LABELS,
    HistoryEntry,
    build_history,
)
from commentsite.web.desk.moderation.queue_views import format_count
from commentsite.web.errors import get_status, translate_error
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _

MAX_TOKEN_LENGTH = 40
DEFAULT_VIEW = "waiting"
VIEW_LABELS = {
    "waiting": _l("Waiting"),
    "asked": _l("With the author"),
    "mine": _l("Handled by me"),
    "decided": _l("Decided"),
}
EMPTY_TEXTS = {
    "waiting": _l(
        "No appeal waits for a reviewer. Authors appeal from the private page of a comment that was refused or removed."
    ),
    "asked": _l("No author has a question to answer."),
    "mine": _l("You have decided no appeal and asked no author a question."),
    "decided": _l("No appeal is decided yet."),
}
OUTCOME_CHOICES = {
    AppealState.UPHELD: _l("Uphold: the decision stands"),
    AppealState.OVERTURNED: _l("Overturn: the decision is reversed"),
    AppealState.VARIED: _l("Vary: another decision takes its place"),
    AppealState.INADMISSIBLE: _l("Dismiss as not about the decision"),
}
VARIATION_CHOICES = {
    VariationKind.REDACT: _l("Hide only part of the text"),
    VariationKind.RETURN: _l("Return the comment, so that its author can change it"),
    VariationKind.RULE: _l("Keep the decision, under another rule"),
}

bp = Blueprint("moderation_appeals", __name__, url_prefix="/desk/appeals")
bp.before_request(require_staff(Permission.MODERATE))


@dataclass(frozen=True)
class AppealView:
    """One appeal for the moderator who looks at it."""

    file: AppealCaseFile
    eligibility: Eligibility
    is_open: bool
    is_answer_awaited: bool  # the author still has time to answer the question
    can_ask: bool
    can_decide: bool
    variation_choices: dict[VariationKind, str]
    original_segments: list[RedactionSegment]
    version_token: str
    history: list[HistoryEntry]

    def describe_decision(self, verdict: str) -> str:
        """Say what the moderator did, to follow their name: "refused the comment"."""
        return str(DECISION_LABELS[verdict])


@bp.get("/")
def index() -> Response:
    """List the appeals of one view, the oldest first."""
    actor, view = current_actor(), request.args.get("view", "")
    if view not in APPEAL_VIEWS:
        view = DEFAULT_VIEW
    counts = count_appeals_by_view(moderator_id=actor.user_id, letter_ids=actor.letter_ids)
    html = render_template(
        "desk/moderation/appeals.html",
        actor=actor,
        view=view,
        views=[(name, VIEW_LABELS[name], format_count(counts[name])) for name in APPEAL_VIEWS],
        no_reviewer=NO_REVIEWER,
        empty_text=EMPTY_TEXTS[view],
        page=load_appeal_page(
            view,
            moderator_id=actor.user_id,
            letter_ids=actor.letter_ids,
            after=parse_id(request.args.get("after", "")),
        ),
    )
    return make_response(html)


@bp.get("/<int:appeal_id>")
def show(appeal_id: int) -> Response:
    """Show an appeal with everything a reviewer needs to rule on it."""
    return _render_appeal(appeal_id)


@bp.post("/<int:appeal_id>/question")
def ask(appeal_id: int) -> AnyResponse:
    """Ask the appellant one question."""

    def ask_appellant(by: Actor) -> None:
        question = request.form.get("question", "")
        rulings.ask_appellant(
            appeal_id, _parse_version_token(), question, by=by, encryption=runtime().encryption
        )

    return _act_on_appeal(
        appeal_id, ask_appellant, _("The question is sent. The answer will appear on this page.")
    )


@bp.post("/<int:appeal_id>/outcome")
def decide(appeal_id: int) -> AnyResponse:
    """Rule on the appeal, and carry the ruling out."""

    def decide_appeal(by: Actor) -> None:
        rulings.decide_appeal(
            appeal_id,
            _parse_version_token(),
            request.form.get("outcome", ""),
            facts=request.form.get("facts", ""),
            by=by,
            encryption=runtime().encryption,
            variation=_parse_variation(),
        )

    return _act_on_appeal(
        appeal_id, decide_appeal, _("The appeal is decided. Its author can read the ruling.")
    )


def _act_on_appeal(
    appeal_id: int, action: Callable[[Actor], None], success_text: str
) -> AnyResponse:
    """Run an action in a transaction. After an error the page keeps what the reviewer typed."""
    actor = current_actor()
    try:
        with transaction():
            action(actor)
    except (Conflict, Invalid, NotAllowed) as error:
        return _render_appeal(appeal_id, error)
    flash(success_text)
    return redirect(url_for(".show", appeal_id=appeal_id), 303)


def _parse_version_token() -> str:
    return request.form.get("shown", "")[:MAX_TOKEN_LENGTH]


def _parse_variation() -> VariationRequest:
    text = clean_multiline(request.form.get("redact_words", "")).strip("\n")
    return VariationRequest(
        request.form.get("how", ""),
        request.form.get("reason", ""),
        RedactionRequest(text=text),
    )


def _render_appeal(appeal_id: int, error: SiteError | None = None) -> Response:
    actor = current_actor()
    file = load_appeal_case_file(appeal_id)
    actor.require(Permission.MODERATE, file.letter.id)
    html = render_template(
        "desk/moderation/appeal.html",
        actor=actor,
        view=_build_appeal_view(file, actor),
        outcome_choices=OUTCOME_CHOICES,
        rules=current_site().rulebook.active_clauses,
        error_text=translate_error(error) if error else "",
        error_field=(error.field or "") if error else "",
        typed=request.form,
    )
    return make_response(html, get_status(error) if error else 200)


def _build_appeal_view(file: AppealCaseFile, actor: Actor) -> AppealView:
    appeal, comment = file.appeal, file.comment
    eligibility = load_eligibility(comment, actor, runtime().encryption)
    is_open = appeal.state in OPEN_STATES
    is_answer_awaited = _is_answer_awaited(file)
    can_review = is_open and not eligibility.ineligible_because
    variations = list_allowed_variations(
        Verdict(file.decision.verdict), CommentState(comment.state)
    )
    return AppealView(
        file=file,
        eligibility=eligibility,
        is_open=is_open,
        is_answer_awaited=is_answer_awaited,
        can_ask=can_review and appeal.state == AppealState.FILED,
        can_decide=can_review and not is_answer_awaited,
        variation_choices={
            kind: str(label) for kind, label in VARIATION_CHOICES.items() if kind in variations
        },
        original_segments=_mark_redactions(file),
        version_token=rulings.make_version_token(appeal, comment),
        history=build_history(file.audit_entries, staff_names_by_label()),
    )


def _mark_redactions(file: AppealCaseFile) -> list[RedactionSegment]:
    """Split the text as it was sent at what is hidden now."""
    try:
        original_text = decrypt_original_text(file.comment, runtime().encryption)
    except Conflict:
        # The key that hid the text is gone. The appeal must be readable all the same.
        return split_at_spans(file.comment.body, [])
    return split_at_spans(original_text, parse_spans(file.comment.redactions))


def _is_answer_awaited(file: AppealCaseFile) -> bool:
    is_asked = file.appeal.state == AppealState.ASKED
    return is_asked and clock.now() < file.appeal.changed_at + rulings.ANSWER_TIMEOUT
