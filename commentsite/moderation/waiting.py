"""Of whom a comment waits once somebody has voted, and who is told when nobody can go on."""

from dataclasses import dataclass
from typing import Any

from commentsite.accounts.permissions import Actor, Permission
from commentsite.comments.models import Comment
from commentsite.comments.queries import comment_by_id, comment_for_update
from commentsite.comments.reported import open_reports
from commentsite.comments.screening import HISTORY, LINKS_UNKNOWN, SANCTION
from commentsite.comments.states import CommentState
from commentsite.letters.queries import letter_by_id
from commentsite.moderation import policy, queries
from commentsite.moderation.models import Decision
from commentsite.moderation.policy import CONFLICT, Verdict, Vote
from commentsite.moderation.recusal import SENTENCES, Tie, recused_because
from commentsite.moderation.ties import free_to_decide, moderators, person, ties_of
from commentsite.notifications.services import enqueue
from commentsite.site.modes import Mode
from commentsite.vault import Vault

#: Held because of these, nothing pointed at a comment, or what did tells of others and its author must not hear of it.
NOT_TOLD = frozenset({"", "first_reading", "edited", SANCTION, HISTORY, LINKS_UNKNOWN})


@dataclass(frozen=True)
class Standing:
    """What somebody may do about a comment, and of whom it waits."""

    why: str  # they must not decide, in a sentence; "" where they may
    has_voted: bool
    waits_for: str
    mode: Mode | None  # how many a refusal needs; None while nothing depends on it
    interest: bool  # it is a declared interest that keeps them away


def mode_for(comment: Comment) -> Mode:
    """Return how many people a refusal of this comment needs today."""
    return Mode(queries.mode_of(comment.letter_id))


def as_vote(decision: Decision) -> Vote:
    """Return what counts of a stored vote."""
    return Vote(
        Verdict(decision.verdict), decision.moderator_id, decision.moderator_group, decision.span
    )


def found(comment: Comment) -> dict[str, Any]:
    """Return how what is decided about was found: readers reported it, a rule pointed at it, somebody read it."""
    if open_reports(comment.id):
        return {"found_by": "report"}
    if comment.published_at is None and comment.held_by not in NOT_TOLD:
        return {"found_by": "rule"}
    return {"found_by": "reading"}


def waits_for(comment: Comment, vault: Vault) -> str:
    """Return of whom a comment waits as it is now: see `policy.waits_for`."""
    votes = [as_vote(vote) for vote in queries.open_votes(comment)]
    free = free_to_decide(comment, vault, ties_of(comment, vault))
    people = [(actor.user_id, actor.group) for actor in free]
    return policy.waits_for(votes, mode_for(comment), people)


def standing(comment: Comment, votes: list[Decision], by: Actor, vault: Vault) -> Standing:
    """Return whether somebody may decide about a comment now, and of whom it waits."""
    ties = ties_of(comment, vault)
    why = recused_because(person(by, vault), ties)
    waits, mode = "", None
    # Who may decide, and is the first, can publish alone: then nobody else has to be looked for.
    if votes or (why and comment.state == CommentState.PENDING):
        people = [(one.user_id, one.group) for one in free_to_decide(comment, vault, ties)]
        mode = mode_for(comment)
        waits = policy.waits_for([as_vote(vote) for vote in votes], mode, people)
    return Standing(
        why=SENTENCES[Tie(why)] if why else "",
        has_voted=by.user_id in {vote.moderator_id for vote in votes},
        waits_for=waits,
        mode=mode,
        interest=why == Tie.INTEREST,
    )


def look_for_others(comment: Comment, vault: Vault) -> None:
    """Say of whom a comment with open votes waits, and tell the stewards when nobody could go on."""
    before, now = comment.waits_for, waits_for(comment, vault)
    comment.waits_for = now or None
    if now == CONFLICT and before != CONFLICT:
        tell_stewards(comment, "staff.no_pair", vault)


def is_stale(comment_id: int, vault: Vault) -> bool:
    """Return whether `look_again` would change of whom a comment waits. Reads alone, without a lock."""
    comment = comment_by_id(comment_id)
    return comment.waits_for is not None and comment.waits_for != (
        waits_for(comment, vault) or None
    )


def look_again(comment_id: int, vault: Vault) -> int:
    """Ask again of whom one comment waits: people come and go, and so do modes. Return 1 when that has changed."""
    comment = comment_for_update(comment_id)
    before = comment.waits_for
    if before is not None:  # somebody was quicker, and it is decided
        look_for_others(comment, vault)
    return int(comment.waits_for != before)


def tell_stewards(comment: Comment, kind: str, vault: Vault) -> None:
    """Send each steward a message of this kind about a comment that no moderator can settle, once a day at most."""
    for steward in moderators():
        if steward.can_everywhere(Permission.MANAGE_PEOPLE):
            enqueue(
                kind,
                steward.email,
                vault=vault,
                about=f"comment:{comment.id}",
                limit_per_day=1,
                letter_title=letter_by_id(comment.letter_id).title,
            )
