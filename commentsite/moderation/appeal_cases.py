"""Read appeals for the desk: the list and its counts, one as a case, and who decided before.

A page of the list begins behind a key; counts stop at MOST_COUNTED.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, literal, or_, select, tuple_, union_all

from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import newest_about
from commentsite.comments.appeal import Appeal
from commentsite.comments.appeal_states import AT_THE_DESK, OUTCOMES, AppealState
from commentsite.comments.appealed import appeal_by_id, appeals_of
from commentsite.comments.models import Comment
from commentsite.comments.queries import comment_by_id
from commentsite.comments.states import CommentState
from commentsite.db import session
from commentsite.letters.models import Letter
from commentsite.letters.queries import letter_by_id
from commentsite.moderation import queries
from commentsite.moderation.appeal_policy import Judge
from commentsite.moderation.grounds import Grounds, made_of
from commentsite.moderation.models import Decision
from commentsite.paging import MOST_COUNTED
from commentsite.site.queries import clauses_named
from commentsite.site.rulebook import Clause

VIEWS = ("waiting", "asked", "mine", "decided")


@dataclass(frozen=True)
class Listed:
    """An appeal in the list, with what it is about."""

    appeal: Appeal
    comment: Comment
    letter: Letter
    verdict: str


@dataclass(frozen=True)
class AppealPage:
    """One page of appeals, and where the next begins."""

    appeals: list[Listed]
    next_after: int | None


@dataclass(frozen=True)
class AppealFile:
    """Everything somebody needs to decide about one appeal."""

    appeal: Appeal
    comment: Comment
    letter: Letter
    decision: Decision
    grounds: Grounds  # why it was decided as it was, as its author reads it
    votes: list[Decision]  # everything anybody said about the comment, with names
    cited: dict[tuple[int, str], Clause]  # by version of the rules and code
    others: list[Appeal]  # about other decisions on the same comment
    history: list[AuditEntry]


def appeal_list(
    view: str,
    *,
    moderator_id: int | None,
    letters: frozenset[int] | None = None,
    after: int | None = None,
    limit: int = 50,
) -> AppealPage:
    """Return the appeals of one view of all letters or some, the oldest first, behind an appeal's number."""
    query = (
        select(Appeal, Comment, Letter, Decision.verdict)
        .join(Comment, Comment.id == Appeal.comment_id)
        .join(Letter, Letter.id == Comment.letter_id)
        .join(Decision, Decision.id == Appeal.decision_id)
        .where(_in_view(view, moderator_id), *_within(letters))
    )
    if after is not None and (last := session().get(Appeal, after)):
        query = query.where(tuple_(Appeal.filed_at, Appeal.id) > (last.filed_at, last.id))
    rows = session().execute(query.order_by(Appeal.filed_at, Appeal.id).limit(limit + 1)).all()
    found = [Listed(*row) for row in rows[:limit]]
    return AppealPage(found, found[-1].appeal.id if len(rows) > limit else None)


def appeal_counts(
    *, moderator_id: int | None, letters: frozenset[int] | None = None
) -> dict[str, int]:
    """Return how many appeals each view holds, none counted further than MOST_COUNTED + 1."""
    parts = []
    for view in VIEWS:
        ids = select(Appeal.id).where(_in_view(view, moderator_id))
        if letters is not None:
            ids = ids.join(Comment, Comment.id == Appeal.comment_id).where(*_within(letters))
        few = ids.limit(MOST_COUNTED + 1).subquery()
        parts.append(select(literal(view), func.count()).select_from(few))
    return dict(session().execute(union_all(*parts)).all())


def unjudged(limit: int = 200) -> list[int]:
    """Return the open appeals, the oldest first, so that somebody asks again who could decide them."""
    open_ones = (*AT_THE_DESK, AppealState.ASKED)
    query = select(Appeal.id).where(Appeal.state.in_(open_ones))
    return list(session().scalars(query.order_by(Appeal.filed_at, Appeal.id).limit(limit)))


def appeal_file(appeal_id: int) -> AppealFile:
    """Return one appeal as a case. Raises NotFound."""
    appeal = appeal_by_id(appeal_id)
    comment = comment_by_id(appeal.comment_id)
    decision, votes = decision_of(appeal), votes_on(comment.id)
    return AppealFile(
        appeal=appeal,
        comment=comment,
        letter=letter_by_id(comment.letter_id),
        decision=decision,
        grounds=made_of(queries.votes_with(decision)),
        votes=votes,
        cited=clauses_named((vote.rules_version, vote.reason) for vote in votes),
        others=[other for other in appeals_of(comment.id) if other.id != appeal.id],
        history=newest_about(f"comment:{comment.id}", 50),
    )


def decision_of(appeal: Appeal) -> Decision:
    """Return the decision an appeal is about."""
    return session().scalars(select(Decision).where(Decision.id == appeal.decision_id)).one()


def decided_against() -> list[int]:
    """Return the comments that were removed, then those that were refused, the oldest of each first."""
    closed = (CommentState.RESTRICTED, CommentState.REFUSED)
    query = select(Comment.id).where(Comment.state.in_(closed))
    return list(session().scalars(query.order_by(Comment.state.desc(), Comment.id)))


def votes_on(comment_id: int) -> list[Decision]:
    """Return everything anybody of the staff said about a comment, on any of its versions, the oldest first."""
    query = select(Decision).where(Decision.comment_id == comment_id)
    return list(session().scalars(query.order_by(Decision.id)))


def judges_before(comment_id: int) -> list[Judge]:
    """Return who decided or voted about a comment, or decided an appeal about it, in the group they had then."""
    voted = (Judge(vote.moderator_id, vote.moderator_group) for vote in votes_on(comment_id))
    judged = (
        Judge(appeal.decided_by_id, appeal.decided_by_group)
        for appeal in appeals_of(comment_id)
        if appeal.state in OUTCOMES
    )
    return [one for one in (*voted, *judged) if one.staff_id is not None]


def _in_view(view: str, moderator_id: int | None) -> ColumnElement[bool]:
    if view == "asked":
        return Appeal.state == AppealState.ASKED
    if view == "mine":
        return or_(Appeal.decided_by_id == moderator_id, Appeal.asked_by_id == moderator_id)
    if view == "decided":
        return Appeal.state.in_((*OUTCOMES, AppealState.WITHDRAWN))
    return Appeal.state.in_(AT_THE_DESK)


def _within(letters: frozenset[int] | None) -> list[ColumnElement[bool]]:
    return [] if letters is None else [Comment.letter_id.in_(letters)]
