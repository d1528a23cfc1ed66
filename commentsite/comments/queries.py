"""Queries of comments that no sub-package owns: single comments, lists, search hits and bulk reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from commentsite.comments.models import CaseNote, Comment, CommentRevision
from commentsite.comments.states import CommentState
from commentsite.db.session import acquire_advisory_lock, session
from commentsite.errors import require_found
from commentsite.letters.models import Block, Letter, LetterVersion
from commentsite.letters.states import LetterState
from commentsite.search.queries import SearchResult
from commentsite.search.tokenizer import ExcerptSegment, Phrase, build_excerpt
from commentsite.tokens import hash_token

BATCH_SIZE = 1_000  # rows in memory while all comments are read
ERASURE_BATCH = 20  # an erasure runs some thirty statements


# --- One comment ---

# Built once, because it runs several times for every page of the moderation desk.
_COMMENT_BY_ID = (
    select(Comment).where(Comment.id == bindparam("id")).options(joinedload(Comment.targets))
)


def get_comment(comment_id: int) -> Comment:
    """Return a comment in any state, with its targets. Raises NotFound."""
    comment = session().scalars(_COMMENT_BY_ID, {"id": comment_id}).unique().first()
    return _require_comment(comment)


def get_comment_for_update(comment_id: int) -> Comment:
    """Return a comment with its targets, locked until the transaction ends. Raises NotFound.

    A change of one comment can change others on the same letter, for example the duplicates that
    it represents. The comments of a letter are therefore changed by one transaction at a time.
    """
    letter_id = find_letter_id(comment_id)
    if letter_id is not None:
        lock_letter_comments(letter_id)
    query = (
        select(Comment)
        .where(Comment.id == comment_id)
        .options(selectinload(Comment.targets))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return _require_comment(session().scalars(query).first())


def get_comment_by_receipt(token: str) -> Comment:
    """Return the comment of a receipt page, with its targets. Raises NotFound."""
    query = select(Comment).where(Comment.receipt_hash == hash_token(token))
    return _require_comment(session().scalars(query.options(selectinload(Comment.targets))).first())


def get_public_comment(slug: str, comment_id: int) -> Comment:
    """Return a comment that has a place on the page of a public letter. Raises NotFound for any other."""
    query = select(Comment).join(Letter, Letter.id == Comment.letter_id)
    query = query.where(
        Comment.id == comment_id,
        Letter.slug == slug,
        Letter.state != LetterState.DRAFT,
        was_published(),
    )
    return _require_comment(session().scalars(query).first())


def find_letter_id(comment_id: int) -> int | None:
    """Return the id of the letter that a comment is about, or None if there is no such comment."""
    return session().scalars(select(Comment.letter_id).where(Comment.id == comment_id)).first()


def lock_letter_comments(letter_id: int) -> None:
    """Wait until no other transaction changes replies or campaigns on a letter."""
    acquire_advisory_lock(f"comments:{letter_id}")


def was_published() -> ColumnElement[bool]:
    """Select comments that are or once were published.

    A comment that was taken down keeps its place on the page without its text, so that its replies
    still have a parent.
    """
    return Comment.published_at.is_not(None)


def is_in_letters(letter_ids: frozenset[int] | None) -> ColumnElement[bool]:
    """Return the condition for comments on these letters. It is always true for None, which means all letters."""
    return true() if letter_ids is None else Comment.letter_id.in_(letter_ids)


def has_replies(comment_id: int) -> bool:
    """Whether a comment has a reply in any state. A reply that is not published yet may be later."""
    where = or_(Comment.root_id == comment_id, Comment.parent_id == comment_id)
    return session().scalars(select(Comment.id).where(where).limit(1)).first() is not None


def count_ahead_in_queue(comment: Comment) -> int:
    """Count the pending comments that were sent before this one."""
    is_earlier = or_(
        Comment.submitted_at < comment.submitted_at,
        and_(Comment.submitted_at == comment.submitted_at, Comment.id < comment.id),
    )
    where = (Comment.state == CommentState.PENDING, is_earlier)
    return session().scalars(select(func.count()).select_from(Comment).where(*where)).one()


def _require_comment(comment: Comment | None) -> Comment:
    return require_found(comment, "There is no comment at this address.")


# --- Revisions and notes of one comment ---

# Built once, because it runs for every page of the moderation desk.
_CASE_NOTES = (
    select(CaseNote).where(CaseNote.comment_id == bindparam("comment")).order_by(CaseNote.id)
)


def list_revisions(comment_id: int) -> list[CommentRevision]:
    """List the earlier texts of a comment, the oldest first."""
    query = (
        select(CommentRevision)
        .where(CommentRevision.comment_id == comment_id)
        .order_by(CommentRevision.version)
    )
    return list(session().scalars(query))


def list_case_notes(comment_id: int) -> list[CaseNote]:
    """List the staff's notes on a comment, the oldest first."""
    return list(session().scalars(_CASE_NOTES, {"comment": comment_id}))


# --- The feed of a letter ---


def list_latest_published(letter_id: int, limit: int = 50) -> list[Comment]:
    """List the published comments of a letter, the newest first."""
    query = (
        select(Comment)
        .where(Comment.letter_id == letter_id, Comment.state == CommentState.PUBLISHED)
        .order_by(Comment.published_at.desc(), Comment.id.desc())
        .limit(limit)
    )
    return list(session().scalars(query))


# --- Search hits ---
#
# The search index returns ids only. These functions load the rows and cut the excerpts.


@dataclass(frozen=True)
class LetterHit:
    """A letter that a search found, with an excerpt around the first match."""

    letter: Letter
    excerpt: list[ExcerptSegment]


@dataclass(frozen=True)
class CommentHit:
    """A comment that a search found, with its letter and an excerpt around the first match."""

    comment: Comment
    letter: Letter
    excerpt: list[ExcerptSegment]


def find_letter_hits(result: SearchResult, phrases: list[Phrase]) -> list[LetterHit]:
    """Load the letters of a search result, in its order."""
    if not result.ids:
        return []
    query = select(Letter).where(Letter.id.in_(result.ids)).options(selectinload(Letter.authors))
    letters = {letter.id: letter for letter in session().scalars(query)}
    texts = _load_block_texts(result.ids)
    return [
        LetterHit(
            letters[letter_id],
            build_excerpt(_best_matching_block(texts.get(letter_id, []), phrases), phrases),
        )
        for letter_id in result.ids
        if letter_id in letters
    ]


def find_comment_hits(result: SearchResult, phrases: list[Phrase]) -> list[CommentHit]:
    """Load the comments of a search result, in its order."""
    if not result.ids:
        return []
    query = (
        select(Comment, Letter)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(Comment.id.in_(result.ids))
    )
    rows = {comment.id: (comment, letter) for comment, letter in session().execute(query)}
    return [
        CommentHit(*rows[comment_id], build_excerpt(rows[comment_id][0].body, phrases))
        for comment_id in result.ids
        if comment_id in rows
    ]


def _load_block_texts(letter_ids: list[int]) -> dict[int, list[str]]:
    query = (
        select(Letter.id, Block.text)
        .join(LetterVersion, LetterVersion.letter_id == Letter.id)
        .join(Block, Block.version_id == LetterVersion.id)
        .where(Letter.id.in_(letter_ids), LetterVersion.number == Letter.version_number)
        .order_by(Block.position)
    )
    texts: dict[int, list[str]] = {}
    for letter_id, text in session().execute(query):
        texts.setdefault(letter_id, []).append(text)
    return texts


def _best_matching_block(blocks: list[str], phrases: list[Phrase]) -> str:
    def count_matches(text: str) -> int:
        return sum(segment.is_match for segment in build_excerpt(text, phrases))

    return max(blocks, key=count_matches) if len(blocks) > 1 else "".join(blocks)


# --- Bulk reads of the worker and the command line ---


def iterate_published_texts() -> Iterator[tuple[int, str]]:
    """Yield the id and the indexed text of every published comment."""
    query = first_batch = (
        select(Comment.id, Comment.name, Comment.organisation, Comment.body)
        .where(Comment.state == CommentState.PUBLISHED)
        .order_by(Comment.id)
        .limit(BATCH_SIZE)
    )
    while rows := session().execute(query).all():
        for comment_id, name, organisation, body in rows:
            yield comment_id, f"{name} {organisation} {body}"
        query = first_batch.where(Comment.id > rows[-1].id)


def list_encrypted_emails() -> list[bytes]:
    query = select(Comment.email_sealed).where(Comment.email_sealed.is_not(None))
    return [sealed for sealed in session().scalars(query) if sealed]


def find_latest_erasure() -> datetime | None:
    """Return the time at which a comment was last erased."""
    # The condition lets SQLite use the partial index.
    query = select(func.max(Comment.erased_at)).where(Comment.erased_at.is_not(None))
    return session().scalars(query).one()


def list_unconfirmed_before(before: datetime) -> list[Comment]:
    """List and lock the next comments sent before a moment whose address was never confirmed.

    At most ERASURE_BATCH, so that the transaction is short. Rows that another worker locked are skipped.
    """
    query = (
        select(Comment)
        .where(
            Comment.state == CommentState.AWAITING_EMAIL,
            Comment.confirmation_effective_at.is_(None),
            Comment.submitted_at < before,
        )
        .options(selectinload(Comment.targets))
        .order_by(Comment.submitted_at, Comment.id)
        .limit(ERASURE_BATCH)
    )
    return list(session().scalars(query.with_for_update(skip_locked=True)))


def list_with_network_address_before(before: datetime) -> list[Comment]:
    """List at most 1,000 comments sent before a moment that still have a network address."""
    where = (Comment.network_address_hash.is_not(None), Comment.submitted_at < before)
    return list(session().scalars(select(Comment).where(*where).limit(1000)))


def filter_without_email(comment_ids: set[int]) -> set[int]:
    """Return those of the given comments whose email address is deleted."""
    query = select(Comment.id).where(Comment.id.in_(comment_ids), Comment.email_hash.is_(None))
    return set(session().scalars(query))
