"""Let readers report a published comment, and close reports that a moderator dismisses."""

from commentsite import clock, tokens
from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.comments.models import Comment
from commentsite.comments.reports import queries as report_queries
from commentsite.comments.reports.models import Report, ReportState
from commentsite.comments.states import CommentState
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.site.queries import check_clause_unchanged
from commentsite.site.rulebook import Rulebook
from commentsite.text.plain_text import clean_text

MIN_REPORT_LENGTH = 5
MAX_REPORT_LENGTH = 1_000
MAX_OPEN_REPORTS = 20  # of one comment; more of them tell a moderator nothing new


def report_comment(  # noqa: PLR0913  # each is a field of the form, named by the caller
    comment: Comment,
    rule: str,
    text: str,
    *,
    rulebook: Rulebook,
    by: Actor,
    seen_rules_version: int | None = None,
    network_address_hash: str | None = None,
    network_hash: str | None = None,
) -> str:
    """Store a reader's report and return the token of the page on which the reader follows it.

    `seen_rules_version` is the version of the moderation rules that the form showed. Raises
    Conflict when the comment is not published, has enough open reports, or when the rule changed
    since the form was shown. Raises Invalid on an unknown rule or a text of the wrong length.
    """
    if comment.state != CommentState.PUBLISHED:
        msg = "This comment is no longer published."
        raise Conflict(msg)
    check_clause_unchanged(rulebook, rule, seen_rules_version)
    if mistakes := find_mistakes(rule, text, rulebook):
        raise mistakes[0]
    if report_queries.count_open_reports(comment.id) >= MAX_OPEN_REPORTS:
        msg = "Other readers have already reported this comment. A moderator will review it."
        raise Conflict(msg)
    receipt_token = tokens.new_token()
    report = Report(
        comment_id=comment.id,
        rule=rule,
        rules_version=rulebook.version,
        text=clean_text(text),
        network_address_hash=network_address_hash,
        network_hash=network_hash,
        state=ReportState.OPEN,
        receipt_hash=tokens.hash_token(receipt_token),
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
    return receipt_token


def find_mistakes(rule: str, text: str, rulebook: Rulebook) -> list[Invalid]:
    """Return every mistake in the fields of a report, in the order of the form."""
    mistakes = []
    if rule not in rulebook.active_clauses:
        msg = "Choose the rule that the comment breaks."
        mistakes.append(Invalid(msg, field="rule"))
    if not MIN_REPORT_LENGTH <= len(clean_text(text)) <= MAX_REPORT_LENGTH:
        msg = "Describe in a sentence or two how the comment breaks the rule. Use at most 1,000 characters."
        mistakes.append(Invalid(msg, field="words"))
    return mistakes


def dismiss_open_reports(comment: Comment, *, by: Actor) -> int:
    """Close the open reports of a comment that stays published. Return how many there were."""
    reports = report_queries.list_open_reports(comment.id)
    for report in reports:
        report.state, report.closed_at = ReportState.DISMISSED, clock.now()
    if reports:
        record_event(
            by.label,
            "comment.reports_settled",
            f"comment:{comment.id}",
            state=str(comment.state),
            reports=len(reports),
        )
    return len(reports)
