"""Read what was decided about whoever writes from an address, known only by its keyed hash."""

from datetime import datetime

from sqlalchemy import bindparam, or_, select

from commentsite.comments.models import Sanction
from commentsite.comments.states import SanctionLevel
from commentsite.db import UtcDateTime, for_update, session
from commentsite.errors import require_found
from commentsite.site.queries import clauses_named
from commentsite.site.rulebook import Clause

_NOW = (
    select(Sanction)
    .where(Sanction.until > bindparam("now", type_=UtcDateTime()), Sanction.ended_at.is_(None))
    .order_by(Sanction.until)
)
# Asked with each page of the desk, so composed once.
_ON_ADDRESS = _NOW.where(Sanction.email_hash == bindparam("email"))


def sanction_on(email_hash: str | None, now: datetime) -> Sanction | None:
    """Return what holds about an address now; there is at most one."""
    if email_hash is None:
        return None
    return session().scalars(_ON_ADDRESS, {"email": email_hash, "now": now}).first()


def reads_first(level: str | None) -> bool:
    """Say whether a moderator wants to read whatever comes from an address about which this is decided."""
    return level not in {None, SanctionLevel.NOTE}


def suspension_on(email_hash: str | None, now: datetime) -> Sanction | None:
    """Return the suspension of an address, if one holds now."""
    found = sanction_on(email_hash, now)
    return found if found is not None and found.level == SanctionLevel.SUSPENDED else None


def suspension_in_words(sanction: Sanction | None, contact: str) -> dict[str, str]:
    """Return what a suspended address is told: until when, why, and where to object; {} for any other."""
    if sanction is None or sanction.level != SanctionLevel.SUSPENDED:
        return {}
    clause = clause_of(sanction)
    return {
        "suspended_until": f"{sanction.until.day} {sanction.until:%B %Y}",
        "suspended_rule": str(clause.number) if clause else "",
        "suspended_reason": sanction.reason,
        "contact": contact,
    }


def clause_of(sanction: Sanction) -> Clause | None:
    """Return the rule it rests on, as it read when it was decided."""
    named = (sanction.rules_version, sanction.clause)
    return clauses_named([named]).get(named)


def sanctions_now(now: datetime) -> list[Sanction]:
    """Return every sanction that holds, the one that ends first at the top."""
    return list(session().scalars(_NOW, {"now": now}))


def sanctions_before(email_hash: str, now: datetime) -> list[Sanction]:
    """Return what was decided about an address and holds no longer, the newest first."""
    over = or_(Sanction.until <= now, Sanction.ended_at.is_not(None))
    query = select(Sanction).where(Sanction.email_hash == email_hash, over)
    return list(session().scalars(query.order_by(Sanction.id.desc())))


def sanction_for_update(sanction_id: int) -> Sanction:
    """Return one as it is now, locked. Raises NotFound."""
    query = for_update(select(Sanction).where(Sanction.id == sanction_id))
    return require_found(session().scalars(query).first(), "There is no sanction with this number.")


def over_since(moment: datetime) -> list[Sanction]:
    """Return the sanctions that have been over since a moment."""
    over = or_(Sanction.until <= moment, Sanction.ended_at <= moment)
    return list(session().scalars(select(Sanction).where(over).limit(500)))
