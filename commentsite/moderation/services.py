"""Decide what becomes of a comment, and remember who decided and why."""

from typing import Any

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.comments import mailing
from commentsite.comments.following import note_published
from commentsite.comments.keys import hash_email
from commentsite.comments.models import Comment
from commentsite.comments.queries import comment_for_update
from commentsite.comments.reports import keep_reported
from commentsite.comments.sanitizer import clean_text
from commentsite.comments.services import change_state
from commentsite.comments.states import TRANSITIONS, CommentState
from commentsite.comments.voices import settle_voice
from commentsite.db import session
from commentsite.errors import Conflict, Invalid
from commentsite.letters.queries import letter_by_id
from commentsite.moderation import policy, queries
from commentsite.moderation.models import Decision
from commentsite.moderation.policy import REASONS, Verdict
from commentsite.notifications.services import enqueue, try_again
from commentsite.vault import Vault

DONE = {
    "publish": "published",
    "return": "returned",
    "refuse": "refused",
    "spam": "marked as spam",
    "restrict": "restricted",
    "restore": "restored",
}
LONGEST_NOTE = 2_000
TOLD = frozenset(
    {CommentState.PUBLISHED, CommentState.RETURNED, CommentState.REFUSED, CommentState.RESTRICTED}
)


def decide(  # noqa: PLR0913  # each is a field of the decision, named by the caller
    comment_id: int,
    version: int,
    verdict: Verdict,
    *,
    reason: str,
    note: str,
    by: Actor,
    vault: Vault,
) -> Decision:
    """Carry out one moderator's verdict on the version they saw, and tell the author.

    Raises NotAllowed when the actor is no moderator or wrote the comment; Invalid when a
    refusal, return or restriction names no clause; Conflict, saying who did what, when the
    comment has changed since it was shown.
    """
    comment = comment_for_update(comment_id)
    by.require(Permission.MODERATE, comment.letter_id)
    if (
        comment.version != version
        or policy.outcome(verdict) not in TRANSITIONS[CommentState(comment.state)]
    ):
        raise _conflict(comment)
    policy.check_may_decide(
        moderator_email_hash=hash_email(vault, by.email), comment_email_hash=comment.email_hash
    )
    if policy.needs_reason(verdict) and reason not in REASONS:
        msg = "Choose the rule it rests on. The author is told."
        raise Invalid(msg, field="reason")
    if len(note) > LONGEST_NOTE:
        msg = "The note has more than 2,000 characters."
        raise Invalid(msg, field="note")
    decision = Decision(
        comment_id=comment.id,
        comment_version=version,
        verdict=verdict.value,
        reason=reason if policy.needs_reason(verdict) else "",
        note=clean_text(note),
        moderator_id=by.user_id,
        moderator_name=by.name,
        decided_at=clock.now(),
    )
    session().add(decision)
    settle_voice(comment, vault)
    is_new = comment.published_at is None
    change_state(
        comment,
        policy.outcome(verdict),
        by=by,
        action="comment.decided",
        verdict=verdict.value,
        reason=decision.reason,
    )
    _tell_author(comment, decision, vault)
    if comment.state == CommentState.PUBLISHED and is_new:
        note_published(comment)
    return decision


def keep(comment_id: int, *, by: Actor, vault: Vault) -> None:
    """Record that a moderator looked at what readers reported, and that the comment stays.

    Raises NotAllowed when the actor is no moderator or wrote the comment, Conflict when nothing
    is reported any more.
    """
    comment = comment_for_update(comment_id)
    by.require(Permission.MODERATE, comment.letter_id)
    policy.check_may_decide(
        moderator_email_hash=hash_email(vault, by.email), comment_email_hash=comment.email_hash
    )
    if not keep_reported(comment, by=by):
        msg = "Somebody has looked at these reports already."
        raise Conflict(msg)


def retry_message(message_id: int, *, by: Actor) -> None:
    """Let a message that was given up be tried again. Raises what `try_again` does."""
    by.require(Permission.MODERATE)
    message = try_again(message_id, limited=mailing.ASKING)
    record(by.label, "message.retried", f"message:{message.id}", kind=message.kind)


def _conflict(comment: Comment) -> Conflict:
    last = queries.latest_decision(comment.id)
    if last is not None and last.comment_version + 1 == comment.version:  # nothing happened since
        msg = "%(name)s has %(done)s this comment at %(time)s UTC. It is shown here as it is now."
        return Conflict(
            msg,
            name=last.moderator_name,
            done=DONE[last.verdict],
            time=f"{last.decided_at:%H:%M:%S}",
        )
    msg = "This comment has changed since you opened it; it is %(state)s now. Read it again before you decide."
    return Conflict(msg, state=str(comment.state))


def _tell_author(comment: Comment, decision: Decision, vault: Vault) -> None:
    opened = mailing.opened_for(comment, vault)
    if comment.state not in TOLD or opened is None or not mailing.is_confirmed(comment):
        return
    email, receipt = opened
    context: dict[str, Any] = {
        "letter_title": letter_by_id(comment.letter_id).title,
        "receipt_token": receipt,
        "note": decision.note,
    }
    if clause := REASONS.get(decision.reason):
        context |= {"reason_number": str(clause.number), "reason_title": clause.title}
    enqueue(
        f"comment.{comment.state.value}",
        email,
        vault=vault,
        about=f"comment:{comment.id}",
        **context,
    )
