"""Who may decide an appeal: somebody who looks after the letter, has no part in it, and did not decide before."""

from dataclasses import dataclass
from typing import Any

from commentsite.accounts.permissions import Actor
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.queries import get_appeal
from commentsite.comments.appeals.states import OPEN_STATES
from commentsite.comments.emails import mailbox
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment, get_comment_for_update
from commentsite.encryption import Encryption
from commentsite.errors import NotAllowed
from commentsite.letters.queries import get_letter
from commentsite.moderation.appeals import policy as appeal_policy
from commentsite.moderation.appeals.policy import NO_REVIEWER, AppealReviewer, find_ineligibility
from commentsite.moderation.appeals.queries import list_prior_reviewers
from commentsite.moderation.conflicts.policy import (
    CONFLICT_MESSAGES,
    ConflictKind,
    find_conflict_of_interest,
)
from commentsite.moderation.conflicts.queries import (
    build_staff_identity,
    list_eligible_moderators,
    load_relationships,
)
from commentsite.moderation.decisions.quorum import get_quorum_mode, tell_stewards
from commentsite.notifications.outbox import enqueue_message
from commentsite.site.queries import load_site


@dataclass(frozen=True)
class Eligibility:
    """Whether somebody may decide an appeal, and whether anybody can."""

    ineligible_because: str  # they must not, in a sentence; "" where they may
    has_no_reviewer: bool


def load_eligibility(comment: Comment, by: Actor, encryption: Encryption) -> Eligibility:
    """Return whether somebody may decide about appeals on a comment now, and whether anybody can."""
    return Eligibility(
        _explain_ineligibility(comment, by, encryption),
        not list_eligible_reviewers(comment, encryption),
    )


def check_can_review(comment: Comment, by: Actor, encryption: Encryption) -> None:
    """Raise NotAllowed, saying why, unless somebody may decide about appeals on a comment."""
    why = _explain_ineligibility(comment, by, encryption)
    if why:
        raise NotAllowed(why)


def list_eligible_reviewers(comment: Comment, encryption: Encryption) -> list[Actor]:
    """Return everybody who may decide about appeals on a comment today."""
    before, mode = list_prior_reviewers(comment.id), get_quorum_mode(comment)
    return [
        actor
        for actor in list_eligible_moderators(
            comment, encryption, load_relationships(comment, encryption)
        )
        if not find_ineligibility(AppealReviewer(actor.user_id, actor.group), before, mode)
    ]


def update_reviewer_availability(appeal: Appeal, comment: Comment, encryption: Encryption) -> None:
    """Say whether anybody can decide an appeal, and tell the stewards when nobody can any more."""
    before, appeal.awaiting = (
        appeal.awaiting,
        "" if list_eligible_reviewers(comment, encryption) else NO_REVIEWER,
    )
    if appeal.awaiting and not before:
        tell_stewards(comment, "staff.no_judge", encryption)


def is_stale(appeal_id: int, vault: Encryption) -> bool:
    """Return whether `look_again` would change what an open appeal waits for. Reads alone, without a lock."""
    appeal = get_appeal(appeal_id)
    waits = "" if list_eligible_reviewers(get_comment(appeal.comment_id), vault) else NO_REVIEWER
    return appeal.state in OPEN_STATES and appeal.awaiting != waits


def recheck_reviewers(appeal_id: int, encryption: Encryption) -> int:
    """Ask again whether anybody can decide an open appeal: people come and go. Return 1 when that has changed."""
    comment = get_comment_for_update(get_appeal(appeal_id).comment_id)
    appeal = get_appeal(appeal_id)
    before = appeal.awaiting
    if appeal.state in OPEN_STATES:
        update_reviewer_availability(appeal, comment, encryption)
    return int(appeal.awaiting != before)


def notify_appellant(
    appeal: Appeal, comment: Comment, kind: str, encryption: Encryption, **extra_context: str
) -> None:
    """Write to the author about their appeal, where the mailbox is confirmed."""
    opened = mailbox.decrypt_recipient(comment, encryption)
    if opened is None or not mailbox.is_recipient_confirmed(comment):
        return
    email, receipt = opened
    context: dict[str, Any] = {
        "letter_title": get_letter(comment.letter_id).title,
        "receipt_token": receipt,
        "hours": str(load_site().answer_hours),
        "waits": appeal.awaiting,
    }
    enqueue_message(
        kind,
        email,
        encryption=encryption,
        about=f"comment:{comment.id}",
        **(context | extra_context),
    )


def _explain_ineligibility(comment: Comment, by: Actor, encryption: Encryption) -> str:
    tie = find_conflict_of_interest(
        build_staff_identity(by, encryption), load_relationships(comment, encryption)
    )
    if tie:
        return CONFLICT_MESSAGES[ConflictKind(tie)]
    barred = find_ineligibility(
        AppealReviewer(by.user_id, by.group),
        list_prior_reviewers(comment.id),
        get_quorum_mode(comment),
    )
    return appeal_policy.INELIGIBILITY_MESSAGES.get(barred, "")
