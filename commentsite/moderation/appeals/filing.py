"""Let the author of a comment file an appeal, answer the reviewer's question, or withdraw the appeal."""

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
from commentsite.text.plain_text import clean_text

MIN_TEXT_LENGTH, MAX_TEXT_LENGTH = 20, 5_000
MIN_ANSWER_LENGTH = 2


def list_appealable_decisions(comment: Comment) -> list[Decision]:
    """Return the decisions in force that are open to appeal, the oldest first.

    Decisions that the author has already appealed are included.
    """
    if comment.erased_at is not None:
        return []
    decisions = decision_queries.list_applied_decisions(comment.id)
    appealable = [
        AppealableDecision(d.id, d.verdict, is_on_appeal="appeal" in d.details) for d in decisions
    ]
    redacting_ids = [row["decision"] for row in comment.redactions]
    in_force = find_decisions_in_force(CommentState(comment.state), redacting_ids, appealable)
    return [decision for decision in decisions if decision.id in in_force]


def file_appeal(
    comment: Comment, decision_id: int | None, text: str, *, by: Actor, encryption: Encryption
) -> Appeal:
    """File an appeal against a decision, and acknowledge it to the author.

    Raises Conflict when the decision is not in force or is appealed already, NotAllowed after the
    deadline, Invalid when the text is too short or too long.
    """
    decision = next((d for d in list_appealable_decisions(comment) if d.id == decision_id), None)
    if decision is None:
        msg = "There is no decision about this comment that you can appeal now."
        raise Conflict(msg)
    if decision.id in {appeal.decision_id for appeal in list_appeals(comment.id)}:
        msg = "You have already appealed this decision. This page shows your appeal."
        raise Conflict(msg)
    if not is_before_deadline(decision.decided_at, clock.now()):
        deadline = appeal_deadline(decision.decided_at)
        msg = (
            "A decision can be appealed for six months. The last day for this decision was %(day)s."
        )
        raise NotAllowed(msg, day=deadline)
    appeal = Appeal(
        comment_id=comment.id,
        decision_id=decision.id,
        state=AppealState.FILED,
        text=_clean_appeal_text(text),
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
    """Store the author's answer to the reviewer's only question."""
    appeal = _load_own_appeal(comment, appeal_id)
    answer = _clean_answer(text)
    change_appeal_state(appeal, AppealState.ANSWERED)
    appeal.answer, appeal.answered_at = answer, clock.now()
    update_reviewer_availability(appeal, comment, encryption)
    record_appeal_event(appeal, comment, "appeal.answered", by=by)


def withdraw_appeal(comment: Comment, appeal_id: int | None, *, by: Actor) -> None:
    """End an appeal at its author's request. The decision stays in force."""
    mark_appeal_withdrawn(_load_own_appeal(comment, appeal_id), comment, by=by)


def _load_own_appeal(comment: Comment, appeal_id: int | None) -> Appeal:
    """Return an appeal about this comment. Raises NotFound for an appeal about another comment.

    The author is known only by the receipt of the comment, so that receipt must not open others.
    """
    appeal = get_appeal(appeal_id or 0)
    if appeal.comment_id != comment.id:
        msg = "There is no appeal with this number."
        raise NotFound(msg)
    return appeal


def _clean_appeal_text(raw: str) -> str:
    text = clean_text(raw)
    if len(text) < MIN_TEXT_LENGTH:
        msg = "Explain in a few sentences why you think the decision is wrong."
        raise Invalid(msg, field="words")
    _check_length(text, "words")
    return text


def _clean_answer(raw: str) -> str:
    answer = clean_text(raw)
    if len(answer) < MIN_ANSWER_LENGTH:
        msg = "Write an answer to the question."
        raise Invalid(msg, field="answer")
    _check_length(answer, "answer")
    return answer


def _check_length(text: str, field: str) -> None:
    if len(text) > MAX_TEXT_LENGTH:
        msg = "Your text is %(n)d characters too long. The limit is 5,000 characters."
        raise Invalid(msg, field=field, n=len(text) - MAX_TEXT_LENGTH)
