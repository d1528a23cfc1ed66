"""Carry out what was decided on an appeal: undo a decision, or put a lesser one in its place."""

from dataclasses import dataclass, field
from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.comments.appeal import Appeal
from commentsite.comments.following import note_published
from commentsite.comments.models import Comment
from commentsite.comments.moving import change_state, let_stand
from commentsite.comments.redacting import hide, lift, original_words, show_change
from commentsite.comments.redaction import Place, Span, spans_in
from commentsite.comments.redaction import found as found_in
from commentsite.comments.states import CommentState
from commentsite.comments.voices import settle_voice
from commentsite.db import session
from commentsite.errors import Invalid
from commentsite.moderation.appeal_policy import How, ways_to_vary
from commentsite.moderation.models import Decision
from commentsite.moderation.policy import Verdict
from commentsite.moderation.waiting import mode_for
from commentsite.site.rulebook import Rulebook
from commentsite.vault import Vault


@dataclass(frozen=True)
class Variation:
    """What somebody asks to put in the place of a decision."""

    how: str = ""
    reason: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True)
class Ruling:
    """An appeal with what it is about, and who decides it now."""

    appeal: Appeal
    comment: Comment
    decision: Decision
    facts: str
    rules: Rulebook  # in force now
    by: Actor
    vault: Vault


def check_variation(ruling: Ruling, asked: Variation) -> How:
    """Return how a decision is to be varied. Raises Invalid when that is not possible, or nothing would differ."""
    verdict = Verdict(ruling.decision.verdict)
    ways = ways_to_vary(verdict, CommentState(ruling.comment.state))
    if asked.how not in ways:
        msg = "Choose what takes the place of the decision."
        raise Invalid(msg, field="how")
    if asked.reason not in ruling.rules.clauses:
        msg = "Choose the rule it rests on. The author is told."
        raise Invalid(msg, field="reason")
    if asked.how == How.CLAUSE and asked.reason == ruling.decision.reason:
        msg = "It rests on this rule already. Choose another, or uphold the decision."
        raise Invalid(msg, field="reason")
    return How(asked.how)


def overturn(ruling: Ruling) -> Decision:
    """Put everything back as it would be without the decision."""
    comment = ruling.comment
    if ruling.decision.verdict == Verdict.REDACT:
        made = _decided(ruling, Verdict.RESTORE)
        _show_hidden(ruling)
        _settle(ruling, made, CommentState(comment.state))
        return made
    closed = comment.state == CommentState.RESTRICTED
    made = _decided(ruling, Verdict.RESTORE if closed else Verdict.PUBLISH)
    _settle(ruling, made, CommentState.PUBLISHED)
    return made


def vary(ruling: Ruling, how: How, asked: Variation) -> Decision:
    """Put a lesser decision in the place of the one that is appealed."""
    state = CommentState(ruling.comment.state)
    is_redaction = ruling.decision.verdict == Verdict.REDACT
    if how is How.REDACT:
        made = _hide_instead(ruling, asked)
        _settle(ruling, made, state if is_redaction else CommentState.PUBLISHED)
    elif how is How.RETURN:
        made = _decided(ruling, Verdict.RETURN, asked.reason)
        _settle(ruling, made, CommentState.RETURNED)
    else:
        made = _decided(ruling, Verdict(ruling.decision.verdict), asked.reason)
        if is_redaction:
            start, end = ruling.decision.span or (0, 0)
            made.details = made.details | {"start": start, "end": end}
            _show_hidden(ruling)
            _hide(ruling, made)
        _settle(ruling, made, state)
    return made


def _hide_instead(ruling: Ruling, asked: Variation) -> Decision:
    comment, vault = ruling.comment, ruling.vault
    own = ruling.decision.id
    taken = spans_in(row for row in comment.redactions if row["decision"] != own)
    start, end = found_in(original_words(comment, vault), asked.place, taken)
    made = _decided(ruling, Verdict.REDACT, asked.reason, start=start, end=end)
    if ruling.decision.verdict == Verdict.REDACT:
        _show_hidden(ruling)
    _hide(ruling, made)
    return made


def _hide(ruling: Ruling, made: Decision) -> None:
    start, end = made.span or (0, 0)
    span = Span(start, end, ruling.rules.clauses[made.reason].number)
    hide(ruling.comment, span, clause=made.reason, decision=made.id, vault=ruling.vault)


def _show_hidden(ruling: Ruling) -> None:
    lift(ruling.comment, ruling.decision.id, vault=ruling.vault)


def _settle(ruling: Ruling, made: Decision, state: CommentState) -> None:
    """Bring the comment where it belongs now; the outcome of the appeal is one entry of the log."""
    comment, by = ruling.comment, ruling.by
    is_new = comment.published_at is None
    action = f"appeal.{ruling.appeal.state}"
    said: dict[str, Any] = {
        "appeal": ruling.appeal.id,
        "verdict": made.verdict,
        "reason": made.reason,
    }
    if made.reason:
        said["rules"] = made.rules_version
    if comment.state != state:
        settle_voice(comment, ruling.vault)
        change_state(comment, state, by=by, action=action, **said)
    else:
        if ruling.decision.verdict == Verdict.REDACT:
            show_change(comment)
        let_stand(comment, by=by, action=action, **said)
    if comment.state == CommentState.PUBLISHED and is_new:
        note_published(comment)


def _decided(ruling: Ruling, verdict: Verdict, reason: str = "", **place: int) -> Decision:
    by = ruling.by
    made = Decision(
        comment_id=ruling.comment.id,
        comment_version=ruling.comment.version,
        verdict=verdict.value,
        reason=reason,
        rules_version=ruling.rules.version,
        facts=ruling.facts if reason else "",
        details={"appeal": ruling.appeal.id, **ruling.decision.details, **place}
        if reason
        else {"appeal": ruling.appeal.id},
        moderator_id=by.user_id,
        moderator_name=by.name,
        moderator_group=by.group,
        moderator_organisation=by.organisation,
        mode=mode_for(ruling.comment).value,
        is_settling=True,
        decided_at=clock.now(),
    )
    session().add(made)
    session().flush()
    return made
