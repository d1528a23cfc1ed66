"""Carry out what was decided on an appeal: undo a decision, or put a lesser one in its place."""

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
from commentsite.comments.redaction.spans import RedactionRequest, Span, parse_spans
from commentsite.comments.redaction.spans import locate_span as found_in
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
    """What somebody asks to put in the place of a decision."""

    kind: str = ""
    rule: str = ""
    redaction: RedactionRequest = field(default_factory=RedactionRequest)


@dataclass(frozen=True)
class Ruling:
    """An appeal with what it is about, and who decides it now."""

    appeal: Appeal
    comment: Comment
    decision: Decision
    facts: str
    rulebook: Rulebook  # in force now
    by: Actor
    encryption: Encryption


def check_variation(ruling: Ruling, variation: VariationRequest) -> VariationKind:
    """Return how a decision is to be varied. Raises Invalid when that is not possible, or nothing would differ."""
    verdict = Verdict(ruling.decision.verdict)
    ways = list_allowed_variations(verdict, CommentState(ruling.comment.state))
    if variation.kind not in ways:
        msg = "Choose what takes the place of the decision."
        raise Invalid(msg, field="how")
    if variation.rule not in ruling.rulebook.active_clauses:
        msg = "Choose the rule it rests on. The author is told."
        raise Invalid(msg, field="reason")
    if variation.kind == VariationKind.RULE and variation.rule == ruling.decision.rule:
        msg = "It rests on this rule already. Choose another, or uphold the decision."
        raise Invalid(msg, field="reason")
    return VariationKind(variation.kind)


def overturn_decision(ruling: Ruling) -> Decision:
    """Put everything back as it would be without the decision."""
    comment = ruling.comment
    if ruling.decision.verdict == Verdict.REDACT:
        made = _create_decision(ruling, Verdict.RESTORE)
        _lift_redaction(ruling)
        _update_comment(ruling, made, CommentState(comment.state))
        return made
    closed = comment.state == CommentState.RESTRICTED
    made = _create_decision(ruling, Verdict.RESTORE if closed else Verdict.PUBLISH)
    _update_comment(ruling, made, CommentState.PUBLISHED)
    return made


def vary_decision(ruling: Ruling, kind: VariationKind, variation: VariationRequest) -> Decision:
    """Put a lesser decision in the place of the one that is appealed."""
    state = CommentState(ruling.comment.state)
    is_redaction = ruling.decision.verdict == Verdict.REDACT
    if kind is VariationKind.REDACT:
        made = _replace_redaction(ruling, variation)
        _update_comment(ruling, made, state if is_redaction else CommentState.PUBLISHED)
    elif kind is VariationKind.RETURN:
        made = _create_decision(ruling, Verdict.RETURN, variation.rule)
        _update_comment(ruling, made, CommentState.RETURNED)
    else:
        made = _create_decision(ruling, Verdict(ruling.decision.verdict), variation.rule)
        if is_redaction:
            start, end = ruling.decision.span or (0, 0)
            made.details = made.details | {"start": start, "end": end}
            _lift_redaction(ruling)
            _apply_redaction(ruling, made)
        _update_comment(ruling, made, state)
    return made


def _replace_redaction(ruling: Ruling, asked: VariationRequest) -> Decision:
    comment, vault = ruling.comment, ruling.encryption
    own = ruling.decision.id
    taken = parse_spans(row for row in comment.redactions if row["decision"] != own)
    start, end = found_in(decrypt_original_text(comment, vault), asked.redaction, taken)
    made = _create_decision(ruling, Verdict.REDACT, asked.rule, start=start, end=end)
    if ruling.decision.verdict == Verdict.REDACT:
        _lift_redaction(ruling)
    _apply_redaction(ruling, made)
    return made


def _apply_redaction(ruling: Ruling, made: Decision) -> None:
    start, end = made.span or (0, 0)
    span = Span(start, end, ruling.rulebook.active_clauses[made.rule].number)
    redact_span(
        ruling.comment, span, clause=made.rule, decision_id=made.id, encryption=ruling.encryption
    )


def _lift_redaction(ruling: Ruling) -> None:
    lift_redactions_of_decision(ruling.comment, ruling.decision.id, encryption=ruling.encryption)


def _update_comment(ruling: Ruling, made: Decision, state: CommentState) -> None:
    """Bring the comment where it belongs now; the outcome of the appeal is one entry of the log."""
    comment, by = ruling.comment, ruling.by
    is_new = comment.published_at is None
    action = f"appeal.{ruling.appeal.state}"
    said: dict[str, Any] = {
        "appeal": ruling.appeal.id,
        "verdict": made.verdict,
        "reason": made.rule,
    }
    if made.rule:
        said["rules"] = made.rules_version
    if comment.state != state:
        refresh_author_role(comment, ruling.encryption)
        change_state(comment, state, by=by, action=action, **said)
    else:
        if ruling.decision.verdict == Verdict.REDACT:
            refresh_public_text(comment)
        record_unchanged(comment, by=by, action=action, **said)
    if comment.state == CommentState.PUBLISHED and is_new:
        schedule_reply_notifications(comment)


def _create_decision(ruling: Ruling, verdict: Verdict, reason: str = "", **place: int) -> Decision:
    by = ruling.by
    made = Decision(
        comment_id=ruling.comment.id,
        comment_version=ruling.comment.version,
        verdict=verdict.value,
        rule=reason,
        rules_version=ruling.rulebook.version,
        facts=ruling.facts if reason else "",
        details={"appeal": ruling.appeal.id, **ruling.decision.details, **place}
        if reason
        else {"appeal": ruling.appeal.id},
        moderator_id=by.user_id,
        moderator_name=by.name,
        moderator_group=by.group,
        moderator_organisation=by.organisation,
        mode=get_quorum_mode(ruling.comment).value,
        is_applied=True,
        decided_at=clock.now(),
    )
    session().add(made)
    session().flush()
    return made
