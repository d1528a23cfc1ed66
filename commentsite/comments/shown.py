"""Read the comments of one page of a letter, as plain values."""

from datetime import datetime
from typing import Any, NamedTuple, Self

from sqlalchemy import Select, UnaryExpression, bindparam, or_, select

from commentsite.comments.models import Comment, CommentTarget
from commentsite.comments.queries import PER_PAGE, tops_of
from commentsite.comments.states import CommentState
from commentsite.db import session
from commentsite.paging import page_within


class ShownTarget(NamedTuple):
    """One paragraph a comment speaks to, and its own position on it."""

    pid: str
    stance: str


class ShownComment(NamedTuple):
    """What a page shows of a comment, under the names that `Comment` has for it."""

    id: int
    parent_id: int | None
    state: CommentState
    letter_version: int
    name: str
    is_pseudonym: bool
    voice: str
    has_own_domain: bool
    delegation_verified_at: datetime | None
    email_confirmed_at: datetime | None
    stakeholder_group: str
    organisation: str
    capacity: str
    kind: str
    stance: str
    language: str
    is_late: bool
    body: str
    body_html: str
    campaign_id: int | None
    changed_at: datetime
    edited_at: datetime | None
    published_at: datetime
    targets: tuple[ShownTarget, ...] = ()

    @property
    def confirmed_voice(self) -> str:
        """Return whose voice it is where the mailbox has confirmed it, as `Comment` does."""
        return self.voice if self.email_confirmed_at else ""

    def without_words(self) -> Self:
        """Return it as a place without words, which is all that is left of one that no longer stands."""
        return self._replace(body="", body_html="")


class ThreadPage(NamedTuple):
    """The comments of one page: its tops in order, then all that answers them."""

    comments: list[ShownComment]
    page: int
    pages: int


_COLUMNS = [getattr(Comment, name) for name in ShownComment._fields if name != "targets"]


def _page_in(*order: UnaryExpression[Any]) -> Select[Any]:
    tops = select(Comment.id).where(*tops_of(bindparam("letter"))).order_by(*order)
    top = tops.limit(PER_PAGE).offset(bindparam("before")).cte("top")
    return (
        select(*_COLUMNS, CommentTarget.pid, CommentTarget.stance)
        .join(top, or_(Comment.id == top.c.id, Comment.root_id == top.c.id))
        .join(CommentTarget, CommentTarget.comment_id == Comment.id, isouter=True)
        .where(Comment.published_at.is_not(None))
        .order_by(*order, CommentTarget.position)
    )


# Asked with each page that is drawn, so composed once.
_OLDEST_FIRST = _page_in(Comment.published_at.asc(), Comment.id.asc())
_NEWEST_FIRST = _page_in(Comment.published_at.desc(), Comment.id.desc())


def thread_page(
    letter_id: int, total: int, *, page: int = 1, newest_first: bool = False
) -> ThreadPage:
    """Return one page of a letter's `total` threads; a page outside the range is the nearest one there is.

    One query however many comments there are.
    """
    page, pages = page_within(page, total, PER_PAGE)
    asked = {"letter": letter_id, "before": (page - 1) * PER_PAGE}
    found: dict[int, list[Any]] = {}
    targets: dict[int, list[ShownTarget]] = {}
    for *values, pid, stance in session().execute(
        _NEWEST_FIRST if newest_first else _OLDEST_FIRST, asked
    ):
        found[values[0]] = values
        if pid is not None:
            targets.setdefault(values[0], []).append(ShownTarget(pid, stance))
    shown = [ShownComment._make((*v, tuple(targets.get(n, ())))) for n, v in found.items()]
    return ThreadPage(
        [c if c.state == CommentState.PUBLISHED else c.without_words() for c in shown], page, pages
    )
