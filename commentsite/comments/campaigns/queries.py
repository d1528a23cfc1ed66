"""Read texts that are nearly the same: who else sent this one."""

from dataclasses import dataclass, field

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import aliased, selectinload

from commentsite.comments.campaigns.models import CommentSketch
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.db.pagination import page_within
from commentsite.db.session import session

MAX_CANDIDATES = 12
DUPLICATES_PER_PAGE = 20
MAX_COMMENT_ID = 2**31 - 1  # there is no later number
# Asked with each comment, so composed once.
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


@dataclass(frozen=True)
class DuplicateCount:
    """How many more people sent the text of a published comment, and of which groups."""

    senders: int
    by_group: dict[str, int] = field(hash=False)  # the most first


def list_candidates(
    letter_id: int, sketch: list[int], before_id: int | None = None
) -> list[Row[tuple[int, str]]]:
    """Return number and words of the comments of a letter that share most of a sketch with these values, then the earliest.

    Of one that is stored already (`but`), only earlier ones.
    """
    asked = {"letter": letter_id, "values": sketch, "before": before_id or MAX_COMMENT_ID}
    return list(session().execute(_CANDIDATES, asked))


def list_sketch_values(comment_id: int) -> list[CommentSketch]:
    """Return the stored numbers of a comment."""
    query = select(CommentSketch).where(CommentSketch.comment_id == comment_id)
    return list(session().scalars(query))


def list_representatives(campaign_id: int, exclude_comment_id: int) -> list[Comment]:
    """Return the published comments that stand for a campaign, other than this one, the first first."""
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
    """Return the one published first of those a comment stands for."""
    query = select(Comment).where(Comment.representative_id == representative_id)
    return session().scalars(query.order_by(Comment.published_at, Comment.id).limit(1)).first()


def count_duplicates(representative_ids: list[int]) -> dict[int, DuplicateCount]:
    """Count the people each of these comments stands for, besides its own author: each address once."""
    head = aliased(Comment)
    people = (
        select(
            Comment.representative_id.label("head"),
            func.min(Comment.stakeholder_group).label("stakeholder_group"),
        )
        .join(head, head.id == Comment.representative_id)
        .where(
            Comment.representative_id.in_(representative_ids),
            Comment.state == CommentState.PUBLISHED,
            Comment.email_hash != head.email_hash,
        )
        .group_by(Comment.representative_id, Comment.email_hash)
        .subquery()
    )
    query = select(people.c.head, people.c.stakeholder_group, func.count())
    groups: dict[int, dict[str, int]] = {}
    for head_id, group, number in session().execute(
        query.group_by(people.c.head, people.c.stakeholder_group)
    ):
        groups.setdefault(head_id, {})[group] = number
    return {
        head_id: DuplicateCount(
            sum(counted.values()), dict(sorted(counted.items(), key=lambda item: -item[1]))
        )
        for head_id, counted in groups.items()
    }


def list_duplicates(representative_id: int, page: int) -> tuple[list[Comment], int, int]:
    """Return the comments of one page that another stands for, the oldest first, which page that is, and of how many."""
    where = (
        Comment.representative_id == representative_id,
        Comment.state == CommentState.PUBLISHED,
    )
    total = session().scalars(select(func.count()).select_from(Comment).where(*where)).one()
    page, pages = page_within(page, total, DUPLICATES_PER_PAGE)
    query = select(Comment).where(*where).order_by(Comment.published_at, Comment.id)
    shown = query.options(selectinload(Comment.targets)).limit(DUPLICATES_PER_PAGE)
    return list(session().scalars(shown.offset((page - 1) * DUPLICATES_PER_PAGE))), page, pages


def find_duplicate_page(comment: Comment) -> int:
    """Return the page on which a folded comment stands."""
    where = (
        Comment.representative_id == comment.representative_id,
        Comment.state == CommentState.PUBLISHED,
        Comment.published_at < comment.published_at,
    )
    before = session().scalars(select(func.count()).select_from(Comment).where(*where)).one()
    return before // DUPLICATES_PER_PAGE + 1


def count_campaign_senders(campaign_id: int) -> int:
    """Return how many addresses sent the text of a campaign, whatever became of it."""
    query = select(func.count(func.distinct(Comment.email_hash)))
    return session().scalars(query.where(Comment.campaign_id == campaign_id)).one()
