"""One text from many people: grouped and counted, never deleted; what each of them added stays readable."""

from dataclasses import dataclass

from sqlalchemy import insert

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record
from commentsite.comments import alike
from commentsite.comments.likeness import SAME, VARIANT, likeness, shingles, sketch
from commentsite.comments.models import Comment, CommentSketch
from commentsite.comments.queries import lock_comments_of
from commentsite.comments.speakers import is_answered
from commentsite.comments.states import CommentState
from commentsite.db import Base, session
from commentsite.errors import Conflict
from commentsite.letters.queries import letter_by_id
from commentsite.letters.services import mark_changed

# With each comment, so composed once.
_REMEMBER = insert(Base.metadata.tables[CommentSketch.__tablename__])


@dataclass(frozen=True)
class Near:
    """The earlier comment whose words are nearest to a text."""

    comment: Comment
    percent: int


def nearest(letter_id: int, body: str, but: int | None = None) -> Near | None:
    """Return the comment of a letter most like a text, if any is at least half alike; `but` is itself.

    Where there is one, the letter's comments are locked: the two will be tied together.
    """
    near = _nearest(letter_id, body, but)
    if near is None:
        return None
    lock_comments_of(letter_id)
    return _nearest(letter_id, body, but)  # as it is now that nobody changes it


def in_words(near: Near | None) -> str:
    """Return how near, and to which, as the desk reads it."""
    return f"{near.percent} %, {near.comment.id}" if near else ""


def _nearest(letter_id: int, body: str, but: int | None) -> Near | None:
    found = shingles(body)
    if not found:
        return None
    scored = [
        (likeness(found, shingles(other.body)), -other.id)
        for other in alike.candidates(letter_id, sketch(found), but)
    ]
    score, order = max(scored, default=(0.0, 0))
    if score < VARIANT:
        return None
    other = session().get_one(Comment, -order, populate_existing=True)
    return Near(other, int(score * 100))


def remember(comment: Comment, near: Near | None) -> None:
    """Store by what a comment's words are found again, and what they are nearest to.

    A near copy joins the campaign of what it copies; a variant waits for a person to say so.
    """
    where = {"comment_id": comment.id, "letter_id": comment.letter_id}
    if values := sketch(shingles(comment.body)):
        session().execute(_REMEMBER, [{**where, "value": value} for value in values])
    comment.near_id, comment.near_percent = (near.comment.id, near.percent) if near else (None, 0)
    comment.campaign_id = None
    if near and near.percent >= SAME * 100 and not near.comment.stands_alone:
        _join(comment, near.comment)


def forget_sketch(comment_id: int) -> None:
    """Delete by what a comment's words were found again."""
    for row in alike.sketch_of(comment_id):
        session().delete(row)
    session().flush()


def settle(comment: Comment, old: CommentState) -> None:
    """Fold a comment that has just been published, or find who stands for its text now that it is not."""
    if comment.campaign_id is None:
        return
    if comment.state == CommentState.PUBLISHED:
        _fold(comment)
    elif old == CommentState.PUBLISHED:
        _leave(comment)


def group(comment: Comment, *, by: Actor) -> None:
    """Say that a variant is the same text with changes.

    Raises Conflict when there is nothing it could belong to, or when it has been answered by itself.
    """
    by.require(Permission.MODERATE)
    other = session().get(Comment, comment.near_id) if comment.near_id else None
    if other is None or comment.campaign_id is not None or other.letter_id != comment.letter_id:
        msg = "There is no text to group it with."
        raise Conflict(msg)
    if is_answered(comment.id):
        msg = "It has been answered, so it stands by itself."
        raise Conflict(msg)
    comment.stands_alone = other.stands_alone = False
    _join(comment, other)
    session().flush()
    settle(comment, CommentState(comment.state))
    _audit(comment, "comment.grouped", by)


def part(comment: Comment, *, by: Actor) -> None:
    """Say that a comment is a text of its own. Raises Conflict when it is one."""
    by.require(Permission.MODERATE)
    if comment.campaign_id is None:
        msg = "It stands by itself already."
        raise Conflict(msg)
    if comment.state == CommentState.PUBLISHED:
        _leave(comment)
    comment.campaign_id, comment.stands_alone = None, True
    _audit(comment, "comment.parted", by)


def _join(comment: Comment, other: Comment) -> None:
    if other.campaign_id is None:
        other.campaign_id = other.id
    comment.campaign_id = other.campaign_id


def _fold(comment: Comment) -> None:
    """Let the first that says the same stand for it; one that was answered stands for itself and the others."""
    comment.folded_into_id = None
    if comment.parent_id is not None:
        return
    fitting = [
        h for h in alike.heads_of(comment.campaign_id or 0, comment.id) if _speaks_like(comment, h)
    ]
    if not fitting:
        return
    if not is_answered(comment.id):
        comment.folded_into_id = fitting[0].id
        return
    for head in fitting:
        if not is_answered(head.id) and _speaks_like(head, comment):
            head.folded_into_id = comment.id
            session().flush()
            alike.pass_on(head.id, comment.id)


def _speaks_like(comment: Comment, head: Comment) -> bool:
    """Say whether nothing is lost when one stands for the other: its positions and paragraphs are the other's, or none."""
    mine = (comment.kind, comment.stance, {(t.pid, t.stance) for t in comment.targets})
    its = (head.kind, head.stance, {(t.pid, t.stance) for t in head.targets})
    return mine in (its, ("general", "none", set()))


def _leave(comment: Comment) -> None:
    comment.folded_into_id = None
    session().flush()
    heir = alike.first_folded(comment.id)
    if heir is None:
        return
    heir.folded_into_id = None
    session().flush()
    alike.pass_on(comment.id, heir.id)


def _audit(comment: Comment, action: str, by: Actor) -> None:
    if comment.published_at is not None:
        mark_changed(letter_by_id(comment.letter_id))
    record(by.label, action, f"comment:{comment.id}", state=str(comment.state))
