"""Carry out what was decided about a comment, write it into the log, and tell its author why."""

from datetime import datetime
from typing import Any

from commentsite.accounts.permissions import Actor
from commentsite.comments import mailing
from commentsite.comments.following import note_published
from commentsite.comments.models import Comment
from commentsite.comments.moving import change_state, let_stand
from commentsite.comments.redacting import hide, lift_redactions, show_change
from commentsite.comments.redaction import Span
from commentsite.comments.states import CommentState
from commentsite.comments.voices import settle_voice
from commentsite.letters.queries import letter_by_id
from commentsite.moderation import policy
from commentsite.moderation.grounds import Grounds, made_of
from commentsite.moderation.models import Decision
from commentsite.moderation.policy import Verdict
from commentsite.notifications.services import enqueue
from commentsite.site.queries import clauses_named
from commentsite.vault import Vault

TOLD = {
    Verdict.PUBLISH: "comment.published",
    Verdict.RESTORE: "comment.published",
    Verdict.RETURN: "comment.returned",
    Verdict.REFUSE: "comment.refused",
    Verdict.RESTRICT: "comment.restricted",
    Verdict.REDACT: "comment.redacted",
}


def carry_out(
    comment: Comment, decision: Decision, before: list[Decision], *, by: Actor, vault: Vault
) -> None:
    """Do with the comment what was decided; `before` are the votes on it that had not settled it."""
    settle_voice(comment, vault)
    verdict, is_new = Verdict(decision.verdict), comment.published_at is None
    said: dict[str, Any] = {"verdict": decision.verdict, "reason": decision.reason}
    if decision.reason:
        said["rules"] = decision.rules_version
    if before:
        said |= {"mode": decision.mode, "votes": len(before) + 1}
    action = "comment.redacted" if verdict is Verdict.REDACT else "comment.decided"
    if verdict is Verdict.REDACT:
        _hide(comment, decision, vault)
    was_public = comment.state == CommentState.PUBLISHED
    if was_public and verdict is Verdict.RESTORE:
        lift_redactions(comment, by=by, vault=vault, action=action, **said)
    elif was_public and policy.state_after(verdict) == CommentState.PUBLISHED:
        if verdict is Verdict.REDACT:
            show_change(comment)
        let_stand(comment, by=by, action=action, **said)
    else:
        change_state(comment, policy.state_after(verdict), by=by, action=action, **said)
    if not (
        was_public and verdict is Verdict.PUBLISH
    ):  # it stays, and nobody knew that it was asked
        grounds = made_of(_agreeing(before, decision))
        _tell_author(comment, grounds, vault, decision.undo_until)
    if comment.state == CommentState.PUBLISHED and is_new:
        note_published(comment, not_before=decision.undo_until)


def _hide(comment: Comment, decision: Decision, vault: Vault) -> None:
    named = (decision.rules_version, decision.reason)
    clause = clauses_named([named])[named]
    span = Span(decision.details["start"], decision.details["end"], clause.number)
    hide(comment, span, clause=decision.reason, decision=decision.id, vault=vault)


def _agreeing(before: list[Decision], decision: Decision) -> list[Decision]:
    return [
        *(vote for vote in before if vote.said == decision.said),
        decision,
    ]


def _tell_author(
    comment: Comment, grounds: Grounds, vault: Vault, not_before: datetime | None
) -> None:
    kind, opened = TOLD.get(Verdict(grounds.verdict)), mailing.opened_for(comment, vault)
    if kind is None or opened is None or not mailing.is_confirmed(comment):
        return
    email, receipt = opened
    context: dict[str, Any] = {
        "letter_title": letter_by_id(comment.letter_id).title,
        "receipt_token": receipt,
        "note": grounds.note,
        "facts": "\n\n".join(grounds.facts),
    }
    if grounds.clauses:
        clause = grounds.clauses[-1]
        context |= {
            "reason_number": str(clause.number),
            "reason_title": clause.title,
            "rules_version": str(clause.version),
        }
    enqueue(
        kind,
        email,
        vault=vault,
        about=f"comment:{comment.id}",
        # Who confirmed this comment hears of it in any case; others may have sent it in their name.
        limit_per_day=None if comment.email_confirmed_at else mailing.MOST_UNASKED,
        among=(*mailing.ASKING, *TOLD.values()),
        not_before=not_before,
        **context,
    )
