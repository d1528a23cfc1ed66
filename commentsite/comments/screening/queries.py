"""Read the last comments, to try on them what is not in force."""

from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, exists, func, or_, select

from commentsite.comments.models import Comment
from commentsite.comments.reports.models import Report
from commentsite.comments.sanctions.models import Sanction
from commentsite.comments.screening.models import ExternalCheck
from commentsite.comments.states import CommentState
from commentsite.db.base import UtcDateTime
from commentsite.db.session import session
from commentsite.letters.models import Letter

_REMOVED_STATES = (CommentState.RESTRICTED, CommentState.REFUSED, CommentState.SPAM)


def has_duplicate_submission(letter_id: int, email_hash: str, body_hash: str) -> bool:
    """Say whether this address already sent these words about this letter, and nobody else can know them.

    Anybody can type anybody's address. Of words that were public, or that another address sent too,
    the answer would tell a stranger whose they are; those are taken again, and pointed out as a repeat.
    """
    asked = {"letter": letter_id, "email": email_hash, "words": body_hash}
    is_repeat, is_known = session().execute(_duplicate_statement(), asked).one()
    return bool(is_repeat and not is_known)


def is_email_confirmed(email_hash: str) -> bool:
    """Say whether this address was confirmed with an earlier comment."""
    return bool(session().scalar(_confirmed_statement(), {"email": email_hash}))


def count_states_by_email(email_hash: str | None, *, exclude_comment_id: int) -> dict[str, int]:
    """Count what else came from an email address, by where it stands."""
    if email_hash is None:
        return {}
    asked = {"email": email_hash, "besides": exclude_comment_id}
    return {str(state): n for state, n in session().execute(_states_statement(), asked)}


@cache
def sender_history_statement() -> Select[bool, bool, bool, int, int, int, str]:
    """Return the statement, made once: to compose it takes longer than to answer it. An address that is NULL equals none."""
    mine = Comment.email_hash == bindparam("email")
    is_confirmed = (mine, Comment.email_confirmed_at.is_not(None))
    same = (Comment.body_hash == bindparam("words"), Comment.id != bindparam("besides"))
    here = (
        Comment.network_address_hash == bindparam("address"),
        Comment.submitted_at >= bindparam("since", type_=UtcDateTime()),
        Comment.id != bindparam("besides"),
    )
    # What stands again was reported without right; and few of those from one address are gone.
    is_gone = Comment.state.in_(_REMOVED_STATES)
    reports = select(func.count()).select_from(Report)
    reports = reports.join(Comment, Comment.id == Report.comment_id)
    holds = select(Sanction.level).where(
        Sanction.email_hash == bindparam("email"),
        Sanction.until > bindparam("now", type_=UtcDateTime()),
        Sanction.ended_at.is_(None),
    )
    return select(
        exists()
        .where(*is_confirmed, Comment.state == CommentState.PUBLISHED)
        .label("is_published"),
        exists().where(*is_confirmed).label("is_confirmed"),
        exists().where(*same).label("is_repeat"),
        _count_comments(*here, Comment.state == CommentState.SPAM).label("spam"),
        _count_comments(*here, Comment.state == CommentState.REFUSED).label("refused"),
        reports.where(*here, is_gone, Report.state == "upheld").scalar_subquery().label("reported"),
        holds.order_by(Sanction.id.desc()).limit(1).scalar_subquery().label("sanction"),
    )


def _count_comments(*where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(Comment).where(*where).scalar_subquery()


@cache
def _states_statement() -> Select[CommentState, int]:
    theirs = (Comment.email_hash == bindparam("email"), Comment.id != bindparam("besides"))
    return select(Comment.state, func.count()).where(*theirs).group_by(Comment.state)


@cache
def _duplicate_statement() -> Select[bool, bool]:
    email: ColumnElement[str] = bindparam("email")
    same = Comment.body_hash == bindparam("words")
    mine = (Comment.letter_id == bindparam("letter"), Comment.email_hash == email)
    known = or_(
        Comment.published_at.is_not(None),
        Comment.email_hash != email,
        Comment.email_hash.is_(None),
    )
    return select(exists().where(same, *mine), exists().where(same, known))


@cache
def _confirmed_statement() -> Select[bool]:
    is_theirs = Comment.email_hash == bindparam("email")
    return select(exists().where(is_theirs, Comment.email_confirmed_at.is_not(None)))


def list_latest_with_language(limit: int) -> list[tuple[Comment, str]]:
    """Return the newest comments that are not erased, each with the language of its letter."""
    query = (
        select(Comment, Letter.language)
        .join(Letter, Letter.id == Comment.letter_id)
        .where(Comment.erased_at.is_(None))
        .order_by(Comment.submitted_at.desc(), Comment.id.desc())
        .limit(limit)
    )
    return [(comment, language) for comment, language in session().execute(query)]


def load_first_publication_by_email(limit: int) -> dict[str, datetime]:
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


def count_failed_checks() -> int:
    """Return about how many comments a service of others was asked in vain."""
    where = ExternalCheck.state == "failed"
    return session().scalars(select(func.count()).select_from(ExternalCheck).where(where)).one()


def find_next_due_check(now: datetime) -> ExternalCheck | None:
    """Return one promise that is due about a comment that waits, locked; others pass it by."""
    where = (ExternalCheck.state == "waiting", ExternalCheck.next_attempt_at <= now)
    query = (
        select(ExternalCheck)
        .join(Comment, Comment.id == ExternalCheck.comment_id)
        .where(*where, Comment.state == CommentState.PENDING)
        .order_by(ExternalCheck.next_attempt_at, ExternalCheck.comment_id)
        .limit(1)
        .with_for_update(of=ExternalCheck, skip_locked=True)
    )
    return session().scalars(query.execution_options(populate_existing=True)).first()
