"""Let an appeal reviewer ask the author one question, and rule on the appeal."""

from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.queries import get_appeal
from commentsite.comments.appeals.states import OPEN_STATES, OUTCOMES, AppealState
from commentsite.comments.appeals.transitions import change_appeal_state, record_appeal_event
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid
from commentsite.moderation.appeals.eligibility import check_can_review, notify_appellant
from commentsite.moderation.appeals.policy import VariationKind
from commentsite.moderation.appeals.queries import load_appealed_decision
from commentsite.moderation.appeals.reversals import (
    Ruling,
    VariationRequest,
    check_variation,
    overturn_decision,
    vary_decision,
)
from commentsite.site.queries import get_current_rulebook
from commentsite.text.plain_text import clean_text

MIN_TEXT_LENGTH, MAX_TEXT_LENGTH = 2, 2_000
ANSWER_TIMEOUT = timedelta(days=14)  # after that a reviewer may rule without the author's answer
NO_VARIATION = VariationRequest()
#: The error when another reviewer ruled first, by their ruling.
RULED_FIRST_MESSAGES = {
    AppealState.UPHELD: "%(name)s decided this appeal at %(time)s and upheld the decision. It is shown here as it is now.",
    AppealState.OVERTURNED: "%(name)s decided this appeal at %(time)s and overturned the decision. It is shown here as it is now.",
    AppealState.VARIED: "%(name)s decided this appeal at %(time)s and varied the decision. It is shown here as it is now.",
    AppealState.INADMISSIBLE: "%(name)s decided this appeal at %(time)s and found it inadmissible. It is shown here as it is now.",
}


def ask_appellant(
    appeal_id: int, version_token: str, question: str, *, by: Actor, encryption: Encryption
) -> Appeal:
    """Ask the author of the comment one question. Raises the same errors as `decide_appeal`."""
    appeal, comment = _load_open_appeal(appeal_id, version_token, by, encryption)
    question = _clean_required_text(question, "question", "Write the question.")
    change_appeal_state(appeal, AppealState.ASKED)
    appeal.question, appeal.asked_at, appeal.asked_by_id = question, clock.now(), by.user_id
    record_appeal_event(appeal, comment, "appeal.asked", by=by)
    notify_appellant(appeal, comment, "appeal.asked", encryption, note=question)
    return appeal


def decide_appeal(  # noqa: PLR0913  # each is a field of the ruling, named by the caller
    appeal_id: int,
    version_token: str,
    outcome: str,
    *,
    facts: str,
    by: Actor,
    encryption: Encryption,
    variation: VariationRequest = NO_VARIATION,
) -> Appeal:
    """Rule on an appeal, carry out the ruling, and notify the author with the reasons.

    `outcome` is one of the AppealStates in OUTCOMES. `version_token` comes from the page, see
    `make_version_token`. Raises NotAllowed when the actor may not review the appeal; Conflict
    when appeal or comment have changed since the page was shown, or while the author still has
    time to answer the question; Invalid when a field is not valid.
    """
    appeal, comment = _load_open_appeal(appeal_id, version_token, by, encryption)
    if outcome not in OUTCOMES:
        msg = "Choose a ruling."
        raise Invalid(msg, field="outcome")
    if appeal.state == AppealState.ASKED and clock.now() < appeal.changed_at + ANSWER_TIMEOUT:
        msg = "The author has 14 days to answer the question. You can rule once they have answered."
        raise Conflict(msg)
    reasons = _clean_required_text(
        facts, "facts", "Give the reasons for your ruling. The author will see them."
    )
    rulebook = get_current_rulebook()
    decision = load_appealed_decision(appeal)
    ruling = Ruling(appeal, comment, decision, reasons, rulebook, by, encryption)
    kind = check_variation(ruling, variation) if outcome == AppealState.VARIED else None
    change_appeal_state(appeal, AppealState(outcome))
    appeal.facts = reasons
    appeal.decided_by_id, appeal.decided_by_name = by.user_id, by.name
    appeal.decided_by_group = by.group
    _apply_ruling(ruling, kind, variation)
    context: dict[str, str] = {}
    if kind:
        clause = rulebook.active_clauses[variation.rule]
        context = {
            "how": kind.value,
            "reason_number": str(clause.number),
            "reason_title": clause.title,
            "rules_version": str(clause.version),
        }
    notify_appellant(appeal, comment, f"appeal.{outcome}", encryption, facts=reasons, **context)
    return appeal


def make_version_token(appeal: Appeal, comment: Comment) -> str:
    """Return the token that a page sends back, so that no ruling rests on an outdated page."""
    return f"{appeal.version}.{comment.version}"


def _apply_ruling(ruling: Ruling, kind: VariationKind | None, variation: VariationRequest) -> None:
    appeal = ruling.appeal
    if kind is not None:
        replacement = vary_decision(ruling, kind, variation)
        appeal.details = {
            "how": kind.value,
            "reason": replacement.rule,
            "decision": replacement.id,
        }
    elif appeal.state == AppealState.OVERTURNED:
        appeal.details = {"decision": overturn_decision(ruling).id}
    else:
        record_appeal_event(appeal, ruling.comment, f"appeal.{appeal.state}", by=ruling.by)


def _load_open_appeal(
    appeal_id: int, version_token: str, by: Actor, encryption: Encryption
) -> tuple[Appeal, Comment]:
    """Return an open appeal and its comment, locked, for a reviewer who saw their current versions."""
    comment = get_comment_for_update(get_appeal(appeal_id).comment_id)
    by.require(Permission.MODERATE, comment.letter_id)
    # Read the appeal again: only under the lock on the comment can no other request change it.
    appeal = get_appeal(appeal_id)
    if appeal.state not in OPEN_STATES:
        raise _build_conflict(appeal)
    check_can_review(comment, by, encryption)
    if version_token != make_version_token(appeal, comment):
        raise _build_conflict(appeal)
    return appeal, comment


def _build_conflict(appeal: Appeal) -> Conflict:
    if appeal.state in OUTCOMES:
        return Conflict(
            RULED_FIRST_MESSAGES[AppealState(appeal.state)],
            name=appeal.decided_by_name,
            time=appeal.changed_at,
        )
    msg = "This appeal or its comment has changed since you opened it. Read it again before you decide."
    return Conflict(msg)


def _clean_required_text(raw: str, field: str, missing_message: str) -> str:
    text = clean_text(raw)
    if len(text) < MIN_TEXT_LENGTH:
        raise Invalid(missing_message, field=field)
    if len(text) > MAX_TEXT_LENGTH:
        msg = "Shorten this text to 2,000 characters."
        raise Invalid(msg, field=field)
    return text
