"""What the author of a comment does about a decision: appeal, answer what is asked, take the appeal back."""

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.queries import get_appeal, list_appeals
from commentsite.comments.appeals.states import AppealState, appeal_deadline, is_before_deadline
from commentsite.comments.appeals.transitions import (
    change_appeal_state,
    mark_appeal_withdrawn,
    record_appeal_event,
)
from commentsite.comments.models import Comment
from commentsite.comments.sanitizer import clean_text
from commentsite.comments.states import CommentState
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotAllowed, NotFound
from commentsite.moderation.appeals.eligibility import (
    notify_appellant,
    update_reviewer_availability,
)
from commentsite.moderation.appeals.policy import AppealableDecision, find_decisions_in_force
from commentsite.moderation.decisions import queries as decision_queries
from commentsite.moderation.models import Decision

MIN_TEXT_LENGTH, MAX_TEXT_LENGTH = 20, 5_000


def list_appealable_decisions(comment: Comment) -> list[Decision]:
    """Return the decisions about a comment that its author can appeal or has appealed while they hold, the oldest first."""
    if comment.erased_at is not None:
        return []
    decisions = decision_queries.list_applied_decisions(comment.id)
    made = [
        AppealableDecision(d.id, d.verdict, is_on_appeal="appeal" in d.details) for d in decisions
    ]
    hidden_by = [row["decision"] for row in comment.redactions]
    holding = set(find_decisions_in_force(CommentState(comment.state), hidden_by, made))
    return [decision for decision in decisions if decision.id in holding]


def file_appeal(
    comment: Comment, decision_id: int | None, text: str, *, by: Actor, encryption: Encryption
) -> Appeal:
    """Take in what the author says against a decision, and say that it came.

    Raises Conflict when nothing of this kind holds or it was appealed already, NotAllowed after
    six calendar months, Invalid when the words are too few or too many.
    """
    decision = next((d for d in list_appealable_decisions(comment) if d.id == decision_id), None)
    if decision is None:
        msg = "There is no decision about this comment that can be appealed now."
        raise Conflict(msg)
    if decision.id in {appeal.decision_id for appeal in list_appeals(comment.id)}:
        msg = "You have appealed this decision already. What you wrote then is on this page."
        raise Conflict(msg)
    if not is_before_deadline(decision.decided_at, clock.now()):
        msg = "A decision can be appealed for six months. For this one they ended on %(day)s."
        raise NotAllowed(msg, day=f"{appeal_deadline(decision.decided_at):%d.%m.%Y}")
    appeal = Appeal(
        comment_id=comment.id,
        decision_id=decision.id,
        state=AppealState.FILED,
        text=_clean_appeal_text(text, "words"),
        filed_at=clock.now(),
        changed_at=clock.now(),
    )
    session().add(appeal)
    session().flush()
    update_reviewer_availability(appeal, comment, encryption)
    record_appeal_event(appeal, comment, "appeal.filed", by=by, decision=decision.id)
    notify_appellant(appeal, comment, "appeal.filed", encryption)
    return appeal


def answer_question(
    comment: Comment, appeal_id: int | None, text: str, *, by: Actor, encryption: Encryption
) -> None:
    """Take in what the author answers to the desk's question; there is no second one."""
    appeal = _load_own_appeal(comment, appeal_id)
    said = _clean_appeal_text(text, "answer", shortest=2)
    change_appeal_state(appeal, AppealState.ANSWERED)
    appeal.answer, appeal.answered_at = said, clock.now()
    update_reviewer_availability(appeal, comment, encryption)
    record_appeal_event(appeal, comment, "appeal.answered", by=by)


def withdraw_appeal(comment: Comment, appeal_id: int | None, *, by: Actor) -> None:
    """End an appeal on its author's word; the decision holds."""
    mark_appeal_withdrawn(_load_own_appeal(comment, appeal_id), comment, by=by)


def _load_own_appeal(comment: Comment, appeal_id: int | None) -> Appeal:
    """Return an appeal if it is about this comment, whose receipt is the only key to it."""
    appeal = get_appeal(appeal_id or 0)
    if appeal.comment_id != comment.id:
        msg = "There is no appeal with this number."
        raise NotFound(msg)
    return appeal


def _clean_appeal_text(raw: str, field: str, *, shortest: int = MIN_TEXT_LENGTH) -> str:
    said = clean_text(raw)
    if len(said) < shortest:
        msg = "Say in a few sentences why you think the decision is wrong."
        if field == "answer":
            msg = "Write an answer to the question."
        raise Invalid(msg, field=field)
    if len(said) > MAX_TEXT_LENGTH:
        msg = "This is %(n)d characters longer than the 5,000 that can be sent."
        raise Invalid(msg, field=field, n=len(said) - MAX_TEXT_LENGTH)
    return said
