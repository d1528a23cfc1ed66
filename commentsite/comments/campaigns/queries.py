"""Find similar comments, and the duplicates that a comment represents."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import Row, Select, and_, bindparam, func, select
from sqlalchemy.orm import aliased, selectinload

from commentsite.comments.campaigns.models import CommentSketch
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.db.pagination import page_within
from commentsite.db.session import session

MAX_CANDIDATES = 12
DUPLICATES_PER_PAGE = 20
MAX_COMMENT_ID = 2**31 - 1

# Built once, because they run with every comment that is edited or examined.
_CANDIDATE_IDS = (
    select(CommentSketch.comment_id)
    .where(
        CommentSketch.letter_id == bindparam("letter"),
        CommentSketch.value.in_(bindparam("values", expanding=True)),
        CommentSketch.comment_id < bindparam("before"),
    )
    .group_by(CommentSketch.comment_id)
    .order_by(func.count().desc(), CommentSketch.comment_id)
    .limit(MAX_CANDIDATES)
)
_CANDIDATES = (
    select(Comment.id, Comment.body).where(Comment.id.in_(_CANDIDATE_IDS)).order_by(Comment.id)
)
_TEXTS = select(Comment.id, Comment.body).where(
    Comment.id.in_(bindparam("comment_ids", expanding=True))
)


# --- Similar comments ---


def list_candidates(
    letter_id: int, sketch: list[int], before_id: int | None = None
) -> list[Row[tuple[int, str]]]:
    """List the id and text of the comments that share the most hashes with a sketch, at most MAX_CANDIDATES.

    With `before_id`, only comments with a lower id.
    """
    parameters = {"letter": letter_id, "values": sketch, "before": before_id or MAX_COMMENT_ID}
    return list(session().execute(_CANDIDATES, parameters))


def count_shared_hashes(
    comment_ids: Collection[int], excluded_ids: Collection[int]
) -> dict[int, dict[int, int]]:
    """Count the hashes that the stored sketch of each comment shares with other comments on its letter.

    Returns the counts by comment and other comment, for the MAX_CANDIDATES that share the most. Comments in
    `excluded_ids` do not count as others.
    """
    shared: dict[int, dict[int, int]] = {number: {} for number in comment_ids}
    parameters = {"comment_ids": list(comment_ids), "excluded_ids": list(excluded_ids)}
    for comment_id, other_id, count in session().execute(_shared_hashes_statement(), parameters):
        shared[comment_id][other_id] = count
    return shared


@cache
def _shared_hashes_statement() -> Select[int, int, int]:
    own, other = aliased(CommentSketch), aliased(CommentSketch)
    place = func.row_number().over(
        partition_by=own.comment_id, order_by=(func.count().desc(), other.comment_id)
    )
    shared = (
        select(
            own.comment_id,
            other.comment_id.label("other_id"),
            func.count().label("hashes"),
            place.label("place"),
        )
        .join(other, and_(other.letter_id == own.letter_id, other.value == own.value))
        .where(
            own.comment_id.in_(bindparam("comment_ids", expanding=True)),
            other.comment_id.not_in(bindparam("excluded_ids", expanding=True)),
        )
        .group_by(own.comment_id, other.comment_id)
        .subquery()
    )
    columns = shared.c
    return select(columns.comment_id, columns.other_id, columns.hashes).where(
        columns.place <= MAX_CANDIDATES
    )


def load_texts(comment_ids: Collection[int]) -> dict[int, str]:
    """Return the texts of comments by id."""
    return dict(session().execute(_TEXTS, {"comment_ids": list(comment_ids)}).all())


def list_sketch_values(comment_id: int) -> list[CommentSketch]:
    query = select(CommentSketch).where(CommentSketch.comment_id == comment_id)
    return list(session().scalars(query))


def count_campaign_senders(campaign_id: int) -> int:
    """Count the addresses that sent the text of a campaign, whatever the state of their comments."""
    query = select(func.count(func.distinct(Comment.email_hash)))
    return session().scalars(query.where(Comment.campaign_id == campaign_id)).one()


# --- Representatives and their duplicates ---


@dataclass(frozen=True)
class DuplicateCount:
    """The number of further people who sent the text of a published comment."""

    senders: int
    by_group: dict[str, int] = field(hash=False)  # by stakeholder group, the largest first


def list_representatives(campaign_id: int, exclude_comment_id: int) -> list[Comment]:
    """List the published comments of a campaign that are shown on the page, the oldest first."""
    where = (
        Comment.campaign_id == campaign_id,
        Comment.state == CommentState.PUBLISHED,
        Comment.representative_id.is_(None),
        Comment.parent_id.is_(None),
        Comment.id != exclude_comment_id,
    )
    query = select(Comment).where(*where).order_by(Comment.id)
    return list(session().scalars(query.options(selectinload(Comment.targets))))


def find_oldest_duplicate(representative_id: int) -> Comment | None:
    """Return the duplicate of a comment that was published first."""
    query = select(Comment).where(Comment.representative_id == representative_id)
    return session().scalars(query.order_by(Comment.published_at, Comment.id).limit(1)).first()


def count_duplicates(representative_ids: list[int]) -> dict[int, DuplicateCount]:
    """Count the senders of each comment's duplicates. Each address counts once, the comment's own not at all."""
    parameters = {"representatives": representative_ids}
    counts: dict[int, dict[str, int]] = {}
    for representative_id, group, count in session().execute(_duplicates_statement(), parameters):
        counts.setdefault(representative_id, {})[group] = count
    return {
        representative_id: DuplicateCount(
            sum(by_group.values()), dict(sorted(by_group.items(), key=lambda item: -item[1]))
        )
        for representative_id, by_group in counts.items()
    }


@cache
def _duplicates_statement() -> Select[int, str, int]:
    """Select representative, group and number of senders. It runs with each page, so it is built once."""
    representative = aliased(Comment)
    senders = (
        select(
            Comment.representative_id.label("representative_id"),
            func.min(Comment.stakeholder_group).label("stakeholder_group"),
        )
        .join(representative, representative.id == Comment.representative_id)
        .where(
            Comment.representative_id.in_(bindparam("representatives", expanding=True)),
            Comment.state == CommentState.PUBLISHED,
            Comment.email_hash != representative.email_hash,
        )
        .group_by(Comment.representative_id, Comment.email_hash)
        .subquery()
    )
    return select(senders.c.representative_id, senders.c.stakeholder_group, func.count()).group_by(
        senders.c.representative_id, senders.c.stakeholder_group
    )


def list_duplicates(representative_id: int, page: int) -> tuple[list[Comment], int, int]:
    """Return one page of a comment's duplicates, the oldest first, its page number and the number of pages."""
    where = (
        Comment.representative_id == representative_id,
        Comment.state == CommentState.PUBLISHED,
    )
    total = session().scalars(select(func.count()).select_from(Comment).where(*where)).one()
    page, page_count = page_within(page, total, DUPLICATES_PER_PAGE)
    query = (
        select(Comment)
        .where(*where)
        .order_by(Comment.published_at, Comment.id)
        .options(selectinload(Comment.targets))
        .limit(DUPLICATES_PER_PAGE)
        .offset((page - 1) * DUPLICATES_PER_PAGE)
    )
    return list(session().scalars(query)), page, page_count


def count_duplicate_pages(representative_id: int) -> int:
    """Return the number of pages of `list_duplicates`, at least 1."""
    where = (
        Comment.representative_id == representative_id,
        Comment.state == CommentState.PUBLISHED,
    )
    total = session().scalars(select(func.count()).select_from(Comment).where(*where)).one()
    return page_within(1, total, DUPLICATES_PER_PAGE)[1]


def find_duplicate_page(comment: Comment) -> int:
    """Return the number of the page of `list_duplicates` on which a duplicate is."""
    where = (
        Comment.representative_id == comment.representative_id,
        Comment.state == CommentState.PUBLISHED,
        Comment.published_at < comment.published_at,
    )
    earlier_count = session().scalars(select(func.count()).select_from(Comment).where(*where)).one()
    return earlier_count // DUPLICATES_PER_PAGE + 1
