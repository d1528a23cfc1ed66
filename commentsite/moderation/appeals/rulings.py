"""What the desk does about an appeal: ask its author once, and decide it."""

from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.queries import get_appeal
from commentsite.comments.appeals.states import OPEN_STATES, OUTCOMES, AppealState
from commentsite.comments.appeals.transitions import change_appeal_state, record_appeal_event
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.sanitizer import clean_text
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

MAX_TEXT_LENGTH = 2_000
ANSWER_TIMEOUT = timedelta(days=14)  # an answer is waited for so long
NO_VARIATION = VariationRequest()


def ask_appellant(
    appeal_id: int, version_token: str, question: str, *, by: Actor, encryption: Encryption
) -> Appeal:
    """Ask the author one question, and wait for the answer. Raises what `judge` does."""
    appeal, comment = _load_open_appeal(appeal_id, version_token, by, encryption)
    said = _clean_required_text(question, "question", "Write the question.")
    change_appeal_state(appeal, AppealState.ASKED)
    appeal.question, appeal.asked_at, appeal.asked_by_id = said, clock.now(), by.user_id
    record_appeal_event(appeal, comment, "appeal.asked", by=by)
    notify_appellant(appeal, comment, "appeal.asked", encryption, note=said)
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
    """Decide an appeal as somebody who did not decide before, carry it out, and tell its author why.

    `shown` is what the page showed of appeal and comment, `shown_as` of them. Raises NotAllowed,
    saying why, when the actor must not decide it; Conflict, saying who did what, when either has
    changed since, or while an answer is waited for; Invalid when no reasons are given.
    """
    appeal, comment = _load_open_appeal(appeal_id, version_token, by, encryption)
    if outcome not in OUTCOMES:
        msg = "Choose what becomes of the appeal."
        raise Invalid(msg, field="outcome")
    if appeal.state == AppealState.ASKED and clock.now() < appeal.changed_at + ANSWER_TIMEOUT:
        msg = "Its author has 14 days to answer the question. Decide when they have."
        raise Conflict(msg)
    said = _clean_required_text(facts, "facts", "Say why. Its author reads this.")
    rules = get_current_rulebook()
    ruling = Ruling(appeal, comment, load_appealed_decision(appeal), said, rules, by, encryption)
    how = check_variation(ruling, variation) if outcome == AppealState.VARIED else None
    change_appeal_state(appeal, AppealState(outcome))
    appeal.facts = said
    appeal.decided_by_id, appeal.decided_by_name = by.user_id, by.name
    appeal.decided_by_group = by.group
    _apply_ruling(ruling, how, variation)
    told = {"how": how.value} if how else {}
    if how:
        clause = rules.active_clauses[variation.rule]
        told |= {"reason_number": str(clause.number), "reason_title": clause.title}
        told |= {"rules_version": str(clause.version)}
    notify_appellant(appeal, comment, f"appeal.{outcome}", encryption, facts=said, **told)
    return appeal


def make_version_token(appeal: Appeal, comment: Comment) -> str:
    """Return what a page has to send back so that nobody decides on what has changed meanwhile."""
    return f"{appeal.version}.{comment.version}"


def _apply_ruling(ruling: Ruling, how: VariationKind | None, variation: VariationRequest) -> None:
    appeal = ruling.appeal
    if how is not None:
        made = vary_decision(ruling, how, variation)
        appeal.details = {"how": how.value, "reason": made.rule, "decision": made.id}
    elif appeal.state == AppealState.OVERTURNED:
        appeal.details = {"decision": overturn_decision(ruling).id}
    else:
        record_appeal_event(appeal, ruling.comment, f"appeal.{appeal.state}", by=ruling.by)


def _load_open_appeal(
    appeal_id: int, shown: str, by: Actor, encryption: Encryption
) -> tuple[Appeal, Comment]:
    """Return an appeal and its comment, locked, for somebody who may decide about it as it was shown."""
    comment = get_comment_for_update(get_appeal(appeal_id).comment_id)
    by.require(Permission.MODERATE, comment.letter_id)
    appeal = get_appeal(appeal_id)  # again, now that nobody else can change it
    if appeal.state not in OPEN_STATES:
        raise _build_conflict(appeal)
    check_can_review(comment, by, encryption)
    if shown != make_version_token(appeal, comment):
        raise _build_conflict(appeal)
    return appeal, comment


def _build_conflict(appeal: Appeal) -> Conflict:
    if appeal.state in OUTCOMES:
        msg = "%(name)s decided this appeal at %(time)s UTC: %(state)s. It is shown here as it is now."
        return Conflict(
            msg,
            name=appeal.decided_by_name,
            time=f"{appeal.changed_at:%H:%M:%S}",
            state=str(appeal.state),
        )
    msg = "This case has changed since you opened it; the appeal is %(state)s now. Read it again before you decide."
    return Conflict(msg, state=str(appeal.state))


def _clean_required_text(raw: str, field: str, missing: str) -> str:
    said = clean_text(raw)
    if len(said) < 2:
        raise Invalid(missing, field=field)
    if len(said) > MAX_TEXT_LENGTH:
        msg = "This has more than 2,000 characters."
        raise Invalid(msg, field=field)
    return said
