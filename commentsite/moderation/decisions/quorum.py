"""Keep track of the vote that a comment waits for, and notify stewards when no moderator can cast it.

`Comment.awaiting` is stored, because the queue filters by it. It depends on people, groups and
moderation modes, all of which change. The worker therefore rechecks the comments that wait.
"""

from dataclasses import dataclass
from typing import Any

from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.comments.reports.queries import list_open_reports
from commentsite.comments.screening.checks import CheckCode
from commentsite.comments.states import Awaiting, CommentState
from commentsite.encryption import Encryption
from commentsite.letters.queries import get_letter
from commentsite.moderation.conflicts.policy import (
    CONFLICT_MESSAGES,
    ConflictKind,
    Relationships,
    find_conflict_of_interest,
)
from commentsite.moderation.conflicts.queries import (
    build_staff_identity,
    list_eligible_moderators,
    list_moderators,
    load_relationships,
)
from commentsite.moderation.decisions import policy as decision_policy
from commentsite.moderation.decisions import queries as decision_queries
from commentsite.moderation.decisions.policy import DetectionSource, Verdict, Vote
from commentsite.moderation.models import Decision
from commentsite.notifications.outbox import enqueue_message
from commentsite.site.quorum import ModerationMode

#: Reasons for a hold that a statement must not give as the source of detection. The first three
#: flag nothing in the comment. The others reveal something about the sender or about other people.
UNDISCLOSED_HOLDS = frozenset(
    {
        "",
        CheckCode.PREMODERATION,
        CheckCode.EDITED,
        CheckCode.SANCTION,
        CheckCode.SENDER_HISTORY,
        CheckCode.LINKS_FROM_NEW_SENDER,
    }
)


@dataclass(frozen=True)
class VotingStatus:
    """The options of one moderator for a comment, and the vote that it waits for."""

    ineligible_because: str  # a sentence for the moderator; "" if they may decide
    has_voted: bool
    awaiting: Awaiting | None
    mode: ModerationMode | None  # None where the page does not need it
    has_declared_conflict: bool  # the moderator can withdraw the declaration


def get_quorum_mode(comment: Comment) -> ModerationMode:
    """Return the moderation mode in force for a comment today."""
    return ModerationMode(decision_queries.load_quorum_mode(comment.letter_id))


def as_vote(decision: Decision) -> Vote:
    """Reduce a stored decision to the part that the voting rules compare."""
    return Vote(
        Verdict(decision.verdict), decision.moderator_id, decision.moderator_group, decision.span
    )


def find_detection_source(comment: Comment) -> dict[str, Any]:
    """Return the entry "found_by" of Decision.details for a decision taken now."""
    if list_open_reports(comment.id):
        return {"found_by": DetectionSource.REPORT.value}
    if comment.published_at is None and comment.held_by_check not in UNDISCLOSED_HOLDS:
        return {"found_by": DetectionSource.RULE.value}
    return {"found_by": DetectionSource.READING.value}


def load_awaiting(comment: Comment, encryption: Encryption) -> Awaiting | None:
    """Return the vote that a comment waits for now; see policy.determine_awaiting."""
    votes = decision_queries.list_open_votes(comment)
    relationships = load_relationships(comment, encryption)
    candidates = _list_candidates(comment, relationships, encryption)
    return decision_policy.determine_awaiting(
        [as_vote(vote) for vote in votes], get_quorum_mode(comment), candidates
    )


def load_voting_status(
    comment: Comment, votes: list[Decision], by: Actor, encryption: Encryption
) -> VotingStatus:
    """Return what the actor may do about a comment. `votes` are its open votes."""
    relationships = load_relationships(comment, encryption)
    conflict = find_conflict_of_interest(build_staff_identity(by, encryption), relationships)
    awaiting, mode = None, None
    # A moderator without a conflict who casts the first vote can publish alone. Only in the other
    # cases does the page need to know whether another moderator is available.
    if votes or (conflict and comment.state == CommentState.PENDING):
        mode = get_quorum_mode(comment)
        candidates = _list_candidates(comment, relationships, encryption)
        awaiting = decision_policy.determine_awaiting(
            [as_vote(vote) for vote in votes], mode, candidates
        )
    return VotingStatus(
        ineligible_because=CONFLICT_MESSAGES[conflict] if conflict else "",
        has_voted=by.user_id in {vote.moderator_id for vote in votes},
        awaiting=awaiting,
        mode=mode,
        has_declared_conflict=conflict is ConflictKind.DECLARED,
    )


def update_awaiting(comment: Comment, encryption: Encryption) -> None:
    """Store the vote that a comment waits for. Notify stewards once no moderator can cast it."""
    before, now = comment.awaiting, load_awaiting(comment, encryption)
    comment.awaiting = now
    if now is Awaiting.ELIGIBLE_MODERATOR and before != Awaiting.ELIGIBLE_MODERATOR:
        notify_stewards(comment, "staff.no_pair", encryption)


def is_stale(comment_id: int, encryption: Encryption) -> bool:
    """Return whether `recheck_quorum` would change the comment. Takes no lock, so the worker asks first."""
    comment = get_comment(comment_id)
    return comment.awaiting is not None and comment.awaiting != load_awaiting(comment, encryption)


def recheck_quorum(comment_id: int, encryption: Encryption) -> int:
    """Update the stored vote of a waiting comment. Return 1 if it changed, else 0."""
    comment = get_comment_for_update(comment_id)
    before = comment.awaiting
    if before is not None:  # a moderator may have decided since the worker listed the comment
        update_awaiting(comment, encryption)
    return int(comment.awaiting != before)


def notify_stewards(comment: Comment, kind: str, encryption: Encryption) -> None:
    """Enqueue a message of this kind to every steward, at most once a day for each of them."""
    for steward in list_moderators():
        if steward.can_everywhere(Permission.MANAGE_PEOPLE):
            enqueue_message(
                kind,
                steward.email,
                encryption=encryption,
                about=f"comment:{comment.id}",
                limit_per_day=1,
                language=steward.language,
                letter_title=get_letter(comment.letter_id).title,
            )


def _list_candidates(
    comment: Comment, relationships: Relationships, encryption: Encryption
) -> list[tuple[int | None, str]]:
    """Return the ids and groups of the moderators who may decide on a comment."""
    eligible = list_eligible_moderators(comment, encryption, relationships)
    return [(actor.user_id, actor.group) for actor in eligible]
