"""Read the stored comments, decisions and letters in the form in which they are compared with the audit log."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, Text, and_, cast, func, select
from sqlalchemy.orm import selectinload

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.db.session import session
from commentsite.letters.models import Letter, LetterVersion
from commentsite.moderation.models import Decision

_COMMENTS = select(
    Comment.id, Comment.letter_id, Comment.state, Comment.name, Comment.organisation,
    Comment.body, Comment.body_html, Comment.words_salt,
    Comment.erased_at.is_not(None).label("is_erased"), Comment.sanitizer_version,
    cast(Comment.redactions, Text).not_in(("[]", "null")).label("is_redacted"),
).order_by(Comment.id)  # fmt: skip
ID_BATCH_SIZE = 500  # well below the number of parameters that SQLite allows


class StoredComment(NamedTuple):
    """The parts of a comment that are compared with the audit log."""

    id: int
    letter_id: int
    state: str
    name: str
    organisation: str
    body: str
    body_html: str
    words_salt: str | None
    is_erased: bool
    sanitizer_version: int
    is_redacted: bool


class StoredDecision(NamedTuple):
    """The parts of a decision that the audit log names."""

    subject: str
    verdict: str
    rule: str
    actor: str


def iter_comments() -> Iterator[StoredComment]:
    """Yield all comments, in the order of their numbers."""
    last = 0
    while batch := _load_comments(_COMMENTS.where(Comment.id > last).limit(ID_BATCH_SIZE)):
        yield from batch
        last = batch[-1].id


def list_comments(ids: Collection[int]) -> list[StoredComment]:
    """Return some comments, in the order of their numbers."""
    return _load_comments(_COMMENTS.where(Comment.id.in_(ids)))


def _load_comments(query: Select[*tuple[Any, ...]]) -> list[StoredComment]:
    return [StoredComment._make(row) for row in session().execute(query)]


def load_decisions(ids: Sequence[int]) -> dict[int, StoredDecision]:
    """Return those of the decisions that exist, by number."""
    columns = (
        Decision.id,
        Decision.comment_id,
        Decision.verdict,
        Decision.rule,
        Decision.moderator_id,
    )
    found = {}
    for start in range(0, len(ids), ID_BATCH_SIZE):
        batch = ids[start : start + ID_BATCH_SIZE]
        for row in session().execute(select(*columns).where(Decision.id.in_(batch))):
            number, comment_id, verdict, rule, moderator_id = row
            actor = "system" if moderator_id is None else f"user:{moderator_id}"
            found[number] = StoredDecision(f"comment:{comment_id}", verdict, rule, actor)
    return found


def count_comments() -> int:
    return session().scalar(select(func.count()).select_from(Comment)) or 0


def iter_published_versions(letter_ids: Collection[int]) -> Iterator[LetterVersion]:
    """Yield the published versions of some letters, with their blocks, a few at a time."""
    query = (
        select(LetterVersion)
        .where(LetterVersion.published_at.is_not(None), LetterVersion.letter_id.in_(letter_ids))
        .options(selectinload(LetterVersion.blocks))
        .order_by(LetterVersion.letter_id, LetterVersion.number)
        .execution_options(yield_per=20)
    )
    yield from session().scalars(query)


def find_count_mismatches(letter_ids: Collection[int] | None = None) -> Iterator[str]:
    """Yield a sentence for each of the letters, or of all, whose number of published comments is wrong."""
    published = (
        select(func.count())
        .select_from(Comment)
        .where(Comment.letter_id == Letter.id, Comment.state == CommentState.PUBLISHED)
        .scalar_subquery()
    )
    query = select(Letter.slug, Letter.published_comment_count, published)
    if letter_ids is not None:
        query = query.where(Letter.id.in_(letter_ids))
    for slug, stored, counted in session().execute(query):
        if stored != counted:
            yield f"The letter {slug} shows {stored} published comments and has {counted}."


def describe_uncovered_words() -> str:
    """Return a sentence about words that are older than the commitments in the audit log, or an empty string.

    Without a problem in `verification`, these are the comments without a salt that are not erased.
    """
    uncovered = and_(Comment.words_salt.is_(None), Comment.erased_at.is_(None))
    query = select(func.count(), func.max(Comment.submitted_at)).where(uncovered)
    count, last = session().execute(query).one()
    if not count:
        return ""
    return f"The audit log does not cover the words of {count} comments. They were sent to an earlier version of the program, the last on {last:%Y-%m-%d}."
