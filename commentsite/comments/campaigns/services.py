"""Group comments with the same text into campaigns, and show each campaign once on the letter's page.

Finding. A sketch is stored for every comment: the few smallest hashes of its shingles (see
`text.similarity`). Two texts that are mostly the same almost certainly share a hash. The only
candidates are therefore the comments that share the most hashes with a new text, and their
similarity to it is computed exactly.

Grouping. From SAME_TEXT_THRESHOLD on, a new comment joins the campaign of the comment it
resembles. From VARIANT_THRESHOLD on, a moderator is shown both and decides. `Comment.campaign_id`
is the id of the campaign's first comment. A moderator can remove a comment from its campaign, and
no new text is then grouped with it automatically (`is_standalone`).

Showing. A published comment with no replies and the same position is a duplicate: the page shows
another comment of its campaign in its place (`representative_id`) with the number of senders. No
comment is deleted or hidden for good. The duplicates are listed on a page of their own, and when a
representative is taken down, its oldest duplicate takes its place.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, update

from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.comments.campaigns import queries as campaign_queries
from commentsite.comments.campaigns.models import CommentSketch
from commentsite.comments.models import Comment
from commentsite.comments.queries import has_replies, lock_letter_comments
from commentsite.comments.states import CommentKind, CommentState, Stance
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

# Built once, because it runs with every comment that is edited or examined.
_INSERT_SKETCH = insert(Base.metadata.tables[CommentSketch.__tablename__])


# --- Finding similar comments ---


@dataclass(frozen=True)
class SimilarComment:
    """The most similar earlier comment, and the similarity in per cent."""

    comment: Comment
    percent: int


def find_similar(letter_id: int, body: str, before_id: int | None = None) -> SimilarComment | None:
    """Return the comment on a letter that is most similar to a text, from VARIANT_THRESHOLD on.

    For a text that is stored already, pass the id of its comment as `before_id`. If there is a
    similar comment, the letter's comments are locked, because the two will refer to each other.
    """
    if _best_candidate(letter_id, body, before_id) is None:
        return None
    lock_letter_comments(letter_id)
    # Searched again, because the comment may have changed before the lock was taken.
    return _best_candidate(letter_id, body, before_id)


class BatchComparison:
    """Finds the most similar comment for each of a batch of new comments on one letter.

    The constructor stores the sketches of the batch, and reads their candidates with two queries. A comment is compared
    with earlier comments and with those of the batch that have a lower id. The caller has locked the letter's comments.
    """

    def __init__(self, comments: Sequence[Comment]) -> None:
        self._shingles = {comment.id: extract_shingles(comment.body) for comment in comments}
        sketches = {number: build_sketch(found) for number, found in self._shingles.items()}
        _insert_sketches((comment, sketches[comment.id]) for comment in comments)
        self._candidates = _list_candidates_together(
            {n: sketch for n, sketch in sketches.items() if sketch}
        )
        earlier = {number for numbers in self._candidates.values() for number in numbers}
        if earlier := earlier.difference(self._shingles):
            texts = campaign_queries.load_texts(earlier)
            self._shingles |= {number: extract_shingles(text) for number, text in texts.items()}

    def find(self, comment: Comment) -> SimilarComment | None:
        """Return what `find_similar` returns for the text of a comment."""
        return _choose_most_similar(
            self._shingles[comment.id],
            {n: self._shingles[n] for n in self._candidates.get(comment.id, ())},
        )


def format_similarity(similar: SimilarComment | None) -> str:
    """Return the similarity and the id of the comment as the desk shows them, such as "92 %, 17"."""
    return f"{similar.percent} %, {similar.comment.id}" if similar else ""


def store_sketch(comment: Comment, similar: SimilarComment | None) -> None:
    """Store the sketch of a comment and its most similar comment. The same text joins its campaign."""
    _insert_sketches([(comment, build_sketch(extract_shingles(comment.body)))])
    set_similar(comment, similar)


def set_similar(comment: Comment, similar: SimilarComment | None) -> None:
    """Store the most similar comment of a comment. The same text joins its campaign."""
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


def _insert_sketches(sketches: Iterable[tuple[Comment, list[int]]]) -> None:
    rows = [
        {"comment_id": comment.id, "letter_id": comment.letter_id, "value": value}
        for comment, sketch in sketches
        for value in sketch
    ]
    if rows:
        session().execute(_INSERT_SKETCH, rows)


def delete_sketch(comment_id: int) -> None:
    for row in campaign_queries.list_sketch_values(comment_id):
        session().delete(row)
    session().flush()


def _list_candidates_together(sketches: Mapping[int, list[int]]) -> dict[int, list[int]]:
    """Return for each new comment the ids that `list_candidates` would return if the comments were examined one by one.

    `sketches` are in the order of the ids. Each different sketch is looked up once.
    """
    if not sketches:
        return {}
    first = {tuple(sketch): number for number, sketch in reversed(list(sketches.items()))}
    earlier = campaign_queries.count_shared_hashes(first.values(), sketches.keys())
    candidates: dict[int, list[int]] = {}
    done: dict[int, list[int]] = {}  # the new comments with a lower id, by hash
    for number, sketch in sketches.items():
        shared = Counter(n for value in sketch for n in done.get(value, ()))
        shared.update(earlier[first[tuple(sketch)]])
        most = sorted(shared.items(), key=lambda pair: (-pair[1], pair[0]))
        candidates[number] = [n for n, _count in most[: campaign_queries.MAX_CANDIDATES]]
        for value in sketch:
            done.setdefault(value, []).append(number)
    return candidates


def _best_candidate(letter_id: int, body: str, before_id: int | None) -> SimilarComment | None:
    shingles = extract_shingles(body)
    if not shingles:
        return None
    candidates = campaign_queries.list_candidates(letter_id, build_sketch(shingles), before_id)
    return _choose_most_similar(
        shingles, {row.id: extract_shingles(row.body) for row in candidates}
    )


def _choose_most_similar(
    shingles: frozenset[str], candidates: Mapping[int, frozenset[str]]
) -> SimilarComment | None:
    # The id is negated so that the earliest of equally similar comments is the maximum.
    scores = [
        (jaccard_similarity(shingles, other), -number) for number, other in candidates.items()
    ]
    score, negated_id = max(scores, default=(0.0, 0))
    if score < VARIANT_THRESHOLD:
        return None
    session().flush()  # it may be a comment with changes of this transaction
    comment = session().get_one(Comment, -negated_id, populate_existing=True)
    return SimilarComment(comment, int(score * 100))


# --- Grouping by a moderator ---


def add_to_campaign(comment: Comment, *, by: Actor) -> None:
    """Group a variant with the comment that it resembles.

    Raises Conflict when it resembles no comment, is in a campaign already, or has replies.
    """
    by.require(Permission.MODERATE, comment.letter_id)
    similar = (
        session().get(Comment, comment.similar_comment_id) if comment.similar_comment_id else None
    )
    if similar is None or comment.campaign_id is not None or similar.letter_id != comment.letter_id:
        msg = "There is no similar comment to group this one with."
        raise Conflict(msg)
    if has_replies(comment.id):
        msg = "This comment has replies, so it cannot be grouped."
        raise Conflict(msg)
    comment.is_standalone = similar.is_standalone = False
    _join_campaign(comment, similar)
    session().flush()
    update_representative(comment, CommentState(comment.state))
    _record_event(comment, "comment.grouped", by)


def remove_from_campaign(comment: Comment, *, by: Actor) -> None:
    """Show a comment on its own again. Raises Conflict when it is in no campaign."""
    by.require(Permission.MODERATE, comment.letter_id)
    if comment.campaign_id is None:
        msg = "This comment is not part of a campaign."
        raise Conflict(msg)
    if comment.state == CommentState.PUBLISHED:
        _replace_representative(comment)
    comment.campaign_id, comment.is_standalone = None, True
    _record_event(comment, "comment.parted", by)


def _join_campaign(comment: Comment, similar: Comment) -> None:
    if similar.campaign_id is None:
        similar.campaign_id = similar.id
    comment.campaign_id = similar.campaign_id


# --- Representatives ---


def update_representative(comment: Comment, old_state: CommentState) -> None:
    """Update who represents a campaign after one of its comments was published or taken down."""
    if comment.campaign_id is None:
        return
    if comment.state == CommentState.PUBLISHED:
        _assign_representative(comment)
    elif old_state == CommentState.PUBLISHED:
        _replace_representative(comment)


def reassign_duplicates(old_representative_id: int, new_representative_id: int) -> None:
    """Let another comment represent the duplicates of a comment."""
    duplicates = update(Comment).where(
        Comment.representative_id == old_representative_id, Comment.id != new_representative_id
    )
    session().execute(duplicates.values(representative_id=new_representative_id))


def _assign_representative(comment: Comment) -> None:
    """Make a published comment a duplicate of the oldest representative with the same position.

    A comment with replies is shown itself. It then represents the others, except those that have
    replies too.
    """
    comment.representative_id = None
    if comment.parent_id is not None:
        return
    candidates = [
        candidate
        for candidate in campaign_queries.list_representatives(comment.campaign_id or 0, comment.id)
        if _is_covered_by(comment, candidate)
    ]
    if not candidates:
        return
    if not has_replies(comment.id):
        comment.representative_id = candidates[0].id
        return
    for candidate in candidates:
        if not has_replies(candidate.id) and _is_covered_by(candidate, comment):
            candidate.representative_id = comment.id
            session().flush()
            reassign_duplicates(candidate.id, comment.id)


def _is_covered_by(comment: Comment, representative: Comment) -> bool:
    """Return whether a comment takes the same position on the same paragraphs as another, or none at all.

    Otherwise its position would not be visible on the page.
    """
    position = _position(comment)
    return position in (_position(representative), (CommentKind.GENERAL, Stance.NONE, set()))


def _position(comment: Comment) -> tuple[str, str, set[tuple[str, str]]]:
    targets = {(target.pid, target.stance) for target in comment.targets}
    return comment.kind, comment.stance, targets


def _replace_representative(comment: Comment) -> None:
    """Detach a comment from its duplicates. The oldest of them represents the others."""
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
