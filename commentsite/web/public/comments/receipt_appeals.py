"""View model and form handling of the appeals on a receipt."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request

from commentsite import clock
from commentsite.accounts.permissions import READER
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.queries import list_appeals
from commentsite.comments.appeals.states import (
    OPEN_STATES,
    AppealState,
    appeal_deadline,
    is_before_deadline,
)
from commentsite.comments.models import Comment
from commentsite.moderation.appeals import filing
from commentsite.moderation.appeals.policy import NO_REVIEWER, VariationKind
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.models import Decision
from commentsite.web.context import current_site, runtime
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.filters import format_day
from commentsite.web.rendering.i18n import gettext as _

APPEAL_LIMIT = "10 per hour"
LOOKS = {
    AppealState.OVERTURNED: "good",
    AppealState.VARIED: "good",
    AppealState.UPHELD: "stop",
    AppealState.INADMISSIBLE: "stop",
}


@dataclass(frozen=True)
class AppealView:
    """An appeal that its author filed. `look` is a CSS class."""

    appeal: Appeal
    look: str
    explanation: str
    is_open: bool
    awaits_answer: bool


@dataclass(frozen=True)
class AppealOption:
    """A decision in force that its author has not appealed against yet.

    After the deadline the page says so in place of a form. `text` is what the author typed before an error.
    """

    decision_id: int
    decision: str
    instruction: str
    is_before_deadline: bool
    last_day: date
    field_id: str
    text: str
    error: str


@dataclass(frozen=True)
class AppealsView:
    """The section of the receipt about appeals.

    `error_id` is the HTML id that the summary of the error links to. `orphaned_text` is a text that no form on the
    page can hold, because the decision or the question it was for is settled meanwhile.
    """

    appeals: list[AppealView]
    options: list[AppealOption]
    error: str
    error_id: str
    answer_text: str
    answer_error: str
    orphaned_text: str

    @property
    def is_shown(self) -> bool:
        return bool(self.appeals or self.options or self.error)

    @property
    def last_day(self) -> date | None:
        """The last day for the first appeal that can still be filed."""
        return next((o.last_day for o in self.options if o.is_before_deadline), None)

    @property
    def has_typed_text(self) -> bool:
        return bool(self.answer_text or self.orphaned_text or any(o.text for o in self.options))


def build_appeals_view(comment: Comment, *, error: str = "", error_field: str = "") -> AppealsView:
    """Build the section from the stored appeals and, after an error, from the form that was sent."""
    appeals = list_appeals(comment.id)
    appealed_ids = {appeal.decision_id for appeal in appeals}
    views = [] if comment.erased_at else [_build_appeal_view(appeal) for appeal in appeals]
    decisions = [d for d in filing.list_appealable_decisions(comment) if d.id not in appealed_ids]
    options = [
        _build_option(decision, is_first=not n, error=error if error_field == "words" else "")
        for n, decision in enumerate(decisions)
    ]
    sent_text, answer = request.form.get("words", ""), request.form.get("answer", "")
    has_place = any(o.is_before_deadline and _is_sent_for(o.decision_id) for o in options)
    orphaned_text = "" if has_place else sent_text
    if not any(view.awaits_answer for view in views):
        orphaned_text = orphaned_text or answer
    error_id = next((o.field_id for o in options if o.error), error_field) or "appeal"
    return AppealsView(
        appeals=views,
        options=options,
        error=error,
        error_id=error_id,
        answer_text=answer,
        answer_error=error if error_field == "answer" else "",
        orphaned_text=orphaned_text if error else "",
    )


def export_appeals(comment: Comment) -> list[dict[str, Any]]:
    """Return all stored data of the appeals about a comment, for its author. It does not name the reviewers."""
    return [
        {
            "state": str(appeal.state),
            "words": appeal.text,
            "filed_at": appeal.filed_at.isoformat(),
            "question": appeal.question,
            "answer": appeal.answer,
            "reasons": appeal.facts,
            "changed_at": appeal.changed_at.isoformat(),
        }
        for appeal in list_appeals(comment.id)
    ]


def file_appeal(comment: Comment) -> None:
    """File the appeal in the form that was sent. Raises what `filing.file_appeal` raises."""
    decision_id, text = parse_id(request.form.get("decision", "")), request.form.get("words", "")
    filing.file_appeal(comment, decision_id, text, by=READER, encryption=runtime().encryption)


def answer_question(comment: Comment) -> None:
    """Store the answer in the form that was sent. Raises what `filing.answer_question` raises."""
    text = request.form.get("answer", "")
    filing.answer_question(
        comment, _get_appeal_id(), text, by=READER, encryption=runtime().encryption
    )


def withdraw_appeal(comment: Comment) -> None:
    """Withdraw the appeal that the form names. Raises what `filing.withdraw_appeal` raises."""
    filing.withdraw_appeal(comment, _get_appeal_id(), by=READER)


def _get_appeal_id() -> int | None:
    return parse_id(request.form.get("appeal", ""))


def _is_sent_for(decision_id: int) -> bool:
    return request.form.get("decision") == str(decision_id)


def _build_appeal_view(appeal: Appeal) -> AppealView:
    state = AppealState(appeal.state)
    return AppealView(
        appeal,
        look=LOOKS.get(state, "wait"),
        explanation=_explain_state(appeal, state),
        is_open=state in OPEN_STATES,
        awaits_answer=state == AppealState.ASKED,
    )


def _explain_state(appeal: Appeal, state: AppealState) -> str:
    if state == AppealState.ASKED:
        return _("A moderator has a question before they decide. You have 14 days to answer.")
    if state in OPEN_STATES and appeal.awaiting == NO_REVIEWER:
        return _(
            "Your appeal needs a moderator who took no part in the decision. No such moderator is available now."
            " The people who run this site have been notified, and your appeal stays open."
        )
    if state in OPEN_STATES:
        return _(
            "A moderator who took no part in the decision reads your appeal, usually within %(n)d hours."
            " You will see the outcome and the reasons here.",
            n=current_site().answer_hours,
        )
    if state == AppealState.VARIED:
        return {
            VariationKind.REDACT: _(
                "Your comment is published. Other words than before, or fewer, are removed from it."
            ),
            VariationKind.RETURN: _("You can edit your comment and send it again."),
            VariationKind.RULE: _("The decision stands, under another rule."),
        }[VariationKind(appeal.details["how"])]
    return {
        AppealState.OVERTURNED: _(
            "The decision is reversed. Your comment is as it would be without it."
        ),
        AppealState.UPHELD: _(
            "The decision stands. You cannot appeal against it again on this site."
        ),
        AppealState.INADMISSIBLE: _(
            "The appeal was not about the decision, or could not be decided. The decision stands."
        ),
        AppealState.WITHDRAWN: _("The appeal was withdrawn. The decision stands."),
    }[state]


def _build_option(decision: Decision, *, is_first: bool, error: str) -> AppealOption:
    deadline = appeal_deadline(decision.decided_at)
    is_in_time = is_before_deadline(decision.decided_at, clock.now())
    is_sent = _is_sent_for(decision.id)
    return AppealOption(
        decision.id,
        decision=_describe_decision(decision),
        instruction=_(
            "If you think this is wrong, explain why. A moderator who took no part in the decision reads your"
            " appeal, may ask you one question, and answers with reasons, usually within %(n)d hours."
            " You can appeal until %(until)s.",
            n=current_site().answer_hours,
            until=format_day(deadline),
        )
        if is_in_time
        else _(
            "You could appeal against this decision for six months, until %(until)s.",
            until=format_day(deadline),
        ),
        is_before_deadline=is_in_time,
        last_day=deadline,
        field_id="words" if is_first else f"words-{decision.id}",
        text=request.form.get("words", "") if is_sent else "",
        error=error if is_sent else "",
    )


def _describe_decision(decision: Decision) -> str:
    day = format_day(decision.decided_at)
    if decision.verdict == Verdict.REFUSE:
        return _("On %(day)s the moderators decided not to publish your comment.", day=day)
    if decision.verdict == Verdict.RESTRICT:
        return _("On %(day)s the moderators removed your comment.", day=day)
    return _("On %(day)s the moderators removed words from your comment.", day=day)
