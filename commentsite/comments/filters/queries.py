"""List the comments on a letter that a reader has chosen: by group, position, paragraph, role or language.

The list is flat, because a reply can match where the comment that it answers does not. A text that
several people sent is shown once, as on the page of the letter.
"""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.queries import has_language
from commentsite.comments.states import CommentState, Stance
from commentsite.comments.threads.queries import (
    COMMENTS_PER_PAGE,
    ORDER_COLUMNS,
    CommentOrder,
    CommentRow,
    load_rows,
    select_rows,
)
from commentsite.db.pagination import MAX_COUNT, page_within
from commentsite.db.session import session


@dataclass(frozen=True)
class CommentFilter:
    """The choice of a reader. An empty string does not narrow the list."""

    group: str = ""
    stance: str = ""  # of the comment, or on one of its paragraphs
    paragraph: str = ""  # the id
    role: str = ""  # "author" or "staff": comments by the author of the letter, or by the site
    language: str = ""  # a BCP 47 tag

    def __bool__(self) -> bool:
        return any((self.group, self.stance, self.paragraph, self.role, self.language))


class MatchCount(NamedTuple):
    """The published comments that match a filter, and their different texts, up to MAX_COUNT."""

    comments: int
    texts: int


class FilteredPage(NamedTuple):
    """One page of matching comments, in order."""

    comments: list[CommentRow]
    page: int
    page_count: int


def count_matches(letter_id: int, chosen: CommentFilter) -> MatchCount:
    """Count the published comments on a letter that match a filter."""
    comments, texts = (
        session()
        .scalars(
            select(func.count()).select_from(
                select(Comment.id).where(*conditions).limit(MAX_COUNT).subquery()
            )
        )
        .one()
        for conditions in (_matches(letter_id, chosen), _is_shown(letter_id, chosen))
    )
    return MatchCount(comments, texts)


def has_paragraph_positions(letter_id: int) -> bool:
    """Return whether a published comment on a letter takes a position on a paragraph."""
    takes_position = or_(CommentTarget.stance != Stance.NONE, Comment.stance != Stance.NONE)
    query = (
        select(Comment.id)
        .join(CommentTarget, CommentTarget.comment_id == Comment.id)
        .where(
            Comment.letter_id == letter_id,
            Comment.state == CommentState.PUBLISHED,
            takes_position,
        )
        .limit(1)
    )
    return session().scalars(query).first() is not None


def load_filtered_page(
    letter_id: int,
    chosen: CommentFilter,
    text_count: int,
    *,
    page: int = 1,
    order: CommentOrder = CommentOrder.OLDEST,
) -> FilteredPage:
    """Load one page of the matching comments. A page number that is out of range gives the nearest page.

    `text_count` comes from `count_matches`.
    """
    page, page_count = page_within(page, text_count, COMMENTS_PER_PAGE)
    columns = ORDER_COLUMNS[order]
    ids = select(Comment.id).where(*_is_shown(letter_id, chosen)).order_by(*columns)
    ids = ids.limit(COMMENTS_PER_PAGE).offset((page - 1) * COMMENTS_PER_PAGE)
    shown = ids.cte("shown")
    return FilteredPage(load_rows(select_rows(shown, *columns), {}), page, page_count)


def _matches(
    letter_id: int, chosen: CommentFilter, comment: type[Comment] = Comment
) -> tuple[ColumnElement[bool], ...]:
    """Select the published comments on a letter that match a filter."""
    conditions: list[ColumnElement[bool]] = [
        comment.letter_id == letter_id,
        comment.state == CommentState.PUBLISHED,
        comment.published_at.is_not(None),
    ]
    if chosen.group:
        conditions.append(comment.stakeholder_group == chosen.group)
    if chosen.language:
        conditions += [comment.language == chosen.language, has_language(comment)]
    if chosen.role:
        conditions += [comment.author_role == chosen.role, comment.email_confirmed_at.is_not(None)]
    if chosen.paragraph:
        on_paragraph = select(CommentTarget.comment_id).where(CommentTarget.pid == chosen.paragraph)
        if chosen.stance:
            on_paragraph = on_paragraph.where(_takes_position(comment, chosen.stance))
        conditions.append(comment.id.in_(on_paragraph))
    elif chosen.stance:
        on_some_paragraph = exists().where(
            CommentTarget.comment_id == comment.id, CommentTarget.stance == chosen.stance
        )
        conditions.append(or_(comment.stance == chosen.stance, on_some_paragraph))
    return tuple(conditions)


def _takes_position(comment: type[Comment], stance: str) -> ColumnElement[bool]:
    """Select the targets on which a comment takes a position, which is usually that of the whole comment."""
    is_position_of_comment = and_(CommentTarget.stance == Stance.NONE, comment.stance == stance)
    return or_(CommentTarget.stance == stance, is_position_of_comment)


def _is_shown(letter_id: int, chosen: CommentFilter) -> tuple[ColumnElement[bool], ...]:
    """Select each matching text once: its representative, or the first duplicate if that does not match."""
    representative, earlier = aliased(Comment), aliased(Comment)
    is_first_duplicate = and_(
        ~exists().where(
            representative.id == Comment.representative_id,
            *_matches(letter_id, chosen, representative),
        ),
        ~exists().where(
            earlier.representative_id == Comment.representative_id,
            earlier.id < Comment.id,
            *_matches(letter_id, chosen, earlier),
        ),
    )
    return (
        *_matches(letter_id, chosen),
        or_(Comment.representative_id.is_(None), is_first_duplicate),
    )
