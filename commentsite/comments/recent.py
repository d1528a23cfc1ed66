"""Read the last comments, to try on them what is not in force."""

from datetime import datetime

from sqlalchemy import func, select

from commentsite.comments.models import Comment
from commentsite.comments.states import CommentState
from commentsite.db import session
from commentsite.letters.models import Letter


def latest(limit: int) -> list[tuple[Comment, str]]:
    """Return the newest comments that are not erased, each with the language of its letter."""
    query = (
        select(Comment, Letter.language)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(Comment.erased_at.is_(None))
        .order_by(Comment.submitted_at.desc(), Comment.id.desc())
        .limit(limit)
    )
    return [(comment, language) for comment, language in session().execute(query)]


def published_since(limit: int) -> dict[str, datetime]:
    """Return since when each address of the newest comments has a published one that it confirmed."""
    query = (
        select(Comment.email_hash, func.min(Comment.published_at))
        .where(
            Comment.email_hash.in_(
                select(Comment.email_hash).order_by(Comment.submitted_at.desc()).limit(limit)
            ),
            Comment.email_confirmed_at.is_not(None),
            Comment.state == CommentState.PUBLISHED,
        )
        .group_by(Comment.email_hash)
    )
    found = session().execute(query)
    return {email_hash: since for email_hash, since in found if email_hash and since}
