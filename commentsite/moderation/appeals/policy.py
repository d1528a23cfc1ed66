"""Decide which decisions can be appealed, who may review an appeal, and how a decision is varied.

These are pure rules. An appeal reviewer must be independent of the decision: they have not voted
on the comment in any version and have not ruled on another appeal about it. Where the moderation
mode is cross_group, they must also belong to a known group that none of the earlier deciders
belonged to. One reviewer rules, and the ruling itself cannot be appealed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from commentsite.comments.states import CommentState
from commentsite.moderation.decisions.policy import UNKNOWN_GROUPS, Verdict
from commentsite.site.quorum import ModerationMode

#: Value of Appeal.awaiting while no moderator is eligible to review the appeal.
NO_REVIEWER = "nobody"


class Ineligibility(StrEnum):
    """The reason why a moderator may not review an appeal, apart from a conflict of interest."""

    DECIDED_BEFORE = "decided_before"
    SAME_GROUP = "same_group"
    NO_GROUP = "no_group"


INELIGIBILITY_MESSAGES = {
    Ineligibility.DECIDED_BEFORE: "You have decided on this comment before. Another moderator must review the appeal.",
    Ineligibility.SAME_GROUP: "A member of your group has decided on this comment before. A moderator from another group must review the appeal.",
    Ineligibility.NO_GROUP: "Your profile names no group. A moderator from a group that has not decided on this comment must review the appeal.",
}


class VariationKind(StrEnum):
    """How a decision is varied. Every variation is milder than the decision, or as severe."""

    REDACT = "redact"  # publish the comment without some of its text, or redact other text
    RETURN = "return"  # let the author change the comment
    RULE = "clause"  # keep the decision, under another rule


_REJECTING_VERDICT = {
    CommentState.REFUSED: Verdict.REFUSE,
    CommentState.RESTRICTED: Verdict.RESTRICT,
}


@dataclass(frozen=True)
class AppealReviewer:
    """An earlier decider, or a moderator who would review an appeal, with their group at that time."""

    staff_id: int | None
    group: str


@dataclass(frozen=True)
class AppealableDecision:
    """The part of an applied decision that the rules need."""

    id: int
    verdict: str
    is_on_appeal: bool = False  # the ruling on an earlier appeal, which is final


def find_decisions_in_force(
    state: CommentState, redacting_ids: Iterable[int], decisions: Sequence[AppealableDecision]
) -> list[int]:
    """Return the ids of the decisions that keep the comment, or part of it, from readers.

    The oldest comes first. `redacting_ids` are the decisions whose redactions are in force.
    `decisions` are all applied decisions, the oldest first. A refusal or removal counts while the
    comment is in that state. Spam never counts, because its author is not told of the decision.
    """
    redacting = set(redacting_ids)
    in_force = [d.id for d in decisions if d.id in redacting and not d.is_on_appeal]
    rejecting_verdict = _REJECTING_VERDICT.get(state)
    if rejecting_verdict is None:
        return in_force if state == CommentState.PUBLISHED else []
    rejection = next((d for d in reversed(decisions) if d.verdict == rejecting_verdict), None)
    if rejection is None or rejection.is_on_appeal:
        return in_force
    return [*in_force, rejection.id]


def find_ineligibility(
    reviewer: AppealReviewer, prior_reviewers: Iterable[AppealReviewer], mode: ModerationMode
) -> Ineligibility | None:
    """Return why a moderator may not review an appeal after these deciders, or None if they may."""
    prior = list(prior_reviewers)
    if reviewer.staff_id in {decider.staff_id for decider in prior}:
        return Ineligibility.DECIDED_BEFORE
    if mode is not ModerationMode.CROSS_GROUP:
        return None
    if reviewer.group in UNKNOWN_GROUPS:
        return Ineligibility.NO_GROUP
    is_same_group = reviewer.group in {decider.group for decider in prior}
    return Ineligibility.SAME_GROUP if is_same_group else None


def list_allowed_variations(verdict: Verdict, state: CommentState) -> tuple[VariationKind, ...]:
    """Return how a decision can be varied, never to the author's disadvantage."""
    if verdict is Verdict.REDACT:
        return (VariationKind.REDACT, VariationKind.RULE)
    if state == CommentState.REFUSED:
        return (VariationKind.REDACT, VariationKind.RETURN, VariationKind.RULE)
    return (VariationKind.REDACT, VariationKind.RULE)
