"""Read what is known, when a comment comes, about who sends it and about its words."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, literal, select, union_all

from commentsite import clock, retention
from commentsite.comments.models import Comment, Report
from commentsite.comments.screening import Past
from commentsite.comments.states import CommentState
from commentsite.db import session


def past_of(email_hash: str | None, address_hash: str | None, besides: int = 0) -> Past:
    """Return what is known of a sender; `besides` is the comment that is asked about, not counted."""
    bad = verdicts_on(address_hash, besides)
    return Past(
        is_published=email_hash is not None and published_before(email_hash),
        spam=bad.get("spam", 0),
        refused=bad.get("refused", 0),
        reported=bad.get("reported", 0),
    )


def published_before(email_hash: str) -> bool:
    """Say whether a comment of this address stands on the site, the address confirmed."""
    where = (
        Comment.email_hash == email_hash,
        Comment.state == CommentState.PUBLISHED,
        Comment.email_confirmed_at.is_not(None),
    )
    return session().scalars(select(Comment.id).where(*where).limit(1)).first() is not None


def verdicts_on(address_hash: str | None, besides: int = 0) -> dict[str, int]:
    """Count what came from a network address and was spam, refused, or reported with right.

    As far back as network addresses are kept, and no further, even where the worker is late
    to forget them.
    """
    if address_hash is None:
        return {}
    since = clock.now() - retention.ADDRESSES
    theirs = (
        Comment.address_hash == address_hash,
        Comment.submitted_at >= since,
        Comment.id != besides,
    )
    number = func.count().label("number")
    judged = (
        select(Comment.state, number)
        .where(*theirs, Comment.state.in_((CommentState.SPAM, CommentState.REFUSED)))
        .group_by(Comment.state)
    )
    reported = (
        select(literal("reported"), number)
        .select_from(Report)
        .join(Comment, Comment.id == Report.comment_id)
        .where(*theirs, Report.state == "upheld")
    )
    rows: Sequence[Any] = session().execute(union_all(judged, reported)).all()
    return {str(what): n for what, n in rows if n}


def same_words_exist(body_hash: str, besides: int = 0) -> bool:
    """Say whether anybody sent these words about any letter."""
    where = (Comment.body_hash == body_hash, Comment.id != besides)
    return session().scalars(select(Comment.id).where(*where).limit(1)).first() is not None
