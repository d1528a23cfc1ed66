"""Readers point out published comments; a moderator looks, and the reader sees what came of it."""

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.models import Comment
from commentsite.comments.reports import queries as report_queries
from commentsite.comments.reports.models import Report
from commentsite.comments.sanitizer import clean_text
from commentsite.comments.states import CommentState
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.site.queries import check_clause_unchanged
from commentsite.site.rulebook import Rulebook

MAX_REPORT_LENGTH = 1_000
MAX_OPEN_REPORTS = 20  # reports of one comment that wait; more tell a moderator nothing new


def report_comment(  # noqa: PLR0913  # each is a field of the form, named by the caller
    comment: Comment,
    rule: str,
    text: str,
    *,
    rulebook: Rulebook,
    by: Actor,
    seen_rules_version: int | None = None,
    network_address_hash: str | None = None,
) -> str:
    """Store what a reader says about a published comment, and return the key of the page that follows it.

    `seen_rules` is the version of the rules that the form showed. Raises Conflict when the comment
    is not published or the rule reads otherwise now, Invalid on a rule that is none or words that are too many.
    """
    if comment.state != CommentState.PUBLISHED:
        msg = "This comment is not published any more."
        raise Conflict(msg)
    check_clause_unchanged(rulebook, rule, seen_rules_version)
    if rule not in rulebook.active_clauses:
        msg = "Choose the rule it breaks."
        raise Invalid(msg, field="rule")
    said = clean_text(text)
    if not 5 <= len(said) <= MAX_REPORT_LENGTH:
        msg = "Say in a sentence or two what is wrong with it, in at most 1,000 characters."
        raise Invalid(msg, field="words")
    if report_queries.count_open_reports(comment.id) >= MAX_OPEN_REPORTS:
        msg = "Moderators know of this comment already, and will look at it."
        raise Conflict(msg)
    receipt = tokens.new_token()
    report = Report(
        comment_id=comment.id,
        rule=rule,
        rules_version=rulebook.version,
        text=said,
        network_address_hash=network_address_hash,
        state="open",
        receipt_hash=tokens.hash_token(receipt),
        sent_at=clock.now(),
    )
    session().add(report)
    session().flush()
    record_event(
        by.label,
        "comment.reported",
        f"comment:{comment.id}",
        state=str(comment.state),
        rule=rule,
        rules=rulebook.version,
        report=report.id,
    )
    return receipt


def dismiss_open_reports(comment: Comment, *, by: Actor) -> int:
    """Close the open reports of a comment that stays; return how many there were."""
    reports = report_queries.list_open_reports(comment.id)
    for report in reports:
        report.state, report.closed_at = "kept", clock.now()
    if reports:
        record_event(
            by.label,
            "comment.reports_settled",
            f"comment:{comment.id}",
            state=str(comment.state),
            reports=len(reports),
        )
    return len(reports)
