"""Tables of comments: the comment, the paragraphs it is about, its revisions and the staff's notes on it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commentsite.comments.states import (
    CommentKind,
    CommentState,
    LanguageSource,
    QuoteConsent,
    Stance,
)
from commentsite.db.base import Base, partial_index

_IS_HELD = "held_by <> 'first_reading'"
_IS_PUBLIC_REPLY = "root_id IS NOT NULL AND published_at IS NOT NULL"
_THREAD_ROOT_COLUMNS = ("letter_id", "published_at", "id", "parent_id", "folded_into_id")
_ANSWERED_COLUMNS = (
    "letter_id", "reply_count", "published_at", "id", "parent_id", "folded_into_id",
)  # fmt: skip
_IS_THREAD_ROOT = "parent_id IS NULL AND published_at IS NOT NULL AND folded_into_id IS NULL"
_WAS_PUBLISHED = "published_at IS NOT NULL"
_HAS_LANGUAGE = "language <> ''"
_HAS_NO_LANGUAGE_YET = "language_source = ''"


class Comment(Base):
    """A comment as its author sent it, and what became of it.

    The email address is stored encrypted, beside a keyed hash by which comments from the same
    address are found. The network address is stored as a keyed hash only.

    Indexes name columns, and a column may have another name than its attribute.
    """

    __tablename__ = "comment"
    __table_args__ = (
        Index(None, "letter_id", "state", "published_at", "id"),
        Index(None, "state", "submitted_at", "id"),
        # Covers the counts on the page of a letter and in the transparency report, so that no row
        # of the table is read for them.
        Index("ix_comment_counts", "letter_id", "state", "stakeholder_group", "submitted_at"),
        # Partial, because most comments have no root. An index of all rows would be larger, and
        # SQLite would not use it.
        partial_index("ix_comment_root_id", "root_id"),
        # An address can send one text to a letter once. Where it may be sent again, it gets
        # another number (see comments.submit).
        Index(
            "ix_comment_submission",
            "letter_id",
            "email_hash",
            "body_hash",
            "repetition",
            unique=True,
        ),
        # The replies that a page shows, in the order of their ids.
        partial_index(
            "ix_comment_public_replies", "root_id", "id", "state", where=_IS_PUBLIC_REPLY
        ),
        Index(None, "body_hash"),
        # With the state, so that SQLite finds the published comments of an address here even without
        # statistics. It would otherwise read every published comment. The rest is the order of the queue.
        partial_index("ix_comment_email_hash_state", "email_hash", "state", "submitted_at", "id"),
        Index(None, "submitted_at", "id"),
        Index(None, "sanitizer_version"),
        partial_index("ix_comment_erased_at", "erased_at"),
        partial_index("ix_comment_redacted", "letter_id", where="unredacted_sealed IS NOT NULL"),
        partial_index(
            "ix_comment_uncovered",
            "submitted_at",
            where="words_salt IS NULL AND erased_at IS NULL",
        ),
        Index(
            "ix_comment_closing_notices",
            "letter_id",
            sqlite_where=text("follow_closing IS 1"),
            postgresql_where=text("follow_closing IS true"),
        ),
        partial_index(
            "ix_comment_network_address", "submitted_at", where="address_hash IS NOT NULL"
        ),
        partial_index("ix_comment_address_hash", "address_hash", "state", "submitted_at"),
        partial_index("ix_comment_ask_at", "ask_at"),
        partial_index("ix_comment_confirms_at", "confirms_at"),
        partial_index("ix_comment_waits", "waits_for", "submitted_at", "id"),
        # Its last two columns are NULL in every row of the index. They are in it so that SQLite
        # counts threads from the index alone.
        partial_index("ix_comment_roots", *_THREAD_ROOT_COLUMNS, where=_IS_THREAD_ROOT),
        # For the order by replies. Like those of ix_comment_roots, the last two columns are NULL.
        partial_index("ix_comment_answered", *_ANSWERED_COLUMNS, where=_IS_THREAD_ROOT),
        # One index for each filter of the comments on a letter. A comment that waits is in none of them.
        *(
            partial_index(
                f"ix_comment_public_{name}",
                "letter_id",
                column,
                "state",
                "published_at",
                "id",
                where=_WAS_PUBLISHED,
            )
            for name, column in (("group", "stakeholder_group"), ("voice", "voice"))
        ),
        partial_index(
            "ix_comment_public_language",
            "letter_id",
            "language",
            "state",
            "published_at",
            "id",
            where=f"{_WAS_PUBLISHED} AND {_HAS_LANGUAGE}",
        ),
        partial_index("ix_comment_undetected", "id", where=_HAS_NO_LANGUAGE_YET),
        partial_index("ix_comment_campaign_id_state", "campaign_id", "state"),
        partial_index("ix_comment_folded_into_id_published_at", "folded_into_id", "published_at"),
        # One index for each filter of the moderation queue, in the order of the queue, so that a
        # filter that few comments match does not read the whole state.
        Index("ix_comment_queue_letter", "letter_id", "state", "submitted_at", "id"),
        Index("ix_comment_queue_group", "state", "stakeholder_group", "submitted_at", "id"),
        Index("ix_comment_queue_check", "state", "held_by", "submitted_at", "id"),
        partial_index(
            "ix_comment_queue_language",
            "state",
            "language",
            "submitted_at",
            "id",
            where=_HAS_LANGUAGE,
        ),
        # With the letter, so that the comments of a moderator's letters are counted from the index.
        partial_index(
            "ix_comment_held", "state", "submitted_at", "id", "letter_id", where=_IS_HELD
        ),
        partial_index(
            "ix_comment_unconfirmed",
            "state",
            "submitted_at",
            "id",
            where="email_confirmed_at IS NULL",
        ),
        partial_index(
            "ix_comment_confirmed",
            "state",
            "submitted_at",
            "id",
            where="email_confirmed_at IS NOT NULL",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"))
    letter_version: Mapped[int]

    # Place in the thread. A reply to a duplicate is shown under the duplicate's representative:
    # `parent_id` is then the representative and `replied_to_id` the comment that was answered.
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    replied_to_id: Mapped[int | None] = mapped_column("answers_id")
    root_id: Mapped[int | None]  # NULL for the root itself
    # Published replies: to any comment of its thread for the root, otherwise to this comment.
    reply_count: Mapped[int] = mapped_column(default=0, server_default="0")

    # Moderation
    state: Mapped[CommentState] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(default=1)  # counts changes, for optimistic locking
    held_by_check: Mapped[str] = mapped_column("held_by", String(20), default="")  # a CheckCode
    hold_reasons: Mapped[list[dict[str, Any]]] = mapped_column("held", JSON, default=list)
    awaiting: Mapped[str | None] = mapped_column("waits_for", String(10))  # an Awaiting

    # Before its author withdrew it, while that can be undone.
    withdrawn_from: Mapped[CommentState | None] = mapped_column(String(20))
    withdrawn_awaiting: Mapped[str | None] = mapped_column(String(10))

    # The author, as described when the comment was sent
    name: Mapped[str] = mapped_column(String(80))
    is_pseudonym: Mapped[bool] = mapped_column(default=False)
    stakeholder_group: Mapped[str] = mapped_column(String(8))
    organisation: Mapped[str] = mapped_column(String(120), default="")
    capacity: Mapped[str] = mapped_column(String(20), default="personal")
    author_role: Mapped[str] = mapped_column("voice", String(10), default="")  # an AuthorRole or ""
    has_organisation_domain: Mapped[bool] = mapped_column("has_own_domain", default=False)
    delegation_verified_at: Mapped[datetime | None]
    delegation_evidence_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_hash: Mapped[str | None] = mapped_column(String(64))
    network_address_hash: Mapped[str | None] = mapped_column("address_hash", String(64))

    # Confirmation of the email address
    email_confirmed_at: Mapped[datetime | None]
    # When the next confirmation email may be sent, if the last one was put off.
    confirmation_due_at: Mapped[datetime | None] = mapped_column("ask_at")
    # When a confirmation that was given together with another comment's takes effect.
    confirmation_effective_at: Mapped[datetime | None] = mapped_column("confirms_at")

    # Email notifications for the author
    subscription_scope: Mapped[str] = mapped_column("follow", String(10), default="")
    has_daily_digest: Mapped[bool] = mapped_column("follow_daily", default=False)
    has_closing_notice: Mapped[bool] = mapped_column("follow_closing", default=False)
    # The closing time of the letter about which the author was notified.
    notified_closing_at: Mapped[datetime | None] = mapped_column("closing_told")

    # The text
    kind: Mapped[str] = mapped_column(String(20), default=CommentKind.GENERAL.value)
    stance: Mapped[str] = mapped_column(String(30), default=Stance.NONE.value)
    # How a record of positions may refer to this comment. Comments from before the choice: by group.
    quote_as: Mapped[QuoteConsent] = mapped_column(
        String(5), default=QuoteConsent.GROUP, server_default=QuoteConsent.GROUP
    )
    language: Mapped[str] = mapped_column(String(20), default="")  # empty: undetermined
    language_source: Mapped[LanguageSource] = mapped_column(
        String(10), default=LanguageSource.UNKNOWN, server_default=LanguageSource.UNKNOWN
    )
    #: The language of the interface in which it was sent, for emails. Empty: that of the site.
    form_language: Mapped[str] = mapped_column(String(2), default="", server_default="")
    is_imported: Mapped[bool] = mapped_column(default=False)  # from another system
    is_late: Mapped[bool] = mapped_column(default=False)  # sent in the grace period after closing
    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    body_hash: Mapped[str] = mapped_column(String(64))  # of the text before redaction
    # 0 for the first comment with this text from this address on this letter.
    repetition: Mapped[int] = mapped_column(SmallInteger, default=0)
    sanitizer_version: Mapped[int]
    # Of the hash of the words in the audit log (comments.commitment). NULL after erasure.
    words_salt: Mapped[str | None] = mapped_column(String(64))
    redactions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # The text before redaction, encrypted. NULL unless something is redacted.
    unredacted_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    # Campaigns: see comments/campaigns/services.py
    similar_comment_id: Mapped[int | None] = mapped_column("near_id")  # the most similar, earlier
    similarity_percent: Mapped[int] = mapped_column("near_percent", default=0)
    campaign_id: Mapped[int | None]  # the id of the campaign's first comment
    is_standalone: Mapped[bool] = mapped_column("stands_alone", default=False)  # by a moderator
    # The published comment that is shown in place of this one.
    representative_id: Mapped[int | None] = mapped_column("folded_into_id")

    rules_version: Mapped[int]  # of the moderation rules in force when this text was sent
    submitted_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    # The id of the entry in feeds, where it is not derived from the id of the comment.
    feed_id: Mapped[str | None] = mapped_column(String(500))
    erased_at: Mapped[datetime | None]

    # The token of the author's receipt page: hashed to find the comment, encrypted to email it.
    receipt_hash: Mapped[str] = mapped_column(String(64), unique=True)
    receipt_sealed: Mapped[bytes] = mapped_column(LargeBinary)

    targets: Mapped[list["CommentTarget"]] = relationship(
        lazy="raise", order_by="CommentTarget.position", cascade="all, delete-orphan"
    )

    @property
    def confirmed_author_role(self) -> str:
        """The author role, if the owner of the email address confirmed this comment."""
        return self.author_role if self.email_confirmed_at else ""

    @property
    def is_staff_reply(self) -> bool:
        """Return whether the staff answers a comment with it. It is a comment of no group."""
        return self.confirmed_author_role == "staff" and self.parent_id is not None


class CommentTarget(Base):
    """A paragraph that a comment is about."""

    __tablename__ = "comment_target"
    # Covers the counts of comments by paragraph, so that no row of the table is read for them.
    __table_args__ = (Index(None, "comment_id", "pid"),)

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    pid: Mapped[str] = mapped_column(String(12), index=True)
    stance: Mapped[str] = mapped_column(String(30), default=Stance.NONE.value)


class CommentRevision(Base):
    """The text of a comment before its author revised it."""

    __tablename__ = "comment_revision"

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime]


class CaseNote(Base):
    """A note that a member of staff left on a comment.

    A note never changes. Its text is deleted when the comment is erased.
    """

    __tablename__ = "case_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    staff_name: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
