"""Query the refusals and removals of a period, without personal data."""

from datetime import datetime

from sqlalchemy import exists, select

from commentsite.comments.models import Comment
from commentsite.comments.reports.models import Report
from commentsite.db.session import session
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.dsa.export import Restriction
from commentsite.moderation.models import Decision
from commentsite.site.queries import find_clauses

#: Holds without a finding: a person reads the comment first. All other holds are automatic detection.
_MANUAL_HOLDS = frozenset({"", "first_reading", "edited"})
_REJECTING_VERDICTS = (Verdict.REFUSE, Verdict.RESTRICT)


def list_restrictions(start: datetime, end: datetime) -> list[Restriction]:
    """Return the refusals and removals from `start` until before `end`, the oldest first.

    Spam is left out: article 17(2) of Regulation (EU) 2022/2065 exempts deceptive commercial
    content of high volume.
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
            was_reported=decision.verdict == Verdict.RESTRICT and reported,
            detected_automatically=(
                decision.verdict == Verdict.REFUSE and held_by not in _MANUAL_HOLDS
            ),
            decided_by_person=decision.moderator_id is not None,
            language=language,
            sent_at=sent_at,
            decided_at=decision.decided_at,
        )
        for decision, held_by, language, sent_at, reported in rows
    ]


def load_notes(decision_ids: list[int]) -> dict[int, str]:
    """Return the moderators' notes to the authors, by decision id."""
    query = select(Decision.id, Decision.note).where(Decision.id.in_(decision_ids))
    return {decision_id: note for decision_id, note in session().execute(query)}  # noqa: C416  # rows, not pairs
