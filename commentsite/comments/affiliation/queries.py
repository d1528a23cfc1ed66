"""Find the email addresses of a letter's authors, and comments from them."""

from sqlalchemy import bindparam, exists, select

from commentsite.comments.affiliation.models import AuthorAddress
from commentsite.comments.models import Comment
from commentsite.db.session import session

# Built once, because it runs for every submission.
_IS_AUTHOR_ADDRESS = select(
    exists().where(
        AuthorAddress.letter_id == bindparam("letter"),
        AuthorAddress.email_hash == bindparam("email"),
    )
)


def list_author_addresses(letter_id: int) -> list[AuthorAddress]:
    """List the recorded addresses of a letter's authors, the oldest record first."""
    query = select(AuthorAddress).where(AuthorAddress.letter_id == letter_id)
    return list(session().scalars(query.order_by(AuthorAddress.id)))


def is_author_address(letter_id: int, email_hash: str) -> bool:
    return bool(session().scalar(_IS_AUTHOR_ADDRESS, {"letter": letter_id, "email": email_hash}))


def list_comments_from_email(letter_id: int, email_hash: str) -> list[Comment]:
    where = (Comment.letter_id == letter_id, Comment.email_hash == email_hash)
    return list(session().scalars(select(Comment).where(*where).order_by(Comment.id)))
