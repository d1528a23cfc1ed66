"""Tables of the site: settings, emergency switches, stakeholder groups and moderation rules.

Stewards change them at the desk. Each change is an audit event.
"""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base
from commentsite.site.premoderation import EmailConfirmation, PremoderationPolicy
from commentsite.site.quorum import ModerationMode
from commentsite.tokens import new_uuid


class SiteSettings(Base):
    """The settings of the site, in a single row.

    `version` counts changes to settings, switches, groups and rules. `related_version` counts
    changes to what letters show of each other. Both are part of cache keys (letters.page_versions).
    """

    __tablename__ = "site"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    related_version: Mapped[int] = mapped_column("surroundings", default=1)
    title: Mapped[str] = mapped_column(String(120))
    tagline: Mapped[str] = mapped_column(String(300))
    contact: Mapped[str] = mapped_column(String(254), default="")
    answer_hours: Mapped[int] = mapped_column(default=24)  # promised time until a decision
    # Screening holds comments with at least so many links. 0 turns this check off.
    hold_links: Mapped[int] = mapped_column(default=2)
    # Screening holds comments with any link by authors who have not published before.
    hold_new_links: Mapped[bool] = mapped_column(default=True)
    banned_words: Mapped[str] = mapped_column(Text, default="")
    organisation_domains: Mapped[str] = mapped_column(Text, default="")  # "example.org Its name"
    # Providers of disposable addresses, in addition to the built-in list.
    disposable_domains: Mapped[str] = mapped_column(Text, default="")
    letters_need_two: Mapped[bool] = mapped_column(default=False)  # people to publish a letter
    # The last time when erased text was removed from the search index and the database files.
    erased_text_purged_at: Mapped[datetime | None] = mapped_column("tidied_at")
    email_confirmation: Mapped[EmailConfirmation] = mapped_column(
        String(20), default=EmailConfirmation.OFF
    )
    moderation_mode: Mapped[ModerationMode] = mapped_column(String(12), default=ModerationMode.SOLO)
    staff_need_second_factor: Mapped[bool] = mapped_column(default=False)
    # The public audit log records the names of the two following attributes: they stay.
    is_blind: Mapped[bool] = mapped_column(default=False)  # author anonymity until the decision
    intake: Mapped[PremoderationPolicy] = mapped_column(
        String(20), default=PremoderationPolicy.HOLD_ALL
    )
    # So many reports from different addresses hold a comment. 0: reports never hold one.
    report_threshold: Mapped[int] = mapped_column(default=0)
    # A UUID from which the ids of feed entries are derived. It never changes.
    feed_namespace: Mapped[str] = mapped_column(String(36), default=new_uuid)
    language: Mapped[str] = mapped_column(String(20), default="en")  # of title and tagline
    footer: Mapped[str] = mapped_column(Text, default="")  # Markdown
    # Colours such as "#1e3f80". Empty: the built-in accent, or for dark mode one derived from `accent`.
    accent: Mapped[str] = mapped_column(String(7), default="")
    accent_dark: Mapped[str] = mapped_column(String(7), default="")
    # The facts about data protection that the privacy page states.
    controller: Mapped[str] = mapped_column(String(300), default="")
    privacy_contact: Mapped[str] = mapped_column(String(254), default="")
    privacy_rights: Mapped[str] = mapped_column(Text, default="")
    # Steps of the checklist on the dashboard that nothing else records.
    mail_tested_at: Mapped[datetime | None]
    rules_read_at: Mapped[datetime | None]
    checklist_dismissed_at: Mapped[datetime | None]


class SiteImage(Base):
    """A picture that identifies the site (see `identity.ImageName`). They are few and small."""

    __tablename__ = "site_image"

    name: Mapped[str] = mapped_column(String(10), primary_key=True)
    extension: Mapped[str] = mapped_column(String(4))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]  # pixels
    height: Mapped[int]
    is_own: Mapped[bool]  # False for an icon that was drawn from the logo


class SetupToken(Base):
    """The token of the address at which an empty site is set up, in a single row. Only its hash is stored."""

    __tablename__ = "setup_token"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token_hash: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime]


class EmbedOrigin(Base):
    """An origin, such as https://blog.example, whose pages may show comments of this site.

    With `has_pages`, comments on its own pages are taken too.
    """

    __tablename__ = "embed_origin"

    origin: Mapped[str] = mapped_column(String(300), primary_key=True)
    has_pages: Mapped[bool] = mapped_column(default=False)


class KeyCheck(Base):
    """A value by which the site recognises its secret key. There is one for each secret that was ever current."""

    __tablename__ = "key_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class SwitchState(Base):
    """The last use of an emergency switch. One that was never used has no row."""

    __tablename__ = "switch"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)  # an EmergencySwitch
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(300))
    set_by_name: Mapped[str] = mapped_column(String(80))
    set_at: Mapped[datetime]


class StakeholderGroup(Base):
    __tablename__ = "stakeholder_group"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    label: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    # A group that is no longer offered keeps its label for earlier comments.
    offered: Mapped[bool] = mapped_column(default=True)


class RulesVersion(Base):
    """One version of the moderation rules. Versions and their clauses are never changed."""

    __tablename__ = "rulebook"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    summary: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime]


class RuleClause(Base):
    """A rule as it reads in one version. Its code is the same in all versions."""

    __tablename__ = "rule_clause"
    __table_args__ = (UniqueConstraint("version", "number"),)

    version: Mapped[int] = mapped_column(
        ForeignKey("rulebook.version"), primary_key=True, autoincrement=False
    )
    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    since: Mapped[int]  # the first version with this rule
    is_retired: Mapped[bool] = mapped_column(default=False)


class CommentAllowance(Base):
    """More room for comments than the usual limits give, for a network or a letter, for a while.

    An allowance that was ended early has its end in `until`.
    """

    __tablename__ = "comment_allowance"

    id: Mapped[int] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(50), default="")  # CIDR; empty for a letter
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"))
    comments: Mapped[int]  # accepted from one network within ten minutes
    since: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(300))
    set_by_name: Mapped[str] = mapped_column(String(80))
