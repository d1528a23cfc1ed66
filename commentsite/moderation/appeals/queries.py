"""Read appeals for the desk: the list and its counts, one as a case, and who decided before.

A page of the list begins behind a key; counts stop at MOST_COUNTED.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, literal, or_, select, tuple_, union_all

from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import list_latest_entries_about
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.queries import get_appeal, list_appeals
from commentsite.comments.appeals.states import AWAITING_MODERATORS, OUTCOMES, AppealState
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment
from commentsite.comments.states import CommentState
from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import session
from commentsite.letters.models import Letter
from commentsite.letters.queries import get_letter
from commentsite.moderation.appeals.policy import AppealReviewer
from commentsite.moderation.decisions import queries as decision_queries
from commentsite.moderation.decisions.queries import list_votes
from commentsite.moderation.decisions.statement import DecisionStatement, build_statement
from commentsite.moderation.models import Decision
from commentsite.site.queries import find_clauses
from commentsite.site.rulebook import Clause

APPEAL_VIEWS = ("waiting", "asked", "mine", "decided")


@dataclass(frozen=True)
class ListedAppeal:
    """An appeal in the list, with what it is about."""

    appeal: Appeal
    comment: Comment
    letter: Letter
    verdict: str


@dataclass(frozen=True)
class AppealPage:
    """One page of appeals, and where the next begins."""

    appeals: list[ListedAppeal]
    next_after: int | None


@dataclass(frozen=True)
class AppealCaseFile:
    """Everything somebody needs to decide about one appeal."""

    appeal: Appeal
    comment: Comment
    letter: Letter
    decision: Decision
    statement: DecisionStatement  # why it was decided as it was, as its author reads it
    all_votes: list[Decision]  # everything anybody said about the comment, with names
    cited_rules: dict[tuple[int, str], Clause]  # by version of the rules and code
    other_appeals: list[Appeal]  # about other decisions on the same comment
    audit_entries: list[AuditEntry]


def load_appeal_page(
    view: str,
    *,
    moderator_id: int | None,
    letter_ids: frozenset[int] | None = None,
    after: int | None = None,
    limit: int = 50,
) -> AppealPage:
    """Return the appeals of one view of all letters or some, the oldest first, behind an appeal's number."""
    query = (
        select(Appeal, Comment, Letter, Decision.verdict)
        .join(Comment, Comment.id == Appeal.comment_id)
        .join(Letter, Letter.id == Comment.letter_id)
        .join(Decision, Decision.id == Appeal.decision_id)
        .where(_view_condition(view, moderator_id), *_letter_conditions(letter_ids))
    )
    if after is not None and (last := session().get(Appeal, after)):
        query = query.where(tuple_(Appeal.filed_at, Appeal.id) > (last.filed_at, last.id))
    rows = session().execute(query.order_by(Appeal.filed_at, Appeal.id).limit(limit + 1)).all()
    found = [ListedAppeal(*row) for row in rows[:limit]]
    return AppealPage(found, found[-1].appeal.id if len(rows) > limit else None)


def count_appeals_by_view(
    *, moderator_id: int | None, letter_ids: frozenset[int] | None = None
) -> dict[str, int]:
    """Return how many appeals each view holds, none counted further than MOST_COUNTED + 1."""
    parts = []
    for view in APPEAL_VIEWS:
        ids = select(Appeal.id).where(_view_condition(view, moderator_id))
        if letter_ids is not None:
            ids = ids.join(Comment, Comment.id == Appeal.comment_id).where(
                *_letter_conditions(letter_ids)
            )
        few = ids.limit(MAX_COUNT + 1).subquery()
        parts.append(select(literal(view), func.count()).select_from(few))
    return dict(session().execute(union_all(*parts)).all())


def list_open_appeal_ids(limit: int = 200) -> list[int]:
    """Return the open appeals, the oldest first, so that somebody asks again who could decide them."""
    open_ones = (*AWAITING_MODERATORS, AppealState.ASKED)
    query = select(Appeal.id).where(Appeal.state.in_(open_ones))
    return list(session().scalars(query.order_by(Appeal.filed_at, Appeal.id).limit(limit)))


def load_appeal_case_file(appeal_id: int) -> AppealCaseFile:
    """Return one appeal as a case. Raises NotFound."""
    appeal = get_appeal(appeal_id)
    comment = get_comment(appeal.comment_id)
    decision, votes = load_appealed_decision(appeal), list_votes(comment.id)
    return AppealCaseFile(
        appeal=appeal,
        comment=comment,
        letter=get_letter(comment.letter_id),
        decision=decision,
        statement=build_statement(decision_queries.list_agreeing_votes(decision)),
        all_votes=votes,
        cited_rules=find_clauses((vote.rules_version, vote.rule) for vote in votes),
        other_appeals=[other for other in list_appeals(comment.id) if other.id != appeal.id],
        audit_entries=list_latest_entries_about(f"comment:{comment.id}", 50),
    )


def load_appealed_decision(appeal: Appeal) -> Decision:
    """Return the decision an appeal is about."""
    return session().scalars(select(Decision).where(Decision.id == appeal.decision_id)).one()


def list_rejected_comment_ids() -> list[int]:
    """Return the comments that were removed, then those that were refused, the oldest of each first."""
    closed = (CommentState.RESTRICTED, CommentState.REFUSED)
    query = select(Comment.id).where(Comment.state.in_(closed))
    return list(session().scalars(query.order_by(Comment.state.desc(), Comment.id)))


def list_prior_reviewers(comment_id: int) -> list[AppealReviewer]:
    """Return who decided or voted about a comment, or decided an appeal about it, in the group they had then."""
    voted = (
        AppealReviewer(vote.moderator_id, vote.moderator_group) for vote in list_votes(comment_id)
    )
    judged = (
        AppealReviewer(appeal.decided_by_id, appeal.decided_by_group)
        for appeal in list_appeals(comment_id)
        if appeal.state in OUTCOMES
    )
    return [one for one in (*voted, *judged) if one.staff_id is not None]


def _view_condition(view: str, moderator_id: int | None) -> ColumnElement[bool]:
    if view == "asked":
        return Appeal.state == AppealState.ASKED
    if view == "mine":
        return or_(Appeal.decided_by_id == moderator_id, Appeal.asked_by_id == moderator_id)
    if view == "decided":
        return Appeal.state.in_((*OUTCOMES, AppealState.WITHDRAWN))
    return Appeal.state.in_(AWAITING_MODERATORS)


def _letter_conditions(letters: frozenset[int] | None) -> list[ColumnElement[bool]]:
    return [] if letters is None else [Comment.letter_id.in_(letters)]
