"""Comments, and what each of them speaks to."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commentsite.comments.states import CommentState
from commentsite.db.base import Base, partial_index


class CaseNote(Base):
    """One note; never changed, and without its words once the comment is erased."""

    __tablename__ = "case_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    staff_name: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]


_IS_PENDING = "state = 'pending'"
_IS_HELD = f"{_IS_PENDING} AND held_by <> 'first_reading'"
_THREAD_ROOT_COLUMNS = ("letter_id", "published_at", "id", "parent_id", "folded_into_id")
_IS_THREAD_ROOT = "parent_id IS NULL AND published_at IS NOT NULL AND folded_into_id IS NULL"


class Comment(Base):
    """What somebody sent, who they said they were, and where it stands.

    Group, organisation and capacity are as they were when it was sent. The address is
    sealed beside a keyed hash; the network address is kept only as a keyed hash.
    """

    __tablename__ = "comment"
    __table_args__ = (
        Index(None, "letter_id", "state", "published_at", "id"),
        Index(None, "state", "submitted_at", "id"),
        # What a letter's page and the books count is counted from these alone, without reading a comment.
        Index("ix_comment_counts", "letter_id", "state", "stakeholder_group", "submitted_at"),
        # Most comments have nothing there: an index of all would be the larger, and SQLite would not use it.
        partial_index("ix_comment_root_id", "root_id"),
        Index(None, "letter_id", "email_hash", "body_hash"),
        Index(None, "body_hash"),
        Index(None, "email_hash"),
        partial_index("ix_comment_address_hash", "address_hash", "state", "submitted_at"),
        partial_index("ix_comment_ask_at", "ask_at"),
        Index(None, "confirms_at"),
        partial_index("ix_comment_waits", "waits_for", "submitted_at", "id"),
        # The last two are NULL in all of it, and let SQLite count without reading a comment.
        partial_index("ix_comment_roots", *_THREAD_ROOT_COLUMNS, where=_IS_THREAD_ROOT),
        partial_index("ix_comment_campaign_id_state", "campaign_id", "state"),
        partial_index("ix_comment_folded_into_id_published_at", "folded_into_id", "published_at"),
        # The queue by group, and what a rule held, however few of them wait among many.
        partial_index(
            "ix_comment_pending", "stakeholder_group", "submitted_at", "id", where=_IS_PENDING
        ),
        partial_index("ix_comment_held", "state", "submitted_at", "id", where=_IS_HELD),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"))
    letter_version: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    replied_to_id: Mapped[int | None] = mapped_column(
        "answers_id"
    )  # whom it answers, where another stands for that one's text
    root_id: Mapped[int | None]  # the top of its thread; None for a top itself
    state: Mapped[CommentState] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(default=1)
    held_by_check: Mapped[str] = mapped_column("held_by", String(20), default="")
    hold_reasons: Mapped[list[dict[str, Any]]] = mapped_column("held", JSON, default=list)
    # Of whom, once somebody has voted on it as it is: second, third, conflict; or look: published unread.
    awaiting: Mapped[str | None] = mapped_column("waits_for", String(10))

    name: Mapped[str] = mapped_column(String(80))
    is_pseudonym: Mapped[bool] = mapped_column(default=False)
    author_role: Mapped[str] = mapped_column(
        "voice", String(10), default=""
    )  # author, staff: by the address typed
    has_organisation_domain: Mapped[bool] = mapped_column(
        "has_own_domain", default=False
    )  # its address is the organisation's
    delegation_verified_at: Mapped[datetime | None]
    delegation_evidence_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_hash: Mapped[str | None] = mapped_column(String(64))
    email_confirmed_at: Mapped[datetime | None]
    network_address_hash: Mapped[str | None] = mapped_column("address_hash", String(64))
    stakeholder_group: Mapped[str] = mapped_column(String(8))
    organisation: Mapped[str] = mapped_column(String(120), default="")
    capacity: Mapped[str] = mapped_column(String(20), default="personal")
    kind: Mapped[str] = mapped_column(String(20), default="general")
    stance: Mapped[str] = mapped_column(String(30), default="none")
    subscription_scope: Mapped[str] = mapped_column(
        "follow", String(10), default=""
    )  # nothing, answers, thread
    has_daily_digest: Mapped[bool] = mapped_column("follow_daily", default=False)
    has_closing_notice: Mapped[bool] = mapped_column("follow_closing", default=False)
    notified_closing_at: Mapped[datetime | None] = mapped_column(
        "closing_told"
    )  # the closing time its author was told of
    confirmation_due_at: Mapped[datetime | None] = mapped_column(
        "ask_at"
    )  # when its address may be asked to confirm, if it was not yet
    confirmation_effective_at: Mapped[datetime | None] = mapped_column(
        "confirms_at"
    )  # it was confirmed with another, and is so from then on
    language: Mapped[str] = mapped_column(String(20), default="")
    is_late: Mapped[bool] = mapped_column(default=False)  # sent within the grace after closing

    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    body_hash: Mapped[str] = mapped_column(String(64))  # of the words as they were sent
    redactions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    unredacted_sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary
    )  # all, where some are hidden
    sanitizer_version: Mapped[int]
    similar_comment_id: Mapped[int | None] = mapped_column(
        "near_id"
    )  # of the earlier comment whose words are nearly these
    similarity_percent: Mapped[int] = mapped_column(
        "near_percent", default=0
    )  # of their shingles in common
    campaign_id: Mapped[int | None]  # of the first comment of those that are one text
    is_standalone: Mapped[bool] = mapped_column(
        "stands_alone", default=False
    )  # a moderator said so
    representative_id: Mapped[int | None] = mapped_column(
        "folded_into_id"
    )  # of the published one that stands for them all

    rules_version: Mapped[int]  # of those in force when these words were sent
    submitted_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    receipt_hash: Mapped[str] = mapped_column(String(64), unique=True)
    receipt_sealed: Mapped[bytes] = mapped_column(LargeBinary)

    @property
    def confirmed_author_role(self) -> str:
        """Return whose voice it is where the mailbox has confirmed it: author, staff, or nobody special."""
        return self.author_role if self.email_confirmed_at else ""

    targets: Mapped[list["CommentTarget"]] = relationship(
        lazy="raise", order_by="CommentTarget.position", cascade="all, delete-orphan"
    )


class CommentTarget(Base):
    """One paragraph a comment speaks to."""

    __tablename__ = "comment_target"

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    pid: Mapped[str] = mapped_column(String(12), index=True)
    stance: Mapped[str] = mapped_column(String(30), default="none")


class CommentRevision(Base):
    """The words of a comment before its author changed them."""

    __tablename__ = "comment_revision"

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime]
