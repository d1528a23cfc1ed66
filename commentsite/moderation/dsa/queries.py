"""Read the refusals and removals of a period, without the people in them."""

from datetime import datetime

from sqlalchemy import exists, select

from commentsite.comments.models import Comment
from commentsite.comments.reports.models import Report
from commentsite.db.session import session
from commentsite.moderation.dsa.export import Restriction
from commentsite.moderation.models import Decision
from commentsite.site.queries import find_clauses

#: Held because of these, a comment was found by the software; the others say that a person reads it first.
_MANUAL_HOLDS = frozenset({"", "first_reading", "edited"})
_REJECTING_VERDICTS = ("refuse", "restrict")


def list_restrictions(start: datetime, end: datetime) -> list[Restriction]:
    """Return what was refused or removed from one moment until before another, in order.

    Spam is left out, as the law leaves out deceptive commercial content of high volume.
    """
    was_reported = exists().where(
        Report.comment_id == Comment.id, Report.sent_at < Decision.decided_at
    )
    query = (
        select(
            Decision, Comment.held_by_check, Comment.language, Comment.submitted_at, was_reported
        )
        .join(Comment, Comment.id == Decision.comment_id)
        .where(
            Decision.verdict.in_(_REJECTING_VERDICTS),
            Decision.is_applied.is_(True),
            Decision.decided_at >= start,
            Decision.decided_at < end,
        )
        .order_by(Decision.id)
    )
    rows = session().execute(query).all()
    cited = find_clauses((row[0].rules_version, row[0].rule) for row in rows)
    return [
        Restriction(
            decision_id=decision.id,
            verdict=decision.verdict,
            rule=decision.rule,
            cited_rule=cited.get((decision.rules_version, decision.rule)),
            was_reported=decision.verdict == "restrict" and reported,
            detected_automatically=decision.verdict == "refuse" and held_by not in _MANUAL_HOLDS,
            decided_by_person=decision.moderator_id is not None,
            language=language,
            sent_at=sent_at,
            decided_at=decision.decided_at,
        )
        for decision, held_by, language, sent_at, reported in rows
    ]


def load_notes(decision_ids: list[int]) -> dict[int, str]:
    """Return what the authors of these decisions wrote to the authors of the comments."""
    query = select(Decision.id, Decision.note).where(Decision.id.in_(decision_ids))
    return {number: note for number, note in session().execute(query)}  # noqa: C416  # rows, not pairs
