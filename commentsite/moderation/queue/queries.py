"""Query the moderation queue: pages of cases, counts for the views, counts for the staff digest.

The queue is not a table. A comment is in the queue while its state is pending, and the other
views filter comments by state, by awaited vote or by report.

A page costs the same however many comments there are. It uses keyset pagination, and counts stop
at MAX_COUNT + 1, which the desk shows as "more than 1,000". Partial indexes cover the common
views. A database uses a partial index only if the value in the statement is a literal, hence
`_sql_literal`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import cache, cached_property
from typing import Any, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    and_,
    case,
    func,
    inspect,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased, selectinload

from commentsite import clock
from commentsite.accounts.permissions import Actor
from commentsite.comments.appeals.models import Appeal
from commentsite.comments.appeals.states import AWAITING_MODERATORS
from commentsite.comments.models import Comment
from commentsite.comments.queries import has_language, is_in_letters
from commentsite.comments.reports.models import Report
from commentsite.comments.states import Awaiting, CommentState
from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import is_postgresql, session
from commentsite.letters.models import Letter
from commentsite.moderation.models import Claim, Decision
from commentsite.moderation.queries import author_search_condition
from commentsite.retention import UNCONFIRMED_COMMENT_TTL
from commentsite.search.queries import DeskFacets, desk_text_contains, select_desk_matches
from commentsite.search.tokenizer import parse_query

Columns = TypeVarTuple("Columns")

EXCERPT_LENGTH = 120  # characters of a comment in the list
EXPORT_BATCH_SIZE = 500  # comments that an export reads at once
MAX_MATCHES = 5_000  # comments with the words of a search that other filters look at
MAX_LETTERS_ASKED = 50  # letters in one language that are asked one by one
#: Values of the filter `confirmed`.
YES, NO = "yes", "no"
#: Value of the filter `held_by` for comments that any screening check held.
ANY_CHECK = "any"
#: Value of the filter `state` for the comments of every state.
ALL_STATES = "all"
#: Values of the filter `sort`.
OLDEST_FIRST, NEWEST_FIRST = "oldest", "newest"
#: Values of the filter `waiting`.
AWAITING_FILTERS = {
    "second": (Awaiting.SECOND_VOTE, Awaiting.THIRD_VOTE),
    "conflict": (Awaiting.ELIGIBLE_MODERATOR,),
    "look": (Awaiting.REVIEW,),
    "trap": (Awaiting.SPAM_CHECK,),
}
#: Values of the filter `age`, in hours.
AGE_FILTERS = {"6": timedelta(hours=6), "24": timedelta(hours=24), "168": timedelta(days=7)}
#: Whole comments would make up most of the cost of a page, so the list reads only these columns.
_LIST_COLUMNS = (
    Comment.id,
    Comment.version,
    Comment.letter_id,
    Comment.state,
    Comment.submitted_at,
    Comment.name,
    Comment.stakeholder_group,
    Comment.awaiting,
    Comment.held_by_check,
    func.substr(Comment.body, 1, EXCERPT_LENGTH).label("body"),
)


@dataclass(frozen=True)
class QueuedCase:
    """One entry of the list."""

    comment: Row[Any]  # with the columns _LIST_COLUMNS
    letter_title: str
    author_anonymity: str  # the letter's setting, see moderation.anonymity
    claim: Claim | None


@dataclass(frozen=True)
class QueuePage:
    """One page of cases. `total` is capped at MAX_COUNT + 1; `next_after` is the next cursor."""

    cases: list[QueuedCase]
    total: int
    next_after: int | None


@dataclass(frozen=True)
class MatchingComment:
    """One comment of a view, whole."""

    comment: Comment
    letter: Letter


@dataclass(frozen=True)
class QueueFilters:
    """The filters of a view. The field names are the query arguments; "" means no filter."""

    state: str = CommentState.PENDING.value  # or ALL_STATES
    letter: str = ""  # slug
    group: str = ""
    language: str = ""  # of the letter or of the comment
    held_by: str = ""  # the code of a screening check, or ANY_CHECK
    confirmed: str = ""  # YES or NO: whether the email address is confirmed
    age: str = ""  # a key of AGE_FILTERS: waiting for at least so many hours
    q: str = ""  # words of the text or of the author's name, or a whole email address
    sort: str = OLDEST_FIRST
    reported: str = ""  # YES: only comments with open reports
    waiting: str = ""  # a key of AWAITING_FILTERS; it replaces the filter by state
    mine: str = ""  # YES: only comments on which the moderator has voted


DEFAULT_FILTERS = QueueFilters()


class LanguageOf(Enum):
    """The text that the filter by language looks at."""

    EITHER = auto()
    LETTER = auto()
    COMMENT = auto()  # on a letter in another language


def load_queue_page(  # noqa: PLR0913  # each narrows the list, named by the caller
    filters: QueueFilters = DEFAULT_FILTERS,
    *,
    after: int | None = None,
    limit: int = 50,
    email_hash: str = "",
    moderator_id: int | None = None,
    letter_ids: frozenset[int] | None = None,
    known_counts: dict[str, int] | None = None,
) -> QueuePage:
    """Return one page of cases.

    `after` is the id of the last comment on the previous page. `email_hash` is the keyed hash of
    `filters.q` where that is an email address. `letter_ids` are the letters in scope, None for
    all. `known_counts` is the result of `count_by_filter`; with it, the total of an unfiltered
    view needs no query.
    """
    listing = Listing(filters, email_hash, moderator_id, letter_ids)
    last = session().get(Comment, after) if after is not None else None
    if known_counts and filters == QueueFilters(state=filters.state, sort=filters.sort):
        total = known_counts[filters.state]
        ids = listing.list_ids(limit + 1, after=last)
    elif last is not None or listing.asks_each_letter() or listing.is_split():
        total = listing.count()
        ids = listing.list_ids(limit + 1, after=last)
    else:  # the ids that are counted begin with those of the page
        ids = listing.list_ids(max(limit, MAX_COUNT) + 1)
        total = min(len(ids), MAX_COUNT + 1)
    cases = _load_cases(ids[:limit])
    return QueuePage(cases, total, ids[limit - 1] if len(ids) > limit else None)


def list_matching_comments(
    filters: QueueFilters,
    *,
    email_hash: str,
    moderator_id: int | None,
    letter_ids: frozenset[int] | None,
    limit: int,
) -> list[tuple[int, int]]:
    """Return id and version of the comments in a view, the oldest first, up to `limit`."""
    filters = replace(filters, sort=OLDEST_FIRST)
    ids = Listing(filters, email_hash, moderator_id, letter_ids).list_ids(limit)
    query = select(Comment.id, Comment.version).where(Comment.id.in_(ids))
    versions = dict(session().execute(query).all())
    return [(comment_id, versions[comment_id]) for comment_id in ids if comment_id in versions]


def iter_matching_comments(
    filters: QueueFilters,
    *,
    email_hash: str,
    moderator_id: int | None,
    letter_ids: frozenset[int] | None,
) -> Iterator[list[MatchingComment]]:
    """Yield every comment of a view in its order, with its letter and paragraphs, in batches."""
    listing, last = Listing(filters, email_hash, moderator_id, letter_ids), None
    while ids := listing.list_ids(EXPORT_BATCH_SIZE, after=last):
        query = (
            select(Comment, Letter)
            .join(Letter, Letter.id == Comment.letter_id)
            .where(Comment.id.in_(ids))
            .options(selectinload(Comment.targets))
        )
        rows = {row.Comment.id: row for row in session().execute(query)}
        found = [rows[comment_id] for comment_id in ids if comment_id in rows]
        if not found:
            return
        yield [MatchingComment(row.Comment, row.Letter) for row in found]
        last = found[-1].Comment


def count_by_filter(letter_ids: frozenset[int] | None = None) -> dict[str, int]:
    """Count the comments for each view, up to MAX_COUNT + 1, in one query.

    The keys are the states, ALL_STATES, "held", the keys of AWAITING_FILTERS, "reported" and "appeals".
    """
    statement = (
        _cached_count_statement(MAX_COUNT + 1)
        if letter_ids is None
        else _build_count_statement(letter_ids, MAX_COUNT + 1)
    )
    counts = dict(session().execute(statement).all())
    total = sum(counts[state] for state in CommentState)
    return counts | {ALL_STATES: min(total, MAX_COUNT + 1)}


def load_oldest_pending_time() -> datetime | None:
    """Return when the comment at the head of the queue was submitted."""
    query = select(Comment.submitted_at).where(Comment.state == _sql_literal(CommentState.PENDING))
    return session().scalars(query.order_by(Comment.submitted_at).limit(1)).first()


def count_pending_since(since: datetime, letter_ids: frozenset[int] | None) -> int:
    """Count the pending comments submitted after a moment, up to MAX_COUNT + 1."""
    query = select(Comment.id).where(
        Comment.state == _sql_literal(CommentState.PENDING),
        Comment.submitted_at > since,
        is_in_letters(letter_ids),
    )
    return _execute_capped_count(query)


def count_new(subject: str, since: datetime, actor: Actor) -> int:
    """Count the items of a digest subject that are new since a moment, up to MAX_COUNT + 1."""
    return _count_in_scope(_DIGEST_STATEMENTS[subject](since, actor), actor)


def count_open(subject: str, actor: Actor) -> int:
    """Count all open items of a digest subject, up to MAX_COUNT + 1."""
    return _count_in_scope(_DIGEST_STATEMENTS[subject](None, actor), actor)


# --- The ids of a view


@dataclass(frozen=True)
class Listing:
    """The comments of one view, in its order.

    A filter by language joins two views: the comments on letters in the language, and the comments in the language
    on other letters. Each has an index of its own.

    Four ways lead to them, so that a page costs the same however many comments there are: by the
    full-text index, by a small set such as the reported comments, by the letters in question, or
    along the index of a state and one filter. A search is in the order of the ids.
    """

    filters: QueueFilters
    email_hash: str
    moderator_id: int | None
    letter_ids: frozenset[int] | None
    language_of: LanguageOf = LanguageOf.EITHER

    def list_ids(self, limit: int, *, after: Comment | None = None) -> list[int]:
        """Return up to so many ids, from the one after a comment."""
        if self.searched_letter_ids == frozenset():
            return []
        if views := self._split():
            return self._merge_ids(views, limit, after)
        query = self._select_ids(limit, after)
        if query is None:
            return []
        return list(session().scalars(_limit_rows(limit, query)))

    def count(self) -> int:
        """Count the comments of the view, up to MAX_COUNT + 1."""
        if self.searched_letter_ids == frozenset():
            return 0
        if views := self._split():
            return min(sum(view.count() for view in views), MAX_COUNT + 1)
        query = self._select_ids(MAX_COUNT + 1, None, is_ordered=False)
        return _execute_capped_count(query) if query is not None else 0

    def asks_each_letter(self) -> bool:
        """Return whether the view consists of the first comments of each of several letters."""
        letter_ids = self.searched_letter_ids
        is_by_letter = self._is_along_index() and self.language_of != LanguageOf.COMMENT
        return is_by_letter and letter_ids is not None and len(letter_ids) > 1

    def is_split(self) -> bool:
        """Return whether the view consists of the first comments of several views."""
        return bool(self._split())

    def _is_along_index(self) -> bool:
        filters = self.filters
        return not (
            filters.q
            or filters.reported
            or (self.is_own and self.has_few_decisions)
            or filters.waiting in AWAITING_FILTERS
        )

    def _split(self) -> "list[Listing]":
        """Return the views that this one consists of, without a comment in common. No index spans them."""
        if self.filters.state == ALL_STATES and self._is_along_index():
            return [
                replace(self, filters=replace(self.filters, state=state.value))
                for state in CommentState
            ]
        if self.filters.language and self.language_of == LanguageOf.EITHER:
            return [
                replace(self, language_of=LanguageOf.LETTER),
                replace(self, language_of=LanguageOf.COMMENT),
            ]
        return []

    def _merge_ids(self, views: "list[Listing]", limit: int, after: Comment | None) -> list[int]:
        """Take the first ids of each view, and of these the first."""
        ids = [comment_id for view in views for comment_id in view.list_ids(limit, after=after)]
        if self.filters.q and not self.email_hash:  # in the order of the ids
            return sorted(ids, reverse=self._is_newest_first)[:limit]
        query = select(Comment.submitted_at, Comment.id).where(Comment.id.in_(ids))
        rows = [(row.submitted_at, row.id) for row in session().execute(query)]
        rows.sort(reverse=self._is_newest_first)
        return [comment_id for _submitted_at, comment_id in rows[:limit]]

    def _select_ids(
        self, limit: int, after: Comment | None, *, is_ordered: bool = True
    ) -> Select[int] | None:
        filters, letter_ids = self.filters, self.searched_letter_ids
        conditions = self._list_conditions()
        if filters.q and not self.email_hash:
            return self._select_matches(conditions, letter_ids, after)
        if self.email_hash:
            conditions += [Comment.email_hash == self.email_hash, author_search_condition()]
        small_set = self._small_set_conditions()
        if after is not None:
            conditions.append(_after_cursor(after, is_newest_first=self._is_newest_first))
        order = (
            (Comment.submitted_at.desc(), Comment.id.desc())
            if self._is_newest_first
            else (Comment.submitted_at, Comment.id)
        )
        if (
            small_set
            or self.email_hash
            or filters.waiting in AWAITING_FILTERS
            or self.language_of == LanguageOf.COMMENT
        ):
            state = _state_condition(filters, is_indexed=not small_set)
            where = (state, *small_set, *conditions, is_in_letters(letter_ids))
            return self._narrow_by_language(select(Comment.id).where(*where).order_by(*order))
        query = select(Comment.id).where(_state_condition(filters), *conditions).order_by(*order)
        if letter_ids is None:
            return self._narrow_by_language(query)
        if len(letter_ids) == 1:
            return query.where(Comment.letter_id == min(letter_ids))
        ids, submitted_at = _take_from_each_letter(query, letter_ids, limit)
        if not is_ordered:  # a count stops before the last letter
            return ids
        first, second = (submitted_at, ids.selected_columns[0])
        return ids.order_by(
            *((first.desc(), second.desc()) if self._is_newest_first else (first, second))
        )

    def _list_conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on single comments, whichever way leads to them."""
        conditions = _filter_conditions(self.filters)
        if self.is_own and not self.has_few_decisions:
            is_own = (Decision.comment_id == Comment.id, Decision.moderator_id == self.moderator_id)
            conditions.append(select(Decision.id).where(*is_own).exists())
        if self.language_of == LanguageOf.COMMENT:
            letters_in_language = select(Letter.id).where(self._is_in_language())
            conditions += [
                Comment.language == self.filters.language,
                has_language(),
                Comment.letter_id.not_in(letters_in_language),
            ]
        return conditions

    @property
    def _is_newest_first(self) -> bool:
        return self.filters.sort == NEWEST_FIRST

    @cached_property
    def searched_letter_ids(self) -> frozenset[int] | None:
        """Return the letters in question, None for all."""
        letter_ids = self.letter_ids
        if self.filters.letter:
            query = select(Letter.id).where(Letter.slug == self.filters.letter)
            found = frozenset(session().scalars(query))
            letter_ids = found if letter_ids is None else found & letter_ids
        if self.language_of != LanguageOf.LETTER:
            return letter_ids
        if letter_ids is not None:
            query = select(Letter.id).where(Letter.id.in_(letter_ids))
            return frozenset(session().scalars(query.where(self._is_in_language())))
        found = frozenset(
            session().scalars(
                select(Letter.id).where(self._is_in_language()).limit(MAX_LETTERS_ASKED + 1)
            )
        )
        return found if len(found) <= MAX_LETTERS_ASKED else None

    def _is_in_language(self) -> ColumnElement[bool]:
        return Letter.language == self.filters.language

    def _narrow_by_language(self, query: Select[int]) -> Select[int]:
        """Narrow a view of all letters. Letters in the language are many, or there is no such filter."""
        if self.language_of != LanguageOf.LETTER:
            return query
        return query.join(Letter, Letter.id == Comment.letter_id).where(self._is_in_language())

    def _small_set_conditions(self) -> list[ColumnElement[bool]]:
        """Return conditions that few comments meet. The database finds these first."""
        conditions: list[ColumnElement[bool]] = []
        if self.filters.reported:
            reported_ids = select(Report.comment_id).where(Report.state == _sql_literal("open"))
            conditions.append(Comment.id.in_(reported_ids))
        if self.is_own and self.has_few_decisions:
            own_ids = select(Decision.comment_id).where(Decision.moderator_id == self.moderator_id)
            conditions.append(Comment.id.in_(own_ids))
        return conditions

    @property
    def is_own(self) -> bool:
        return bool(self.filters.mine) and self.moderator_id is not None

    @cached_property
    def has_few_decisions(self) -> bool:
        own = select(Decision.id).where(Decision.moderator_id == self.moderator_id)
        return _execute_capped_count(own) <= MAX_COUNT

    def _select_matches(
        self,
        conditions: list[ColumnElement[bool]],
        letter_ids: frozenset[int] | None,
        after: Comment | None,
    ) -> Select[int] | None:
        """Select the comments that contain every phrase, among the first MAX_MATCHES of them."""
        phrases = parse_query(self.filters.q)
        if not phrases:
            return None
        filters = self.filters
        facets = DeskFacets(
            state="" if _has_any_state(filters) else filters.state,
            letter_id=min(letter_ids) if letter_ids and len(letter_ids) == 1 else None,
            group=filters.group,
        )
        # The full-text index knows the facets. Only other filters need to look at more matches.
        rest = QueueFilters(state=filters.state, letter=filters.letter, group=filters.group)
        has_facets_only = replace(filters, q="", sort=OLDEST_FIRST) == rest and (
            letter_ids is None or facets.letter_id is not None
        )
        matches = select_desk_matches(
            phrases,
            facets,
            limit=MAX_COUNT + 1 if has_facets_only else MAX_MATCHES,
            after_id=after.id if after is not None else None,
            is_newest_first=self._is_newest_first,
        )
        query = (
            select(Comment.id)
            .join(matches, matches.c.rowid == Comment.id)
            .where(
                _state_condition(filters, is_indexed=False),
                *conditions,
                *self._small_set_conditions(),
                is_in_letters(letter_ids),
                or_(author_search_condition(), desk_text_contains(Comment.id, phrases)),
            )
            .order_by(Comment.id.desc() if self._is_newest_first else Comment.id)
        )
        return self._narrow_by_language(query)


def _take_from_each_letter(
    query: Select[int], letter_ids: frozenset[int], limit: int
) -> tuple[Select[int], ColumnElement[datetime]]:
    """Select the first comments of each letter, of which the caller takes the first of all.

    Return the selection with its column of the time of submission, by which it is to be ordered.
    Otherwise the database would read a whole state, or every comment of these letters.
    """
    of_letter = _limit_rows(limit, query.where(Comment.letter_id == Letter.id)).correlate(Letter)
    is_asked = Letter.id.in_(letter_ids)
    if is_postgresql():
        first = of_letter.add_columns(Comment.submitted_at).lateral("first_of_letter")
        ids = select(first.c.id).select_from(Letter).join(first, true()).where(is_asked)
        return ids, first.c.submitted_at
    # SQLite runs a subquery for each letter only inside a condition.
    comment = aliased(Comment)
    ids = select(comment.id).select_from(Letter).join(comment, comment.id.in_(of_letter))
    return ids.where(is_asked), inspect(comment).selectable.c.submitted_at


def _load_cases(ids: list[int]) -> list[QueuedCase]:
    is_active_claim = and_(Claim.comment_id == Comment.id, Claim.until > clock.now())
    query = (
        select(*_LIST_COLUMNS, Letter.title, Letter.author_anonymity, Claim)
        .join(Letter, Letter.id == Comment.letter_id)
        .outerjoin(Claim, is_active_claim)
        .where(Comment.id.in_(ids))
    )
    rows = {row.id: row for row in session().execute(query)} if ids else {}
    return [
        QueuedCase(row, row.title, row.author_anonymity, row.Claim)
        for comment_id in ids
        if (row := rows.get(comment_id)) is not None
    ]


def _has_any_state(filters: QueueFilters) -> bool:
    return filters.waiting in AWAITING_FILTERS or filters.state == ALL_STATES


def _state_condition(filters: QueueFilters, *, is_indexed: bool = True) -> ColumnElement[bool]:
    """Return the condition for the state of a view, or for what it waits for.

    Without `is_indexed`, SQLite cannot use an index of the state. Without statistics it would take
    that index to be better than a small set of ids.
    """
    if filters.waiting in AWAITING_FILTERS:
        return Comment.awaiting.in_(AWAITING_FILTERS[filters.waiting])
    if filters.state == ALL_STATES:
        return true()
    state = _sql_literal(CommentState(filters.state))
    if is_indexed or is_postgresql():
        return Comment.state == state
    return Comment.state.concat("") == state


def _filter_conditions(filters: QueueFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.group:
        conditions.append(Comment.stakeholder_group == filters.group)
    if filters.held_by == ANY_CHECK:
        # Comments without a finding are held as "first_reading", which is no check.
        conditions.append(Comment.held_by_check != _sql_literal("first_reading"))
    elif filters.held_by:
        conditions.append(Comment.held_by_check == filters.held_by)
    if filters.confirmed in {YES, NO}:
        is_confirmed = Comment.email_confirmed_at.is_not(None)
        conditions.append(is_confirmed if filters.confirmed == YES else ~is_confirmed)
    if filters.age in AGE_FILTERS:
        conditions.append(Comment.submitted_at <= clock.now() - AGE_FILTERS[filters.age])
    return conditions


def _after_cursor(last: Comment, *, is_newest_first: bool) -> ColumnElement[bool]:
    position, cursor = tuple_(Comment.submitted_at, Comment.id), (last.submitted_at, last.id)
    return position < cursor if is_newest_first else position > cursor


# --- Counts for the views


@cache
def _cached_count_statement(max_rows: int) -> CompoundSelect[str, int]:
    return _build_count_statement(None, max_rows)


def _build_count_statement(
    letter_ids: frozenset[int] | None, max_rows: int
) -> CompoundSelect[str, int]:
    views = {"held": QueueFilters(held_by=ANY_CHECK)}
    views |= {name: QueueFilters(waiting=name) for name in AWAITING_FILTERS}
    if letter_ids is None:
        views |= {state.value: QueueFilters(state=state.value) for state in CommentState}
    scope = is_in_letters(letter_ids)
    # The order keeps PostgreSQL on the index of the view. Without it, PostgreSQL may scan the
    # table in the hope of finding enough rows early.
    ids_by_view: dict[str, Select[int]] = {
        name: select(Comment.id)
        .where(_state_condition(filters), *_filter_conditions(filters), scope)
        .order_by(Comment.submitted_at, Comment.id)
        for name, filters in views.items()
    }
    # A comment that is pending because of its reports counts there, and not as reported.
    ids_by_view["reported"] = (
        select(Report.comment_id)
        .where(Report.state == _sql_literal("open"))
        .distinct()
        .join(Comment, Comment.id == Report.comment_id)
        .where(Comment.state == _sql_literal(CommentState.PUBLISHED), scope)
    )
    appeals = select(Appeal.id).where(Appeal.state.in_(AWAITING_MODERATORS))
    if letter_ids is not None:
        appeals = appeals.join(Comment, Comment.id == Appeal.comment_id).where(scope)
    ids_by_view["appeals"] = appeals
    counts: list[Select[Any]] = [
        _capped_count(max_rows, ids, _sql_literal(name)) for name, ids in ids_by_view.items()
    ]
    if letter_ids is not None:
        counts += [_count_in_letters(state, letter_ids, max_rows) for state in CommentState]
    return union_all(*counts)


def _count_in_letters(
    state: CommentState, letter_ids: frozenset[int], max_rows: int
) -> Select[Any]:
    """Add up the counts of single letters, so that the database reads the index of the letter only."""
    of_letter = select(Comment.id).where(
        Comment.letter_id == Letter.id, Comment.state == _sql_literal(state)
    )
    count = _capped_count(max_rows, of_letter.correlate(Letter)).correlate(Letter)
    total = func.coalesce(func.sum(count.scalar_subquery()), 0)
    capped = case((total > max_rows, max_rows), else_=total)
    return select(_sql_literal(state), capped).where(Letter.id.in_(letter_ids))


# --- Counts for the staff digest


def _count_in_scope(ids: Select[int], actor: Actor) -> int:
    query = ids.where(is_in_letters(actor.letter_ids))
    return _execute_capped_count(query)


def _pending_ids(since: datetime | None, _actor: Actor) -> Select[int]:
    query = select(Comment.id).where(Comment.state == _sql_literal(CommentState.PENDING))
    if since is None:
        return query
    # `changed_at` is when a comment entered the queue, but it has no index. A comment that waited
    # for its address to be confirmed was submitted earlier, by UNCONFIRMED_COMMENT_TTL at most.
    may_be_new = Comment.submitted_at > since - UNCONFIRMED_COMMENT_TTL - timedelta(days=1)
    return query.where(may_be_new, Comment.changed_at > since)


def _awaiting_vote_ids(since: datetime | None, actor: Actor) -> Select[int]:
    query = (
        select(Comment.id)
        .join(Decision, Decision.comment_id == Comment.id)
        .where(
            Comment.awaiting.in_((Awaiting.SECOND_VOTE, Awaiting.THIRD_VOTE)),
            Decision.comment_version == Comment.version,
            Decision.undone_at.is_(None),
            Decision.moderator_id != actor.user_id,
        )
        .distinct()
    )
    return query if since is None else query.where(Decision.decided_at > since)


def _appeal_ids(since: datetime | None, _actor: Actor) -> Select[int]:
    query = select(Appeal.id).join(Comment, Comment.id == Appeal.comment_id)
    query = query.where(Appeal.state.in_(AWAITING_MODERATORS))
    return query if since is None else query.where(Appeal.changed_at > since)


def _report_ids(since: datetime | None, _actor: Actor) -> Select[int]:
    query = select(Report.id).join(Comment, Comment.id == Report.comment_id)
    query = query.where(Report.state == _sql_literal("open"))
    return query if since is None else query.where(Report.sent_at > since)


#: By digest subject, see accounts.digest_schedule.
_DIGEST_STATEMENTS: dict[str, Callable[[datetime | None, Actor], Select[int]]] = {
    "waiting": _pending_ids,
    "second": _awaiting_vote_ids,
    "appeals": _appeal_ids,
    "reports": _report_ids,
}


# --- Helpers


def _execute_capped_count(ids: Select[Any]) -> int:
    """Count rows up to MAX_COUNT + 1."""
    count: int = session().scalars(_capped_count(MAX_COUNT + 1, ids)).one()
    return count


def _capped_count(max_rows: int, ids: Select[Any], *columns: ColumnElement[Any]) -> Select[Any]:
    """Count rows up to a limit, beside constant columns."""
    return select(*columns, func.count()).select_from(_limit_rows(max_rows, ids).subquery())


def _limit_rows(max_rows: int, rows: Select[Any]) -> Select[Any]:
    """Limit rows by a literal number, so that PostgreSQL can keep a prepared plan."""
    return rows.limit(literal_column(str(max_rows)))


def _sql_literal(constant: str) -> ColumnElement[str]:
    """Return one of our own constants as a literal in the statement, so that a partial index applies."""
    return literal_column(f"'{constant}'")
