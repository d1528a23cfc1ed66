"""Queries of comments that no sub-package owns: single comments, lists, search hits and bulk reads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from commentsite.comments.models import CaseNote, Comment, CommentRevision
from commentsite.comments.sanitizer import text_of_html
from commentsite.comments.states import CommentState
from commentsite.db.base import UtcDateTime
from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import acquire_advisory_lock, is_postgresql, session
from commentsite.errors import require_found
from commentsite.letters.models import Block, EmbeddedPage, Letter, LetterAuthor, LetterVersion
from commentsite.letters.queries import list_filter_conditions
from commentsite.letters.states import LetterState
from commentsite.search.queries import (
    SearchResult,
    select_comment_matches,
    select_letter_matches,
)
from commentsite.search.tokenizer import (
    ExcerptSegment,
    Phrase,
    build_excerpt,
    find_spans,
    mark_matches,
)
from commentsite.site.models import SiteSettings
from commentsite.tokens import hash_token

MAX_MATCHES = 2_000  # comments that one search groups by their text
ID_BATCH_SIZE = 500  # well below the number of parameters that SQLite allows
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


def list_comments_for_update(comment_ids: Sequence[int]) -> list[Comment]:
    """Return comments with their targets by id, locked. The caller has locked the comments of their letter."""
    query = (
        select(Comment)
        .where(Comment.id.in_(comment_ids))
        .order_by(Comment.id)
        .options(selectinload(Comment.targets))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session().scalars(query))


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


def is_text_published_by(letter_id: int, email_hash: str, body_hash: str) -> bool:
    """Return whether a comment with this text from this address is published on the letter."""
    query = select(Comment.id).where(
        Comment.letter_id == letter_id,
        Comment.email_hash == email_hash,
        Comment.body_hash == body_hash,
        Comment.state == CommentState.PUBLISHED,
    )
    return session().scalars(query).first() is not None


def lock_letter_comments(letter_id: int) -> None:
    """Wait until no other transaction changes replies or campaigns on a letter."""
    acquire_advisory_lock(f"comments:{letter_id}")


def lock_comments_of_letters(comment_ids: Collection[int]) -> None:
    """Take `lock_letter_comments` for each letter of some comments, in the order of the letters."""
    if is_postgresql():
        query = select(Comment.letter_id).where(Comment.id.in_(comment_ids)).distinct()
        for letter_id in sorted(session().scalars(query)):
            lock_letter_comments(letter_id)


def is_published_on(slug: str, comment_id: int) -> bool:
    """Return whether a comment is published on the letter with this slug."""
    query = (
        select(Comment.id)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(Comment.id == comment_id, Letter.slug == slug)
        .where(Comment.state == CommentState.PUBLISHED)
    )
    return session().scalars(query).first() is not None


def was_published() -> ColumnElement[bool]:
    """Select comments that are or once were published.

    A comment that was taken down keeps its place on the page without its text, so that its replies
    still have a parent.
    """
    return Comment.published_at.is_not(None)


def is_in_letters(letter_ids: frozenset[int] | None) -> ColumnElement[bool]:
    """Return the condition for comments on these letters. It is always true for None, which means all letters."""
    return true() if letter_ids is None else Comment.letter_id.in_(letter_ids)


def find_ids_in_letters(comment_ids: Collection[int], letter_ids: frozenset[int]) -> set[int]:
    """Return those of the given comments that are on these letters."""
    query = select(Comment.id).where(Comment.id.in_(comment_ids), is_in_letters(letter_ids))
    return set(session().scalars(query))


def has_replies(comment_id: int) -> bool:
    """Return whether a comment has a reply in any state. A reply that is not published yet may be later."""
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


MAX_FEED_ENTRIES = 50


def list_latest_published(letter_id: int, limit: int = MAX_FEED_ENTRIES) -> list[Comment]:
    """List the published comments of a letter, the newest first."""
    query = (
        select(Comment)
        .where(Comment.letter_id == letter_id, Comment.state == CommentState.PUBLISHED)
        .order_by(Comment.published_at.desc(), Comment.id.desc())
        .limit(limit)
    )
    return list(session().scalars(query))


def find_latest_change(letter_id: int, since: datetime | None) -> datetime | None:
    """Return when a comment of a letter last changed that was published at `since` or later, removals included.

    None as `since` stands for the beginning. The states are named for the index, which has them before the times.
    """
    query = select(func.max(Comment.changed_at)).where(
        Comment.letter_id == letter_id, Comment.state.in_(CommentState), was_published()
    )
    if since is not None:
        query = query.where(Comment.published_at >= since)
    return session().scalars(query).one()


def list_feed_ids(comment_ids: set[int]) -> dict[int, str | None]:
    """Return the stored ids of feed entries by comment id, None where the id is derived."""
    query = select(Comment.id, Comment.feed_id).where(Comment.id.in_(comment_ids))
    return dict(session().execute(query).all())


# --- Search hits ---
#
# The search index returns ids only. These functions load the rows and cut the excerpts.


@dataclass(frozen=True)
class LetterHit:
    """A letter that a search found, with its title and an excerpt around the first match."""

    letter: Letter
    title: list[ExcerptSegment]
    excerpt: list[ExcerptSegment]


@dataclass(frozen=True)
class CommentHit:
    """A comment that a search found, with its letter and an excerpt around the first match.

    It stands for all published comments with the same text. `senders` counts their email addresses.
    """

    comment: Comment
    letter: Letter
    excerpt: list[ExcerptSegment]
    senders: int


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
            mark_matches(letters[letter_id].title, phrases),
            build_excerpt(_best_matching_block(texts.get(letter_id, []), phrases), phrases),
        )
        for letter_id in result.ids
        if letter_id in letters
    ]


@dataclass(frozen=True)
class SearchFilters:
    """Properties by which readers narrow a search. "" and None match any.

    The topic of a comment is that of its letter. The year is that of publication.
    """

    topic: str = ""
    year: int | None = None
    group: str = ""
    language: str = ""  # a primary subtag such as "fr", which "fr-CA" matches too

    @property
    def is_empty(self) -> bool:
        return not (self.topic or self.year or self.group or self.language)


NO_FILTERS = SearchFilters()


def find_filtered_letters(
    phrases: list[Phrase], filters: SearchFilters, *, limit: int, offset: int = 0
) -> SearchResult:
    """Find letters as `find_letter_matches` does, among the newest MAX_COUNT that contain every phrase."""
    if not phrases:
        return SearchResult([], 0)
    matches = select_letter_matches(phrases, limit=MAX_COUNT)
    where = list_filter_conditions(
        topic=filters.topic, year=filters.year, published_at=Letter.published_at
    )
    if filters.group:
        is_author = exists().where(
            LetterAuthor.letter_id == Letter.id, LetterAuthor.stakeholder_group == filters.group
        )
        where.append(is_author)
    if filters.language:
        where.append(is_in_language(Letter.language, filters.language))
    found = select(Letter.id).join(matches, matches.c.rowid == Letter.id).where(*where)
    total = session().scalars(select(func.count()).select_from(found.subquery())).one()
    order = (matches.c.title_matches.desc(), Letter.id.desc())
    ids = session().scalars(found.order_by(*order).limit(limit).offset(offset))
    return SearchResult(list(ids), total)


def find_comment_hits(
    phrases: list[Phrase],
    *,
    limit: int,
    offset: int = 0,
    filters: SearchFilters = NO_FILTERS,
) -> tuple[list[CommentHit], int]:
    """Return one page of hits among the published comments, the newest first, and the number of all hits.

    Comments of one campaign are one hit, and so are comments on a letter with exactly the same text. Only
    the newest MAX_MATCHES comments that contain every phrase are looked at.
    """
    if not phrases:
        return [], 0
    groups = _select_hits(phrases, filters).subquery("hits")
    page = (
        select(groups.c.shown_id, func.count().over())
        .order_by(groups.c.newest_id.desc())
        .limit(limit)
        .offset(offset)
    )
    shown = session().execute(page).all()
    if not shown:  # past the last page
        total = session().scalars(select(func.count()).select_from(groups)).one() if offset else 0
        return [], total
    ids, total = [row[0] for row in shown], shown[0][1]
    query = (
        select(Comment, Letter)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(Comment.id.in_(ids))
    )
    rows = {comment.id: (comment, letter) for comment, letter in session().execute(query)}
    senders = _count_senders([rows[comment_id][0] for comment_id in ids if comment_id in rows])
    hits = [
        CommentHit(
            *rows[comment_id],
            build_excerpt(_describe_match(rows[comment_id][0], phrases), phrases),
            senders.get(comment_id, 1),
        )
        for comment_id in ids
        if comment_id in rows
    ]
    return hits, total


def _select_hits(phrases: list[Phrase], filters: SearchFilters) -> Select[tuple[int, int]]:
    """Select the comment to show and the newest comment of each group with the same text."""
    matches = select_comment_matches(phrases, limit=MAX_MATCHES)
    text_of_campaign = literal("campaign ").concat(cast(Comment.campaign_id, String))
    own_text = literal("comment ").concat(cast(Comment.id, String))
    same_text = cast(Comment.letter_id, String).concat(literal(" ")).concat(Comment.body_hash)
    key = case(
        (Comment.campaign_id.is_not(None), text_of_campaign),
        (Comment.is_standalone.is_(True), own_text),
        else_=same_text,
    )
    # The letter shows a representative in place of its duplicates, so it comes first.
    representative_id = func.min(case((Comment.representative_id.is_(None), Comment.id)))
    query = (
        select(
            func.coalesce(representative_id, func.min(Comment.id)).label("shown_id"),
            func.max(Comment.id).label("newest_id"),
        )
        .join(matches, matches.c.rowid == Comment.id)
        .group_by(key)
    )
    where = list_filter_conditions(
        topic=filters.topic, year=filters.year, published_at=Comment.published_at
    )
    # The comments of pages elsewhere are read on those pages.
    where.append(Comment.letter_id.not_in(select(EmbeddedPage.letter_id)))
    if filters.group:
        where.append(Comment.stakeholder_group == filters.group)
    if filters.language:
        where.append(is_in_language(Comment.language, filters.language))
    if filters.topic:
        query = query.join(Letter, Letter.id == Comment.letter_id)
    return query.where(*where)


def is_in_language(column: InstrumentedAttribute[str], primary: str) -> ColumnElement[bool]:
    """Select the texts in a language, whatever their region or script."""
    return or_(column == primary, column.startswith(f"{primary}-", autoescape=True))


def _count_senders(comments: list[Comment]) -> dict[int, int]:
    """Return the number of addresses that sent the text of each comment, by comment id."""
    # The state is no condition of the rows, because SQLite without statistics would look for it first.
    is_published = Comment.state == CommentState.PUBLISHED
    senders = func.count(func.distinct(case((is_published, Comment.email_hash))))
    campaign_ids = {c.campaign_id for c in comments if c.campaign_id is not None}
    by_campaign = (
        select(Comment.campaign_id, senders)
        .where(Comment.campaign_id.in_(campaign_ids))
        .group_by(Comment.campaign_id)
    )
    of_campaign = dict(session().execute(by_campaign).all()) if campaign_ids else {}
    hashes = {c.body_hash for c in comments if c.campaign_id is None and not c.is_standalone}
    by_text = (
        select(Comment.letter_id, Comment.body_hash, senders)
        .where(Comment.body_hash.in_(hashes))
        .where(Comment.campaign_id.is_(None), Comment.is_standalone.is_(False))
        .group_by(Comment.letter_id, Comment.body_hash)
    )
    of_text = {(n, text): count for n, text, count in session().execute(by_text)} if hashes else {}
    return {
        comment.id: of_campaign[comment.campaign_id]
        if comment.campaign_id is not None
        else of_text.get((comment.letter_id, comment.body_hash), 1)
        for comment in comments
    }


def _describe_match(comment: Comment, phrases: list[Phrase]) -> str:
    """Return the text of a comment, or its author where only the author's name or organisation matches."""
    author = f"{comment.name}, {comment.organisation}".removesuffix(", ")
    body = text_of_html(comment.body_html)
    is_author_only = not find_spans(body, phrases) and find_spans(author, phrases)
    return f"{author}: {body}" if is_author_only else body


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
        return len(find_spans(text, phrases))

    return max(blocks, key=count_matches) if len(blocks) > 1 else "".join(blocks)


# --- Bulk reads of the worker and the command line ---


def count_published_comments() -> int:
    query = select(func.count()).select_from(Comment)
    return session().scalars(query.where(Comment.state == CommentState.PUBLISHED)).one()


def list_published_texts(*, after_id: int, limit: int) -> list[tuple[int, str]]:
    """List the id and the indexed text of published comments, by id."""
    query = (
        select(Comment.id, Comment.name, Comment.organisation, Comment.body)
        .where(Comment.state == CommentState.PUBLISHED, Comment.id > after_id)
        .order_by(Comment.id)
        .limit(limit)
    )
    return [
        (comment_id, f"{name} {organisation} {body}")
        for comment_id, name, organisation, body in session().execute(query)
    ]


def list_unerased(*, after_id: int, limit: int) -> list[Comment]:
    """List comments that are examined and not erased, by id."""
    query = select(Comment).where(
        Comment.id > after_id,
        Comment.erased_at.is_(None),
        Comment.state != CommentState.RECEIVED,
    )
    return list(session().scalars(query.order_by(Comment.id).limit(limit)))


def list_undetected(limit: int) -> list[int]:
    """List ids of examined comments whose language is not detected yet."""
    query = (
        select(Comment.id)
        .where(_is_undetected(), Comment.state != CommentState.RECEIVED)
        .order_by(Comment.id)
        .limit(limit)
    )
    return list(session().scalars(query))


def list_undetected_texts(comment_ids: Sequence[int]) -> list[tuple[int, str]]:
    """List id and text of those comments whose language is not detected yet."""
    query = select(Comment.id, Comment.body).where(Comment.id.in_(comment_ids), _is_undetected())
    return [(comment_id, body) for comment_id, body in session().execute(query)]


def list_comment_languages(state: CommentState) -> set[str]:
    """Return the languages of the comments in a state.

    Each step asks the index for the next language, so that no comment is read.
    """
    in_state = (Comment.state == state, has_language())
    first = select(func.min(Comment.language).label("language")).where(*in_state)
    found = first.cte("found", recursive=True)
    following = select(func.min(Comment.language)).where(
        *in_state, Comment.language > found.c.language
    )
    found = found.union_all(
        select(following.scalar_subquery()).where(found.c.language.is_not(None))
    )
    query = select(found.c.language).where(found.c.language.is_not(None))
    return set(session().scalars(query))


def has_language(comment: type[Comment] = Comment) -> ColumnElement[bool]:
    """Select comments whose language is determined, so that a database can use the indexes of them."""
    return comment.language != literal_column("''")


def _is_undetected() -> ColumnElement[bool]:
    # A literal, because databases use a partial index only for a value that they see.
    return Comment.language_source == literal_column("''")


def list_rendered_before_version(sanitizer_version: int, limit: int) -> list[int]:
    """List ids of comments whose HTML an earlier version of the sanitiser made."""
    query = (
        select(Comment.id)
        .where(Comment.sanitizer_version < sanitizer_version)
        .order_by(Comment.sanitizer_version, Comment.id)
        .limit(limit)
    )
    return list(session().scalars(query))


def count_email_hashes() -> int:
    """Return the number of different addresses of commenters."""
    query = select(func.count(Comment.email_hash.distinct())).where(Comment.email_hash.is_not(None))
    return session().scalars(query).one()


def has_any_email_hash(hashes: Collection[str]) -> bool:
    """Return whether a comment was sent from one of the addresses with these keyed hashes."""
    ordered = sorted(hashes)
    for start in range(0, len(ordered), ID_BATCH_SIZE):
        batch = ordered[start : start + ID_BATCH_SIZE]
        query = select(Comment.id).where(Comment.email_hash.in_(batch)).limit(1)
        if session().scalars(query).first() is not None:
            return True
    return False


def has_unpurged_erasure() -> bool:
    """Return whether a comment was erased since erased text was last purged from the files of the database."""
    purged_at = select(SiteSettings.erased_text_purged_at).limit(1).scalar_subquery()
    since = func.coalesce(purged_at, datetime.min.replace(tzinfo=UTC), type_=UtcDateTime())
    # The first condition lets SQLite use the partial index.
    is_unpurged = exists().where(Comment.erased_at.is_not(None), Comment.erased_at >= since)
    return bool(session().scalar(select(is_unpurged)))


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
    ids, found = sorted(comment_ids), set[int]()
    for start in range(0, len(ids), ID_BATCH_SIZE):
        batch = ids[start : start + ID_BATCH_SIZE]
        query = select(Comment.id).where(Comment.id.in_(batch), Comment.email_hash.is_(None))
        found.update(session().scalars(query))
    return found
