"""Find the email addresses of a letter's authors, and comments from them."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, bindparam, not_, select

from commentsite.comments.affiliation.models import AuthorAddress, AuthorRole
from commentsite.comments.models import Comment
from commentsite.db.session import session

# Built once, because it runs for every submission.
_AUTHOR_ADDRESSES = select(AuthorAddress.email_hash).where(
    AuthorAddress.letter_id == bindparam("letter"),
    AuthorAddress.email_hash.in_(bindparam("emails", expanding=True)),
)


def is_staff_reply(comment: type[Comment] = Comment) -> ColumnElement[bool]:
    """Select the comments that are staff replies (see `Comment.is_staff_reply`)."""
    return and_(
        comment.parent_id.is_not(None),
        comment.author_role == AuthorRole.STAFF,
        comment.email_confirmed_at.is_not(None),
    )


def is_of_group(comment: type[Comment] = Comment) -> ColumnElement[bool]:
    """Select the comments that are not staff replies.

    The staff is no stakeholder group, so a consultation does not count its answers.
    """
    return not_(is_staff_reply(comment))


def list_author_addresses(letter_id: int) -> list[AuthorAddress]:
    """List the recorded addresses of a letter's authors, the oldest record first."""
    query = select(AuthorAddress).where(AuthorAddress.letter_id == letter_id)
    return list(session().scalars(query.order_by(AuthorAddress.id)))


def is_author_address(letter_id: int, email_hash: str) -> bool:
    return bool(filter_author_addresses(letter_id, [email_hash]))


def filter_author_addresses(letter_id: int, email_hashes: Iterable[str]) -> set[str]:
    """Return those of the hashed addresses that are recorded for the letter's authors."""
    parameters = {"letter": letter_id, "emails": list(email_hashes)}
    return set(session().scalars(_AUTHOR_ADDRESSES, parameters))


def list_comments_from_email(letter_id: int, email_hash: str) -> list[Comment]:
    where = (Comment.letter_id == letter_id, Comment.email_hash == email_hash)
    return list(session().scalars(select(Comment).where(*where).order_by(Comment.id)))
