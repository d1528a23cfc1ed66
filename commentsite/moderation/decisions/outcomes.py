"""Carry out what was decided about a comment, write it into the log, and tell its author why."""

from datetime import datetime
from typing import Any

from commentsite.accounts.permissions import Actor
from commentsite.comments.affiliation.services import refresh_author_role
from commentsite.comments.emails import mailbox
from commentsite.comments.emails.subscriptions import schedule_reply_notifications
from commentsite.comments.models import Comment
from commentsite.comments.redaction.services import (
    lift_all_redactions,
    redact_span,
    refresh_public_text,
)
from commentsite.comments.redaction.spans import Span
from commentsite.comments.states import CommentState
from commentsite.comments.transitions import change_state, record_unchanged
from commentsite.encryption import Encryption
from commentsite.letters.queries import get_letter
from commentsite.moderation.decisions import policy as decision_policy
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.statement import DecisionStatement, build_statement
from commentsite.moderation.models import Decision
from commentsite.notifications.outbox import enqueue_message
from commentsite.site.queries import find_clauses

EMAIL_KIND = {
    Verdict.PUBLISH: "comment.published",
    Verdict.RESTORE: "comment.published",
    Verdict.RETURN: "comment.returned",
    Verdict.REFUSE: "comment.refused",
    Verdict.RESTRICT: "comment.restricted",
    Verdict.REDACT: "comment.redacted",
}


def apply_decision(
    comment: Comment,
    decision: Decision,
    earlier_votes: list[Decision],
    *,
    by: Actor,
    encryption: Encryption,
) -> None:
    """Do with the comment what was decided; `before` are the votes on it that had not settled it."""
    refresh_author_role(comment, encryption)
    verdict, is_new = Verdict(decision.verdict), comment.published_at is None
    said: dict[str, Any] = {"verdict": decision.verdict, "reason": decision.rule}
    if decision.rule:
        said["rules"] = decision.rules_version
    if earlier_votes:
        said |= {"mode": decision.mode, "votes": len(earlier_votes) + 1}
    action = "comment.redacted" if verdict is Verdict.REDACT else "comment.decided"
    if verdict is Verdict.REDACT:
        _apply_redaction(comment, decision, encryption)
    was_public = comment.state == CommentState.PUBLISHED
    if was_public and verdict is Verdict.RESTORE:
        lift_all_redactions(comment, by=by, encryption=encryption, action=action, **said)
    elif was_public and decision_policy.state_after(verdict) == CommentState.PUBLISHED:
        if verdict is Verdict.REDACT:
            refresh_public_text(comment)
        record_unchanged(comment, by=by, action=action, **said)
    else:
        change_state(comment, decision_policy.state_after(verdict), by=by, action=action, **said)
    if not (
        was_public and verdict is Verdict.PUBLISH
    ):  # it stays, and nobody knew that it was asked
        grounds = build_statement(_agreeing_votes(earlier_votes, decision))
        _notify_author(comment, grounds, encryption, decision.undo_until)
    if comment.state == CommentState.PUBLISHED and is_new:
        schedule_reply_notifications(comment, not_before=decision.undo_until)


def _apply_redaction(comment: Comment, decision: Decision, encryption: Encryption) -> None:
    named = (decision.rules_version, decision.rule)
    clause = find_clauses([named])[named]
    span = Span(decision.details["start"], decision.details["end"], clause.number)
    redact_span(comment, span, clause=decision.rule, decision_id=decision.id, encryption=encryption)


def _agreeing_votes(before: list[Decision], decision: Decision) -> list[Decision]:
    return [
        *(vote for vote in before if vote.agreement_key == decision.agreement_key),
        decision,
    ]


def _notify_author(
    comment: Comment,
    grounds: DecisionStatement,
    encryption: Encryption,
    not_before: datetime | None,
) -> None:
    kind, opened = (
        EMAIL_KIND.get(Verdict(grounds.verdict)),
        mailbox.decrypt_recipient(comment, encryption),
    )
    if kind is None or opened is None or not mailbox.is_recipient_confirmed(comment):
        return
    email, receipt = opened
    context: dict[str, Any] = {
        "letter_title": get_letter(comment.letter_id).title,
        "receipt_token": receipt,
        "note": grounds.combined_note,
        "facts": "\n\n".join(grounds.facts),
    }
    if grounds.cited_rules:
        clause = grounds.cited_rules[-1]
        context |= {
            "reason_number": str(clause.number),
            "reason_title": clause.title,
            "rules_version": str(clause.version),
        }
    enqueue_message(
        kind,
        email,
        encryption=encryption,
        about=f"comment:{comment.id}",
        # Who confirmed this comment hears of it in any case; others may have sent it in their name.
        limit_per_day=None if comment.email_confirmed_at else mailbox.MAX_UNSOLICITED_PER_DAY,
        counted_kinds=(*mailbox.CONFIRMATION_KINDS, *EMAIL_KIND.values()),
        not_before=not_before,
        **context,
    )
