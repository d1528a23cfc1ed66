"""What the desk does about an appeal: ask its author once, and decide it."""

from datetime import timedelta

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments.appeal import Appeal
from commentsite.comments.appeal_states import OPEN, OUTCOMES, AppealState
from commentsite.comments.appealed import appeal_by_id
from commentsite.comments.appealing import move_appeal, record_appeal
from commentsite.comments.models import Comment
from commentsite.comments.queries import comment_for_update
from commentsite.comments.sanitizer import clean_text
from commentsite.errors import Conflict, Invalid
from commentsite.moderation.appeal_cases import decision_of
from commentsite.moderation.appeal_policy import How
from commentsite.moderation.judges import check_may_judge, tell_author
from commentsite.moderation.reversals import (
    Ruling,
    Variation,
    check_variation,
    overturn,
    vary,
)
from commentsite.site.queries import rules_in_force
from commentsite.vault import Vault

LONGEST = 2_000
PATIENCE = timedelta(days=14)  # an answer is waited for so long
NOTHING = Variation()


def ask(appeal_id: int, shown: str, question: str, *, by: Actor, vault: Vault) -> Appeal:
    """Ask the author one question, and wait for the answer. Raises what `judge` does."""
    appeal, comment = _open(appeal_id, shown, by, vault)
    said = _said(question, "question", "Write the question.")
    move_appeal(appeal, AppealState.ASKED)
    appeal.question, appeal.asked_at, appeal.asked_by_id = said, clock.now(), by.user_id
    record_appeal(appeal, comment, "appeal.asked", by=by)
    tell_author(appeal, comment, "appeal.asked", vault, note=said)
    return appeal


def judge(  # noqa: PLR0913  # each is a field of the ruling, named by the caller
    appeal_id: int,
    shown: str,
    outcome: str,
    *,
    facts: str,
    by: Actor,
    vault: Vault,
    variation: Variation = NOTHING,
) -> Appeal:
    """Decide an appeal as somebody who did not decide before, carry it out, and tell its author why.

    `shown` is what the page showed of appeal and comment, `shown_as` of them. Raises NotAllowed,
    saying why, when the actor must not decide it; Conflict, saying who did what, when either has
    changed since, or while an answer is waited for; Invalid when no reasons are given.
    """
    appeal, comment = _open(appeal_id, shown, by, vault)
    if outcome not in OUTCOMES:
        msg = "Choose what becomes of the appeal."
        raise Invalid(msg, field="outcome")
    if appeal.state == AppealState.ASKED and clock.now() < appeal.changed_at + PATIENCE:
        msg = "Its author has 14 days to answer the question. Decide when they have."
        raise Conflict(msg)
    said = _said(facts, "facts", "Say why. Its author reads this.")
    rules = rules_in_force()
    ruling = Ruling(appeal, comment, decision_of(appeal), said, rules, by, vault)
    how = check_variation(ruling, variation) if outcome == AppealState.VARIED else None
    move_appeal(appeal, AppealState(outcome))
    appeal.facts = said
    appeal.decided_by_id, appeal.decided_by_name = by.user_id, by.name
    appeal.decided_by_group = by.group
    _carry_out(ruling, how, variation)
    told = {"how": how.value} if how else {}
    if how:
        clause = rules.clauses[variation.reason]
        told |= {"reason_number": str(clause.number), "reason_title": clause.title}
        told |= {"rules_version": str(clause.version)}
    tell_author(appeal, comment, f"appeal.{outcome}", vault, facts=said, **told)
    return appeal


def shown_as(appeal: Appeal, comment: Comment) -> str:
    """Return what a page has to send back so that nobody decides on what has changed meanwhile."""
    return f"{appeal.version}.{comment.version}"


def _carry_out(ruling: Ruling, how: How | None, variation: Variation) -> None:
    appeal = ruling.appeal
    if how is not None:
        made = vary(ruling, how, variation)
        appeal.details = {"how": how.value, "reason": made.reason, "decision": made.id}
    elif appeal.state == AppealState.OVERTURNED:
        appeal.details = {"decision": overturn(ruling).id}
    else:
        record_appeal(appeal, ruling.comment, f"appeal.{appeal.state}", by=ruling.by)


def _open(appeal_id: int, shown: str, by: Actor, vault: Vault) -> tuple[Appeal, Comment]:
    """Return an appeal and its comment, locked, for somebody who may decide about it as it was shown."""
    comment = comment_for_update(appeal_by_id(appeal_id).comment_id)
    by.require(Permission.MODERATE, comment.letter_id)
    appeal = appeal_by_id(appeal_id)  # again, now that nobody else can change it
    if appeal.state not in OPEN:
        raise _conflict(appeal)
    check_may_judge(comment, by, vault)
    if shown != shown_as(appeal, comment):
        raise _conflict(appeal)
    return appeal, comment


def _conflict(appeal: Appeal) -> Conflict:
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


def _said(raw: str, field: str, missing: str) -> str:
    said = clean_text(raw)
    if len(said) < 2:
        raise Invalid(missing, field=field)
    if len(said) > LONGEST:
        msg = "This has more than 2,000 characters."
        raise Invalid(msg, field=field)
    return said
