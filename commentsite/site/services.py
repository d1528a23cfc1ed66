"""Make the site once, and change what is decided about it."""

import re
from dataclasses import asdict
from typing import TypedDict, Unpack

from commentsite import clock
from commentsite.accounts.permissions import Actor, Permission
from commentsite.audit.services import record_event
from commentsite.db.session import session
from commentsite.errors import Conflict, Invalid
from commentsite.site import queries as site_queries
from commentsite.site.models import RuleClause, RulesVersion, SiteSettings, StakeholderGroup
from commentsite.site.premoderation import PremoderationPolicy
from commentsite.site.quorum import ModerationMode
from commentsite.site.rulebook import DEFAULT_CLAUSES

DEFAULT_GROUPS = {
    "CIV": "civil society",
    "TEC": "technical community",
    "GOV": "government",
    "BUS": "business",
    "ACA": "academia",
    "IGO": "intergovernmental organisation",
    "MED": "media",
    "IND": "individual, no group",
    "UND": "prefer not to say",
}


class SiteChanges(TypedDict):
    """Everything the settings page sends at once."""

    title: str
    tagline: str
    contact: str
    answer_hours: int
    hold_links: int
    hold_new_links: bool
    banned_words: str
    disposable_domains: str
    email_confirmation: str
    letters_need_two: bool
    moderation_mode: str
    organisation_domains: str
    staff_need_second_factor: bool
    is_blind: bool
    intake: str
    report_threshold: int


MAX_LABEL_LENGTH = 60
LENGTH_LIMITS = {
    "title": (1, 120),
    "tagline": (0, 300),
    "contact": (0, 254),
    "banned_words": (0, 100_000),
    "disposable_domains": (0, 20_000),
    "organisation_domains": (0, 20_000),
}
LANGUAGE_HEADING = re.compile(r"\[\s*[A-Za-z]{2,3}(?:-[A-Za-z0-9-]+)?\s*\]")
DOMAIN_PATTERN = re.compile(r"@?[^\s@/:.]+(?:\.[^\s@/:.]+)+")
NUMBER_LIMITS = {"answer_hours": (1, 720), "hold_links": (0, 50), "report_threshold": (0, 50)}
# Providers of mail for everybody: an address there is nobody's own domain.
PUBLIC_EMAIL_PROVIDERS = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "yahoo.com",
        "ymail.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "gmx.net",
        "gmx.de",
        "gmx.com",
        "web.de",
        "mail.com",
        "mail.ru",
        "yandex.ru",
        "yandex.com",
        "qq.com",
        "163.com",
        "126.com",
        "proton.me",
        "protonmail.com",
        "pm.me",
        "tutanota.com",
        "tuta.io",
        "fastmail.com",
        "zoho.com",
        "riseup.net",
        "posteo.de",
        "posteo.net",
        "mailbox.org",
        "hey.com",
        "free.fr",
        "orange.fr",
        "laposte.net",
        "libero.it",
        "naver.com",
        "rediffmail.com",
        "uol.com.br",
    ]
)
EMAIL_CONFIRMATION_MODES = ("off", "first_time", "before_queue")
ALLOWED_VALUES = {
    "email_confirmation": EMAIL_CONFIRMATION_MODES,
    "moderation_mode": tuple(ModerationMode),
    "intake": tuple(PremoderationPolicy),
}


def ensure_site() -> None:
    """Make settings, groups and rules on a new database; leave an existing site as it is."""
    if site_queries.find_settings():
        return
    session().add(
        SiteSettings(
            id=1,
            title="Letters on Internet Governance",
            tagline="Letters by people who take part in governing the Internet, and what others have to say to them.",
        ),
    )
    for position, (code, label) in enumerate(DEFAULT_GROUPS.items()):
        session().add(StakeholderGroup(code=code, label=label, position=position))
    session().add(RulesVersion(version=1, published_at=clock.now()))
    session().flush()
    session().add_all(RuleClause(**asdict(clause)) for clause in DEFAULT_CLAUSES)
    session().flush()


def change_settings(
    version: int, groups: str, *, by: Actor, **changes: Unpack[SiteChanges]
) -> list[str]:
    """Take over what differs and return the names of what changed; nothing different, nothing written.

    `version` is the one the page showed. Raises Conflict when somebody changed the settings
    since, Invalid on the field that cannot be taken.
    """
    by.require(Permission.CHANGE_SETTINGS)
    row = site_queries.get_settings_for_update()
    if row.version != version:
        msg = "Somebody changed the settings after you opened this page. Load it again; what you typed is still here."
        raise Conflict(msg)
    offered = parse_groups(groups)
    check_changes(changes)
    changed = sorted(name for name, value in changes.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, changes[name])  # type: ignore[literal-required]  # the names are SiteChanges' own
    if offered != _get_offered_groups():
        _update_groups(offered)
        changed.append("groups")
    if changed:
        row.version += 1
        record_event(by.label, "site.changed", "site:1", settings=changed, version=row.version)
    return changed


def parse_groups(text: str) -> dict[str, str]:
    """Return code → label from lines such as `CIV civil society`. Raises Invalid on a line that is not one."""
    groups: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        code, _space, label = line.partition(" ")
        if not re.fullmatch(r"[A-Z]{2,8}", code) or not 2 <= len(label.strip()) <= MAX_LABEL_LENGTH:
            msg = "“%(line)s” is no group. Write a code of 2 to 8 capital letters and its name, like “CIV civil society”."
            raise Invalid(msg, field="groups", line=line[:60])
        if code in groups:
            msg = "The code %(code)s stands there twice."
            raise Invalid(msg, field="groups", code=code)
        groups[code] = label.strip()
    if "UND" not in groups:
        msg = "UND must stay: everybody may prefer not to say."
        raise Invalid(msg, field="groups")
    return groups


def check_changes(changes: SiteChanges) -> None:
    """Raise Invalid on the field that cannot be taken."""
    for name, (least, most) in LENGTH_LIMITS.items():
        text = str(changes[name])  # type: ignore[literal-required]  # the names are SiteChanges' own
        if not least <= len(text.strip()) or len(text) > most:
            msg = "Write at most %(most)d characters." if text.strip() else "This cannot be empty."
            raise Invalid(msg, field=name, most=most)
    for name, (low, high) in NUMBER_LIMITS.items():
        if not low <= int(changes[name]) <= high:  # type: ignore[literal-required]  # the names are SiteChanges' own
            msg = "Choose a number from %(low)d to %(high)d."
            raise Invalid(msg, field=name, low=low, high=high)
    _check_domains(changes["organisation_domains"])
    _check_line_lists(changes["banned_words"], changes["disposable_domains"])
    for name, known in ALLOWED_VALUES.items():
        if changes[name] not in known:  # type: ignore[literal-required]  # the names are SiteChanges' own
            msg = "Choose one of these."
            raise Invalid(msg, field=name)


def _check_domains(text: str) -> None:
    for domain, name in site_queries.parse_domains(text).items():
        if not re.fullmatch(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}", domain) or len(name) < 2:
            msg = "“%(line)s” is no domain with its organisation. Write “example.org Example Organisation”."
            raise Invalid(msg, field="organisation_domains", line=f"{domain} {name}"[:60])
        if domain in PUBLIC_EMAIL_PROVIDERS:
            msg = "Anybody can have an address at %(domain)s, so it says nothing about an organisation."
            raise Invalid(msg, field="organisation_domains", domain=domain)


def _check_line_lists(words: str, domains: str) -> None:
    for line in filter(None, map(str.strip, words.splitlines())):
        if line.startswith("[") and not LANGUAGE_HEADING.fullmatch(line):
            msg = "“%(line)s” names no language. Write its code in brackets, like [fr], or [all] for every language."
            raise Invalid(msg, field="banned_words", line=line[:60])
    for line in filter(None, map(str.strip, domains.splitlines())):
        if not DOMAIN_PATTERN.fullmatch(line):
            msg = "“%(line)s” is no domain. Write one a line, like mailbox.example."
            raise Invalid(msg, field="disposable_domains", line=line[:60])


def _get_offered_groups() -> dict[str, str]:
    return {
        group.code: group.label for group in site_queries.list_stakeholder_groups() if group.offered
    }


def _update_groups(groups: dict[str, str]) -> None:
    known = {group.code: group for group in site_queries.list_stakeholder_groups()}
    for position, code in enumerate([*groups, *(known.keys() - groups.keys())]):
        group = known.get(code)
        if group is None:
            group = StakeholderGroup(code=code, label=groups[code])
            session().add(group)
        group.position, group.offered = position, code in groups
        group.label = groups.get(code, group.label)
