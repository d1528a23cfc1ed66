"""Tables of records of positions: questions, positions, their holders and evidence, objections, versions, inquiries."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commentsite.db.base import Base, partial_index
from commentsite.summaries.states import (
    AlternativeStatus,
    CommentUse,
    HolderKind,
    InquiryState,
    ObjectionStatus,
    OrderRule,
    Outcome,
    SignOff,
)


class Summary(Base):
    """The record of positions of one letter, or of several letters that form one consultation.

    It is published under the address of its first letter (`letter_id`). Editors change this row
    and those below it. Readers see the last version (SummaryVersion), which never changes.
    `revision` detects two editors who make different choices at the same time: outcome, order and
    letters. Each text has a revision of its own in `text_revisions`, so that editors can write
    different texts at the same time.
    """

    __tablename__ = "summary"

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), unique=True)
    revision: Mapped[int] = mapped_column(default=1)
    language: Mapped[str] = mapped_column(String(20), default="en")  # of the texts
    outcome: Mapped[Outcome] = mapped_column(String(30), default=Outcome.NOT_ASSESSED)
    # All texts are Markdown, as in letters.
    outcome_note: Mapped[str] = mapped_column(Text, default="")
    overview: Mapped[str] = mapped_column(Text, default="")  # with the next steps
    comments_summary: Mapped[str] = mapped_column(Text, default="")
    analysis: Mapped[str] = mapped_column(Text, default="")
    omissions: Mapped[str] = mapped_column(Text, default="")  # on comments about what is missing
    limits: Mapped[str] = mapped_column(Text, default="")
    # By the name of the text. A text that was never saved is not in it, and has revision 1.
    text_revisions: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    order_rule: Mapped[OrderRule] = mapped_column(String(20), default=OrderRule.FIRST_STATED)
    lot: Mapped[str] = mapped_column(
        String(40), default=""
    )  # random; printed where the order is by lot
    published_version: Mapped[int | None]  # the number of the last version; None: not published
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(80), default="")

    questions: Mapped[list["Question"]] = relationship(
        lazy="raise", order_by="Question.position", cascade="all, delete-orphan"
    )


class SummaryLetter(Base):
    """A further letter of the consultation, beside the one that `Summary.letter_id` names."""

    __tablename__ = "summary_letter"

    summary_id: Mapped[int] = mapped_column(
        ForeignKey("summary.id", ondelete="CASCADE"), primary_key=True
    )
    letter_id: Mapped[int] = mapped_column(
        ForeignKey("letter.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]


class Question(Base):
    """A question on which positions differ. Its positions are printed side by side."""

    __tablename__ = "summary_question"

    id: Mapped[int] = mapped_column(primary_key=True)
    summary_id: Mapped[int] = mapped_column(
        ForeignKey("summary.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]  # its place among the questions
    revision: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(String(500))
    pids: Mapped[list[str]] = mapped_column(JSON, default=list)  # the paragraphs that it is about

    positions: Mapped[list["Position"]] = relationship(
        lazy="raise", order_by="Position.id", cascade="all, delete-orphan"
    )


class Position(Base):
    """The text of one position on a question, with its holders and the comments it rests on."""

    __tablename__ = "summary_position"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(
        ForeignKey("summary_question.id", ondelete="CASCADE"), index=True
    )
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")  # Markdown
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(80), default="")

    holders: Mapped[list["PositionHolder"]] = relationship(
        lazy="raise", order_by="PositionHolder.id", cascade="all, delete-orphan"
    )
    comments: Mapped[list["PositionComment"]] = relationship(
        lazy="raise", order_by="PositionComment.comment_id", cascade="all, delete-orphan"
    )


class PositionHolder(Base):
    """A stakeholder group, an organisation or a person who holds a position.

    A person is named only if they agreed: by the choice sent with their comment (`comment_id`),
    or by the holder's own link. `signed_hash` is the hash of the text that was answered about, so
    that a later change of the text is seen.
    """

    __tablename__ = "summary_position_holder"

    id: Mapped[int] = mapped_column(primary_key=True)
    position_id: Mapped[int] = mapped_column(
        ForeignKey("summary_position.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[HolderKind] = mapped_column(String(12))
    stakeholder_group: Mapped[str] = mapped_column(String(8), default="")
    name: Mapped[str] = mapped_column(String(120), default="")  # empty for a group
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"), index=True)
    contact_name: Mapped[str] = mapped_column(String(80), default="")  # never published
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime | None]
    sign_off: Mapped[SignOff] = mapped_column(String(8), default=SignOff.NONE)
    sign_off_note: Mapped[str] = mapped_column(String(1000), default="")  # public, with the answer
    signed_hash: Mapped[str] = mapped_column(String(64), default="")
    signed_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]  # after `asked_at`: at most one reminder
    is_name_agreed: Mapped[bool] = mapped_column(default=False)  # by the holder's own link


class PositionComment(Base):
    """A comment that a position rests on. With `quotation`, words of it are printed."""

    __tablename__ = "summary_position_comment"

    position_id: Mapped[int] = mapped_column(
        ForeignKey("summary_position.id", ondelete="CASCADE"), primary_key=True
    )
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True, index=True)
    comment_version: Mapped[int]  # Comment.version when it was added
    quotation: Mapped[str] = mapped_column(Text, default="")  # words of the comment, unchanged
    added_at: Mapped[datetime]


class CommentUseRecord(Base):
    """The use that the editor made of a comment, with the reason. Its author sees it."""

    __tablename__ = "summary_comment_use"
    __table_args__ = (
        partial_index(
            "ix_summary_comment_use_to_notify", "summary_id", where="notified_at IS NULL"
        ),
    )

    summary_id: Mapped[int] = mapped_column(
        ForeignKey("summary.id", ondelete="CASCADE"), primary_key=True
    )
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True, index=True)
    use: Mapped[CommentUse] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")  # or the answer
    decided_by: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime]
    notified_at: Mapped[datetime | None]  # when the author was notified, or could not be


class Alternative(Base):
    """A proposed wording for a paragraph, with its proposer. Bracketed text is not agreed."""

    __tablename__ = "summary_alternative"

    id: Mapped[int] = mapped_column(primary_key=True)
    summary_id: Mapped[int] = mapped_column(
        ForeignKey("summary.id", ondelete="CASCADE"), index=True
    )
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"))
    pid: Mapped[str] = mapped_column(String(12))
    label: Mapped[str] = mapped_column(String(20))  # such as "Alt 1"
    revision: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(Text)  # empty: delete the paragraph
    proposer_group: Mapped[str] = mapped_column(String(8), default="")
    proposer_name: Mapped[str] = mapped_column(String(120), default="")
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"), index=True)
    status: Mapped[AlternativeStatus] = mapped_column(
        String(10), default=AlternativeStatus.PROPOSED
    )
    created_at: Mapped[datetime]


class Objection(Base):
    """A published comment whose author objects. While it is open, the text is not called agreed.

    `author_satisfied` is the author's own reaction to the answer: None before one is given.
    """

    __tablename__ = "objection"
    __table_args__ = (UniqueConstraint("comment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    pids: Mapped[list[str]] = mapped_column(JSON, default=list)  # empty: the whole letter
    status: Mapped[ObjectionStatus] = mapped_column(String(12), default=ObjectionStatus.OPEN)
    recorded_by: Mapped[str] = mapped_column(String(80), default="")  # empty: by its author
    recorded_at: Mapped[datetime]
    response: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[str] = mapped_column(String(80), default="")
    answered_at: Mapped[datetime | None]
    author_satisfied: Mapped[bool | None]
    author_reaction: Mapped[str] = mapped_column(String(1000), default="")


class SummaryVersion(Base):
    """A published version of a record of positions. It changes only when comments are erased or redacted.

    `content` is the report without its contributors, as JSON (see report.content). The
    contributors are gzipped JSON Lines, because there can be a great many. `sha256` is the hash of
    the document with both and with `salt`, and the audit log holds it too. The salt is random, so
    that words which are left out later cannot be guessed and compared with the hash.

    While words of a quoted comment are redacted, `content` is without them and `salt` is empty.
    `original_sealed` has both as they were published, encrypted as the text of the comment is.
    """

    __tablename__ = "summary_version"
    __table_args__ = (UniqueConstraint("summary_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    summary_id: Mapped[int] = mapped_column(
        ForeignKey("summary.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[int]
    outcome: Mapped[Outcome] = mapped_column(String(30))  # as in the content, for lists
    language: Mapped[str] = mapped_column(String(20))  # as above
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    contributors: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str] = mapped_column(String(64), default="", server_default="")
    change_note: Mapped[str] = mapped_column(String(500), default="")
    published_by: Mapped[str] = mapped_column(String(80))
    published_at: Mapped[datetime]
    inquiries_until: Mapped[datetime]
    # When the words and authors of erased comments were last taken out. The hash is then that of
    # the version as it was published.
    erased_at: Mapped[datetime | None]
    original_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # Of the redacted comments as they were when `content` was last compared with them.
    redactions_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")


class Inquiry(Base):
    """A request to correct a published record of positions, with its answer. Both are public.

    The email address is stored encrypted and is never shown.
    """

    __tablename__ = "summary_inquiry"
    __table_args__ = (
        partial_index("ix_summary_inquiry_unanswered", "asked_at", where="closed_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    summary_id: Mapped[int] = mapped_column(
        ForeignKey("summary.id", ondelete="CASCADE"), index=True
    )
    version_number: Mapped[int]  # the version that it is about
    state: Mapped[InquiryState] = mapped_column(String(10), default=InquiryState.WAITING)
    name: Mapped[str] = mapped_column(String(80))
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_hash: Mapped[str | None] = mapped_column(String(64))
    stakeholder_group: Mapped[str] = mapped_column(String(8))
    organisation: Mapped[str] = mapped_column(String(120), default="")
    body: Mapped[str] = mapped_column(Text)  # plain text
    form_language: Mapped[str] = mapped_column(String(2), default="", server_default="")
    asked_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # answered, or marked as spam
    answer: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[str] = mapped_column(String(16), default="")  # an InquiryResult or ""
    answered_by: Mapped[str] = mapped_column(String(80), default="")
    changed_in_version: Mapped[int | None]  # the version that has the correction
