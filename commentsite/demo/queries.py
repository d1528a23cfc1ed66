"""Find the rows that the files of the demo name in words."""

from sqlalchemy import select

from commentsite.comments.models import Comment
from commentsite.db.session import session
from commentsite.letters.models import Letter
from commentsite.letters.text.queries import list_current_blocks


def map_comments_by_name(letter_id: int) -> dict[str, Comment]:
    """Return the comments on a letter by the names of their authors."""
    query = select(Comment).where(Comment.letter_id == letter_id)
    return {comment.name: comment for comment in session().scalars(query)}


def map_paragraph_ids(letter: Letter) -> dict[int, str]:
    """Return the ids of the paragraphs of a letter by their numbers."""
    blocks = list_current_blocks(letter)
    return {block.number: block.pid for block in blocks if block.number and block.pid}
