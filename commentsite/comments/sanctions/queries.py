"""Read what was decided about whoever writes from an address, known only by its keyed hash."""

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
# Asked with each page of the desk, so composed once.
_ACTIVE_BY_EMAIL = _ACTIVE.where(Sanction.email_hash == bindparam("email"))


def find_active_sanction(email_hash: str | None, now: datetime) -> Sanction | None:
    """Return what holds about an address now; there is at most one."""
    if email_hash is None:
        return None
    return session().scalars(_ACTIVE_BY_EMAIL, {"email": email_hash, "now": now}).first()


def requires_review(level: str | None) -> bool:
    """Say whether a moderator wants to read whatever comes from an address about which this is decided."""
    return level not in {None, SanctionLevel.NOTE}


def find_active_suspension(email_hash: str | None, now: datetime) -> Sanction | None:
    """Return the suspension of an address, if one holds now."""
    found = find_active_sanction(email_hash, now)
    return found if found is not None and found.level == SanctionLevel.SUSPENDED else None


def find_sanction_clause(sanction: Sanction) -> Clause | None:
    """Return the rule it rests on, as it read when it was decided."""
    named = (sanction.rules_version, sanction.clause)
    return find_clauses([named]).get(named)


def list_active_sanctions(now: datetime) -> list[Sanction]:
    """Return every sanction that holds, the one that ends first at the top."""
    return list(session().scalars(_ACTIVE, {"now": now}))


def list_past_sanctions(email_hash: str, now: datetime) -> list[Sanction]:
    """Return what was decided about an address and holds no longer, the newest first."""
    over = or_(Sanction.until <= now, Sanction.ended_at.is_not(None))
    query = select(Sanction).where(Sanction.email_hash == email_hash, over)
    return list(session().scalars(query.order_by(Sanction.id.desc())))


def get_sanction_for_update(sanction_id: int) -> Sanction:
    """Return one as it is now, locked. Raises NotFound."""
    query = for_update(select(Sanction).where(Sanction.id == sanction_id))
    return require_found(session().scalars(query).first(), "There is no sanction with this number.")


def list_sanctions_ended_before(before: datetime) -> list[Sanction]:
    """Return the sanctions that have been over since a moment."""
    over = or_(Sanction.until <= before, Sanction.ended_at <= before)
    return list(session().scalars(select(Sanction).where(over).limit(500)))
