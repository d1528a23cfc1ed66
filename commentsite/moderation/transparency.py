"""Check the books: what the log says was done must be what the tables show."""

from collections.abc import Iterator

from sqlalchemy import func, select

from commentsite.audit.checking import log_problems
from commentsite.audit.models import AuditEntry
from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.db import session, snapshot
from commentsite.letters.models import Letter


def verify(kept: str = "") -> list[str]:
    """Return what does not hold, in words; empty when everything does. `kept` is the id of our own key.

    The books are checked against the log, so only once the log itself holds.
    """
    with snapshot():
        return log_problems(kept) or [*_states(), *_counts()]


def _states() -> Iterator[str]:
    told: dict[str, str] = {}
    submitted = 0
    query = select(AuditEntry.action, AuditEntry.object, AuditEntry.details).where(
        AuditEntry.object.startswith("comment:")
    )
    for action, obj, details in session().execute(query.order_by(AuditEntry.seq)):
        submitted += action == "comment.submitted"
        told[obj] = details.get("state", told.get(obj, ""))
    stored = {
        f"comment:{comment_id}": str(state)
        for comment_id, state in session().execute(select(Comment.id, Comment.state))
    }
    if submitted != len(stored):
        yield f"{submitted} comments were submitted, and {len(stored)} are there."
    for obj in sorted(stored.keys() | told.keys()):
        if stored.get(obj) != told.get(obj):
            yield f"{obj} is {stored.get(obj, 'missing')}; the log says {told.get(obj, 'nothing')}."


def _counts() -> Iterator[str]:
    published = (
        select(func.count())
        .select_from(Comment)
        .where(Comment.letter_id == Letter.id, Comment.state == CommentState.PUBLISHED)
        .scalar_subquery()
    )
    for slug, shown, counted in session().execute(
        select(Letter.slug, Letter.published_comments, published)
    ):
        if shown != counted:
            yield f"The letter {slug} shows {shown} published comments and has {counted}."
