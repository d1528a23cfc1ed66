"""Search published letters and comments, and rebuild their search indexes."""

from dataclasses import dataclass

from commentsite.comments import queries as comment_queries
from commentsite.comments.indexing import index_for_desk
from commentsite.comments.queries import (
    NO_FILTERS,
    CommentHit,
    LetterHit,
    SearchFilters,
    find_comment_hits,
    find_filtered_letters,
    find_letter_hits,
)
from commentsite.db.pagination import MAX_COUNT
from commentsite.letters import queries as letter_queries
from commentsite.letters.text.queries import list_current_blocks
from commentsite.letters.versioning import build_searchable_text, update_search_index
from commentsite.search import index
from commentsite.search.queries import (
    find_last_desk_id,
    find_letter_matches,
    find_progress,
    is_complete,
)
from commentsite.search.tokenizer import TOKENIZER_VERSION, parse_query

REBUILD_BATCH = 200  # entries that are indexed in one transaction


@dataclass(frozen=True)
class SearchResults:
    """One page of letters and one page of comments. The totals end at MAX_COUNT."""

    letters: list[LetterHit]
    comments: list[CommentHit]
    letters_total: int
    comments_total: int


def search_published(
    query_text: str,
    *,
    page: int = 1,
    per_page: int = 20,
    comments_page: int = 1,
    filters: SearchFilters = NO_FILTERS,
) -> SearchResults:
    """Find the letters and the published comments that contain every phrase of the query.

    A text that many people sent is one hit, with the number of its senders.
    """
    phrases = parse_query(query_text)
    offset = (page - 1) * per_page
    letters = (
        find_letter_matches(phrases, limit=per_page, offset=offset)
        if filters.is_empty
        else find_filtered_letters(phrases, filters, limit=per_page, offset=offset)
    )
    comments, comments_total = find_comment_hits(
        phrases, limit=per_page, offset=(comments_page - 1) * per_page, filters=filters
    )
    return SearchResults(
        find_letter_hits(letters, phrases),
        comments,
        min(letters.total, MAX_COUNT),
        min(comments_total, MAX_COUNT),
    )


def start_rebuild() -> None:
    """Let `continue_rebuild` index every text again, in several transactions."""
    for table in index.PARTS:
        index.save_progress(table, 0)


def is_index_outdated() -> bool:
    """Return whether texts are still to be indexed as the present version of the program does it."""
    return not all(is_complete(table) for table in index.PARTS) or bool(
        comment_queries.list_unerased(after_id=find_last_desk_id(), limit=1)
    )


def continue_rebuild() -> int:
    """Index the next letters or comments of an outdated index. Return their number, 0 at the end.

    Readers can search meanwhile. They find a text as the earlier version indexed it, or as this one does. Entries
    without a public text are removed.
    """
    return _rebuild_letters() or _rebuild_comments() or _rebuild_desk()


def _rebuild_letters() -> int:
    last_id = find_start("search_letter")
    if last_id is None:
        return 0
    letters = letter_queries.list_searchable_letters(after_id=last_id, limit=REBUILD_BATCH)
    end = letters[-1].id if letters else None
    index.remove_range("search_letter", last_id, end)
    for letter in letters:
        update_search_index(letter, build_searchable_text(list_current_blocks(letter)))
    index.save_progress("search_letter", end)
    return len(letters)


def _rebuild_comments() -> int:
    last_id = find_start("search_comment")
    if last_id is None:
        return 0
    texts = comment_queries.list_published_texts(after_id=last_id, limit=REBUILD_BATCH)
    end = texts[-1][0] if texts else None
    index.remove_range("search_comment", last_id, end)
    for comment_id, text in texts:
        index.index_comment(comment_id, text)
    index.save_progress("search_comment", end)
    return len(texts)


def _rebuild_desk() -> int:
    """Index the next comments for the desk. A complete index lacks those that another program stored."""
    last_id = find_start("search_desk")
    is_complete_before = last_id is None
    if last_id is None:
        last_id = find_last_desk_id()
    comments = comment_queries.list_unerased(after_id=last_id, limit=REBUILD_BATCH)
    end = comments[-1].id if comments else None
    if not is_complete_before:
        index.remove_range("search_desk", last_id, end)
        index.save_progress("search_desk", end)
    for comment in comments:
        index_for_desk(comment)
    return len(comments)


def find_start(table: str) -> int | None:
    """Return the id after which a table is to be filled, or None if it is complete."""
    progress = find_progress(table)
    if progress is None or progress.tokenizer_version != TOKENIZER_VERSION:
        return 0
    last_id: int | None = progress.last_id
    return last_id
