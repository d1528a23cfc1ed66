"""Decide what becomes of a comment, and remember who decided and why."""

from datetime import datetime

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.appeals.queries import list_open_appeals
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment_for_update
from commentsite.comments.redaction.services import decrypt_original_text
from commentsite.comments.redaction.spans import RedactionRequest, parse_spans
from commentsite.comments.redaction.spans import locate_span as found_in
from commentsite.comments.reports.services import dismiss_open_reports
from commentsite.comments.sanitizer import clean_text
from commentsite.comments.states import UNREVIEWED, CommentState
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid
from commentsite.moderation.claims import release_claim
from commentsite.moderation.conflicts.queries import check_no_conflict
from commentsite.moderation.decisions import policy as decision_policy
from commentsite.moderation.decisions import queries as decision_queries
from commentsite.moderation.decisions.outcomes import apply_decision
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.decisions.quorum import (
    as_vote,
    find_detection_source,
    get_quorum_mode,
    update_awaiting,
)
from commentsite.moderation.models import Decision
from commentsite.site.queries import check_clause_unchanged, get_current_rulebook
from commentsite.site.quorum import ModerationMode
from commentsite.site.rulebook import Rulebook

PAST_TENSE = {
    "publish": "published",
    "return": "returned",
    "refuse": "refused",
    "spam": "marked as spam",
    "restrict": "restricted",
    "restore": "restored",
    "redact": "hidden words of",
}
#: What was hidden is shown again by a decision of its own.
UNDOABLE_VERDICTS = frozenset(Verdict) - {Verdict.REDACT}
MAX_NOTE_LENGTH = 2_000
NO_REDACTION = RedactionRequest()


def decide(  # noqa: PLR0913  # each is a field of the decision, named by the caller
    comment_id: int,
    version: int,
    verdict: Verdict,
    *,
    rule: str,
    note: str,
    by: Actor,
    encryption: Encryption,
    facts: str = "",
    redaction: RedactionRequest = NO_REDACTION,
    seen_rules_version: int | None = None,
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
    comment = get_comment_for_update(comment_id)
    by.require(Permission.MODERATE, comment.letter_id)
    before = decision_queries.list_open_votes(comment)
    if comment.version != version or not decision_policy.is_verdict_allowed(
        verdict,
        CommentState(comment.state),
        has_votes=bool(before) or comment.awaiting == UNREVIEWED,
        is_redacted=bool(comment.redactions),
    ):
        raise _build_conflict(comment)
    check_no_conflict(comment, by, encryption)
    _check_no_appeal(comment, verdict)
    if by.user_id in {vote.moderator_id for vote in before}:
        msg = "You have said what you think of this comment. Somebody else goes on."
        raise Conflict(msg)
    rules = get_current_rulebook()
    check_clause_unchanged(
        rules, rule if decision_policy.requires_rule(verdict) else "", seen_rules_version
    )
    _check_fields(verdict, rule, note, facts, rules)
    decision = Decision(
        comment_id=comment.id,
        comment_version=version,
        verdict=verdict.value,
        rule=rule if decision_policy.requires_rule(verdict) else "",
        rules_version=rules.version,
        note=clean_text(note),
        facts=clean_text(facts),
        details=_build_details(comment)
        | _locate_redaction(verdict, redaction, comment, encryption),
        moderator_id=by.user_id,
        moderator_name=by.name,
        moderator_group=by.group,
        moderator_organisation=by.organisation,
        mode=get_quorum_mode(comment).value,
        decided_at=clock.now(),
        undo_until=undo_until if verdict in UNDOABLE_VERDICTS else None,
    )
    votes = [as_vote(vote) for vote in (*before, decision)]
    decision.is_applied = (
        decision_policy.resolve_votes(votes, ModerationMode(decision.mode)) is not None
    )
    session().add(decision)
    session().flush()
    release_claim(comment.id)
    if decision.is_applied:
        apply_decision(comment, decision, before, by=by, encryption=encryption)
    else:
        _record_open_vote(comment, decision, by=by, encryption=encryption)
    return decision


def dismiss_reports(comment_id: int, *, by: Actor, encryption: Encryption) -> None:
    """Record that a moderator looked at what readers reported, and that the comment stays.

    Raises NotAllowed when the actor is no moderator or something ties them to the comment,
    Conflict when nothing is reported any more, or when the comment is held and has to be decided.
    """
    comment = get_comment_for_update(comment_id)
    by.require(Permission.MODERATE, comment.letter_id)
    check_no_conflict(comment, by, encryption)
    if comment.state != CommentState.PUBLISHED:
        msg = "This comment is not published any more. Decide about it; that settles the reports."
        raise Conflict(msg)
    if not dismiss_open_reports(comment, by=by):
        msg = "Somebody has looked at these reports already."
        raise Conflict(msg)


def _check_no_appeal(comment: Comment, verdict: Verdict) -> None:
    """Leave it to whoever decides an appeal to undo what is appealed: somebody who did not decide before."""
    undoes = comment.state in {CommentState.REFUSED, CommentState.RESTRICTED} or (
        comment.state == CommentState.PUBLISHED and verdict is Verdict.RESTORE
    )
    if undoes and list_open_appeals(comment.id):
        msg = (
            "Its author has appealed. Somebody who did not decide before decides about the appeal."
        )
        raise Conflict(msg)


def _check_fields(verdict: Verdict, reason: str, note: str, facts: str, rules: Rulebook) -> None:
    if decision_policy.requires_rule(verdict) and reason not in rules.active_clauses:
        msg = "Choose the rule it rests on. The author is told."
        raise Invalid(msg, field="reason")
    if len(note) > MAX_NOTE_LENGTH:
        msg = "The note has more than 2,000 characters."
        raise Invalid(msg, field="note")
    if len(facts) > MAX_NOTE_LENGTH:
        msg = "The facts have more than 2,000 characters."
        raise Invalid(msg, field="facts")


def _record_open_vote(
    comment: Comment, vote: Decision, *, by: Actor, encryption: Encryption
) -> None:
    """Leave the comment as it is; the log says that somebody voted, and not how."""
    record_event(
        by.label,
        "comment.vote",
        f"comment:{comment.id}",
        state=str(comment.state),
        version=comment.version,
        decision=vote.id,
    )
    update_awaiting(comment, encryption)


def _build_details(comment: Comment) -> dict[str, str]:
    """Return how what is decided about was found, and where the comment stood."""
    unread = {"unread": "yes"} if comment.awaiting == UNREVIEWED else {}
    return {**find_detection_source(comment), "from": str(comment.state), **unread}


def _locate_redaction(
    verdict: Verdict, place: RedactionRequest, comment: Comment, encryption: Encryption
) -> dict[str, int]:
    """Return from where to where the words as they were sent are to be hidden."""
    if verdict is not Verdict.REDACT:
        return {}
    original = decrypt_original_text(comment, encryption)
    start, end = found_in(original, place, parse_spans(comment.redactions))
    return {"start": start, "end": end}


def _build_conflict(comment: Comment) -> Conflict:
    last = decision_queries.find_latest_decision(comment.id)
    if last is not None and last.comment_version + 1 == comment.version:  # nothing happened since
        msg = "%(name)s has %(done)s this comment at %(time)s UTC. It is shown here as it is now."
        return Conflict(
            msg,
            name=last.moderator_name,
            done=PAST_TENSE[last.verdict],
            time=f"{last.decided_at:%H:%M:%S}",
        )
    msg = "This comment has changed since you opened it; it is %(state)s now. Read it again before you decide."
    return Conflict(msg, state=str(comment.state))
