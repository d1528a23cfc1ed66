"""Apply a decision to its comment: change the state, write the audit log, notify the author."""

from datetime import datetime
from typing import Any

from commentsite.accounts.permissions import Actor
from commentsite.comments.affiliation.services import refresh_author_role
from commentsite.comments.appeals.states import appeal_deadline
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

#: The kind of email that the author receives. Authors are not notified of spam.
EMAIL_KIND = {
    Verdict.PUBLISH: "comment.published",
    Verdict.RESTORE: "comment.published",
    Verdict.RETURN: "comment.returned",
    Verdict.REFUSE: "comment.refused",
    Verdict.RESTRICT: "comment.restricted",
    Verdict.REDACT: "comment.redacted",
}

#: The author can appeal against these verdicts, and the email says until when.
APPEALABLE = frozenset({Verdict.REFUSE, Verdict.RESTRICT, Verdict.REDACT})


def apply_decision(
    comment: Comment,
    decision: Decision,
    earlier_votes: list[Decision],
    *,
    by: Actor,
    encryption: Encryption,
) -> None:
    """Carry out a decision. `earlier_votes` are the open votes before it, on the same version."""
    refresh_author_role(comment, encryption)
    verdict, is_first_publication = Verdict(decision.verdict), comment.published_at is None
    was_public = comment.state == CommentState.PUBLISHED
    state = decision_policy.state_after(verdict)
    event_details: dict[str, Any] = {
        "verdict": decision.verdict,
        "reason": decision.rule,
        "decision": decision.id,
    }
    if decision.rule:
        event_details["rules"] = decision.rules_version
    if earlier_votes:
        event_details |= {"mode": decision.mode, "votes": len(earlier_votes) + 1}
    action = "comment.redacted" if verdict is Verdict.REDACT else "comment.decided"
    if verdict is Verdict.REDACT:
        _apply_redaction(comment, decision, encryption)
    if was_public and verdict is Verdict.RESTORE:
        lift_all_redactions(comment, by=by, encryption=encryption, action=action, **event_details)
    elif state == comment.state:
        if verdict is Verdict.REDACT:
            refresh_public_text(comment)
        record_unchanged(comment, by=by, action=action, **event_details)
    else:
        change_state(comment, state, by=by, action=action, **event_details)
    # A comment that stays published needs no email: its author never heard of the vote to remove it.
    if not (was_public and verdict is Verdict.PUBLISH):
        statement = build_statement(_agreeing_votes(earlier_votes, decision))
        _notify_author(comment, statement, encryption, decision.undo_until)
    if comment.state == CommentState.PUBLISHED and is_first_publication:
        schedule_reply_notifications(comment, not_before=decision.undo_until)


def _apply_redaction(comment: Comment, decision: Decision, encryption: Encryption) -> None:
    rule_key = (decision.rules_version, decision.rule)
    clause = find_clauses([rule_key])[rule_key]
    span = Span(decision.details["start"], decision.details["end"], clause.number)
    redact_span(comment, span, clause=decision.rule, decision_id=decision.id, encryption=encryption)


def _agreeing_votes(earlier_votes: list[Decision], decision: Decision) -> list[Decision]:
    return [
        *(vote for vote in earlier_votes if vote.agreement_key == decision.agreement_key),
        decision,
    ]


def _notify_author(
    comment: Comment,
    statement: DecisionStatement,
    encryption: Encryption,
    not_before: datetime | None,
) -> None:
    """Enqueue the email to the author if the address is confirmed. It leaves after `not_before`."""
    kind = EMAIL_KIND.get(Verdict(statement.verdict))
    recipient = mailbox.decrypt_recipient(comment, encryption)
    if kind is None or recipient is None or not mailbox.is_recipient_confirmed(comment):
        return
    email, receipt_token = recipient
    context: dict[str, Any] = {
        "letter_title": get_letter(comment.letter_id).title,
        "receipt_token": receipt_token,
        "note": statement.combined_note,
        "facts": "\n\n".join(statement.facts),
    }
    if statement.verdict in APPEALABLE:
        last_day = appeal_deadline(statement.decided_at)
        context["appeal_until"] = f"{last_day:%Y-%m-%d}"
    if statement.cited_rules:
        clause = statement.cited_rules[-1]
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
        # The limit protects a mailbox whose owner confirmed an earlier comment, but not this one:
        # another person may have sent this comment under the owner's address.
        limit_per_day=None if comment.email_confirmed_at else mailbox.MAX_UNSOLICITED_PER_DAY,
        counted_kinds=(*mailbox.CONFIRMATION_KINDS, *EMAIL_KIND.values()),
        not_before=not_before,
        language=comment.form_language,
        **context,
    )
