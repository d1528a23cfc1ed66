"""Make the index of the search again, from what is public."""

from commentsite.comments import walks
from commentsite.db import session
from commentsite.letters.queries import public_letters_with_words
from commentsite.letters.services import index
from commentsite.letters.versions import searchable
from commentsite.search import services as search
from commentsite.search.queries import is_empty


def rebuild_index() -> tuple[int, int]:
    """Empty the index and fill it; return how many letters and comments it holds."""
    search.empty()
    letters = comments = 0
    for letter, blocks in public_letters_with_words():
        index(letter, searchable(blocks))
        letters += 1
    for comment_id, body in walks.published_words():
        search.index_comment(comment_id, body)
        comments += 1
    session().flush()
    return letters, comments


def index_what_is_not() -> None:
    """Fill an index that is empty: a site that was there before it."""
    if is_empty():
        rebuild_index()
