"""Overturn a decision on appeal, or put a milder one in its place."""

from dataclasses import dataclass, field
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.comments.affiliation.services import refresh_author_role
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.emails.subscriptions import schedule_reply_notifications
from commentsite.comments.models import Comment
from commentsite.comments.redaction.services import (
    decrypt_original_text,
    lift_redactions_of_decision,
    redact_span,
    refresh_public_text,
)
from commentsite.comments.redaction.spans import RedactionRequest, Span, locate_span, parse_spans
from commentsite.comments.states import CommentState
from commentsite.comments.transitions import change_state, record_unchanged
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Invalid
from commentsite.moderation.appeals.policy import VariationKind, list_allowed_variations
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.quorum import get_quorum_mode
from commentsite.moderation.models import Decision
from commentsite.site.rulebook import Rulebook


@dataclass(frozen=True)
class VariationRequest:
    """The fields of the form with which a reviewer varies a decision."""

    kind: str = ""
    rule: str = ""
    redaction: RedactionRequest = field(default_factory=RedactionRequest)


@dataclass(frozen=True)
class Ruling:
    """An appeal with everything that is needed to rule on it."""

    appeal: Appeal
    comment: Comment
    decision: Decision  # under appeal
    facts: str  # the reviewer's reasons
    rulebook: Rulebook  # in force now
    by: Actor
    encryption: Encryption


def check_variation(ruling: Ruling, variation: VariationRequest) -> VariationKind:
    """Return the kind of variation. Raises Invalid when it is not allowed or would change nothing."""
    verdict = Verdict(ruling.decision.verdict)
    allowed = list_allowed_variations(verdict, CommentState(ruling.comment.state))
    if variation.kind not in allowed:
        msg = "Choose how to vary the decision."
        raise Invalid(msg, field="how")
    if variation.rule not in ruling.rulebook.active_clauses:
        msg = "Choose the rule that the comment breaks. The author will see it."
        raise Invalid(msg, field="reason")
    if variation.kind == VariationKind.RULE and variation.rule == ruling.decision.rule:
        msg = "The decision already cites this rule. Choose another rule, or uphold the decision."
        raise Invalid(msg, field="reason")
    return VariationKind(variation.kind)


def overturn_decision(ruling: Ruling) -> Decision:
    """Reverse the decision, and return the new decision that does so."""
    comment = ruling.comment
    if ruling.decision.verdict == Verdict.REDACT:
        reversal = _create_decision(ruling, Verdict.RESTORE)
        _lift_redaction(ruling)
        _update_comment(ruling, reversal, CommentState(comment.state))
        return reversal
    is_removed = comment.state == CommentState.RESTRICTED
    reversal = _create_decision(ruling, Verdict.RESTORE if is_removed else Verdict.PUBLISH)
    _update_comment(ruling, reversal, CommentState.PUBLISHED)
    return reversal


def vary_decision(ruling: Ruling, kind: VariationKind, variation: VariationRequest) -> Decision:
    """Replace the decision by a milder one, and return the new decision."""
    state = CommentState(ruling.comment.state)
    is_redaction = ruling.decision.verdict == Verdict.REDACT
    if kind is VariationKind.REDACT:
        replacement = _replace_with_redaction(ruling, variation)
        _update_comment(ruling, replacement, state if is_redaction else CommentState.PUBLISHED)
    elif kind is VariationKind.RETURN:
        replacement = _create_decision(ruling, Verdict.RETURN, variation.rule)
        _update_comment(ruling, replacement, CommentState.RETURNED)
    else:
        replacement = _create_decision(ruling, Verdict(ruling.decision.verdict), variation.rule)
        if is_redaction:
            # The mark in the text names the rule, so the same characters are redacted anew.
            start, end = ruling.decision.span or (0, 0)
            replacement.details = replacement.details | {"start": start, "end": end}
            _lift_redaction(ruling)
            _apply_redaction(ruling, replacement)
        _update_comment(ruling, replacement, state)
    return replacement


def _replace_with_redaction(ruling: Ruling, variation: VariationRequest) -> Decision:
    comment, own_id = ruling.comment, ruling.decision.id
    # The redaction under appeal is replaced, so the new one may overlap it, but no other.
    other_spans = parse_spans(row for row in comment.redactions if row["decision"] != own_id)
    original = decrypt_original_text(comment, ruling.encryption)
    start, end = locate_span(original, variation.redaction, other_spans)
    replacement = _create_decision(ruling, Verdict.REDACT, variation.rule, start=start, end=end)
    if ruling.decision.verdict == Verdict.REDACT:
        _lift_redaction(ruling)
    _apply_redaction(ruling, replacement)
    return replacement


def _apply_redaction(ruling: Ruling, decision: Decision) -> None:
    start, end = decision.span or (0, 0)
    span = Span(start, end, ruling.rulebook.active_clauses[decision.rule].number)
    redact_span(
        ruling.comment,
        span,
        clause=decision.rule,
        decision_id=decision.id,
        encryption=ruling.encryption,
    )


def _lift_redaction(ruling: Ruling) -> None:
    lift_redactions_of_decision(ruling.comment, ruling.decision.id, encryption=ruling.encryption)


def _update_comment(ruling: Ruling, decision: Decision, state: CommentState) -> None:
    """Move the comment to its new state. The ruling and its effect are one audit event."""
    comment, by = ruling.comment, ruling.by
    is_first_publication = comment.published_at is None
    action = f"appeal.{ruling.appeal.state}"
    event_details: dict[str, Any] = {
        "appeal": ruling.appeal.id,
        "verdict": decision.verdict,
        "reason": decision.rule,
    }
    if decision.rule:
        event_details["rules"] = decision.rules_version
    if comment.state != state:
        refresh_author_role(comment, ruling.encryption)
        change_state(comment, state, by=by, action=action, **event_details)
    else:
        if ruling.decision.verdict == Verdict.REDACT:
            refresh_public_text(comment)
        record_unchanged(comment, by=by, action=action, **event_details)
    if comment.state == CommentState.PUBLISHED and is_first_publication:
        schedule_reply_notifications(comment)


def _create_decision(
    ruling: Ruling, verdict: Verdict, rule: str = "", **redaction: int
) -> Decision:
    """Store the decision that carries out the ruling. It is applied at once, by one reviewer.

    Only a decision that names a rule is a statement of reasons. It keeps the facts, and how the
    original decision came about.
    """
    by, details = ruling.by, {"appeal": ruling.appeal.id}
    decision = Decision(
        comment_id=ruling.comment.id,
        comment_version=ruling.comment.version,
        verdict=verdict.value,
        rule=rule,
        rules_version=ruling.rulebook.version,
        facts=ruling.facts if rule else "",
        details={**details, **ruling.decision.details, **redaction} if rule else details,
        moderator_id=by.user_id,
        moderator_name=by.name,
        moderator_group=by.group,
        moderator_organisation=by.organisation,
        mode=get_quorum_mode(ruling.comment).value,
        is_applied=True,
        decided_at=clock.now(),
    )
    session().add(decision)
    session().flush()
    return decision
