"""Find entries of the audit log by actor, kind, letter, comment and time, and what they are about.

A page costs the same however long the log is. The database reads at most MAX_CANDIDATES entries along one
index, from the newest one back, and keeps those that meet all filters. If they do not fill the page, it
says how far back it looked.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from commentsite.accounts.models import User
from commentsite.audit.models import AuditEntry, PrivateAuditEntry
from commentsite.audit.private_entries import PUBLIC_STAFF_ACTIONS
from commentsite.audit.queries import get_last_entry
from commentsite.comments.models import Comment
from commentsite.db.session import session
from commentsite.letters.models import Letter

MAX_CANDIDATES = 10_000
#: A letter with more comments than this is not searched by the numbers of its comments.
MAX_COMMENTS_BY_NUMBER = 1_000
#: An entry can have a slightly later number than one with a later time.
NUMBERING_DELAY = timedelta(hours=1)


@dataclass(frozen=True)
class EntryFilters:
    """The filters of the log. An empty one does not narrow it."""

    actor: str = ""  # the label in the log: "user:3", "reader" or "system"
    actions: frozenset[str] = frozenset()
    letter_id: int | None = None
    comment_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None  # excluded

    @property
    def are_empty(self) -> bool:
        return self == EntryFilters()


@dataclass(frozen=True)
class EntryPage:
    """Entries, the newest first. `next_before` is the cursor of the next page, None on the last one.

    `is_cut_short` means that the page is not full because the search stopped at `next_before`.
    """

    entries: list[AuditEntry]
    next_before: int | None
    is_cut_short: bool = False


@dataclass(frozen=True)
class Subjects:
    """The objects that some entries name, by their numbers: rows of comments and letters, names of staff."""

    comments: dict[int, Any] = field(default_factory=dict)
    letters: dict[int, Any] = field(default_factory=dict)
    staff_names: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bounds:
    """A range of entry numbers, without its end. None means no bound."""

    first: int | None
    end: int | None


def find_entries(
    filters: EntryFilters, *, before: int | None, limit: int, can_see_private: bool
) -> EntryPage:
    """Return one page of the entries that meet all filters.

    Without `can_see_private`, the filter by actor finds no entry about the security of an account,
    since the page does not name the actor of those.
    """
    bounds = _bound_numbers(filters, before)
    conditions = _list_conditions(filters, can_see_private=can_see_private)
    is_selective = bool(conditions) or filters.until is not None or filters.since is not None
    depth = MAX_CANDIDATES if is_selective else limit + 1
    candidates = _select_candidates(filters, bounds, depth, can_see_private=can_see_private)
    query = (
        select(AuditEntry)
        .join(candidates, candidates.c.seq == AuditEntry.seq)
        .where(*conditions, *_limit_time(filters))
        .order_by(AuditEntry.seq.desc())
        .limit(limit + 1)
    )
    entries = list(session().scalars(query))
    if len(entries) > limit:
        return EntryPage(entries[:limit], entries[limit - 1].seq)
    count, oldest = session().execute(
        select(func.count(), func.min(candidates.c.seq)).select_from(candidates)
    ).one()  # fmt: skip
    is_cut_short = is_selective and count == depth
    return EntryPage(entries, oldest if is_cut_short else None, is_cut_short)


def load_subjects(
    *, comment_ids: Collection[int], letter_ids: Collection[int], staff_ids: Collection[int]
) -> Subjects:
    """Load what the entries of a page are about, the letters of the comments included."""
    comments = select(
        Comment.id, Comment.name, Comment.letter_id, Comment.state, Comment.erased_at
    ).where(Comment.id.in_(comment_ids))
    by_id = {row.id: row for row in session().execute(comments)} if comment_ids else {}
    wanted = {*letter_ids, *(row.letter_id for row in by_id.values())}
    letters = select(Letter.id, Letter.slug, Letter.title, Letter.published_at).where(
        Letter.id.in_(wanted)
    )
    names = select(User.id, User.name).where(User.id.in_(staff_ids))
    return Subjects(
        by_id,
        {row.id: row for row in session().execute(letters)} if wanted else {},
        {row.id: row.name for row in session().execute(names)} if staff_ids else {},
    )


# --- The candidates along one index


def _select_candidates(
    filters: EntryFilters,
    bounds: Bounds,
    depth: int,
    *,
    can_see_private: bool,
) -> Any:
    """Select the numbers of the newest entries that meet the most selective filter."""
    public = AuditEntry.seq
    branches: list[Select[Any]] = []
    if filters.comment_id is not None:
        branches = [select(public).where(AuditEntry.object == f"comment:{filters.comment_id}")]
    elif filters.letter_id is not None and _has_few_comments(filters.letter_id):
        label = literal("comment:").concat(cast(Comment.id, String))
        of_letter = select(label).where(Comment.letter_id == filters.letter_id)
        branches = [
            select(public).where(AuditEntry.object == f"letter:{filters.letter_id}"),
            select(public).where(AuditEntry.object.in_(of_letter)),
        ]
    elif filters.actor and (filters.actor.startswith("user:") or not filters.actions):
        branches = [select(public).where(AuditEntry.actor == filters.actor)]
        if can_see_private:
            own = PrivateAuditEntry.actor == filters.actor
            branches.append(select(PrivateAuditEntry.seq).where(own))
    elif filters.actions:
        branches = [
            select(public).where(AuditEntry.action == action) for action in sorted(filters.actions)
        ]
    else:
        branches = [select(public)]
    newest = [_take_newest(branch, bounds, depth) for branch in branches]
    together = union_all(*newest).subquery()
    return select(together.c.seq).order_by(together.c.seq.desc()).limit(depth).subquery()


def _take_newest(branch: Select[Any], bounds: Bounds, depth: int) -> Select[Any]:
    seq = branch.selected_columns[0]
    if bounds.first is not None:
        branch = branch.where(seq >= bounds.first)
    if bounds.end is not None:
        branch = branch.where(seq < bounds.end)
    return select(branch.order_by(seq.desc()).limit(depth).subquery().c.seq)


def _has_few_comments(letter_id: int) -> bool:
    some = select(Comment.id).where(Comment.letter_id == letter_id)
    some_ids = some.limit(MAX_COMMENTS_BY_NUMBER + 1).subquery()
    count = session().scalars(select(func.count()).select_from(some_ids)).one()
    return count <= MAX_COMMENTS_BY_NUMBER


# --- The other filters


def _list_conditions(filters: EntryFilters, *, can_see_private: bool) -> list[ColumnElement[bool]]:
    """Return the conditions that the index of the candidates may not meet by itself."""
    conditions: list[ColumnElement[bool]] = []
    if filters.actor:
        conditions.append(_is_by(filters.actor, can_see_private=can_see_private))
    if filters.actions:
        conditions.append(AuditEntry.action.in_(sorted(filters.actions)))
    if filters.letter_id is not None:
        # PostgreSQL would also convert the end of other labels, which is no number, without CASE.
        is_comment = AuditEntry.object.like("comment:%")
        digits = func.substr(AuditEntry.object, len("comment:") + 1)
        number = case((is_comment, cast(digits, Integer)))
        about_comment = exists().where(Comment.id == number, Comment.letter_id == filters.letter_id)
        is_about_letter = AuditEntry.object == f"letter:{filters.letter_id}"
        conditions.append(or_(is_about_letter, about_comment))
    return conditions


def _is_by(actor: str, *, can_see_private: bool) -> ColumnElement[bool]:
    is_by = AuditEntry.actor == actor
    if can_see_private:
        own = select(PrivateAuditEntry.seq).where(PrivateAuditEntry.actor == actor)
        return or_(is_by, AuditEntry.seq.in_(own))
    # Entries of earlier versions hold their private content themselves.
    is_private = and_(
        AuditEntry.action.like("staff.%"), AuditEntry.action.notin_(PUBLIC_STAFF_ACTIONS)
    )
    return and_(is_by, not_(is_private))


def _limit_time(filters: EntryFilters) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = []
    if filters.since is not None:
        limits.append(AuditEntry.at >= filters.since)
    if filters.until is not None:
        limits.append(AuditEntry.at < filters.until)
    return limits


def _bound_numbers(filters: EntryFilters, before: int | None) -> Bounds:
    """Return the range of numbers in which the entries of a period lie."""
    first, end = None, before
    if filters.since is not None:
        first = _find_first_since(filters.since - NUMBERING_DELAY)
    if filters.until is not None:
        end_of_period = _find_first_since(filters.until + NUMBERING_DELAY)
        end = end_of_period if before is None else min(before, end_of_period)
    return Bounds(first, end)


def _find_first_since(moment: datetime) -> int:
    """Return the number of the first entry since a moment, or the number after the last entry.

    The numbers have no gaps and grow with the time, so it halves the log some twenty times.
    """
    low, high = 1, get_last_entry()[0] + 1
    while low < high:
        middle = (low + high) // 2
        at = session().scalar(select(AuditEntry.at).where(AuditEntry.seq == middle))
        if at is not None and at < moment:
            low = middle + 1
        else:
            high = middle
    return low
