"""Read what is new at the desk since a moment, for one person, and how much waits in all."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Select, func, literal_column, select

from commentsite.accounts.permissions import Actor
from commentsite.comments.appeal import Appeal
from commentsite.comments.appeal_states import AT_THE_DESK
from commentsite.comments.models import Comment, Report
from commentsite.db import session
from commentsite.moderation.models import Decision
from commentsite.moderation.policy import SECOND, THIRD
from commentsite.paging import MOST_COUNTED
from commentsite.retention import UNCONFIRMED


def new_since(subject: str, moment: datetime, for_whom: Actor) -> int:
    """Return how much of a subject came before the desk since a moment, no further than MOST_COUNTED + 1."""
    return _up_to(_IDS[subject](moment, for_whom), for_whom)


def all_of(subject: str, for_whom: Actor) -> int:
    """Return how much of a subject waits in all, counted as far."""
    return _up_to(_IDS[subject](None, for_whom), for_whom)


def _up_to(ids: Select[int], for_whom: Actor) -> int:
    if for_whom.letters is not None:
        ids = ids.where(Comment.letter_id.in_(for_whom.letters))
    counted = ids.limit(MOST_COUNTED + 1).subquery()
    return session().scalars(select(func.count()).select_from(counted)).one()


def _waiting(moment: datetime | None, _for_whom: Actor) -> Select[int]:
    # As it stands in the statement: an index of only those rows is used for no other words.
    query = select(Comment.id).where(Comment.state == literal_column("'pending'"))
    if moment is None:
        return query
    # What waited for its address was sent earlier, by as long as that is waited for.
    sent = Comment.submitted_at > moment - UNCONFIRMED - timedelta(days=1)
    return query.where(sent, Comment.changed_at > moment)


def _second(moment: datetime | None, for_whom: Actor) -> Select[int]:
    query = (
        select(Comment.id)
        .join(Decision, Decision.comment_id == Comment.id)
        .where(
            Comment.waits_for.in_((SECOND, THIRD)),
            Decision.comment_version == Comment.version,
            Decision.undone_at.is_(None),
            Decision.moderator_id != for_whom.user_id,
        )
        .distinct()
    )
    return query if moment is None else query.where(Decision.decided_at > moment)


def _appeals(moment: datetime | None, _for_whom: Actor) -> Select[int]:
    query = select(Appeal.id).join(Comment, Comment.id == Appeal.comment_id)
    query = query.where(Appeal.state.in_(AT_THE_DESK))
    return query if moment is None else query.where(Appeal.changed_at > moment)


def _reports(moment: datetime | None, _for_whom: Actor) -> Select[int]:
    query = select(Report.id).join(Comment, Comment.id == Report.comment_id)
    query = query.where(Report.state == literal_column("'open'"))
    return query if moment is None else query.where(Report.sent_at > moment)


_IDS: dict[str, Callable[[datetime | None, Actor], Select[int]]] = {
    "waiting": _waiting,
    "second": _second,
    "appeals": _appeals,
    "reports": _reports,
}
