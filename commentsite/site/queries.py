"""Read the settings of the site, its stakeholder groups, and the versions of its rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from types import MappingProxyType

from sqlalchemy import ScalarSelect, Table, func, select

from commentsite import clock
from commentsite.db.base import Base
from commentsite.db.session import for_update, session
from commentsite.errors import Conflict, NotFound, require_found
from commentsite.site.comment_allowances import ActiveAllowance
from commentsite.site.models import (
    CommentAllowance,
    EmbedOrigin,
    KeyCheck,
    RuleClause,
    RulesVersion,
    SetupToken,
    SiteImage,
    SiteSettings,
    StakeholderGroup,
    SwitchState,
)
from commentsite.site.pages.queries import PublicPage, list_public_pages
from commentsite.site.premoderation import ActiveSwitch, EmergencySwitch, list_active_switches
from commentsite.site.rulebook import Clause, Rulebook, build_rulebook

SAMPLES_PER_COLUMN = 5
ENCRYPTED_COLUMN_SUFFIX = "_sealed"  # of every column that holds encrypted values


def list_key_checks() -> list[KeyCheck]:
    return list(session().scalars(select(KeyCheck).order_by(KeyCheck.id)))


def list_encrypted_samples(tables: Iterable[Table] | None = None) -> list[bytes]:
    """Return the newest values of every column that holds encrypted values, of all tables or of these."""
    samples: list[bytes] = []
    for table in Base.metadata.sorted_tables if tables is None else tables:
        for column in table.c:
            if column.name.endswith(ENCRYPTED_COLUMN_SUFFIX):
                newest = select(column).where(column.is_not(None))
                newest = newest.order_by(*(key.desc() for key in table.primary_key))
                samples += session().scalars(newest.limit(SAMPLES_PER_COLUMN))
    return samples


@dataclass(frozen=True)
class StoredImage:
    """A picture of the site without its content."""

    name: str
    extension: str
    sha256: str
    width: int
    height: int
    is_own: bool  # False for an icon that was drawn from the logo


@dataclass(frozen=True)
class Site:
    """Settings, groups and rules as one immutable value, which is cached until `version` changes."""

    version: int
    title: str
    tagline: str
    contact: str
    answer_hours: int
    hold_links: int
    hold_new_links: bool
    banned_words: tuple[str, ...]  # lines; a line such as `[fr]` starts the words for French
    disposable_domains: tuple[str, ...]
    email_confirmation: str  # an EmailConfirmation
    letters_need_two: bool
    moderation_mode: str  # a ModerationMode
    organisation_domains: MappingProxyType[str, str]  # organisation by domain
    staff_need_second_factor: bool
    has_author_anonymity: bool
    premoderation_policy: str  # a PremoderationPolicy
    report_threshold: int
    active_switches: tuple[ActiveSwitch, ...]  # active when the site was loaded
    comment_allowances: tuple[ActiveAllowance, ...]  # active when the site was loaded
    feed_namespace: str  # a UUID
    embed_origins: MappingProxyType[str, bool]  # by origin, whether its own pages may have comments
    groups: MappingProxyType[str, str]  # label by code, former groups included
    offered_groups: MappingProxyType[str, str]  # label by code, in the order of the form
    rulebook: Rulebook  # in force
    language: str  # of title and tagline, a BCP 47 tag
    footer: str  # Markdown
    accent: str  # "#rrggbb", or empty for the built-in colour
    accent_dark: str  # the same for dark mode; empty: derived from `accent`
    controller: str
    privacy_contact: str
    privacy_rights: str
    pages: tuple[PublicPage, ...]  # the public ones, in the order of the menus
    images: MappingProxyType[str, StoredImage]  # by name

    def is_switch_active(self, kind: EmergencySwitch, now: datetime) -> bool:
        return any(
            switch.kind is kind for switch in list_active_switches(self.active_switches, now)
        )

    def closed_until(self, now: datetime) -> datetime | None:
        """Return the end of the emergency closure, or None when the site accepts comments."""
        ends = (
            switch.until
            for switch in list_active_switches(self.active_switches, now)
            if switch.kind is EmergencySwitch.CLOSE_COMMENTS
        )
        return next(ends, None)


# Composed once, because every request runs it to find out whether its cached Site is current.
_SITE_VERSION = select(SiteSettings.version)


def get_site_version() -> int:
    return session().scalars(_SITE_VERSION).one()


def find_settings() -> SiteSettings | None:
    """Return the settings row, or None before the site is set up."""
    return session().scalars(select(SiteSettings)).first()


def get_settings_for_update() -> SiteSettings:
    """Read the settings row afresh and lock it until the transaction ends.

    Raises NotFound before the site is set up.
    """
    query = for_update(select(SiteSettings))
    return require_found(session().scalars(query).first(), "The site has not been set up.")


def load_site() -> Site:
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
        comment_allowances=_load_active_allowances(),
        feed_namespace=row.feed_namespace,
        embed_origins=MappingProxyType(load_embed_origins()),
        groups=MappingProxyType({group.code: group.label for group in groups}),
        offered_groups=MappingProxyType(
            {group.code: group.label for group in groups if group.offered}
        ),
        rulebook=get_current_rulebook(),
        language=row.language,
        footer=row.footer,
        accent=row.accent,
        accent_dark=row.accent_dark,
        controller=row.controller,
        privacy_contact=row.privacy_contact,
        privacy_rights=row.privacy_rights,
        pages=list_public_pages(),
        images=MappingProxyType({image.name: image for image in _list_images()}),
    )


def load_embed_origins() -> dict[str, bool]:
    """Return the origins that may show comments, in alphabetical order, and whether each has pages of its own."""
    query = select(EmbedOrigin.origin, EmbedOrigin.has_pages).order_by(EmbedOrigin.origin)
    return dict(session().execute(query).all())


def find_setup_token() -> SetupToken | None:
    return session().get(SetupToken, 1, populate_existing=True)


def _list_images() -> list[StoredImage]:
    columns = (
        SiteImage.name,
        SiteImage.extension,
        SiteImage.sha256,
        SiteImage.width,
        SiteImage.height,
        SiteImage.is_own,
    )
    return [StoredImage(*row) for row in session().execute(select(*columns))]


def find_image(name: str) -> SiteImage | None:
    """Return a picture of the site with its content."""
    return session().get(SiteImage, name)


def _load_active_switches() -> tuple[ActiveSwitch, ...]:
    rows = session().scalars(
        select(SwitchState).where(SwitchState.until > clock.now()).order_by(SwitchState.kind)
    )
    return tuple(
        ActiveSwitch(EmergencySwitch(row.kind), row.until, row.reason, row.set_by_name, row.set_at)
        for row in rows
    )


def _load_active_allowances() -> tuple[ActiveAllowance, ...]:
    rows = session().scalars(
        select(CommentAllowance)
        .where(CommentAllowance.until > clock.now())
        .order_by(CommentAllowance.until, CommentAllowance.id)
    )
    return tuple(
        ActiveAllowance(
            id=row.id,
            network=ip_network(row.network) if row.network else None,
            letter_id=row.letter_id,
            comments=row.comments,
            until=row.until,
            reason=row.reason,
            set_by_name=row.set_by_name,
            since=row.since,
        )
        for row in rows
    )


def list_stakeholder_groups() -> list[StakeholderGroup]:
    """List all groups in the order of the form, former ones included."""
    return list(session().scalars(select(StakeholderGroup).order_by(StakeholderGroup.position)))


def parse_domains(text: str) -> dict[str, str]:
    """Return organisations by domain from lines such as `example.org Example Organisation`."""
    lines = (line.strip().partition(" ") for line in text.splitlines())
    return {domain.lower(): name.strip() for domain, _space, name in lines if domain}


def get_current_rulebook() -> Rulebook:
    """Return the rules in force, which is the newest version."""
    return _load_rulebook(select(func.max(RulesVersion.version)).scalar_subquery())


def get_rulebook(version: int) -> Rulebook:
    """Return one version of the rules. Raises NotFound."""
    return _load_rulebook(version)


def find_clauses(keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Clause]:
    """Find clauses by (version, code), in one query. Keys with an empty code are ignored."""
    wanted = {key for key in keys if key[1]}
    if not wanted:
        return {}
    # This may find a few clauses too many: all combinations of these versions and codes.
    query = select(RuleClause).where(
        RuleClause.version.in_({version for version, _code in wanted}),
        RuleClause.code.in_({code for _version, code in wanted}),
    )
    clauses = (build_clause(row) for row in session().scalars(query))
    return {(c.version, c.code): c for c in clauses if (c.version, c.code) in wanted}


def check_clause_unchanged(rulebook: Rulebook, code: str, seen_version: int | None) -> None:
    """Check that a rule still reads as on the page where the actor chose it.

    `seen_version` is the version of the rules on that page. None skips the check. Raises
    Conflict when the rule was reworded, retired or is unknown.
    """
    if not code or seen_version in {None, rulebook.version}:
        return
    key = (seen_version or 0, code)
    seen_clause = find_clauses([key]).get(key)
    if seen_clause is None or not seen_clause.has_same_content(rulebook.find_clause(code)):
        msg = "The rules have changed since you opened this page. Version %(n)d is now in force. Choose the rule again."
        raise Conflict(msg, n=rulebook.version)


def list_rules_versions() -> list[RulesVersion]:
    """List all versions of the rules, newest first, without their clauses."""
    return list(session().scalars(select(RulesVersion).order_by(RulesVersion.version.desc())))


def build_clause(row: RuleClause) -> Clause:
    return Clause(row.code, row.number, row.title, row.text, row.version, row.since, row.is_retired)


def _load_rulebook(version: int | ScalarSelect[int]) -> Rulebook:
    query = (
        select(RulesVersion, RuleClause)
        .join(RuleClause, RuleClause.version == RulesVersion.version)
        .where(RulesVersion.version == version)
    )
    rows = session().execute(query).all()
    if not rows:
        msg = "The rules have no version with this number."
        raise NotFound(msg)
    rules = rows[0][0]
    return build_rulebook(
        rules.version, rules.summary, rules.published_at, (build_clause(row) for _, row in rows)
    )
