"""Query appeals for the desk: the list with its counts, one appeal as a case, earlier deciders.

The list uses keyset pagination, and counts stop at MAX_COUNT + 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, func, literal, or_, select, tuple_, union_all

from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import list_latest_entries_about
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.queries import get_appeal, list_appeals
from commentsite.comments.appeals.states import AWAITING_MODERATORS, OUTCOMES, AppealState
from commentsite.comments.models import Comment
from commentsite.comments.queries import get_comment, is_in_letters
from commentsite.comments.states import CommentState
from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import session
from commentsite.letters.models import Letter
from commentsite.letters.queries import get_letter
from commentsite.moderation.appeals.policy import AppealReviewer
from commentsite.moderation.decisions.queries import list_agreeing_votes, list_votes
from commentsite.moderation.decisions.statement import DecisionStatement, build_statement
from commentsite.moderation.models import Decision
from commentsite.site.queries import find_clauses
from commentsite.site.rulebook import Clause


class AppealView(StrEnum):
    """The views of the list, named by the query argument `view`."""

    WAITING = "waiting"  # for a reviewer
    ASKED = "asked"  # waits for the author's answer
    MINE = "mine"  # the moderator asked or ruled
    DECIDED = "decided"  # ruled on, or withdrawn


APPEAL_VIEWS = tuple(AppealView)


@dataclass(frozen=True)
class ListedAppeal:
    """An appeal in the list, with the verdict that it appeals."""

    appeal: Appeal
    comment: Comment
    letter: Letter
    verdict: str


@dataclass(frozen=True)
class AppealPage:
    """One page of appeals. `next_after` is the cursor of the next page."""

    appeals: list[ListedAppeal]
    next_after: int | None


@dataclass(frozen=True)
class AppealCaseFile:
    """Everything that a reviewer needs to rule on one appeal."""

    appeal: Appeal
    comment: Comment
    letter: Letter
    decision: Decision  # under appeal
    statement: DecisionStatement  # of that decision, as the author reads it
    all_votes: list[Decision]  # on the comment, in any version
    cited_rules: dict[tuple[int, str], Clause]  # by version of the rules and rule code
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
    """Return one page of a view, the oldest first, of all letters or of those in scope.

    `after` is the id of the last appeal on the previous page.
    """
    query = (
        select(Appeal, Comment, Letter, Decision.verdict)
        .join(Comment, Comment.id == Appeal.comment_id)
        .join(Letter, Letter.id == Comment.letter_id)
        .join(Decision, Decision.id == Appeal.decision_id)
        .where(_view_condition(view, moderator_id), is_in_letters(letter_ids))
    )
    if after is not None and (last := session().get(Appeal, after)):
        query = query.where(tuple_(Appeal.filed_at, Appeal.id) > (last.filed_at, last.id))
    rows = session().execute(query.order_by(Appeal.filed_at, Appeal.id).limit(limit + 1)).all()
    listed = [ListedAppeal(*row) for row in rows[:limit]]
    return AppealPage(listed, listed[-1].appeal.id if len(rows) > limit else None)


def count_appeals_by_view(
    *, moderator_id: int | None, letter_ids: frozenset[int] | None = None
) -> dict[str, int]:
    """Count the appeals in each view, up to MAX_COUNT + 1."""
    counts = []
    for view in APPEAL_VIEWS:
        ids = select(Appeal.id).where(_view_condition(view, moderator_id))
        if letter_ids is not None:
            ids = ids.join(Comment, Comment.id == Appeal.comment_id).where(
                is_in_letters(letter_ids)
            )
        capped = ids.limit(MAX_COUNT + 1).subquery()
        counts.append(select(literal(view.value), func.count()).select_from(capped))
    return dict(session().execute(union_all(*counts)).all())


def list_open_appeals_with_comments(limit: int = 200) -> list[tuple[Appeal, Comment]]:
    """Return open appeals, the oldest first, whose reviewers the worker rechecks."""
    query = (
        select(Appeal, Comment)
        .join(Comment, Comment.id == Appeal.comment_id)
        .where(Appeal.state.in_((*AWAITING_MODERATORS, AppealState.ASKED)))
        .order_by(Appeal.filed_at, Appeal.id)
        .limit(limit)
    )
    return [(appeal, comment) for appeal, comment in session().execute(query)]


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
        statement=build_statement(list_agreeing_votes(decision)),
        all_votes=votes,
        cited_rules=find_clauses((vote.rules_version, vote.rule) for vote in votes),
        other_appeals=[other for other in list_appeals(comment.id) if other.id != appeal.id],
        audit_entries=list_latest_entries_about(f"comment:{comment.id}", 50),
    )


def load_appealed_decision(appeal: Appeal) -> Decision:
    return session().scalars(select(Decision).where(Decision.id == appeal.decision_id)).one()


def list_rejected_comment_ids() -> list[int]:
    """Return the removed comments, then the refused ones, the oldest of each first."""
    query = select(Comment.id).where(
        Comment.state.in_((CommentState.RESTRICTED, CommentState.REFUSED))
    )
    return list(session().scalars(query.order_by(Comment.state.desc(), Comment.id)))


def list_prior_reviewers(comment_id: int) -> list[AppealReviewer]:
    """Return the staff who voted on a comment or ruled on an appeal about it, with their group then."""
    return load_prior_reviewers([comment_id])[comment_id]


def load_prior_reviewers(comment_ids: Sequence[int]) -> dict[int, list[AppealReviewer]]:
    """Return what `list_prior_reviewers` does, by comment."""
    votes = select(Decision.comment_id, Decision.moderator_id, Decision.moderator_group).where(
        Decision.comment_id.in_(comment_ids), Decision.moderator_id.is_not(None)
    )
    rulings = select(Appeal.comment_id, Appeal.decided_by_id, Appeal.decided_by_group).where(
        Appeal.comment_id.in_(comment_ids),
        Appeal.state.in_(OUTCOMES),
        Appeal.decided_by_id.is_not(None),
    )
    reviewers: dict[int, list[AppealReviewer]] = {comment_id: [] for comment_id in comment_ids}
    for query in (votes, rulings):
        for comment_id, staff_id, group in session().execute(query):
            reviewers[comment_id].append(AppealReviewer(staff_id, group))
    return reviewers


def _view_condition(view: str, moderator_id: int | None) -> ColumnElement[bool]:
    if view == AppealView.ASKED:
        return Appeal.state == AppealState.ASKED
    if view == AppealView.MINE:
        return or_(Appeal.decided_by_id == moderator_id, Appeal.asked_by_id == moderator_id)
    if view == AppealView.DECIDED:
        return Appeal.state.in_((*OUTCOMES, AppealState.WITHDRAWN))
    return Appeal.state.in_(AWAITING_MODERATORS)
