"""Find out who may review an appeal, and notify stewards when no moderator is eligible.

An eligible reviewer has the letter in scope, has no conflict of interest, and is independent of
the decision (see appeals.policy). `Appeal.awaiting` stores whether there is one, because the list
of appeals shows it. Staff come and go, so the worker rechecks the open appeals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from commentsite.accounts.permissions import Actor
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.queries import get_appeal
from commentsite.comments.appeals.states import OPEN_STATES
from commentsite.comments.emails import mailbox
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.encryption import Encryption
from commentsite.errors import NotAllowed
from commentsite.letters.queries import get_letter
from commentsite.moderation.appeals.policy import (
    INELIGIBILITY_MESSAGES,
    NO_REVIEWER,
    AppealReviewer,
    find_ineligibility,
)
from commentsite.moderation.appeals.queries import (
    list_open_appeals_with_comments,
    list_prior_reviewers,
    load_prior_reviewers,
)
from commentsite.moderation.conflicts.policy import CONFLICT_MESSAGES, find_conflict_of_interest
from commentsite.moderation.conflicts.queries import (
    build_staff_identity,
    filter_eligible_moderators,
    list_moderators,
    load_all_relationships,
    load_relationships,
)
from commentsite.moderation.decisions.queries import load_quorum_modes
from commentsite.moderation.decisions.quorum import get_quorum_mode, notify_stewards
from commentsite.notifications.outbox import enqueue_message
from commentsite.site.queries import load_site
from commentsite.site.quorum import ModerationMode


@dataclass(frozen=True)
class Eligibility:
    """The answers for one moderator and one appeal."""

    ineligible_because: str  # a sentence for the moderator; "" if they may review the appeal
    has_no_reviewer: bool


def load_eligibility(comment: Comment, by: Actor, encryption: Encryption) -> Eligibility:
    """Return whether the actor, or any moderator, may review appeals about a comment today."""
    return Eligibility(
        _explain_ineligibility(comment, by, encryption),
        not list_eligible_reviewers(comment, encryption),
    )


def check_can_review(comment: Comment, by: Actor, encryption: Encryption) -> None:
    """Raise NotAllowed, with the reason, unless the actor may review appeals about a comment."""
    explanation = _explain_ineligibility(comment, by, encryption)
    if explanation:
        raise NotAllowed(explanation)


def list_eligible_reviewers(comment: Comment, encryption: Encryption) -> list[Actor]:
    """Return the moderators who may review appeals about a comment today."""
    return find_eligible_reviewers([comment], encryption)[comment.id]


def find_eligible_reviewers(
    comments: Sequence[Comment], encryption: Encryption
) -> dict[int, list[Actor]]:
    """Return what `list_eligible_reviewers` does, by comment, with the same few queries for all."""
    moderators = [(actor, build_staff_identity(actor, encryption)) for actor in list_moderators()]
    relationships = load_all_relationships(comments, encryption)
    prior_reviewers = load_prior_reviewers([comment.id for comment in comments])
    modes = load_quorum_modes(comment.letter_id for comment in comments)
    return {
        comment.id: [
            actor
            for actor in filter_eligible_moderators(moderators, comment, relationships[comment.id])
            if not find_ineligibility(
                AppealReviewer(actor.user_id, actor.group),
                prior_reviewers[comment.id],
                ModerationMode(modes[comment.letter_id]),
            )
        ]
        for comment in comments
    }


def update_reviewer_availability(appeal: Appeal, comment: Comment, encryption: Encryption) -> None:
    """Store whether an appeal has an eligible reviewer. Notify stewards once it has none."""
    before = appeal.awaiting
    appeal.awaiting = "" if list_eligible_reviewers(comment, encryption) else NO_REVIEWER
    if appeal.awaiting and not before:
        notify_stewards(comment, "staff.no_judge", encryption)


def list_stale_appeals(encryption: Encryption) -> list[int]:
    """Return the open appeals that `recheck_reviewers` would change. It takes no lock, so the worker asks first."""
    pairs = list_open_appeals_with_comments()
    if not pairs:
        return []
    comments = {comment.id: comment for _, comment in pairs}
    reviewers = find_eligible_reviewers(list(comments.values()), encryption)
    return [
        appeal.id
        for appeal, comment in pairs
        if bool(reviewers[comment.id]) != (appeal.awaiting != NO_REVIEWER)
    ]


def recheck_reviewers(appeal_id: int, encryption: Encryption) -> int:
    """Update the stored availability of an open appeal. Return 1 if it changed, else 0."""
    comment = get_comment_for_update(get_appeal(appeal_id).comment_id)
    appeal = get_appeal(appeal_id)
    before = appeal.awaiting
    if appeal.state in OPEN_STATES:
        update_reviewer_availability(appeal, comment, encryption)
    return int(appeal.awaiting != before)


def notify_appellant(
    appeal: Appeal, comment: Comment, kind: str, encryption: Encryption, **extra_context: str
) -> None:
    """Enqueue an email of this kind to the author of the comment, if the address is confirmed."""
    recipient = mailbox.decrypt_recipient(comment, encryption)
    if recipient is None or not mailbox.is_recipient_confirmed(comment):
        return
    email, receipt_token = recipient
    context: dict[str, Any] = {
        "letter_title": get_letter(comment.letter_id).title,
        "receipt_token": receipt_token,
        "hours": str(load_site().answer_hours),
        "waits": appeal.awaiting,
    }
    enqueue_message(
        kind,
        email,
        encryption=encryption,
        about=f"comment:{comment.id}",
        language=comment.form_language,
        **(context | extra_context),
    )


def _explain_ineligibility(comment: Comment, by: Actor, encryption: Encryption) -> str:
    """Return the reason as a sentence, or "" if the actor may review appeals about the comment."""
    conflict = find_conflict_of_interest(
        build_staff_identity(by, encryption), load_relationships(comment, encryption)
    )
    if conflict:
        return CONFLICT_MESSAGES[conflict]
    ineligibility = find_ineligibility(
        AppealReviewer(by.user_id, by.group),
        list_prior_reviewers(comment.id),
        get_quorum_mode(comment),
    )
    return INELIGIBILITY_MESSAGES[ineligibility] if ineligibility else ""
