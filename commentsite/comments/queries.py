"""Read comments in bulk: for the index, the worker, the self-test."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
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

# Asked with each page of the desk, so composed once.
_CASE_NOTES = (
    select(CaseNote).where(CaseNote.comment_id == bindparam("comment")).order_by(CaseNote.id)
)


def list_case_notes(comment_id: int) -> list[CaseNote]:
    """Return the notes on a comment, the oldest first."""
    return list(session().scalars(_CASE_NOTES, {"comment": comment_id}))


# Asked several times with each page of the desk, so composed once.
_BY_ID = select(Comment).where(Comment.id == bindparam("id")).options(joinedload(Comment.targets))


def lock_letter_comments(letter_id: int) -> None:
    """Let nobody else change what stands between comments of a letter: who answers, who is one text."""
    acquire_advisory_lock(f"comments:{letter_id}")


def get_comment_for_update(comment_id: int) -> Comment:
    """Return a comment as it is now, locked until the transaction ends.

    What becomes of one can touch others of its letter, so a letter's comments change one at a time.
    """
    letter_id = session().scalars(select(Comment.letter_id).where(Comment.id == comment_id)).first()
    if letter_id is not None:
        lock_letter_comments(letter_id)
    query = (
        select(Comment)
        .where(Comment.id == comment_id)
        .options(selectinload(Comment.targets))
        .with_for_update()
    )
    return _require_comment(
        session().scalars(query.execution_options(populate_existing=True)).first()
    )


def get_comment_by_receipt(token: str) -> Comment:
    """Return the comment whose private page has this token."""
    query = select(Comment).where(Comment.receipt_hash == hash_token(token))
    return _require_comment(session().scalars(query.options(selectinload(Comment.targets))).first())


def get_comment(comment_id: int) -> Comment:
    """Return a comment of any state with what it speaks to."""
    return _require_comment(session().scalars(_BY_ID, {"id": comment_id}).unique().first())


def list_latest_published(letter_id: int, limit: int = 50) -> list[Comment]:
    """Return the newest published comments of a letter, for its feed."""
    where = (Comment.letter_id == letter_id, Comment.state == CommentState.PUBLISHED)
    query = (
        select(Comment)
        .where(*where)
        .order_by(Comment.published_at.desc(), Comment.id.desc())
        .limit(limit)
    )
    return list(session().scalars(query))


def list_revisions(comment_id: int) -> list[CommentRevision]:
    """Return the earlier words of a comment, oldest first."""
    query = (
        select(CommentRevision)
        .where(CommentRevision.comment_id == comment_id)
        .order_by(CommentRevision.version)
    )
    return list(session().scalars(query))


def find_letter_id(comment_id: int) -> int | None:
    """Return the letter a comment is about, or None where there is no such comment."""
    return session().scalars(select(Comment.letter_id).where(Comment.id == comment_id)).first()


def count_ahead_in_queue(comment: Comment) -> int:
    """Return how many waiting comments came before this one."""
    earlier = or_(
        Comment.submitted_at < comment.submitted_at,
        and_(Comment.submitted_at == comment.submitted_at, Comment.id < comment.id),
    )
    where = (Comment.state == CommentState.PENDING, earlier)
    return session().scalars(select(func.count()).select_from(Comment).where(*where)).one()


def get_public_comment(slug: str, comment_id: int) -> Comment:
    """Return a comment that stands, or has a tombstone, on this public letter; NotFound for any other."""
    query = select(Comment).join(Letter, Letter.id == Comment.letter_id)
    query = query.where(
        Comment.id == comment_id,
        Letter.slug == slug,
        Letter.state != LetterState.DRAFT,
        was_published(),
    )
    return _require_comment(session().scalars(query).first())


def was_published() -> ColumnElement[bool]:
    # What was public once leaves a place without words, so that its answers stand somewhere.
    return Comment.published_at.is_not(None)


def _require_comment(comment: Comment | None) -> Comment:
    return require_found(comment, "There is no comment at this address.")


@dataclass(frozen=True)
class LetterHit:
    """A letter that has the words, and where."""

    letter: Letter
    excerpt: list[ExcerptSegment]


@dataclass(frozen=True)
class CommentHit:
    """A comment that has the words, its letter, and where they stand."""

    comment: Comment
    letter: Letter
    excerpt: list[ExcerptSegment]


def find_letter_hits(found: SearchResult, wanted: list[Phrase]) -> list[LetterHit]:
    query = select(Letter).where(Letter.id.in_(found.ids)).options(selectinload(Letter.authors))
    by_id = {letter.id: letter for letter in session().scalars(query)} if found.ids else {}
    texts = _load_block_texts(found.ids)
    return [
        LetterHit(by_id[i], build_excerpt(_best_matching_block(texts.get(i, []), wanted), wanted))
        for i in found.ids
        if i in by_id
    ]


def find_comment_hits(found: SearchResult, wanted: list[Phrase]) -> list[CommentHit]:
    if not found.ids:
        return []
    query = (
        select(Comment, Letter)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(Comment.id.in_(found.ids))
    )
    by_id = {comment.id: (comment, letter) for comment, letter in session().execute(query)}
    return [
        CommentHit(*by_id[i], build_excerpt(by_id[i][0].body, wanted))
        for i in found.ids
        if i in by_id
    ]


def _load_block_texts(letter_ids: list[int]) -> dict[int, list[str]]:
    if not letter_ids:
        return {}
    query = (
        select(Letter.id, Block.text)
        .join(LetterVersion, LetterVersion.letter_id == Letter.id)
        .join(Block, Block.version_id == LetterVersion.id)
        .where(Letter.id.in_(letter_ids), LetterVersion.number == Letter.version_number)
        .order_by(Block.position)
    )
    texts: dict[int, list[str]] = {}
    for letter_id, words in session().execute(query):
        texts.setdefault(letter_id, []).append(words)
    return texts


def _best_matching_block(blocks: list[str], wanted: list[Phrase]) -> str:
    """Return the paragraph with the most of what was searched for."""

    def matches(words: str) -> int:
        return sum(part.is_match for part in build_excerpt(words, wanted))

    return max(blocks, key=matches) if len(blocks) > 1 else "".join(blocks)


def has_replies(comment_id: int) -> bool:
    """Say whether anything answers a comment, published or not: it may be one day."""
    where = or_(Comment.root_id == comment_id, Comment.parent_id == comment_id)
    return session().scalars(select(Comment.id).where(where).limit(1)).first() is not None


BATCH_SIZE = 1_000  # rows that are held while all are walked through


def iterate_published_texts() -> Iterator[tuple[int, str]]:
    """Yield id and words of every published comment."""
    query = first = (
        select(Comment.id, Comment.name, Comment.organisation, Comment.body)
        .where(Comment.state == CommentState.PUBLISHED)
        .order_by(Comment.id)
        .limit(BATCH_SIZE)
    )
    while rows := session().execute(query).all():
        for comment_id, name, organisation, body in rows:
            yield comment_id, f"{name} {organisation} {body}"
        query = first.where(Comment.id > rows[-1].id)


def list_encrypted_emails() -> list[bytes]:
    """Return every email address that is stored, still sealed."""
    query = select(Comment.email_sealed).where(Comment.email_sealed.is_not(None))
    return [sealed for sealed in session().scalars(query) if sealed]


def find_latest_erasure() -> datetime | None:
    """Return when a comment was erased last."""
    return session().scalars(select(func.max(Comment.erased_at))).one()


def list_unconfirmed_before(before: datetime) -> list[Comment]:
    """Return comments whose author never confirmed the address they gave, sent before a moment."""
    where = (
        Comment.state == CommentState.AWAITING_EMAIL,
        Comment.confirmation_effective_at.is_(None),
    )
    query = (
        select(Comment)
        .where(*where, Comment.submitted_at < before)
        .options(selectinload(Comment.targets))
        .limit(500)
    )
    return list(session().scalars(query.with_for_update(skip_locked=True)))


def list_with_network_address_before(before: datetime) -> list[Comment]:
    """Return comments sent before a moment whose network address is still known."""
    where = (Comment.network_address_hash.is_not(None), Comment.submitted_at < before)
    return list(session().scalars(select(Comment).where(*where).limit(1000)))


def filter_without_email(comment_ids: set[int]) -> set[int]:
    """Return which of some comments have no address any more."""
    query = select(Comment.id).where(Comment.id.in_(comment_ids), Comment.email_hash.is_(None))
    return set(session().scalars(query))
