"""What the author of a comment does about a decision: appeal, answer what is asked, take the appeal back."""

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.comments.appeal import Appeal
from commentsite.comments.appeal_states import AppealState, is_in_time, last_day
from commentsite.comments.appealed import appeal_by_id, appeals_of
from commentsite.comments.appealing import move_appeal, record_appeal, take_back
from commentsite.comments.models import Comment
from commentsite.comments.sanitizer import clean_text
from commentsite.comments.states import CommentState
from commentsite.db import session
from commentsite.errors import Conflict, Invalid, NotAllowed, NotFound
from commentsite.moderation import queries
from commentsite.moderation.appeal_policy import Made, in_force
from commentsite.moderation.judges import look_for_judges, tell_author
from commentsite.moderation.models import Decision
from commentsite.vault import Vault

SHORTEST, LONGEST = 20, 5_000


def against(comment: Comment) -> list[Decision]:
    """Return the decisions about a comment that its author can appeal or has appealed while they hold, the oldest first."""
    if comment.erased_at is not None:
        return []
    decisions = queries.decisions_of(comment.id)
    made = [Made(d.id, d.verdict, is_on_appeal="appeal" in d.details) for d in decisions]
    hidden_by = [row["decision"] for row in comment.redactions]
    holding = set(in_force(CommentState(comment.state), hidden_by, made))
    return [decision for decision in decisions if decision.id in holding]


def file_appeal(
    comment: Comment, decision_id: int | None, words: str, *, by: Actor, vault: Vault
) -> Appeal:
    """Take in what the author says against a decision, and say that it came.

    Raises Conflict when nothing of this kind holds or it was appealed already, NotAllowed after
    six calendar months, Invalid when the words are too few or too many.
    """
    decision = next((d for d in against(comment) if d.id == decision_id), None)
    if decision is None:
        msg = "There is no decision about this comment that can be appealed now."
        raise Conflict(msg)
    if decision.id in {appeal.decision_id for appeal in appeals_of(comment.id)}:
        msg = "You have appealed this decision already. What you wrote then is on this page."
        raise Conflict(msg)
    if not is_in_time(decision.decided_at, clock.now()):
        msg = "A decision can be appealed for six months. For this one they ended on %(day)s."
        raise NotAllowed(msg, day=f"{last_day(decision.decided_at):%d.%m.%Y}")
    appeal = Appeal(
        comment_id=comment.id,
        decision_id=decision.id,
        state=AppealState.FILED,
        words=_words(words, "words"),
        filed_at=clock.now(),
        changed_at=clock.now(),
    )
    session().add(appeal)
    session().flush()
    look_for_judges(appeal, comment, vault)
    record_appeal(appeal, comment, "appeal.filed", by=by, decision=decision.id)
    tell_author(appeal, comment, "appeal.filed", vault)
    return appeal


def answer_question(
    comment: Comment, appeal_id: int | None, words: str, *, by: Actor, vault: Vault
) -> None:
    """Take in what the author answers to the desk's question; there is no second one."""
    appeal = _own(comment, appeal_id)
    said = _words(words, "answer", shortest=2)
    move_appeal(appeal, AppealState.ANSWERED)
    appeal.answer, appeal.answered_at = said, clock.now()
    look_for_judges(appeal, comment, vault)
    record_appeal(appeal, comment, "appeal.answered", by=by)


def withdraw_appeal(comment: Comment, appeal_id: int | None, *, by: Actor) -> None:
    """End an appeal on its author's word; the decision holds."""
    take_back(_own(comment, appeal_id), comment, by=by)


def _own(comment: Comment, appeal_id: int | None) -> Appeal:
    """Return an appeal if it is about this comment, whose receipt is the only key to it."""
    appeal = appeal_by_id(appeal_id or 0)
    if appeal.comment_id != comment.id:
        msg = "There is no appeal with this number."
        raise NotFound(msg)
    return appeal


def _words(raw: str, field: str, *, shortest: int = SHORTEST) -> str:
    said = clean_text(raw)
    if len(said) < shortest:
        msg = "Say in a few sentences why you think the decision is wrong."
        if field == "answer":
            msg = "Write an answer to the question."
        raise Invalid(msg, field=field)
    if len(said) > LONGEST:
        msg = "This is %(n)d characters longer than the 5,000 that can be sent."
        raise Invalid(msg, field=field, n=len(said) - LONGEST)
    return said
