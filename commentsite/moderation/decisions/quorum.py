"""Of whom a comment waits once somebody has voted, and who is told when nobody can go on."""

from dataclasses import dataclass
from typing import Any

from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.comments.reports.queries import list_open_reports
from commentsite.comments.screening.checks import LINKS_FROM_NEW_SENDER, SANCTION, SENDER_HISTORY
from commentsite.comments.states import CommentState
from commentsite.encryption import Encryption
from commentsite.letters.queries import get_letter
from commentsite.moderation.conflicts.policy import (
    CONFLICT_MESSAGES,
    ConflictKind,
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
from commentsite.moderation.decisions.policy import NO_ELIGIBLE_MODERATOR, Verdict, Vote
from commentsite.moderation.models import Decision
from commentsite.notifications.outbox import enqueue_message
from commentsite.site.quorum import ModerationMode

#: Held because of these, nothing pointed at a comment, or what did tells of others and its author must not hear of it.
UNDISCLOSED_HOLDS = frozenset(
    {"", "first_reading", "edited", SANCTION, SENDER_HISTORY, LINKS_FROM_NEW_SENDER}
)


@dataclass(frozen=True)
class VotingStatus:
    """What somebody may do about a comment, and of whom it waits."""

    ineligible_because: str  # they must not decide, in a sentence; "" where they may
    has_voted: bool
    awaiting: str
    mode: ModerationMode | None  # how many a refusal needs; None while nothing depends on it
    has_declared_conflict: bool  # it is a declared interest that keeps them away


def get_quorum_mode(comment: Comment) -> ModerationMode:
    """Return how many people a refusal of this comment needs today."""
    return ModerationMode(decision_queries.load_quorum_mode(comment.letter_id))


def as_vote(decision: Decision) -> Vote:
    """Return what counts of a stored vote."""
    return Vote(
        Verdict(decision.verdict), decision.moderator_id, decision.moderator_group, decision.span
    )


def find_detection_source(comment: Comment) -> dict[str, Any]:
    """Return how what is decided about was found: readers reported it, a rule pointed at it, somebody read it."""
    if list_open_reports(comment.id):
        return {"found_by": "report"}
    if comment.published_at is None and comment.held_by_check not in UNDISCLOSED_HOLDS:
        return {"found_by": "rule"}
    return {"found_by": "reading"}


def load_awaiting(comment: Comment, encryption: Encryption) -> str:
    """Return of whom a comment waits as it is now: see `policy.waits_for`."""
    votes = [as_vote(vote) for vote in decision_queries.list_open_votes(comment)]
    free = list_eligible_moderators(comment, encryption, load_relationships(comment, encryption))
    people = [(actor.user_id, actor.group) for actor in free]
    return decision_policy.determine_awaiting(votes, get_quorum_mode(comment), people)


def load_voting_status(
    comment: Comment, votes: list[Decision], by: Actor, encryption: Encryption
) -> VotingStatus:
    """Return whether somebody may decide about a comment now, and of whom it waits."""
    ties = load_relationships(comment, encryption)
    why = find_conflict_of_interest(build_staff_identity(by, encryption), ties)
    waits, mode = "", None
    # Who may decide, and is the first, can publish alone: then nobody else has to be looked for.
    if votes or (why and comment.state == CommentState.PENDING):
        people = [
            (one.user_id, one.group) for one in list_eligible_moderators(comment, encryption, ties)
        ]
        mode = get_quorum_mode(comment)
        waits = decision_policy.determine_awaiting([as_vote(vote) for vote in votes], mode, people)
    return VotingStatus(
        ineligible_because=CONFLICT_MESSAGES[ConflictKind(why)] if why else "",
        has_voted=by.user_id in {vote.moderator_id for vote in votes},
        awaiting=waits,
        mode=mode,
        has_declared_conflict=why == ConflictKind.DECLARED,
    )


def update_awaiting(comment: Comment, encryption: Encryption) -> None:
    """Say of whom a comment with open votes waits, and tell the stewards when nobody could go on."""
    before, now = comment.awaiting, load_awaiting(comment, encryption)
    comment.awaiting = now or None
    if now == NO_ELIGIBLE_MODERATOR and before != NO_ELIGIBLE_MODERATOR:
        tell_stewards(comment, "staff.no_pair", encryption)


def is_stale(comment_id: int, vault: Encryption) -> bool:
    """Return whether `look_again` would change of whom a comment waits. Reads alone, without a lock."""
    comment = get_comment(comment_id)
    return comment.awaiting is not None and comment.awaiting != (
        load_awaiting(comment, vault) or None
    )


def recheck_quorum(comment_id: int, encryption: Encryption) -> int:
    """Ask again of whom one comment waits: people come and go, and so do modes. Return 1 when that has changed."""
    comment = get_comment_for_update(comment_id)
    before = comment.awaiting
    if before is not None:  # somebody was quicker, and it is decided
        update_awaiting(comment, encryption)
    return int(comment.awaiting != before)


def tell_stewards(comment: Comment, kind: str, vault: Encryption) -> None:
    """Send each steward a message of this kind about a comment that no moderator can settle, once a day at most."""
    for steward in list_moderators():
        if steward.can_everywhere(Permission.MANAGE_PEOPLE):
            enqueue_message(
                kind,
                steward.email,
                encryption=vault,
                about=f"comment:{comment.id}",
                limit_per_day=1,
                letter_title=get_letter(comment.letter_id).title,
            )
