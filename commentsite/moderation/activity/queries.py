"""Query the figures of the dashboard: the oldest case of each kind, and the last 30 days.

On a site where many comments wait, or where moderators decided many in 30 days, the figures of the
days are counted by the worker, and a page reads the stored ones.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.audit.models import AuditEntry
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.states import AWAITING_MODERATORS
from commentsite.comments.models import Comment
from commentsite.comments.queries import is_in_letters
from commentsite.comments.reports.models import Report
from commentsite.comments.states import CommentState
from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import session
from commentsite.letters.models import Letter, WorkingCopy
from commentsite.letters.states import UNPUBLISHED_STATES, LetterState
from commentsite.moderation.activity.figures import Activity, find_start, sum_up
from commentsite.moderation.activity.models import ONLY_ROW, StoredActivity
from commentsite.moderation.models import Claim, Decision
from commentsite.moderation.queue.queries import Listing, QueueFilters

_PENDING: ColumnElement[str] = literal_column(
    f"'{CommentState.PENDING}'"
)  # a literal, so that partial indexes apply
_PUBLISHED: ColumnElement[str] = literal_column(f"'{CommentState.PUBLISHED}'")
_OPEN_REPORT: ColumnElement[str] = literal_column("'open'")


# --- The oldest case of each kind


def find_oldest_submissions(
    views: dict[str, QueueFilters], letter_ids: frozenset[int] | None
) -> dict[str, datetime]:
    """Return when the oldest comment of each view was submitted. Empty views are left out."""
    oldest = {
        name: ids[0]
        for name, filters in views.items()
        if (ids := Listing(filters, "", None, letter_ids).list_ids(1))
    }
    query = select(Comment.id, Comment.submitted_at).where(Comment.id.in_(set(oldest.values())))
    times = {row.id: row.submitted_at for row in session().execute(query)} if oldest else {}
    return {name: times[comment_id] for name, comment_id in oldest.items() if comment_id in times}


def find_oldest_report(letter_ids: frozenset[int] | None) -> datetime | None:
    """Return when the oldest open report of a published comment was sent."""
    query = (
        select(func.min(Report.sent_at))
        .join(Comment, Comment.id == Report.comment_id)
        .where(Report.state == _OPEN_REPORT, Comment.state == _PUBLISHED, is_in_letters(letter_ids))
    )
    return session().scalars(query).one()


def find_oldest_appeal(letter_ids: frozenset[int] | None) -> datetime | None:
    """Return when the oldest appeal that waits for a moderator was filed."""
    query = select(func.min(Appeal.filed_at)).where(Appeal.state.in_(AWAITING_MODERATORS))
    if letter_ids is not None:
        query = query.join(Comment, Comment.id == Appeal.comment_id)
        query = query.where(is_in_letters(letter_ids))
    return session().scalars(query).one()


# --- Work of the actor


def list_own_claims(actor: Actor, limit: int) -> list[Row[int, str]]:
    """List comment id and letter title of the comments that the actor reviews now, the oldest first."""
    claims = select(Claim.comment_id).where(
        Claim.staff_id == actor.user_id, Claim.until > clock.now()
    )
    # A join with the claims would let the database begin with the letters.
    ids = list(session().scalars(claims.order_by(Claim.since, Claim.comment_id).limit(limit)))
    if not ids:
        return []
    titles = (
        select(Comment.id, Letter.title)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(Comment.id.in_(ids), is_in_letters(actor.letter_ids))
    )
    return sorted(session().execute(titles), key=lambda row: ids.index(row.id))


def count_own_returned(actor: Actor) -> int:
    """Count the comments with their authors for changes on which the actor decided, up to MAX_COUNT + 1."""
    filters = QueueFilters(state=CommentState.RETURNED.value, mine="yes")
    return Listing(filters, "", actor.user_id, actor.letter_ids).count()


def list_own_drafts(actor: Actor, limit: int) -> list[Row[str, str, datetime]]:
    """List slug, title and time of the unpublished texts that the actor saved last, the newest first."""
    query = (
        select(Letter.slug, WorkingCopy.title, WorkingCopy.saved_at)
        .join(Letter, Letter.id == WorkingCopy.letter_id)
        .where(or_(WorkingCopy.editor_id == actor.user_id, WorkingCopy.saved_by == actor.name))
        .order_by(WorkingCopy.saved_at.desc(), Letter.id)
    )
    return list(session().execute(query.where(_is_letter_of(actor)).limit(limit)))


# --- Letters at work


def list_letters_at_work(actor: Actor, limit: int) -> list[Row[str, str, str, datetime]]:
    """List slug, title, state and scheduled time of the letters not yet published, the newest first."""
    query = select(Letter.slug, Letter.title, Letter.state, Letter.scheduled_for).where(
        Letter.state.in_(UNPUBLISHED_STATES), _is_letter_of(actor)
    )
    return list(session().execute(query.order_by(Letter.id.desc()).limit(limit)))


def find_letters_to_review(
    actor: Actor, *, needs_second_person: bool
) -> tuple[int, datetime | None]:
    """Return how many letters wait for a review by the actor, and since when the first of them does.

    With `needs_second_person`, those that the actor sent to review are left out.
    """
    query = select(Letter.id).where(Letter.state == LetterState.REVIEW, _is_letter_of(actor))
    if needs_second_person:
        sender = Letter.sent_to_review_by_id
        query = query.where(or_(sender.is_(None), sender != actor.user_id))
    ids = list(session().scalars(query.limit(MAX_COUNT)))
    if not ids:
        return 0, None
    latest = (
        select(func.max(AuditEntry.at).label("at"))
        .where(
            AuditEntry.object.in_([f"letter:{letter_id}" for letter_id in ids]),
            AuditEntry.action == "letter.sent_to_review",
        )
        .group_by(AuditEntry.object)
        .subquery()
    )
    return len(ids), session().scalars(select(func.min(latest.c.at))).one()


def _is_letter_of(actor: Actor) -> ColumnElement[bool]:
    return literal_column("1 = 1") if actor.letter_ids is None else Letter.id.in_(actor.letter_ids)


# --- The last 30 days


def load_activity() -> Activity | None:
    """Return the figures of the last 30 days, or None if the worker has not counted them yet."""
    now = clock.now()
    if not is_large(now):
        return count_activity(now)
    row = session().get(StoredActivity, ONLY_ROW)
    return Activity.from_json(row.figures, row.counted_at) if row else None


def is_large(now: datetime) -> bool:
    """Return whether the figures take too long to count for a page."""
    pending = select(Comment.id).where(Comment.state == _PENDING)
    decided = select(Decision.id).where(Decision.decided_at >= find_start(now))
    return any(_count_up_to_limit(query) > MAX_COUNT for query in (pending, decided))


def count_activity(now: datetime) -> Activity:
    """Count the figures of the last 30 days. It reads each waiting comment, and each decision in them."""
    earlier = aliased(Decision)
    decided = (
        select(Comment.submitted_at, Decision.decided_at)
        .join(Comment, Comment.id == Decision.comment_id)
        .where(
            Decision.decided_at >= find_start(now),
            Decision.is_applied.is_(True),
            Decision.moderator_id.is_not(None),
            ~select(earlier.id)
            .where(
                earlier.comment_id == Decision.comment_id,
                earlier.is_applied.is_(True),
                earlier.id < Decision.id,
            )
            .exists(),
        )
    )
    # A comment that readers' reports brought back waits since then, and not since it was sent.
    waiting = select(Comment.submitted_at, Comment.changed_at, Comment.published_at).where(
        Comment.state == _PENDING
    )
    return sum_up(
        [row[1] if row[2] else row[0] for row in session().execute(waiting)],
        [(row[0], row[1]) for row in session().execute(decided)],
        now,
    )


def _count_up_to_limit(ids: Select[int]) -> int:
    limited = ids.limit(literal_column(str(MAX_COUNT + 1))).subquery()
    return session().scalars(select(func.count()).select_from(limited)).one()
