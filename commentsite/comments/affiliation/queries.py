"""Read what is known about who speaks."""

from sqlalchemy import bindparam, exists, select

from commentsite.comments.affiliation.models import AuthorAddress
from commentsite.comments.models import Comment
from commentsite.db.session import session

# Asked with each comment, so composed once.
_IS_AUTHOR_ADDRESS = select(
    exists().where(
        AuthorAddress.letter_id == bindparam("letter"),
        AuthorAddress.email_hash == bindparam("email"),
    )
)


def list_author_addresses(letter_id: int) -> list[AuthorAddress]:
    """Return the addresses from which a letter's authors answer, the oldest entry first."""
    query = select(AuthorAddress).where(AuthorAddress.letter_id == letter_id)
    return list(session().scalars(query.order_by(AuthorAddress.id)))


def is_author_address(letter_id: int, email_hash: str) -> bool:
    """Say whether an author of the letter answers from this address."""
    return bool(session().scalar(_IS_AUTHOR_ADDRESS, {"letter": letter_id, "email": email_hash}))


def list_comments_from_email(letter_id: int, email_hash: str) -> list[Comment]:
    """Return what was sent to a letter under an address."""
    where = (Comment.letter_id == letter_id, Comment.email_hash == email_hash)
    return list(session().scalars(select(Comment).where(*where).order_by(Comment.id)))
