"""Find the sanctions against an email address, which is known by its keyed hash only."""

from datetime import datetime

from sqlalchemy import bindparam, or_, select

from commentsite.comments.sanctions.models import Sanction, SanctionLevel
from commentsite.db.base import UtcDateTime
from commentsite.db.session import for_update, session
from commentsite.errors import require_found
from commentsite.site.queries import find_clauses
from commentsite.site.rulebook import Clause

_ACTIVE = (
    select(Sanction)
    .where(Sanction.until > bindparam("now", type_=UtcDateTime()), Sanction.ended_at.is_(None))
    .order_by(Sanction.until)
)
# Built once, because it runs for every page of the moderation desk.
_ACTIVE_BY_EMAIL = _ACTIVE.where(Sanction.email_hash == bindparam("email"))


def find_active_sanction(email_hash: str | None, now: datetime) -> Sanction | None:
    """Return the sanction in force against an address. There is at most one."""
    if email_hash is None:
        return None
    return session().scalars(_ACTIVE_BY_EMAIL, {"email": email_hash, "now": now}).first()


def requires_review(level: str | None) -> bool:
    """Return whether a moderator has to read a comment from an address with a sanction of this level."""
    return level not in {None, SanctionLevel.NOTE}


def find_active_suspension(email_hash: str | None, now: datetime) -> Sanction | None:
    sanction = find_active_sanction(email_hash, now)
    return sanction if sanction is not None and sanction.level == SanctionLevel.SUSPENDED else None


def find_sanction_clause(sanction: Sanction) -> Clause | None:
    """Return the moderation rule of a sanction, in the version that was in force when it was set."""
    key = (sanction.rules_version, sanction.clause)
    return find_clauses([key]).get(key)


def list_active_sanctions(now: datetime) -> list[Sanction]:
    """List every sanction in force, the first to end first."""
    return list(session().scalars(_ACTIVE, {"now": now}))


def list_past_sanctions(email_hash: str, now: datetime) -> list[Sanction]:
    """List the sanctions against an address that are over, the newest first."""
    is_over = or_(Sanction.until <= now, Sanction.ended_at.is_not(None))
    query = select(Sanction).where(Sanction.email_hash == email_hash, is_over)
    return list(session().scalars(query.order_by(Sanction.id.desc())))


def get_sanction_for_update(sanction_id: int) -> Sanction:
    """Return a sanction and lock it. Raises NotFound."""
    query = for_update(select(Sanction).where(Sanction.id == sanction_id))
    return require_found(session().scalars(query).first(), "There is no sanction with this number.")


def list_sanctions_ended_before(before: datetime) -> list[Sanction]:
    """List at most 500 sanctions that ended before a moment, for the purge."""
    has_ended = or_(Sanction.until <= before, Sanction.ended_at <= before)
    return list(session().scalars(select(Sanction).where(has_ended).limit(500)))
