"""Search published letters and comments, and rebuild the search index."""

from collections.abc import Callable
from dataclasses import dataclass

from commentsite.comments import queries as comment_queries
from commentsite.comments.queries import CommentHit, LetterHit, find_comment_hits, find_letter_hits
from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import session
from commentsite.letters.queries import iter_searchable_letters
from commentsite.letters.versioning import build_searchable_text, update_search_index
from commentsite.search import index
from commentsite.search.queries import find_matches, is_index_empty
from commentsite.search.tokenizer import parse_query


@dataclass(frozen=True)
class SearchResults:
    """One page of letters and one page of comments. The totals end at MAX_COUNT."""

    letters: list[LetterHit]
    comments: list[CommentHit]
    letters_total: int
    comments_total: int


def search_published(
    query_text: str, *, page: int = 1, per_page: int = 20, comments_page: int = 1
) -> SearchResults:
    """Find the letters and the published comments that contain every phrase of the query."""
    phrases = parse_query(query_text)
    letters = find_matches("search_letter", phrases, limit=per_page, offset=(page - 1) * per_page)
    comments = find_matches(
        "search_comment", phrases, limit=per_page, offset=(comments_page - 1) * per_page
    )
    return SearchResults(
        find_letter_hits(letters, phrases),
        find_comment_hits(comments, phrases),
        min(letters.total, MAX_COUNT),
        min(comments.total, MAX_COUNT),
    )


def rebuild_index(advance: Callable[[int], None] = lambda _: None) -> tuple[int, int]:
    """Empty and fill the index. Return the number of letters and of comments in it.

    `advance` is called with 1 after each of them.
    """
    index.clear_index()
    letter_count = comment_count = 0
    for letter, blocks in iter_searchable_letters():
        update_search_index(letter, build_searchable_text(blocks))
        letter_count += 1
        advance(1)
    for comment_id, text in comment_queries.iterate_published_texts():
        index.index_comment(comment_id, text)
        comment_count += 1
        advance(1)
    session().flush()
    return letter_count, comment_count


def build_index_if_empty() -> None:
    """Fill the index of a site whose letters are older than the index."""
    if is_index_empty():
        rebuild_index()
