"""Read what is known, when a comment comes, about who sends it and about its words: one question, written once."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, exists, func, or_, select

from commentsite import clock, retention
from commentsite.comments.models import Comment, Report, Sanction
from commentsite.comments.screening import Past
from commentsite.comments.states import CommentState
from commentsite.db import UtcDateTime, session

_GONE = (CommentState.RESTRICTED, CommentState.REFUSED, CommentState.SPAM)


@dataclass(frozen=True)
class Known:
    """What was before a comment: of who sends it, and of its words."""

    past: Past
    is_confirmed: bool  # the address, with any comment
    is_repeat: bool  # anybody sent these words about any letter
    sanction: str | None  # the level of what is decided about the address


def known_of(comment: Comment, now: datetime) -> Known:
    """Return what is known of a comment's sender and words, itself not counted."""
    return _known(
        now,
        email=comment.email_hash,
        address=comment.address_hash,
        words=comment.body_hash,
        besides=comment.id or 0,
    )


def verdicts_on(address_hash: str | None, besides: int = 0) -> dict[str, int]:
    """Count what came from a network address and was spam, refused, or reported with right."""
    if address_hash is None:
        return {}
    asked = {"email": None, "address": address_hash, "words": "", "besides": besides}
    past = _known(clock.now(), **asked).past
    counted = {"spam": past.spam, "refused": past.refused, "reported": past.reported}
    return {what: n for what, n in counted.items() if n}


def duplicate_exists(letter_id: int, email_hash: str, body_hash: str) -> bool:
    """Say whether this address already sent these words about this letter, and nobody else can know them.

    Anybody can type anybody's address. Of words that were public, or that another address sent too,
    the answer would tell a stranger whose they are; those are taken again, and pointed out as a repeat.
    """
    asked = {"letter": letter_id, "email": email_hash, "words": body_hash}
    is_repeat, is_known = session().execute(_duplicate(), asked).one()
    return bool(is_repeat and not is_known)


def confirmed_before(email_hash: str) -> bool:
    """Say whether this address was confirmed with an earlier comment."""
    return bool(session().scalar(_confirmed(), {"email": email_hash}))


def states_under(email_hash: str | None, *, but: int) -> dict[str, int]:
    """Count what else came from an email address, by where it stands."""
    if email_hash is None:
        return {}
    asked = {"email": email_hash, "besides": but}
    return {str(state): n for state, n in session().execute(_states(), asked)}


def _known(now: datetime, **asked: str | int | None) -> Known:
    # As far back as network addresses are kept, and no further, even where the worker is late to forget them.
    since = now - retention.ADDRESSES
    found = session().execute(_question(), {**asked, "now": now, "since": since}).one()
    return Known(
        past=Past(bool(found.is_published), found.spam, found.refused, found.reported),
        is_confirmed=bool(found.is_confirmed),
        is_repeat=bool(found.is_repeat),
        sanction=found.sanction,
    )


@cache
def _question() -> Select[bool, bool, bool, int, int, int, str]:
    """Return the statement, made once: to compose it takes longer than to answer it. An address that is NULL equals none."""
    mine = Comment.email_hash == bindparam("email")
    is_confirmed = (mine, Comment.email_confirmed_at.is_not(None))
    same = (Comment.body_hash == bindparam("words"), Comment.id != bindparam("besides"))
    here = (
        Comment.address_hash == bindparam("address"),
        Comment.submitted_at >= bindparam("since", type_=UtcDateTime()),
        Comment.id != bindparam("besides"),
    )
    # What stands again was reported without right; and few of those from one address are gone.
    is_gone = Comment.state.in_(_GONE)
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
        _count(*here, Comment.state == CommentState.SPAM).label("spam"),
        _count(*here, Comment.state == CommentState.REFUSED).label("refused"),
        reports.where(*here, is_gone, Report.state == "upheld").scalar_subquery().label("reported"),
        holds.order_by(Sanction.id.desc()).limit(1).scalar_subquery().label("sanction"),
    )


def _count(*where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(Comment).where(*where).scalar_subquery()


@cache
def _states() -> Select[CommentState, int]:
    theirs = (Comment.email_hash == bindparam("email"), Comment.id != bindparam("besides"))
    return select(Comment.state, func.count()).where(*theirs).group_by(Comment.state)


@cache
def _duplicate() -> Select[bool, bool]:
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
def _confirmed() -> Select[bool]:
    is_theirs = Comment.email_hash == bindparam("email")
    return select(exists().where(is_theirs, Comment.email_confirmed_at.is_not(None)))
