"""Which decisions can be appealed, who may decide an appeal, and what it can become: pure rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from commentsite.comments.states import CommentState
from commentsite.moderation.decisions.policy import UNKNOWN_GROUPS, Verdict
from commentsite.site.quorum import ModerationMode

NO_REVIEWER = "nobody"
DECIDED_BEFORE, SAME_GROUP, NO_GROUP = "decided_before", "same_group", "no_group"
INELIGIBILITY_MESSAGES = {
    DECIDED_BEFORE: "You have decided about this comment before. Somebody else decides about the appeal.",
    SAME_GROUP: "Somebody of your group decided about this comment before. Somebody of another group decides about the appeal.",
    NO_GROUP: "Your group is not told, and this needs somebody of another group than those who decided before.",
}
_REJECTING_VERDICT = {
    CommentState.REFUSED: Verdict.REFUSE,
    CommentState.RESTRICTED: Verdict.RESTRICT,
}


class VariationKind(StrEnum):
    """In which way a decision is varied."""

    REDACT = "redact"  # published, without some of its words
    RETURN = "return"  # its author may change it
    RULE = "clause"  # it stays, under another rule


@dataclass(frozen=True)
class AppealReviewer:
    """Somebody who decided about a comment before, or would decide about an appeal now."""

    staff_id: int | None
    group: str


@dataclass(frozen=True)
class AppealableDecision:
    """What counts of a decision that was carried out; one made on an appeal is not appealed again."""

    id: int
    verdict: str
    is_on_appeal: bool = False


def find_decisions_in_force(
    state: CommentState, redacting_ids: Iterable[int], decisions: Sequence[AppealableDecision]
) -> list[int]:
    """Return the numbers of the decisions that keep a comment, or words of it, from the public, the oldest first.

    `hidden_by` are the decisions by which words are hidden now. A refusal or removal counts while
    the comment stands so; what its author is not told of does not.
    """
    hiding = set(redacting_ids)
    found = [d.id for d in decisions if d.id in hiding and not d.is_on_appeal]
    closed = _REJECTING_VERDICT.get(state)
    if closed is None:
        return found if state == CommentState.PUBLISHED else []
    last = next((d for d in reversed(decisions) if d.verdict == closed), None)
    return [*found, last.id] if last is not None and not last.is_on_appeal else found


def find_ineligibility(
    reviewer: AppealReviewer, prior_reviewers: Iterable[AppealReviewer], mode: ModerationMode
) -> str:
    """Return what keeps somebody from deciding an appeal after those who decided before, "" where nothing does.

    Nobody judges what they decided. Where two groups have to agree, somebody of a third group
    looks at it: one told, and none of theirs.
    """
    earlier = list(prior_reviewers)
    if reviewer.staff_id in {one.staff_id for one in earlier}:
        return DECIDED_BEFORE
    if mode is not ModerationMode.CROSS_GROUP:
        return ""
    if reviewer.group in UNKNOWN_GROUPS:
        return NO_GROUP
    return SAME_GROUP if reviewer.group in {one.group for one in earlier} else ""


def list_allowed_variations(verdict: Verdict, state: CommentState) -> tuple[VariationKind, ...]:
    """Return how a decision can be varied: never against its author."""
    if verdict is Verdict.REDACT:
        return (VariationKind.REDACT, VariationKind.RULE)  # other words, or another rule
    if state == CommentState.REFUSED:
        return (VariationKind.REDACT, VariationKind.RETURN, VariationKind.RULE)
    return (VariationKind.REDACT, VariationKind.RULE)
