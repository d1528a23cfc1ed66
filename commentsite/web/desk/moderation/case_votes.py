"""Build what the page of a case shows about deciding it: votes so far, the decision form, and hidden text."""

from dataclasses import dataclass

from flask import request

from commentsite.accounts.permissions import Actor
from commentsite.comments.models import Comment
from commentsite.comments.redaction.services import decrypt_original_text
from commentsite.comments.redaction.spans import (
    RedactionRequest,
    RedactionSegment,
    Span,
    parse_spans,
    split_at_spans,
)
from commentsite.comments.states import UNREAD, Awaiting, CommentState
from commentsite.encryption import Encryption
from commentsite.errors import Conflict
from commentsite.moderation.decisions.policy import (
    REQUIRES_SECOND_VOTE,
    Verdict,
    is_verdict_allowed,
)
from commentsite.moderation.decisions.quorum import VotingStatus, load_voting_status
from commentsite.moderation.decisions.statement import (
    DecisionStatement,
    build_statement,
    load_current_statement,
)
from commentsite.moderation.models import Decision
from commentsite.moderation.queue.case_file import CaseFile
from commentsite.site.quorum import ModerationMode
from commentsite.text.plain_text import clean_multiline
from commentsite.web.desk.moderation.decision_form import (
    BUTTON_VERDICTS,
    CaseInput,
    DecisionForm,
    build_decision_form,
)
from commentsite.web.desk.moderation.prepared_notes import list_note_choices
from commentsite.web.http.parameters import parse_id
from commentsite.web.rendering.i18n import gettext as _
from commentsite.web.rendering.i18n import ngettext

#: "Publish" and "Restore" lead to the same state, so each state offers only one of the two.
_REDUNDANT_VERDICT = {
    CommentState.PENDING: Verdict.RESTORE,
    CommentState.REFUSED: Verdict.RESTORE,
    CommentState.SPAM: Verdict.RESTORE,
    CommentState.RESTRICTED: Verdict.PUBLISH,
}
_REJECTED_STATES = frozenset({CommentState.REFUSED, CommentState.RESTRICTED})


@dataclass(frozen=True)
class VoteView:
    """One vote that did not settle the case yet. `redacted_segments` is empty unless it hides text."""

    decision: Decision
    statement: DecisionStatement
    redacted_segments: list[RedactionSegment]
    can_agree: bool  # the moderator may cast the same vote with one press


@dataclass(frozen=True)
class VotingView:
    """The state of the decision about a case, for the moderator who looks at it."""

    status: VotingStatus
    has_no_eligible_moderator: bool
    votes: list[VoteView]
    votes_heading: str
    votes_explanation: str  # which vote must come next
    decision_form: DecisionForm | None
    statement: DecisionStatement | None  # as the author reads it
    is_rejected: bool
    original_text: str
    original_segments: list[RedactionSegment]
    can_redact: bool
    can_declare_conflict: bool


def build_voting_view(
    file: CaseFile, by: Actor, encryption: Encryption, case_input: CaseInput
) -> VotingView:
    """Build the view for one moderator. `case_input` is what they have sent for this case."""
    comment = file.comment
    status = load_voting_status(comment, file.open_votes, by, encryption)
    allowed = _list_allowed_verdicts(file)
    can_vote = not status.ineligible_because and not status.has_voted
    offered = [verdict for verdict in BUTTON_VERDICTS if can_vote and verdict in allowed]
    original_text = _load_original_text(comment, encryption)
    state = CommentState(comment.state)
    statement = load_current_statement(comment, file.applied_decisions)
    shows_statement = bool(comment.redactions) or state in {
        *_REJECTED_STATES,
        CommentState.RETURNED,
    }
    return VotingView(
        status=status,
        has_no_eligible_moderator=status.awaiting == Awaiting.ELIGIBLE_MODERATOR,
        votes=[
            VoteView(
                decision=vote,
                statement=build_statement([vote]),
                redacted_segments=_mark_redacted_span(original_text, vote),
                can_agree=bool(offered) and vote.verdict in REQUIRES_SECOND_VOTE,
            )
            for vote in ([] if status.ineligible_because else file.open_votes)
        ],
        votes_heading=_describe_votes(status, len(file.open_votes)),
        votes_explanation=_explain_next_vote(status),
        decision_form=build_decision_form(
            comment, offered, case_input, list_note_choices(file.letter.language)
        )
        if offered
        else None,
        statement=statement if shows_statement else None,
        is_rejected=state in _REJECTED_STATES,
        original_text=original_text,
        original_segments=split_at_spans(original_text, parse_spans(comment.redactions)),
        can_redact=can_vote and Verdict.REDACT in allowed,
        can_declare_conflict=not status.ineligible_because and bool(allowed),
    )


def parse_redaction() -> RedactionRequest:
    """Read which part of the text to hide: a range of characters, or the text itself."""
    return RedactionRequest(
        parse_id(request.form.get("redact_from", "")),
        parse_id(request.form.get("redact_to", "")),
        clean_multiline(request.form.get("redact_words", "")).strip("\n"),
    )


def _list_allowed_verdicts(file: CaseFile) -> list[Verdict]:
    comment = file.comment
    state = CommentState(comment.state)
    if comment.erased_at is not None:
        return []
    return [
        verdict
        for verdict in (*BUTTON_VERDICTS, Verdict.REDACT)
        if verdict != _REDUNDANT_VERDICT.get(state)
        and is_verdict_allowed(
            verdict,
            state,
            has_votes=bool(file.open_votes) or comment.awaiting in UNREAD,
            is_redacted=bool(comment.redactions),
        )
    ]


def _load_original_text(comment: Comment, encryption: Encryption) -> str:
    try:
        return decrypt_original_text(comment, encryption)
    except Conflict:
        # The key that hid the text is gone. The case must be readable all the same.
        return comment.body


def _mark_redacted_span(original_text: str, vote: Decision) -> list[RedactionSegment]:
    if not vote.span:
        return []
    start, end = vote.span
    return split_at_spans(original_text, [Span(start, end, 0)])


def _describe_votes(status: VotingStatus, vote_count: int) -> str:
    if status.has_voted:
        return _("You have already voted. Another moderator must vote next.")
    if status.awaiting == Awaiting.THIRD_VOTE:
        return _("Two moderators have voted, and they disagree.")
    return ngettext("One moderator has voted.", "%(num)d moderators have voted.", vote_count)


def _explain_next_vote(status: VotingStatus) -> str:
    if status.awaiting == Awaiting.THIRD_VOTE:
        return _("The third vote decides. A refusal still needs two votes.")
    if status.has_voted:
        return ""
    if status.mode is ModerationMode.CROSS_GROUP:
        return _("A second moderator, from another group, must vote.")
    if status.awaiting == Awaiting.SECOND_VOTE:
        return _("A second moderator must vote.")
    return ""
