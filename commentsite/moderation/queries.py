"""Read the queue. A pending comment is the queue; nothing is copied anywhere."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from commentsite.audit.models import AuditEntry
from commentsite.audit.queries import latest_entries
from commentsite.comments.known import verdicts_on
from commentsite.comments.models import Comment, Report
from commentsite.comments.queries import books, comment_by_id
from commentsite.comments.reported import count_open_reports, open_reports
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
class View:
    """What somebody wants to see of the queue: oldest first unless `sort` is "newest"."""

    state: str = "pending"
    letter: str = ""
    group: str = ""
    held_by: str = ""
    q: str = ""
    sort: str = "oldest"
    reported: str = ""  # "yes": only what readers have reported and nobody has looked at


PENDING = View()


@dataclass(frozen=True)
class CaseFile:
    """Everything a moderator needs to decide about one comment."""

    comment: Comment
    letter: Letter
    parent: Comment | None
    target_blocks: list[Block]
    decisions: list[Decision]
    history: list[AuditEntry]
    reports: list[Report]
    same_address: dict[str, int]  # what else came from there and was spam, refused or reported

    @property
    def numbers(self) -> dict[str, int]:
        """Return the numbers of the paragraphs it speaks to, by their ids."""
        return {
            block.pid: block.number for block in self.target_blocks if block.pid and block.number
        }


def queue(view: View = PENDING, *, after: int | None = None, limit: int = 50) -> QueuePage:
    """Return the cases of one view; `after` continues behind a comment's id."""
    where = _matching(view)
    joined = select(Comment, Letter).join(Letter, Letter.id == Comment.letter_id)
    total = (
        session().scalars(select(func.count()).select_from(joined.where(*where).subquery())).one()
    )
    newest = view.sort == "newest"
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
    """Return how many comments are in each state, and how many reports wait, for the views."""
    return books() | {"reported": count_open_reports()}


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
        reports=open_reports(comment.id),
        same_address=verdicts_on(comment.address_hash, besides=comment.id),
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


def _matching(view: View) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [Comment.state == view.state]
    if view.letter:
        where.append(Letter.slug == view.letter)
    if view.group:
        where.append(Comment.stakeholder_group == view.group)
    if view.held_by:
        where.append(Comment.held_by == view.held_by)
    if view.reported:
        waiting = select(Report.comment_id).where(Report.state == "open")
        where.append(Comment.id.in_(waiting))
    return where + [
        or_(Comment.body.icontains(w, autoescape=True), Comment.name.icontains(w, autoescape=True))
        for w in view.q.split()[:8]
    ]


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
