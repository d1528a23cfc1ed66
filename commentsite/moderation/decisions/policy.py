"""Define the verdicts, and decide from the votes when a verdict is applied: pure rules.

The moderation mode (site.quorum.ModerationMode) says how many moderators a refusal, a removal or
a redaction needs:

- solo: one moderator.
- pair: two moderators who give the same verdict.
- cross_group: two moderators from different, known stakeholder groups who give the same verdict.

Every other verdict needs one moderator, with one exception. If the first moderator voted to
refuse and the second disagrees, nothing happens yet and a third vote decides. The third moderator
can publish alone, but can refuse only together with an earlier vote that satisfies the mode. For a
redaction, "the same verdict" includes the same characters. Votes count for one version of the
comment: a change by its author discards them. The mode that counts is the one in force when the
last vote is cast.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from commentsite.comments.states import TRANSITIONS, Awaiting, CommentState
from commentsite.site.quorum import ModerationMode


class Verdict(StrEnum):
    PUBLISH = "publish"
    RETURN = "return"  # to the author, for a change
    REFUSE = "refuse"
    SPAM = "spam"
    RESTRICT = "restrict"  # remove after publication
    RESTORE = "restore"  # publish again, or show redacted text again
    REDACT = "redact"  # publish without some of the text


class DetectionSource(StrEnum):
    """How the problem came to the moderators' attention, as stored in Decision.details."""

    REPORT = "report"  # readers reported the comment
    RULE = "rule"  # a screening check held the comment
    READING = "reading"  # a moderator noticed it


STATE_AFTER: dict[Verdict, CommentState] = {
    Verdict.PUBLISH: CommentState.PUBLISHED,
    Verdict.RETURN: CommentState.RETURNED,
    Verdict.REFUSE: CommentState.REFUSED,
    Verdict.SPAM: CommentState.SPAM,
    Verdict.RESTRICT: CommentState.RESTRICTED,
    Verdict.RESTORE: CommentState.PUBLISHED,
    Verdict.REDACT: CommentState.PUBLISHED,
}
#: Verdicts that need two moderators where the mode asks for two.
REQUIRES_SECOND_VOTE = frozenset({Verdict.REFUSE, Verdict.RESTRICT, Verdict.REDACT})
_REQUIRES_RULE = REQUIRES_SECOND_VOTE | {Verdict.RETURN}
_REQUIRES_EXPLANATION = frozenset({Verdict.REFUSE, Verdict.RESTRICT})
#: Group codes that say nothing: no group given, or undisclosed.
UNKNOWN_GROUPS = frozenset({"", "UND"})


@dataclass(frozen=True)
class Vote:
    """One moderator's verdict on one version of a comment."""

    verdict: Verdict
    moderator_id: int | None
    group: str = ""
    span: tuple[int, int] | None = None  # the characters to hide, for a redaction

    @property
    def agreement_key(self) -> tuple[Verdict, tuple[int, int] | None]:
        """The part of a vote that must be equal for two votes to agree."""
        return self.verdict, self.span


def resolve_votes(votes: Sequence[Vote], mode: ModerationMode) -> Verdict | None:
    """Return the verdict to apply after the last of these votes, or None while more are needed.

    `votes` are all open votes on one version of a comment, the oldest first. See the module
    docstring for the rule.
    """
    *earlier, last = votes
    if mode is ModerationMode.SOLO:
        return last.verdict
    if last.verdict in REQUIRES_SECOND_VOTE:
        has_partner = any(
            vote.agreement_key == last.agreement_key and _satisfies_mode(vote, last, mode)
            for vote in earlier
        )
        return last.verdict if has_partner else None
    # One earlier open vote can only be a refusal, removal or redaction. This vote disagrees.
    return None if len(earlier) == 1 else last.verdict


def determine_awaiting(
    votes: Sequence[Vote], mode: ModerationMode, candidates: Iterable[tuple[int | None, str]]
) -> Awaiting | None:
    """Return the vote that a comment with these open votes waits for.

    `candidates` are the ids and groups of the moderators without a conflict of interest. None
    means that there are no votes yet and at least one candidate can cast the first.
    """
    voter_ids = {vote.moderator_id for vote in votes}
    remaining = [
        Vote(Verdict.PUBLISH, moderator_id, group)
        for moderator_id, group in candidates
        if moderator_id not in voter_ids
    ]
    if not any(_could_complete_quorum(votes, mode, candidate) for candidate in remaining):
        return Awaiting.ELIGIBLE_MODERATOR
    if not votes:
        return None
    is_unanimous = len({vote.agreement_key for vote in votes}) == 1
    return Awaiting.SECOND_VOTE if is_unanimous else Awaiting.THIRD_VOTE


def state_after(verdict: Verdict) -> CommentState:
    return STATE_AFTER[verdict]


def is_verdict_allowed(
    verdict: Verdict, state: CommentState, *, has_votes: bool = False, is_redacted: bool = False
) -> bool:
    """Return whether a moderator can give a verdict on a comment in this state.

    Published comments are special. PUBLISH means "keep it published" and is allowed only when
    there is an open vote to remove it (`has_votes`). RESTORE is allowed only when some of the
    text is redacted. SPAM confirms that a program rightly filed a comment as spam, and then `has_votes`
    says that no moderator has read it yet.
    """
    if verdict is Verdict.REDACT:
        return state in {CommentState.PENDING, CommentState.PUBLISHED}
    if verdict is Verdict.RETURN:
        return state == CommentState.PENDING
    if state == CommentState.PUBLISHED and verdict in {Verdict.PUBLISH, Verdict.RESTORE}:
        return has_votes if verdict is Verdict.PUBLISH else is_redacted
    if state == CommentState.SPAM and verdict is Verdict.SPAM:
        return has_votes
    return STATE_AFTER[verdict] in TRANSITIONS[state]


def requires_rule(verdict: Verdict) -> bool:
    """Return whether the decision must name a moderation rule, which the author is told."""
    return verdict in _REQUIRES_RULE


def requires_explanation(verdict: Verdict) -> bool:
    """Return whether the author must be told in words what in the comment breaks the rule."""
    return verdict in _REQUIRES_EXPLANATION


def _satisfies_mode(first: Vote, second: Vote, mode: ModerationMode) -> bool:
    if mode is ModerationMode.CROSS_GROUP:
        groups = {first.group, second.group}
        return len(groups) == 2 and UNKNOWN_GROUPS.isdisjoint(groups)
    return first.moderator_id != second.moderator_id


def _could_complete_quorum(votes: Sequence[Vote], mode: ModerationMode, candidate: Vote) -> bool:
    """Return whether one more vote by the candidate could be the last, for any verdict voted so far.

    `candidate` is a vote to publish, so publishing is always among the verdicts tried.
    """
    options = {candidate.agreement_key, *(vote.agreement_key for vote in votes)}
    return any(
        resolve_votes([*votes, Vote(verdict, candidate.moderator_id, candidate.group, span)], mode)
        for verdict, span in options
    )
