"""Readers point out published comments; a moderator looks, and the reader sees what came of it."""

from commentsite import clock, tokens
from commentsite.accounts.permissions import SYSTEM, Actor
from commentsite.audit.services import record
from commentsite.comments import reported
from commentsite.comments.models import Comment, Report
from commentsite.comments.moving import change_state
from commentsite.comments.queries import comment_for_update
from commentsite.comments.sanitizer import clean_text
from commentsite.comments.screening import REPORTED, Finding, as_reason
from commentsite.comments.states import CommentState
from commentsite.db import session
from commentsite.errors import Conflict, Invalid
from commentsite.letters.locking import lock_letter
from commentsite.site.queries import check_reads_alike
from commentsite.site.rulebook import Rulebook

LONGEST_REPORT = 1_000
MOST_OPEN = 20  # reports of one comment that wait; more tell a moderator nothing new


def report_comment(  # noqa: PLR0913  # each is a field of the form, named by the caller
    comment: Comment,
    rule: str,
    words: str,
    *,
    rules: Rulebook,
    by: Actor,
    seen_rules: int | None = None,
    address_hash: str | None = None,
) -> str:
    """Store what a reader says about a published comment, and return the key of the page that follows it.

    `seen_rules` is the version of the rules that the form showed. Raises Conflict when the comment
    is not published or the rule reads otherwise now, Invalid on a rule that is none or words that are too many.
    """
    if comment.state != CommentState.PUBLISHED:
        msg = "This comment is not published any more."
        raise Conflict(msg)
    check_reads_alike(rules, rule, seen_rules)
    if rule not in rules.clauses:
        msg = "Choose the rule it breaks."
        raise Invalid(msg, field="rule")
    said = clean_text(words)
    if not 5 <= len(said) <= LONGEST_REPORT:
        msg = "Say in a sentence or two what is wrong with it, in at most 1,000 characters."
        raise Invalid(msg, field="words")
    if reported.count_open_reports(comment.id) >= MOST_OPEN:
        msg = "Moderators know of this comment already, and will look at it."
        raise Conflict(msg)
    receipt = tokens.new()
    report = Report(
        comment_id=comment.id,
        rule=rule,
        rules_version=rules.version,
        words=said,
        address_hash=address_hash,
        state="open",
        receipt_hash=tokens.hash_token(receipt),
        sent_at=clock.now(),
    )
    session().add(report)
    session().flush()
    record(
        by.label,
        "comment.reported",
        f"comment:{comment.id}",
        state=str(comment.state),
        rule=rule,
        rules=rules.version,
        report=report.id,
    )
    return receipt


def hold_reported(comment_id: int, holds_at: int) -> None:
    """Hold a published comment until a moderator has looked, once reports from so many network addresses wait.

    In a transaction of its own, since it touches the letter's page; 0 holds none.
    """
    if not holds_at or reported.reporters_of(comment_id) < holds_at:
        return
    comment = comment_for_update(comment_id)
    lock_letter(comment.letter_id)
    reporters = reported.reporters_of(comment_id)
    if comment.state != CommentState.PUBLISHED or reporters < holds_at:
        return
    comment.held = [as_reason(REPORTED, 1, Finding(str(reporters))), *comment.held]
    comment.held_by = REPORTED
    change_state(comment, CommentState.PENDING, by=SYSTEM, action="comment.held_by_reports")


def keep_reported(comment: Comment, *, by: Actor) -> int:
    """Close the open reports of a comment that stays; return how many there were."""
    reports = reported.open_reports(comment.id)
    for report in reports:
        report.state, report.settled_at = "kept", clock.now()
    if reports:
        record(
            by.label,
            "comment.reports_settled",
            f"comment:{comment.id}",
            state=str(comment.state),
            reports=len(reports),
        )
    return len(reports)
