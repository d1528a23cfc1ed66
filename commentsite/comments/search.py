"""Read what a search finds: letters and published comments, with the words around each match."""

from dataclasses import dataclass

from commentsite.comments import queries as comment_queries
from commentsite.comments.queries import CommentHit, LetterHit, find_comment_hits, find_letter_hits
from commentsite.db.pagination import MAX_COUNT
from commentsite.db.session import session
from commentsite.letters.queries import iter_searchable_letters
from commentsite.letters.versioning import searchable_text, update_search_index
from commentsite.search import index
from commentsite.search.queries import find_matches, is_index_empty
from commentsite.search.tokenizer import parse_query


def rebuild_index() -> tuple[int, int]:
    """Empty the index and fill it; return how many letters and comments it holds."""
    index.clear_index()
    letters = comments = 0
    for letter, blocks in iter_searchable_letters():
        update_search_index(letter, searchable_text(blocks))
        letters += 1
    for comment_id, body in comment_queries.iterate_published_texts():
        index.index_comment(comment_id, body)
        comments += 1
    session().flush()
    return letters, comments


def build_index_if_empty() -> None:
    """Fill an index that is empty: a site that was there before it."""
    if is_index_empty():
        rebuild_index()


@dataclass(frozen=True)
class SearchResults:
    """One page of what was found in letters, or in comments."""

    letters: list[LetterHit]
    comments: list[CommentHit]
    letters_total: int
    comments_total: int


def search_published(
    query_text: str, *, page: int = 1, per_page: int = 20, comments_page: int = 1
) -> SearchResults:
    """Return letters and published comments that have all of these words."""
    wanted = parse_query(query_text)
    letters = find_matches("search_letter", wanted, limit=per_page, offset=(page - 1) * per_page)
    comments = find_matches(
        "search_comment", wanted, limit=per_page, offset=(comments_page - 1) * per_page
    )
    return SearchResults(
        find_letter_hits(letters, wanted),
        find_comment_hits(comments, wanted),
        min(letters.total, MAX_COUNT),
        min(comments.total, MAX_COUNT),
    )
