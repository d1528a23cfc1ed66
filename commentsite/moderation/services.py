"""Decide what becomes of a comment, and remember who decided and why."""

from datetime import datetime

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.comments import mailing
from commentsite.comments.appealed import open_appeals
from commentsite.comments.models import Comment
from commentsite.comments.queries import comment_for_update
from commentsite.comments.redacting import original_words
from commentsite.comments.redaction import Place, spans_in
from commentsite.comments.redaction import found as found_in
from commentsite.comments.reports import keep_reported
from commentsite.comments.sanitizer import clean_text
from commentsite.comments.states import LOOK, CommentState
from commentsite.db import session
from commentsite.errors import Conflict, Invalid
from commentsite.moderation import policy, queries
from commentsite.moderation.claims import end_claim
from commentsite.moderation.models import Decision
from commentsite.moderation.outcomes import carry_out
from commentsite.moderation.policy import Verdict
from commentsite.moderation.ties import check_no_conflict
from commentsite.moderation.waiting import as_vote, found, look_for_others, mode_for
from commentsite.notifications.services import try_again
from commentsite.site.modes import Mode
from commentsite.site.queries import check_reads_alike, rules_in_force
from commentsite.site.rulebook import Rulebook
from commentsite.vault import Vault

DONE = {
    "publish": "published",
    "return": "returned",
    "refuse": "refused",
    "spam": "marked as spam",
    "restrict": "restricted",
    "restore": "restored",
    "redact": "hidden words of",
}
#: What was hidden is shown again by a decision of its own.
UNDONE_BY_STATE = frozenset(Verdict) - {Verdict.REDACT}
LONGEST_NOTE = 2_000
NOWHERE = Place()


def decide(  # noqa: PLR0913  # each is a field of the decision, named by the caller
    comment_id: int,
    version: int,
    verdict: Verdict,
    *,
    reason: str,
    note: str,
    by: Actor,
    vault: Vault,
    facts: str = "",
    place: Place = NOWHERE,
    seen_rules: int | None = None,
    undo_until: datetime | None = None,
) -> Decision:
    """Record one moderator's verdict on the version they saw; carry it out, and tell the author, once the votes settle it.

    Until they do the comment stays as it is and waits for another person. Until `undo_until` its
    author is not told, and who decided can take it back (`undo.undo`).

    Raises NotAllowed when the actor is no moderator or something ties them to the comment;
    Invalid when a refusal, return or restriction names no clause; Conflict, saying who did what,
    when the comment has changed since it was shown, when they have voted on it, and when the rule
    reads otherwise now than in `seen_rules`, the version the page showed.
    """
    comment = comment_for_update(comment_id)
    by.require(Permission.MODERATE, comment.letter_id)
    before = queries.open_votes(comment)
    if comment.version != version or not policy.is_possible(
        verdict,
        CommentState(comment.state),
        has_votes=bool(before) or comment.waits_for == LOOK,
        is_redacted=bool(comment.redactions),
    ):
        raise _conflict(comment)
    check_no_conflict(comment, by, vault)
    _check_no_appeal(comment, verdict)
    if by.user_id in {vote.moderator_id for vote in before}:
        msg = "You have said what you think of this comment. Somebody else goes on."
        raise Conflict(msg)
    rules = rules_in_force()
    check_reads_alike(rules, reason if policy.needs_reason(verdict) else "", seen_rules)
    _check(verdict, reason, note, facts, rules)
    decision = Decision(
        comment_id=comment.id,
        comment_version=version,
        verdict=verdict.value,
        reason=reason if policy.needs_reason(verdict) else "",
        rules_version=rules.version,
        note=clean_text(note),
        facts=clean_text(facts),
        details=_circumstances(comment) | _hidden(verdict, place, comment, vault),
        moderator_id=by.user_id,
        moderator_name=by.name,
        moderator_group=by.group,
        moderator_organisation=by.organisation,
        mode=mode_for(comment).value,
        decided_at=clock.now(),
        undo_until=undo_until if verdict in UNDONE_BY_STATE else None,
    )
    votes = [as_vote(vote) for vote in (*before, decision)]
    decision.is_settling = policy.outcome(votes, Mode(decision.mode)) is not None
    session().add(decision)
    session().flush()
    end_claim(comment.id)
    if decision.is_settling:
        carry_out(comment, decision, before, by=by, vault=vault)
    else:
        _let_wait(comment, decision, by=by, vault=vault)
    return decision


def keep(comment_id: int, *, by: Actor, vault: Vault) -> None:
    """Record that a moderator looked at what readers reported, and that the comment stays.

    Raises NotAllowed when the actor is no moderator or something ties them to the comment,
    Conflict when nothing is reported any more, or when the comment is held and has to be decided.
    """
    comment = comment_for_update(comment_id)
    by.require(Permission.MODERATE, comment.letter_id)
    check_no_conflict(comment, by, vault)
    if comment.state != CommentState.PUBLISHED:
        msg = "This comment is not published any more. Decide about it; that settles the reports."
        raise Conflict(msg)
    if not keep_reported(comment, by=by):
        msg = "Somebody has looked at these reports already."
        raise Conflict(msg)


def _check_no_appeal(comment: Comment, verdict: Verdict) -> None:
    """Leave it to whoever decides an appeal to undo what is appealed: somebody who did not decide before."""
    undoes = comment.state in {CommentState.REFUSED, CommentState.RESTRICTED} or (
        comment.state == CommentState.PUBLISHED and verdict is Verdict.RESTORE
    )
    if undoes and open_appeals(comment.id):
        msg = (
            "Its author has appealed. Somebody who did not decide before decides about the appeal."
        )
        raise Conflict(msg)


def _check(verdict: Verdict, reason: str, note: str, facts: str, rules: Rulebook) -> None:
    if policy.needs_reason(verdict) and reason not in rules.clauses:
        msg = "Choose the rule it rests on. The author is told."
        raise Invalid(msg, field="reason")
    if len(note) > LONGEST_NOTE:
        msg = "The note has more than 2,000 characters."
        raise Invalid(msg, field="note")
    if len(facts) > LONGEST_NOTE:
        msg = "The facts have more than 2,000 characters."
        raise Invalid(msg, field="facts")


def _let_wait(comment: Comment, vote: Decision, *, by: Actor, vault: Vault) -> None:
    """Leave the comment as it is; the log says that somebody voted, and not how."""
    record(
        by.label,
        "comment.vote",
        f"comment:{comment.id}",
        state=str(comment.state),
        version=comment.version,
        decision=vote.id,
    )
    look_for_others(comment, vault)


def _circumstances(comment: Comment) -> dict[str, str]:
    """Return how what is decided about was found, and where the comment stood."""
    unread = {"unread": "yes"} if comment.waits_for == LOOK else {}
    return {**found(comment), "from": str(comment.state), **unread}


def _hidden(verdict: Verdict, place: Place, comment: Comment, vault: Vault) -> dict[str, int]:
    """Return from where to where the words as they were sent are to be hidden."""
    if verdict is not Verdict.REDACT:
        return {}
    original = original_words(comment, vault)
    start, end = found_in(original, place, spans_in(comment.redactions))
    return {"start": start, "end": end}


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
