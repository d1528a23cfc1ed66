"""Read what is decided about the site: its settings, and its rules as each version of them reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ScalarSelect, func, select

from commentsite import clock
from commentsite.db.session import for_update, session
from commentsite.errors import Conflict, NotFound, require_found
from commentsite.site.models import (
    RuleClause,
    RulesVersion,
    SiteSettings,
    StakeholderGroup,
    SwitchState,
)
from commentsite.site.premoderation import ActiveSwitch, EmergencySwitch, active_switches
from commentsite.site.rulebook import Clause, Rulebook, build_rulebook


@dataclass(frozen=True)
class Site:
    """The site as every page needs it: settings and groups, fixed until the version changes."""

    version: int
    title: str
    tagline: str
    contact: str
    answer_hours: int
    hold_links: int
    hold_new_links: bool
    banned_words: tuple[str, ...]  # lines; `[fr]` begins those for French
    disposable_domains: tuple[str, ...]
    email_confirmation: str
    letters_need_two: bool
    moderation_mode: str
    organisation_domains: MappingProxyType[str, str]  # domain → organisation
    staff_need_second_factor: bool
    has_author_anonymity: bool
    premoderation_policy: str  # a Policy
    report_threshold: int  # reports from different addresses that hold a comment; 0: none do
    active_switches: tuple[ActiveSwitch, ...]  # those that were on when it was read
    groups: MappingProxyType[str, str]  # code → label of every group there ever was
    offered_groups: MappingProxyType[
        str, str
    ]  # those a comment can come from today, in their order
    rulebook: Rulebook  # those in force

    def is_switch_active(self, kind: EmergencySwitch, now: datetime) -> bool:
        """Say whether a switch for floods holds at a moment."""
        return any(switch.kind is kind for switch in active_switches(self.active_switches, now))

    def closed_until(self, now: datetime) -> datetime | None:
        """Return until when the site takes no comments; None while it does."""
        closed = (
            s.until
            for s in active_switches(self.active_switches, now)
            if s.kind is EmergencySwitch.CLOSE_COMMENTS
        )
        return next(closed, None)


_SITE_VERSION = select(SiteSettings.version)  # asked with each request, so composed once


def get_site_version() -> int:
    """Return how often the site has been changed."""
    return session().scalars(_SITE_VERSION).one()


def load_site() -> Site:
    """Return settings and groups as they are now."""
    row = session().scalars(select(SiteSettings)).one()
    groups = list_stakeholder_groups()
    return Site(
        version=row.version,
        title=row.title,
        tagline=row.tagline,
        contact=row.contact,
        answer_hours=row.answer_hours,
        hold_links=row.hold_links,
        hold_new_links=row.hold_new_links,
        banned_words=tuple(row.banned_words.splitlines()),
        disposable_domains=tuple(row.disposable_domains.splitlines()),
        email_confirmation=row.email_confirmation,
        letters_need_two=row.letters_need_two,
        moderation_mode=row.moderation_mode,
        organisation_domains=MappingProxyType(parse_domains(row.organisation_domains)),
        staff_need_second_factor=row.staff_need_second_factor,
        has_author_anonymity=row.is_blind,
        premoderation_policy=row.intake,
        report_threshold=row.report_threshold,
        active_switches=_load_active_switches(),
        groups=MappingProxyType({group.code: group.label for group in groups}),
        offered_groups=MappingProxyType(
            {group.code: group.label for group in groups if group.offered}
        ),
        rulebook=get_current_rulebook(),
    )


def _load_active_switches() -> tuple[ActiveSwitch, ...]:
    rows = session().scalars(
        select(SwitchState).where(SwitchState.until > clock.now()).order_by(SwitchState.kind)
    )
    return tuple(
        ActiveSwitch(EmergencySwitch(s.kind), s.until, s.reason, s.set_by_name, s.set_at)
        for s in rows
    )


def get_current_rulebook() -> Rulebook:
    """Return the newest version of the rules, which decisions rest on from now on."""
    return _load_rulebook(select(func.max(RulesVersion.version)).scalar_subquery())


def get_rulebook(version: int) -> Rulebook:
    """Return one version of the rules as it was published. Raises NotFound."""
    return _load_rulebook(version)


def find_clauses(keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Clause]:
    """Return clauses by version of the rules and code; in one question, and in none where there is no code."""
    wanted = {name for name in keys if name[1]}
    if not wanted:
        return {}
    query = select(RuleClause).where(
        RuleClause.version.in_({version for version, _code in wanted}),
        RuleClause.code.in_({code for _version, code in wanted}),
    )
    found = (clause_from_row(row) for row in session().scalars(query))
    return {(c.version, c.code): c for c in found if (c.version, c.code) in wanted}


def check_clause_unchanged(rulebook: Rulebook, code: str, seen_version: int | None) -> None:
    """Raise Conflict when a clause reads otherwise in these rules than on the page it was chosen from.

    `seen` is the version which that page showed; None where it did not say.
    """
    if not code or seen_version in {None, rulebook.version}:
        return
    named = (seen_version or 0, code)
    before = find_clauses([named]).get(named)
    if before is None or not before.has_same_content(rulebook.find_clause(code)):
        msg = "The rules have changed since you opened this page; version %(n)d is in force now. Choose the rule again."
        raise Conflict(msg, n=rulebook.version)


def list_rules_versions() -> list[RulesVersion]:
    """Return every version of the rules with its summary, the newest first."""
    return list(session().scalars(select(RulesVersion).order_by(RulesVersion.version.desc())))


def clause_from_row(row: RuleClause) -> Clause:
    """Return a stored clause as everybody else knows one."""
    return Clause(row.code, row.number, row.title, row.text, row.version, row.since, row.is_retired)


def _load_rulebook(version: int | ScalarSelect[int]) -> Rulebook:
    query = (
        select(RulesVersion, RuleClause)
        .join(RuleClause, RuleClause.version == RulesVersion.version)
        .where(RulesVersion.version == version)
    )
    rows = session().execute(query).all()
    if not rows:
        msg = "There is no such version of the rules."
        raise NotFound(msg)
    one = rows[0][0]
    return build_rulebook(
        one.version, one.summary, one.published_at, (clause_from_row(row) for _, row in rows)
    )


def list_stakeholder_groups() -> list[StakeholderGroup]:
    """Return every group there ever was, in the order they are offered."""
    return list(session().scalars(select(StakeholderGroup).order_by(StakeholderGroup.position)))


def parse_domains(text: str) -> dict[str, str]:
    """Return domain → organisation from lines such as `example.org Example Organisation`."""
    lines = (line.strip().partition(" ") for line in text.splitlines())
    return {domain.lower(): name.strip() for domain, _space, name in lines if domain}


def get_settings_for_update() -> SiteSettings:
    """Return the one row as it is now, locked until the transaction ends. Raises NotFound before the site is made."""
    query = for_update(select(SiteSettings))
    return require_found(session().scalars(query).first(), "The site has not been set up.")


def find_settings() -> SiteSettings | None:
    """Return the one row, or None before the site is made."""
    return session().scalars(select(SiteSettings)).first()
