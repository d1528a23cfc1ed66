"""One text from many people: grouped and counted, never deleted; what each of them added stays readable."""

from dataclasses import dataclass

from sqlalchemy import insert, update

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.campaigns import queries as campaign_queries
from commentsite.comments.campaigns.models import CommentSketch
from commentsite.comments.models import Comment
from commentsite.comments.queries import has_replies, lock_letter_comments
from commentsite.comments.states import CommentState
from commentsite.db.base import Base
from commentsite.db.session import session
from commentsite.errors import Conflict
from commentsite.letters.page_versions import bump_page_version
from commentsite.letters.queries import get_letter
from commentsite.text.similarity import (
    SAME_TEXT_THRESHOLD,
    VARIANT_THRESHOLD,
    build_sketch,
    extract_shingles,
    jaccard_similarity,
)


def reassign_duplicates(old_representative_id: int, new_representative_id: int) -> None:
    """Let another comment stand for those that one stood for."""
    moved = update(Comment).where(
        Comment.representative_id == old_representative_id, Comment.id != new_representative_id
    )
    session().execute(moved.values(representative_id=new_representative_id))


# With each comment, so composed once.
_INSERT_SKETCH = insert(Base.metadata.tables[CommentSketch.__tablename__])


@dataclass(frozen=True)
class SimilarComment:
    """The earlier comment whose words are nearest to a text."""

    comment: Comment
    percent: int


def find_similar(letter_id: int, body: str, before_id: int | None = None) -> SimilarComment | None:
    """Return the comment of a letter most like a text, if any is at least half alike; `but` is itself.

    Where there is one, the letter's comments are locked: the two will be tied together.
    """
    near = _best_candidate(letter_id, body, before_id)
    if near is None:
        return None
    lock_letter_comments(letter_id)
    return _best_candidate(letter_id, body, before_id)  # as it is now that nobody changes it


def format_similarity(similar: SimilarComment | None) -> str:
    """Return how near, and to which, as the desk reads it."""
    return f"{similar.percent} %, {similar.comment.id}" if similar else ""


def _best_candidate(letter_id: int, body: str, before_id: int | None) -> SimilarComment | None:
    found = extract_shingles(body)
    if not found:
        return None
    scored = [
        (jaccard_similarity(found, extract_shingles(other.body)), -other.id)
        for other in campaign_queries.list_candidates(letter_id, build_sketch(found), before_id)
    ]
    score, order = max(scored, default=(0.0, 0))
    if score < VARIANT_THRESHOLD:
        return None
    other = session().get_one(Comment, -order, populate_existing=True)
    return SimilarComment(other, int(score * 100))


def store_sketch(comment: Comment, similar: SimilarComment | None) -> None:
    """Store by what a comment's words are found again, and what they are nearest to.

    A near copy joins the campaign of what it copies; a variant waits for a person to say so.
    """
    where = {"comment_id": comment.id, "letter_id": comment.letter_id}
    if values := build_sketch(extract_shingles(comment.body)):
        session().execute(_INSERT_SKETCH, [{**where, "value": value} for value in values])
    comment.similar_comment_id, comment.similarity_percent = (
        (similar.comment.id, similar.percent) if similar else (None, 0)
    )
    comment.campaign_id = None
    if (
        similar
        and similar.percent >= SAME_TEXT_THRESHOLD * 100
        and not similar.comment.is_standalone
    ):
        _join_campaign(comment, similar.comment)


def delete_sketch(comment_id: int) -> None:
    """Delete by what a comment's words were found again."""
    for row in campaign_queries.list_sketch_values(comment_id):
        session().delete(row)
    session().flush()


def update_representative(comment: Comment, old_state: CommentState) -> None:
    """Fold a comment that has just been published, or find who stands for its text now that it is not."""
    if comment.campaign_id is None:
        return
    if comment.state == CommentState.PUBLISHED:
        _assign_representative(comment)
    elif old_state == CommentState.PUBLISHED:
        _replace_representative(comment)


def add_to_campaign(comment: Comment, *, by: Actor) -> None:
    """Say that a variant is the same text with changes.

    Raises Conflict when there is nothing it could belong to, or when it has been answered by itself.
    """
    by.require(Permission.MODERATE)
    other = (
        session().get(Comment, comment.similar_comment_id) if comment.similar_comment_id else None
    )
    if other is None or comment.campaign_id is not None or other.letter_id != comment.letter_id:
        msg = "There is no text to group it with."
        raise Conflict(msg)
    if has_replies(comment.id):
        msg = "It has been answered, so it stands by itself."
        raise Conflict(msg)
    comment.is_standalone = other.is_standalone = False
    _join_campaign(comment, other)
    session().flush()
    update_representative(comment, CommentState(comment.state))
    _record_event(comment, "comment.grouped", by)


def remove_from_campaign(comment: Comment, *, by: Actor) -> None:
    """Say that a comment is a text of its own. Raises Conflict when it is one."""
    by.require(Permission.MODERATE)
    if comment.campaign_id is None:
        msg = "It stands by itself already."
        raise Conflict(msg)
    if comment.state == CommentState.PUBLISHED:
        _replace_representative(comment)
    comment.campaign_id, comment.is_standalone = None, True
    _record_event(comment, "comment.parted", by)


def _join_campaign(comment: Comment, other: Comment) -> None:
    if other.campaign_id is None:
        other.campaign_id = other.id
    comment.campaign_id = other.campaign_id


def _assign_representative(comment: Comment) -> None:
    """Let the first that says the same stand for it; one that was answered stands for itself and the others."""
    comment.representative_id = None
    if comment.parent_id is not None:
        return
    fitting = [
        h
        for h in campaign_queries.list_representatives(comment.campaign_id or 0, comment.id)
        if _has_same_position(comment, h)
    ]
    if not fitting:
        return
    if not has_replies(comment.id):
        comment.representative_id = fitting[0].id
        return
    for head in fitting:
        if not has_replies(head.id) and _has_same_position(head, comment):
            head.representative_id = comment.id
            session().flush()
            reassign_duplicates(head.id, comment.id)


def _has_same_position(comment: Comment, head: Comment) -> bool:
    """Say whether nothing is lost when one stands for the other: its positions and paragraphs are the other's, or none."""
    mine = (comment.kind, comment.stance, {(t.pid, t.stance) for t in comment.targets})
    its = (head.kind, head.stance, {(t.pid, t.stance) for t in head.targets})
    return mine in (its, ("general", "none", set()))


def _replace_representative(comment: Comment) -> None:
    comment.representative_id = None
    session().flush()
    heir = campaign_queries.find_oldest_duplicate(comment.id)
    if heir is None:
        return
    heir.representative_id = None
    session().flush()
    reassign_duplicates(comment.id, heir.id)


def _record_event(comment: Comment, action: str, by: Actor) -> None:
    if comment.published_at is not None:
        bump_page_version(get_letter(comment.letter_id))
    record_event(by.label, action, f"comment:{comment.id}", state=str(comment.state))
