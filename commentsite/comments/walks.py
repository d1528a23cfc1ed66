"""Read comments in bulk: for the index, the worker, the self-test."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased, selectinload

from commentsite.comments.models import Comment, Notice, OutsideCheck
from commentsite.comments.states import UNDECIDED, CommentState
from commentsite.db import for_update, session
from commentsite.letters.models import Letter
from commentsite.letters.states import LetterState

AT_ONCE = 1_000  # rows that are held while all are walked through


def published_words() -> Iterator[tuple[int, str]]:
    """Yield id and words of every published comment."""
    query = first = (
        select(Comment.id, Comment.name, Comment.organisation, Comment.body)
        .where(Comment.state == CommentState.PUBLISHED)
        .order_by(Comment.id)
        .limit(AT_ONCE)
    )
    while rows := session().execute(query).all():
        for comment_id, name, organisation, body in rows:
            yield comment_id, f"{name} {organisation} {body}"
        query = first.where(Comment.id > rows[-1].id)


def sealed_addresses() -> list[bytes]:
    """Return every email address that is stored, still sealed."""
    query = select(Comment.email_sealed).where(Comment.email_sealed.is_not(None))
    return [sealed for sealed in session().scalars(query) if sealed]


def latest_erasure() -> datetime | None:
    """Return when a comment was erased last."""
    return session().scalars(select(func.max(Comment.erased_at))).one()


def unconfirmed_since(before: datetime) -> list[Comment]:
    """Return comments whose author never confirmed the address they gave, sent before a moment."""
    where = (Comment.state == CommentState.AWAITING_EMAIL, Comment.confirms_at.is_(None))
    query = (
        select(Comment)
        .where(*where, Comment.submitted_at < before)
        .options(selectinload(Comment.targets))
        .limit(500)
    )
    return list(session().scalars(query.with_for_update(skip_locked=True)))


def with_address_before(before: datetime) -> list[Comment]:
    """Return comments sent before a moment whose network address is still known."""
    where = (Comment.address_hash.is_not(None), Comment.submitted_at < before)
    return list(session().scalars(select(Comment).where(*where).limit(1000)))


def unanswered() -> int:
    """Return about how many comments a service of others was asked in vain."""
    where = OutsideCheck.state == "failed"
    return session().scalars(select(func.count()).select_from(OutsideCheck).where(where)).one()


def next_to_ask_about(now: datetime) -> OutsideCheck | None:
    """Return one promise that is due about a comment that waits, locked; others pass it by."""
    where = (OutsideCheck.state == "waiting", OutsideCheck.next_attempt_at <= now)
    query = (
        select(OutsideCheck)
        .join(Comment, Comment.id == OutsideCheck.comment_id)
        .where(*where, Comment.state == CommentState.PENDING)
        .order_by(OutsideCheck.next_attempt_at, OutsideCheck.comment_id)
        .limit(1)
        .with_for_update(of=OutsideCheck, skip_locked=True)
    )
    return session().scalars(query.execution_options(populate_existing=True)).first()


def to_ask(now: datetime, limit: int = 100) -> list[int]:
    """Return comments whose address may be asked to confirm by now, the longest waiting first."""
    query = select(Comment.id).where(Comment.ask_at <= now).order_by(Comment.ask_at, Comment.id)
    return list(session().scalars(query.limit(limit)))


def waiting_under(email_hash: str, *, also: int = 0, locked: bool = False) -> list[Comment]:
    """Return comments under one address that wait and were not confirmed, in the order they came.

    One of them is there in whatever state: the one that somebody was asked about.
    """
    where = (
        Comment.email_hash == email_hash,
        Comment.email_confirmed_at.is_(None),
        Comment.confirms_at.is_(None),
        or_(Comment.state.in_(UNDECIDED), Comment.id == also),
    )
    query = select(Comment).where(*where).order_by(Comment.id)
    if locked:
        query = for_update(query)
    return list(session().scalars(query))


def to_confirm(now: datetime, limit: int = 100) -> list[int]:
    """Return comments whose owner confirmed them together with another, and whose turn has come."""
    query = select(Comment.id).where(Comment.confirms_at <= now)
    return list(session().scalars(query.order_by(Comment.confirms_at).limit(limit)))


def without_address(comments: set[int]) -> set[int]:
    """Return which of some comments have no address any more."""
    query = select(Comment.id).where(Comment.id.in_(comments), Comment.email_hash.is_(None))
    return set(session().scalars(query))


def others_waiting(email_hash: str, *, but: int) -> list[Comment]:
    """Return, locked, the other comments under an address that wait unconfirmed; one that is being changed is left out."""
    query = select(Comment).where(
        Comment.email_hash == email_hash,
        Comment.email_confirmed_at.is_(None),
        Comment.confirms_at.is_(None),
        Comment.state.in_((CommentState.AWAITING_EMAIL, CommentState.PENDING)),
        Comment.id != but,
    )
    return list(session().scalars(query.order_by(Comment.id).with_for_update(skip_locked=True)))


def unasked_under(email_hash: str) -> list[Comment]:
    """Return, locked, the comments of any state under one address that it is yet to be asked about."""
    where = (Comment.email_hash == email_hash, Comment.ask_at.is_not(None))
    query = for_update(select(Comment).where(*where).order_by(Comment.id))
    return list(session().scalars(query))


def followed_by(email_hash: str) -> list[Comment]:
    """Return, locked, the comments about which one address asked to hear something."""
    chosen = or_(Comment.follow != "", Comment.follow_closing.is_(True))
    query = select(Comment).where(Comment.email_hash == email_hash, chosen).order_by(Comment.id)
    return list(session().scalars(for_update(query)))


def is_followed_by(email_hash: str) -> bool:
    """Say whether one address asked to hear something about any comment."""
    chosen = or_(Comment.follow != "", Comment.follow_closing.is_(True))
    query = select(Comment.id).where(Comment.email_hash == email_hash, chosen).limit(1)
    return session().scalars(query).first() is not None


def followers_of(answer: Comment) -> list[Comment]:
    """Return who asked to hear of a comment in its thread and confirmed the address, never its own author.

    Whoever is answered comes before others of the thread, so that one who is both is told as such.
    """
    confirmed = select(Comment.email_hash).where(Comment.email_confirmed_at.is_not(None))
    is_parent = Comment.id == (answer.answers_id or answer.parent_id)
    query = select(Comment).where(
        or_(Comment.id == answer.root_id, Comment.root_id == answer.root_id, is_parent),
        or_(Comment.follow == "thread", and_(is_parent, Comment.follow == "answers")),
        Comment.state == CommentState.PUBLISHED,
        Comment.id != answer.id,
        Comment.email_hash.in_(confirmed),
    )
    if answer.email_hash is not None:
        query = query.where(Comment.email_hash != answer.email_hash)
    first = case((is_parent, 0), else_=1)
    return list(session().scalars(query.order_by(first, Comment.follow_daily, Comment.id)))


def mailboxes_due(now: datetime, limit: int = 100) -> list[str]:
    """Return the keyed hashes of the addresses that something is to be told to by now."""
    query = select(Comment.email_hash).join(Notice, Notice.comment_id == Comment.id)
    query = query.where(Notice.due_at <= now, Comment.email_hash.is_not(None))
    query = query.group_by(Comment.email_hash).order_by(func.min(Notice.due_at)).limit(limit)
    return [email_hash for email_hash in session().scalars(query) if email_hash]


def due_under(email_hash: str, now: datetime) -> list[tuple[Notice, Comment, Comment]]:
    """Return what one address is to be told by now: the notice, whose comment, and of which."""
    answer = aliased(Comment)
    query = (
        select(Notice, Comment, answer)
        .join(Comment, Comment.id == Notice.comment_id)
        .join(answer, answer.id == Notice.answer_id)
        .where(Comment.email_hash == email_hash, Notice.due_at <= now)
        .order_by(Notice.answer_id)
        .with_for_update(of=Notice)  # before any mailbox: whoever erases holds these first
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1], row[2]) for row in session().execute(query)]


def notices_about(comment_id: int) -> list[Notice]:
    """Return what is to be told to the author of a comment, and of it to others."""
    where = or_(Notice.comment_id == comment_id, Notice.answer_id == comment_id)
    return list(session().scalars(select(Notice).where(where)))


def to_tell_of_closing(now: datetime, until: datetime, limit: int = 200) -> list[int]:
    """Return comments whose authors asked when their letter closes, and do not know that it does so soon."""
    confirmed = select(Comment.email_hash).where(Comment.email_confirmed_at.is_not(None))
    query = (
        select(Comment.id)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(
            Letter.state == LetterState.PUBLISHED,
            Letter.comments_open.is_(True),
            Letter.comments_close_at > now,
            Letter.comments_close_at <= until,
            Comment.follow_closing.is_(True),
            Comment.email_hash.in_(confirmed),
            Comment.state.not_in((CommentState.SPAM, CommentState.WITHDRAWN)),
            or_(
                Comment.closing_told.is_(None),
                Comment.closing_told != Letter.comments_close_at,
            ),
        )
        .order_by(Comment.id)
    )
    return list(session().scalars(query.limit(limit)))


def is_told_of_closing(letter_id: int, email_hash: str, closes: datetime) -> bool:
    """Say whether this address was told that the letter closes at that moment."""
    where = (
        Comment.letter_id == letter_id,
        Comment.email_hash == email_hash,
        Comment.closing_told == closes,
    )
    return session().scalars(select(Comment.id).where(*where).limit(1)).first() is not None
