"""What the people who run the site decided about it; changed in the desk, each change audited."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base
from commentsite.site.premoderation import PremoderationPolicy


class SiteSettings(Base):
    """The one row of site settings; `version` counts its changes and is part of every page's key."""

    __tablename__ = "site"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    related_version: Mapped[int] = mapped_column(
        "surroundings", default=1
    )  # changes of what letters say of each other
    title: Mapped[str] = mapped_column(String(120))
    tagline: Mapped[str] = mapped_column(String(300))
    contact: Mapped[str] = mapped_column(String(254), default="")
    answer_hours: Mapped[int] = mapped_column(default=24)
    hold_links: Mapped[int] = mapped_column(default=2)
    hold_new_links: Mapped[bool] = mapped_column(default=True)
    banned_words: Mapped[str] = mapped_column(Text, default="")
    organisation_domains: Mapped[str] = mapped_column(Text, default="")  # "example.org Its name"
    disposable_domains: Mapped[str] = mapped_column(Text, default="")  # besides the known ones
    letters_need_two: Mapped[bool] = mapped_column(default=False)
    erased_text_purged_at: Mapped[datetime | None] = mapped_column(
        "tidied_at"
    )  # when what was erased last left the files too
    email_confirmation: Mapped[str] = mapped_column(String(20), default="off")
    moderation_mode: Mapped[str] = mapped_column(String(12), default="solo")
    staff_need_second_factor: Mapped[bool] = mapped_column(default=False)
    is_blind: Mapped[bool] = mapped_column(
        default=False
    )  # who wrote it is hidden until it is decided
    intake: Mapped[str] = mapped_column(String(20), default=PremoderationPolicy.HOLD_ALL)
    report_threshold: Mapped[int] = mapped_column(default=0)  # reports that hold; 0: none do


class SwitchState(Base):
    """What is switched on in a flood, and until when; one row for each kind that ever was."""

    __tablename__ = "switch"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(300))
    set_by_name: Mapped[str] = mapped_column(String(80))
    set_at: Mapped[datetime]


class StakeholderGroup(Base):
    """One of the groups a comment can come from."""

    __tablename__ = "stakeholder_group"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    label: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    offered: Mapped[bool] = mapped_column(
        default=True
    )  # one no longer offered still names old comments


class RulesVersion(Base):
    """One version of the rules; it and its clauses are only ever added, never changed."""

    __tablename__ = "rulebook"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    summary: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime]


class RuleClause(Base):
    """A clause as it reads in one version of the rules; its code is its name in all of them."""

    __tablename__ = "rule_clause"
    __table_args__ = (UniqueConstraint("version", "number"),)

    version: Mapped[int] = mapped_column(
        ForeignKey("rulebook.version"), primary_key=True, autoincrement=False
    )
    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    since: Mapped[int]
    is_retired: Mapped[bool] = mapped_column(default=False)
