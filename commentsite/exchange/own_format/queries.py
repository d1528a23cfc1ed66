"""Compare the rules and groups of this site with those of an export, and insert rows in bulk."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from commentsite.db.base import Base
from commentsite.db.session import session
from commentsite.letters.models import Letter
from commentsite.site.models import RuleClause, RulesVersion, StakeholderGroup


def insert_rows(model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session().execute(insert(model), rows)


def has_letters() -> bool:
    return session().scalars(select(Letter.id).limit(1)).first() is not None


def list_rules_versions() -> Sequence[RulesVersion]:
    return session().scalars(select(RulesVersion).order_by(RulesVersion.version)).all()


def list_clauses() -> Sequence[RuleClause]:
    query = select(RuleClause).order_by(RuleClause.version, RuleClause.number)
    return session().scalars(query).all()


def list_all_groups() -> Sequence[StakeholderGroup]:
    return session().scalars(select(StakeholderGroup).order_by(StakeholderGroup.position)).all()
