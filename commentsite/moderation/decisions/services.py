"""Record a moderator's decision on a comment, and dismiss reports."""

from datetime import datetime

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.access import load_comment_for_staff
from commentsite.comments.appeals.queries import list_open_appeals
from commentsite.comments.models import Comment
from commentsite.comments.redaction.services import decrypt_original_text
from commentsite.comments.redaction.spans import RedactionRequest, locate_span, parse_spans
from commentsite.comments.reports.services import dismiss_open_reports
from commentsite.comments.states import UNREAD, CommentState
from commentsite.db.session import session
from commentsite.encryption import Encryption
from commentsite.errors import Conflict, Invalid, NotAllowed
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
from commentsite.moderation.queries import list_anonymised_letter_ids
from commentsite.site.queries import check_clause_unchanged, get_current_rulebook
from commentsite.site.quorum import ModerationMode
from commentsite.site.rulebook import Rulebook
from commentsite.text.plain_text import clean_text

#: The error when another moderator decided first, by their verdict.
DECIDED_FIRST_MESSAGES = {
    Verdict.PUBLISH: "%(name)s published this comment at %(time)s.",
    Verdict.RETURN: "%(name)s returned this comment to its author at %(time)s.",
    Verdict.REFUSE: "%(name)s refused this comment at %(time)s.",
    Verdict.SPAM: "%(name)s marked this comment as spam at %(time)s.",
    Verdict.RESTRICT: "%(name)s removed this comment at %(time)s.",
    Verdict.RESTORE: "%(name)s restored this comment at %(time)s.",
    Verdict.REDACT: "%(name)s hid part of this comment at %(time)s.",
}
#: A redaction cannot be undone within seconds. A new decision shows the text again.
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
    """Record one moderator's verdict, and apply it once the votes satisfy the moderation mode.

    Until then the decision is an open vote, and the comment stays as it is and waits for another
    moderator. `version` is the version of the comment that the moderator saw. Until `undo_until`
    the moderator can undo the decision, and emails about it wait (see decisions.undo).
    `seen_rules_version` is the version of the moderation rules that the page showed.

    Raises NotAllowed when the actor is not a moderator of the letter or has a conflict of
    interest; Invalid when a field is not valid, or a required rule or explanation is missing;
    Conflict when the comment or the rule has changed since the page was shown, when the actor has already voted,
    or when an open appeal covers the decision to be reversed.
    """
    comment = load_comment_for_staff(comment_id, by)
    open_votes = decision_queries.list_open_votes(comment)
    if comment.version != version or not decision_policy.is_verdict_allowed(
        verdict,
        CommentState(comment.state),
        has_votes=bool(open_votes) or comment.awaiting in UNREAD,
        is_redacted=bool(comment.redactions),
    ):
        raise _build_conflict(comment)
    check_no_conflict(comment, by, encryption)
    _check_author_unseen(comment, by)
    _check_no_appeal(comment, verdict)
    if by.user_id in {vote.moderator_id for vote in open_votes}:
        msg = "You have already voted on this comment. Another moderator must vote next."
        raise Conflict(msg)
    rulebook = get_current_rulebook()
    cited_rule = rule if decision_policy.requires_rule(verdict) else ""
    check_clause_unchanged(rulebook, cited_rule, seen_rules_version)
    note, facts = clean_text(note), clean_text(facts)
    _check_fields(verdict, rule, note, facts, rulebook)
    _check_explanation(verdict, note, facts, open_votes, by)
    if decision_policy.requires_explanation(verdict) and not facts:
        facts, note = note, ""  # a program can send the sentence as the note
    decision = Decision(
        comment_id=comment.id,
        comment_version=version,
        verdict=verdict.value,
        rule=cited_rule,
        rules_version=rulebook.version,
        note=note,
        facts=facts,
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
    votes = [as_vote(vote) for vote in (*open_votes, decision)]
    decision.is_applied = (
        decision_policy.resolve_votes(votes, ModerationMode(decision.mode)) is not None
    )
    session().add(decision)
    session().flush()
    release_claim(comment.id)
    if decision.is_applied:
        apply_decision(comment, decision, open_votes, by=by, encryption=encryption)
    else:
        _record_open_vote(comment, decision, by=by, encryption=encryption)
    return decision


def dismiss_reports(comment_id: int, *, by: Actor, encryption: Encryption) -> None:
    """Dismiss the open reports about a published comment, which stays published.

    Raises NotAllowed when the actor is not a moderator of the letter or has a conflict of
    interest, Conflict when there are no open reports or the comment is not published.
    """
    comment = load_comment_for_staff(comment_id, by)
    check_no_conflict(comment, by, encryption)
    if comment.state != CommentState.PUBLISHED:
        msg = "This comment is no longer published. Decide on the comment: that closes its reports."
        raise Conflict(msg)
    if not dismiss_open_reports(comment, by=by):
        msg = "Another moderator has already handled these reports."
        raise Conflict(msg)


def _check_author_unseen(comment: Comment, by: Actor) -> None:
    """Raise NotAllowed if the actor published a comment whose author is hidden, and undid that.

    Staff who can reveal authors may decide: the audit log records whom they revealed.
    """
    if by.can(Permission.REVEAL_AUTHORS, comment.letter_id):
        return
    if decision_queries.has_undone_publication(
        comment.id, by.user_id
    ) and list_anonymised_letter_ids({comment.letter_id}):
        msg = (
            "You published this comment and undid that, so you may have seen its author. "
            "Authors are hidden here, so another moderator must decide."
        )
        raise NotAllowed(msg)


def _check_no_appeal(comment: Comment, verdict: Verdict) -> None:
    """Raise Conflict if the verdict would reverse a decision under appeal.

    Only an appeal reviewer, who did not take part in the decision, may reverse it then.
    """
    reverses_decision = comment.state in {CommentState.REFUSED, CommentState.RESTRICTED} or (
        comment.state == CommentState.PUBLISHED and verdict is Verdict.RESTORE
    )
    if reverses_decision and list_open_appeals(comment.id):
        msg = "The author has appealed this decision. An appeal reviewer must rule on the appeal."
        raise Conflict(msg)


def _check_fields(verdict: Verdict, rule: str, note: str, facts: str, rulebook: Rulebook) -> None:
    if decision_policy.requires_rule(verdict) and rule not in rulebook.active_clauses:
        msg = "Choose the rule that the comment breaks. The author will see it."
        raise Invalid(msg, field="reason")
    if len(note) > MAX_NOTE_LENGTH:
        msg = "Shorten the note to the author to 2,000 characters."
        raise Invalid(msg, field="note")
    if len(facts) > MAX_NOTE_LENGTH:
        msg = "Shorten the facts to 2,000 characters."
        raise Invalid(msg, field="facts")


def _check_explanation(
    verdict: Verdict, note: str, facts: str, open_votes: list[Decision], by: Actor
) -> None:
    """Raise Invalid if a person refuses or removes a comment without a sentence for its author.

    A moderator who agrees with an earlier vote need not repeat its explanation.
    """
    is_explained = bool(note or facts) or any(
        vote.verdict == verdict and (vote.facts or vote.note) for vote in open_votes
    )
    if by.user_id is not None and not is_explained:
        check_explanation(verdict, note, facts)


def check_explanation(verdict: Verdict, note: str, facts: str) -> None:
    """Raise Invalid if the verdict needs a sentence for the author, and neither field has one."""
    if decision_policy.requires_explanation(verdict) and not (note.strip() or facts.strip()):
        msg = "Say in one sentence what in the comment breaks the rule. The author reads it."
        raise Invalid(msg, field="facts")


def _record_open_vote(
    comment: Comment, vote: Decision, *, by: Actor, encryption: Encryption
) -> None:
    """Record that the actor voted. The public audit log does not say how, until a verdict applies."""
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
    """Return Decision.details: the source of detection, and what an undo must restore."""
    unread = {"unread": str(comment.awaiting)} if comment.awaiting in UNREAD else {}
    return {**find_detection_source(comment), "from": str(comment.state), **unread}


def _locate_redaction(
    verdict: Verdict, redaction: RedactionRequest, comment: Comment, encryption: Encryption
) -> dict[str, int]:
    """Return the characters to hide, as positions in the original text. Raises Invalid."""
    if verdict is not Verdict.REDACT:
        return {}
    original = decrypt_original_text(comment, encryption)
    start, end = locate_span(original, redaction, parse_spans(comment.redactions))
    return {"start": start, "end": end}


def _build_conflict(comment: Comment) -> Conflict:
    latest = decision_queries.find_latest_decision(comment.id)
    # Applying a decision raises the version by one. If it is higher still, more has happened.
    if latest is not None and latest.comment_version + 1 == comment.version:
        return Conflict(
            DECIDED_FIRST_MESSAGES[Verdict(latest.verdict)],
            name=latest.moderator_name,
            time=latest.decided_at,
        )
    msg = "This comment has changed since you opened it. Read it again before you decide."
    return Conflict(msg)
