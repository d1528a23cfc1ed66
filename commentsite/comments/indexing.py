"""Keep the full-text indexes up with a comment: that of the desk, and the public one while it is published."""

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.search.index import (
    COMMENT_PARTS,
    DeskEntry,
    change_desk_facets,
    index_comment,
    index_comments_for_desk,
    remove_from_index,
)
from commentsite.search.queries import DeskFacets


def index_words(comment: Comment) -> None:
    """Index a new comment, or one with a changed text or author."""
    index_for_desk(comment)
    if comment.state == CommentState.PUBLISHED:
        _index_for_readers(comment)


def index_for_desk(*comments: Comment) -> None:
    """Add comments to the index of the desk, or replace their entries."""
    index_comments_for_desk([_build_entry(comment) for comment in comments])


def _build_entry(comment: Comment) -> DeskEntry:
    author = f"{comment.name} {comment.organisation}"
    return DeskEntry(comment.id, _build_facets(comment, comment.state), author, comment.body)


def index_state(comment: Comment, old_state: CommentState) -> None:
    """Note the new state of a comment whose text and author stay the same."""
    old, new = _build_facets(comment, old_state), _build_facets(comment, comment.state)
    if not change_desk_facets(comment.id, old, new):
        index_for_desk(comment)
    if comment.state == CommentState.PUBLISHED:
        _index_for_readers(comment)
    elif old_state == CommentState.PUBLISHED:
        remove_from_index("search_comment", comment.id)


def remove_words(comment: Comment) -> None:
    """Remove an erased comment from the indexes."""
    for table in COMMENT_PARTS:
        remove_from_index(table, comment.id)


def _index_for_readers(comment: Comment) -> None:
    index_comment(comment.id, f"{comment.name} {comment.organisation} {comment.body}")


def _build_facets(comment: Comment, state: CommentState) -> DeskFacets:
    return DeskFacets(str(state), comment.letter_id, comment.stakeholder_group)
