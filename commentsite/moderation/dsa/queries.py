"""Query the refusals and removals of a period, without personal data."""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam, exists, func, select

from commentsite.comments.models import Comment
from commentsite.comments.reports.models import Report
from commentsite.db.session import session
from commentsite.moderation.decisions.policy import Verdict
from commentsite.moderation.dsa.export import Restriction
from commentsite.moderation.models import Decision
from commentsite.site.queries import find_clauses

#: Holds without a finding: a person reads the comment first. All other holds are automatic detection.
_MANUAL_HOLDS = frozenset({"", "first_reading", "edited"})
REJECTING_VERDICTS = (Verdict.REFUSE.value, Verdict.RESTRICT.value)


def count_restrictions(start: datetime, end: datetime) -> int:
    """Return the number of refusals and removals from `start` until before `end`."""
    query = select(func.count()).select_from(Decision).where(*_is_restriction(start, end))
    return session().scalars(query).one()


def list_restrictions(
    start: datetime, end: datetime, *, offset: int = 0, limit: int, rule: str = ""
) -> list[Restriction]:
    """Return a part of the refusals and removals from `start` until before `end`, the oldest first.

    `rule` leaves only those that cite it. Spam is left out: article 17(2) of Regulation (EU) 2022/2065 exempts
    deceptive commercial content of high volume.
    """
    was_reported = exists().where(
        Report.comment_id == Comment.id, Report.sent_at < Decision.decided_at
    )
    query = (
        select(
            Decision.id, Decision.verdict, Decision.rule, Decision.rules_version, Decision.moderator_id,
            Decision.decided_at, Comment.held_by_check, Comment.language, Comment.submitted_at,
            was_reported.label("was_reported"),
        )
        .join(Comment, Comment.id == Decision.comment_id)
        .where(*_is_restriction(start, end))
        .order_by(Decision.decided_at, Decision.id)
        .offset(offset)
        .limit(limit)
    )  # fmt: skip
    if rule:
        query = query.where(Decision.rule == rule)
    rows = session().execute(query).all()
    cited = find_clauses((row.rules_version, row.rule) for row in rows)
    return [
        Restriction(
            decision_id=row.id,
            verdict=row.verdict,
            rule=row.rule,
            cited_rule=cited.get((row.rules_version, row.rule)),
            was_reported=row.verdict == Verdict.RESTRICT and row.was_reported,
            detected_automatically=(
                row.verdict == Verdict.REFUSE and row.held_by_check not in _MANUAL_HOLDS
            ),
            decided_by_person=row.moderator_id is not None,
            language=row.language,
            sent_at=row.submitted_at,
            decided_at=row.decided_at,
        )
        for row in rows
    ]


def _is_restriction(start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    # The verdicts stand in the statement itself, so that SQLite can use the partial index.
    verdicts: BindParameter[Any] = bindparam(
        "verdicts", REJECTING_VERDICTS, expanding=True, literal_execute=True
    )
    return (
        Decision.verdict.in_(verdicts),
        Decision.is_applied.is_(True),
        Decision.decided_at >= start,
        Decision.decided_at < end,
    )


def load_notes(decision_ids: list[int]) -> dict[int, str]:
    """Return the moderators' notes to the authors, by decision id."""
    query = select(Decision.id, Decision.note).where(Decision.id.in_(decision_ids))
    return dict(session().execute(query).all())
