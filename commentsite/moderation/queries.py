"""Read the queue. A pending comment is the queue; nothing is copied anywhere."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import latest_entries
from commentsite.comments.models import Comment
from commentsite.comments.queries import books, comment_by_id
from commentsite.comments.states import CommentState
from commentsite.db import session
from commentsite.letters.models import Block, Letter
from commentsite.letters.queries import current_blocks, letter_by_id
from commentsite.moderation.models import Decision


@dataclass(frozen=True)
class Case:
    """A comment in the queue, and the letter it is about."""

    comment: Comment
    letter: Letter


@dataclass(frozen=True)
class QueuePage:
    """One page of cases, how many match in all, and where the next page begins."""

    cases: list[Case]
    total: int
    next_after: int | None


@dataclass(frozen=True)
class CaseFile:
    """Everything a moderator needs to decide about one comment."""

    comment: Comment
    letter: Letter
    parent: Comment | None
    target_blocks: list[Block]
    decisions: list[Decision]
    history: list[AuditEntry]

    @property
    def numbers(self) -> dict[str, int]:
        """Return the numbers of the paragraphs it speaks to, by their ids."""
        return {
            block.pid: block.number for block in self.target_blocks if block.pid and block.number
        }


def queue(  # noqa: PLR0913  # one for each filter of the page
    *,
    state: str = "pending",
    letter_slug: str = "",
    group: str = "",
    held_by: str = "",
    words: str = "",
    sort: str = "oldest",
    after: int | None = None,
    limit: int = 50,
) -> QueuePage:
    """Return the cases of one view, oldest first unless `sort` is "newest"; `after` continues behind a comment's id."""
    where: list[ColumnElement[bool]] = [Comment.state == state]
    if letter_slug:
        where.append(Letter.slug == letter_slug)
    if group:
        where.append(Comment.stakeholder_group == group)
    if held_by:
        where.append(Comment.held_by == held_by)
    where += [
        or_(Comment.body.icontains(w, autoescape=True), Comment.name.icontains(w, autoescape=True))
        for w in words.split()[:8]
    ]
    joined = select(Comment, Letter).join(Letter, Letter.id == Comment.letter_id)
    total = (
        session().scalars(select(func.count()).select_from(joined.where(*where).subquery())).one()
    )
    newest = sort == "newest"
    if after is not None and (last := session().get(Comment, after)):
        where.append(_behind(last, newest=newest))
    order = (
        (Comment.submitted_at.desc(), Comment.id.desc())
        if newest
        else (Comment.submitted_at, Comment.id)
    )
    rows = session().execute(joined.where(*where).order_by(*order).limit(limit + 1)).all()
    cases = [Case(comment, letter) for comment, letter in rows[:limit]]
    return QueuePage(cases, total, cases[-1].comment.id if len(rows) > limit else None)


def counts() -> dict[str, int]:
    """Return how many comments are in each state, for the views."""
    return books()


def case(comment_id: int) -> CaseFile:
    """Return one comment with the letter, paragraphs and comment it answers, and all that was decided. Raises NotFound."""
    comment = comment_by_id(comment_id)
    letter = letter_by_id(comment.letter_id)
    pids = {target.pid for target in comment.targets}
    return CaseFile(
        comment=comment,
        letter=letter,
        parent=comment_by_id(comment.parent_id) if comment.parent_id else None,
        target_blocks=[block for block in current_blocks(letter) if block.pid in pids],
        decisions=decisions_of(comment.id),
        history=latest_entries(50, obj=f"comment:{comment.id}"),
    )


def decisions_of(comment_id: int) -> list[Decision]:
    """Return what was decided about a comment, oldest first."""
    return list(
        session().scalars(
            select(Decision).where(Decision.comment_id == comment_id).order_by(Decision.id)
        )
    )


def latest_decision(comment_id: int) -> Decision | None:
    """Return the last decision about a comment, if any."""
    query = (
        select(Decision)
        .where(Decision.comment_id == comment_id)
        .order_by(Decision.id.desc())
        .limit(1)
    )
    return session().scalars(query).first()


def latest_decisions(comment_ids: list[int]) -> dict[int, Decision]:
    """Return the last decision about each of these comments."""
    query = select(Decision).where(Decision.comment_id.in_(comment_ids)).order_by(Decision.id)
    return {decision.comment_id: decision for decision in session().scalars(query)}


def next_pending(after_id: int | None = None) -> int | None:
    """Return the oldest waiting comment behind this one, or the oldest of all."""
    query = (
        select(Comment.id)
        .where(Comment.state == CommentState.PENDING)
        .order_by(Comment.submitted_at, Comment.id)
        .limit(1)
    )
    if after_id is not None and (last := session().get(Comment, after_id)):
        found = session().scalars(query.where(_behind(last, newest=False))).first()
        if found is not None:
            return found
    return session().scalars(query).first()


def _behind(last: Comment, *, newest: bool) -> ColumnElement[bool]:
    if newest:
        return or_(
            Comment.submitted_at < last.submitted_at,
            and_(Comment.submitted_at == last.submitted_at, Comment.id < last.id),
        )
    return or_(
        Comment.submitted_at > last.submitted_at,
        and_(Comment.submitted_at == last.submitted_at, Comment.id > last.id),
    )
