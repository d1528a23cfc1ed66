"""Verdicts, and when votes settle what becomes of a comment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from commentsite.comments.states import TRANSITIONS, CommentState
from commentsite.site.quorum import ModerationMode


class Verdict(StrEnum):
    """What a moderator can decide."""

    PUBLISH = "publish"
    RETURN = "return"
    REFUSE = "refuse"
    SPAM = "spam"
    RESTRICT = "restrict"
    RESTORE = "restore"
    REDACT = "redact"


STATE_AFTER: dict[Verdict, CommentState] = {
    Verdict.PUBLISH: CommentState.PUBLISHED,
    Verdict.RETURN: CommentState.RETURNED,
    Verdict.REFUSE: CommentState.REFUSED,
    Verdict.SPAM: CommentState.SPAM,
    Verdict.RESTRICT: CommentState.RESTRICTED,
    Verdict.RESTORE: CommentState.PUBLISHED,
    Verdict.REDACT: CommentState.PUBLISHED,  # without the words that are hidden
}
_REQUIRES_RULE = frozenset({Verdict.RETURN, Verdict.REFUSE, Verdict.RESTRICT, Verdict.REDACT})


#: What takes somebody's words from the public, and is not spam: two people where the mode asks for two.
REQUIRES_SECOND_VOTE = frozenset({Verdict.REFUSE, Verdict.RESTRICT, Verdict.REDACT})
UNKNOWN_GROUPS = frozenset({"", "UND"})
SECOND_VOTE, THIRD_VOTE, NO_ELIGIBLE_MODERATOR = "second", "third", "conflict"


@dataclass(frozen=True)
class Vote:
    """What one person said about one version of a comment."""

    verdict: Verdict
    moderator_id: int | None
    group: str = ""
    span: tuple[int, int] | None = None  # what is to be hidden; two agree on the very same

    @property
    def agreement_key(self) -> tuple[Verdict, tuple[int, int] | None]:
        """Return what two have to say alike to agree."""
        return self.verdict, self.span


def resolve_votes(votes: Sequence[Vote], mode: ModerationMode) -> Verdict | None:
    """Return what is carried out now that the last of these votes was cast, or None while it waits for another.

    `votes` are those on one version of a comment, the oldest first. A refusal needs two people
    who satisfy the mode and say the same. Anything else needs one; but where one person wants
    to refuse and the next does not, a third decides.
    """
    *earlier, last = votes
    if mode is ModerationMode.SOLO:
        return last.verdict
    if last.verdict in REQUIRES_SECOND_VOTE:
        agree = any(
            v.agreement_key == last.agreement_key and _satisfies_mode(v, last, mode)
            for v in earlier
        )
        return last.verdict if agree else None
    return None if len(earlier) == 1 else last.verdict


def determine_awaiting(
    votes: Sequence[Vote], mode: ModerationMode, candidates: Iterable[tuple[int | None, str]]
) -> str:
    """Return of whom a comment waits with these open votes: a second, a third, or somebody who is not there.

    `people` are number and group of those who may decide about it at all. "" while nobody has
    voted and somebody can.
    """
    voted = {vote.moderator_id for vote in votes}
    able = [Vote(Verdict.PUBLISH, *one) for one in candidates if one[0] not in voted]
    if not any(_could_complete_quorum(votes, mode, one) for one in able):
        return NO_ELIGIBLE_MODERATOR
    if not votes:
        return ""
    return SECOND_VOTE if len({vote.agreement_key for vote in votes}) == 1 else THIRD_VOTE


def state_after(verdict: Verdict) -> CommentState:
    """Return the state a verdict leads to."""
    return STATE_AFTER[verdict]


def is_verdict_allowed(
    verdict: Verdict, state: CommentState, *, has_votes: bool = False, is_redacted: bool = False
) -> bool:
    """Say whether a verdict can be given on a comment in this state.

    What stands may be said to stay where somebody wants it removed; words that are hidden can
    be shown again.
    """
    if verdict is Verdict.REDACT:
        return state in {CommentState.PENDING, CommentState.PUBLISHED}
    if verdict is Verdict.RETURN:
        return state == CommentState.PENDING
    if state == CommentState.PUBLISHED and verdict in {Verdict.PUBLISH, Verdict.RESTORE}:
        return has_votes if verdict is Verdict.PUBLISH else is_redacted
    return STATE_AFTER[verdict] in TRANSITIONS[state]


def requires_rule(verdict: Verdict) -> bool:
    """Say whether its author must be told which clause it rests on."""
    return verdict in _REQUIRES_RULE


def _satisfies_mode(one: Vote, other: Vote, mode: ModerationMode) -> bool:
    if mode is ModerationMode.CROSS_GROUP:
        groups = {one.group, other.group}
        return len(groups) == 2 and UNKNOWN_GROUPS.isdisjoint(groups)
    return one.moderator_id != other.moderator_id


def _could_complete_quorum(votes: Sequence[Vote], mode: ModerationMode, somebody: Vote) -> bool:
    """Say whether one more vote of somebody could be the last: to publish, or as an earlier one."""
    sayings = {somebody.agreement_key, *(vote.agreement_key for vote in votes)}
    return any(
        resolve_votes([*votes, Vote(verdict, somebody.moderator_id, somebody.group, span)], mode)
        for verdict, span in sayings
    )
