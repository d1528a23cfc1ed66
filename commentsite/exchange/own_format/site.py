"""Take over the groups and the moderation rules of an export."""

from dataclasses import dataclass

from commentsite.accounts.permissions import Actor
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.exchange.own_format import queries as own_queries
from commentsite.exchange.own_format import records
from commentsite.exchange.own_format.reader import ExportFile
from commentsite.site.models import RuleClause, RulesVersion, StakeholderGroup
from commentsite.site.queries import get_settings_for_update


@dataclass(frozen=True)
class _Clause:
    """A clause without the version in which it stands."""

    code: str
    number: int
    title: str
    text: str
    since: int
    is_retired: bool


def take_groups(export: ExportFile, *, by: Actor) -> None:
    """Add the groups that this site lacks, which are not offered here. A site without letters takes all as they are."""
    groups = list(export.iter_records("groups.jsonl", records.Group))
    rows = {row.code: row for row in own_queries.list_all_groups()}
    is_new_site = not own_queries.has_letters()
    position = max((row.position for row in rows.values()), default=0)
    changed = False
    for group in groups:
        row = rows.get(group.code)
        if row is None:
            position += 1
            row = StakeholderGroup(
                code=group.code, label=group.label, position=position, offered=False
            )
            session().add(row)
            changed = True
        if is_new_site:
            row.label, row.position, row.offered = group.label, group.position, group.offered
    if is_new_site:
        stated = {group.code for group in groups}
        for code, row in rows.items():
            if code not in stated and code != "UND":
                session().delete(row)
    if changed or is_new_site:
        settings = get_settings_for_update()
        settings.version += 1
        record_event(
            by.label, "site.changed", "site:1", settings=["groups"], version=settings.version
        )


def take_rules(export: ExportFile, *, by: Actor) -> bool:
    """Return whether the versions of the rules in the file are those of this site.

    A site without letters takes them over. Any other keeps its own, and imported comments then count as sent under
    the rules in force here.
    """
    stated = list(export.iter_records("rules.jsonl", records.Rules))
    if own_queries.has_letters() or not stated:
        here = _list_rules_here()
        return bool(stated) and all(
            here.get(rules.version) == _list_clauses(rules) for rules in stated
        )
    for clause in own_queries.list_clauses():
        session().delete(clause)
    session().flush()
    for version in own_queries.list_rules_versions():
        session().delete(version)
    session().flush()
    for rules in stated:
        session().add(
            RulesVersion(
                version=rules.version, summary=rules.summary, published_at=rules.published_at
            )
        )
        session().flush()
        session().add_all(
            RuleClause(version=rules.version, **vars(clause)) for clause in _list_clauses(rules)
        )
    session().flush()
    settings = get_settings_for_update()
    settings.version += 1
    newest = max(rules.version for rules in stated)
    record_event(by.label, "rules.imported", f"rules:{newest}", version=newest)
    return True


def _list_rules_here() -> dict[int, list[_Clause]]:
    rules: dict[int, list[_Clause]] = {}
    for row in own_queries.list_clauses():
        rules.setdefault(row.version, []).append(
            _Clause(row.code, row.number, row.title, row.text, row.since, row.is_retired)
        )
    return rules


def _list_clauses(rules: records.Rules) -> list[_Clause]:
    clauses = (
        _Clause(c.code, c.number, c.title, c.text, c.since, c.is_retired) for c in rules.clauses
    )
    return sorted(clauses, key=lambda clause: clause.number)
