"""Set up the site and change its settings."""

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
from commentsite.site.premoderation import EmailConfirmation, PremoderationPolicy
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
    """All settings that the settings page sends.

    The keys are attributes of SiteSettings, and the public audit log records the names of those
    that changed. They stay the same for that reason.
    """

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
    language: str
    footer: str
    controller: str
    privacy_contact: str
    privacy_rights: str


MAX_LABEL_LENGTH = 60
LENGTH_LIMITS = {
    "title": (1, 120),
    "tagline": (0, 300),
    "contact": (0, 254),
    "banned_words": (0, 100_000),
    "disposable_domains": (0, 20_000),
    "organisation_domains": (0, 20_000),
    "language": (2, 20),
    "footer": (0, 1_000),
    "controller": (0, 300),
    "privacy_contact": (0, 254),
    "privacy_rights": (0, 5_000),
}
LANGUAGE_HEADING = re.compile(r"\[\s*[A-Za-z]{2,3}(?:-[A-Za-z0-9-]+)?\s*\]")
DOMAIN_PATTERN = re.compile(r"@?[^\s@/:.]+(?:\.[^\s@/:.]+)+")
NUMBER_LIMITS = {"answer_hours": (1, 720), "hold_links": (0, 50), "report_threshold": (0, 50)}
# Email providers open to the public. An address there says nothing about an organisation.
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
ALLOWED_VALUES = {
    "email_confirmation": tuple(EmailConfirmation),
    "moderation_mode": tuple(ModerationMode),
    "intake": tuple(PremoderationPolicy),
}


def ensure_site() -> None:
    """Create settings, groups and rules in a new database. An existing site is left as it is."""
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
    """Store the settings that differ and return their names. Without a change, nothing is written.

    `version` is that of the actor's page. Raises Conflict when another steward has changed the
    settings since, and Invalid on a field with an error.
    """
    by.require(Permission.CHANGE_SETTINGS)
    row = site_queries.get_settings_for_update()
    if row.version != version:
        msg = "Another steward changed the settings after you opened this page. What you typed is still here. Reload the page to see the change."
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


def record_mail_test() -> None:
    """Note that a test message was handed to the mail server."""
    site_queries.get_settings_for_update().mail_tested_at = clock.now()


def record_rules_read(*, by: Actor) -> None:
    """Note that a steward has read the moderation rules with which the site began."""
    by.require_everywhere(Permission.EDIT_RULES)
    site_queries.get_settings_for_update().rules_read_at = clock.now()


def dismiss_checklist(*, by: Actor) -> None:
    """Take the list of first steps off the dashboard."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    site_queries.get_settings_for_update().checklist_dismissed_at = clock.now()


def restore_checklist(*, by: Actor) -> None:
    """Show the list of first steps on the dashboard again."""
    by.require_everywhere(Permission.CHANGE_SETTINGS)
    site_queries.get_settings_for_update().checklist_dismissed_at = None


def parse_groups(text: str) -> dict[str, str]:
    """Return labels by code from lines such as `CIV civil society`. Raises Invalid."""
    groups: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        code, _space, label = line.partition(" ")
        if not re.fullmatch(r"[A-Z]{2,8}", code) or not 2 <= len(label.strip()) <= MAX_LABEL_LENGTH:
            msg = "“%(line)s” is not a group. Write a code of 2 to 8 capital letters and its name, like “CIV civil society”."
            raise Invalid(msg, field="groups", line=line[:60])
        if code in groups:
            msg = "Two groups have the code %(code)s. Remove one of them."
            raise Invalid(msg, field="groups", code=code)
        groups[code] = label.strip()
    if "UND" not in groups:
        msg = "Keep the group UND, so that authors can choose not to name a group."
        raise Invalid(msg, field="groups")
    return groups


def check_changes(changes: SiteChanges) -> None:
    """Raise Invalid on the first field with an error."""
    for name, (shortest, longest) in LENGTH_LIMITS.items():
        text = str(changes[name])  # type: ignore[literal-required]  # the names are SiteChanges' own
        if len(text.strip()) < shortest:
            msg = "This cannot be empty."
            raise Invalid(msg, field=name)
        if len(text) > longest:
            msg = "Write at most %(limit)d characters."
            raise Invalid(msg, field=name, limit=longest)
    for name, (low, high) in NUMBER_LIMITS.items():
        if not low <= int(changes[name]) <= high:  # type: ignore[literal-required]  # the names are SiteChanges' own
            msg = "Choose a number from %(low)d to %(high)d."
            raise Invalid(msg, field=name, low=low, high=high)
    _check_domains(changes["organisation_domains"])
    _check_line_lists(changes["banned_words"], changes["disposable_domains"])
    for name, known in ALLOWED_VALUES.items():
        if changes[name] not in known:  # type: ignore[literal-required]  # the names are SiteChanges' own
            msg = "Choose one of these options."
            raise Invalid(msg, field=name)


def _check_domains(text: str) -> None:
    for domain, name in site_queries.parse_domains(text).items():
        if not re.fullmatch(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}", domain) or len(name) < 2:
            msg = "“%(line)s” is not a domain with its organisation. Write a line like “example.org Example Organisation”."
            raise Invalid(msg, field="organisation_domains", line=f"{domain} {name}"[:60])
        if domain in PUBLIC_EMAIL_PROVIDERS:
            msg = "Remove %(domain)s. It is open to the public, so an address there says nothing about an organisation."
            raise Invalid(msg, field="organisation_domains", domain=domain)


def _check_line_lists(banned_words: str, disposable_domains: str) -> None:
    for line in filter(None, map(str.strip, banned_words.splitlines())):
        if line.startswith("[") and not LANGUAGE_HEADING.fullmatch(line):
            msg = "“%(line)s” is not a language. Write a code in brackets, like [fr], or [all] for every language."
            raise Invalid(msg, field="banned_words", line=line[:60])
    for line in filter(None, map(str.strip, disposable_domains.splitlines())):
        if not DOMAIN_PATTERN.fullmatch(line):
            msg = "“%(line)s” is not a domain. Write one per line, like mailbox.example."
            raise Invalid(msg, field="disposable_domains", line=line[:60])


def _get_offered_groups() -> dict[str, str]:
    return {
        group.code: group.label for group in site_queries.list_stakeholder_groups() if group.offered
    }


def _update_groups(groups: dict[str, str]) -> None:
    """Store the offered groups in order. The others follow them and are no longer offered."""
    known = {group.code: group for group in site_queries.list_stakeholder_groups()}
    for position, code in enumerate([*groups, *(known.keys() - groups.keys())]):
        group = known.get(code)
        if group is None:
            group = StakeholderGroup(code=code, label=groups[code])
            session().add(group)
        group.position, group.offered = position, code in groups
        group.label = groups.get(code, group.label)
