"""Tables of letters: authors, versions with their blocks, permissions, working copies, imports and pictures."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commentsite.db.base import Base, partial_index
from commentsite.letters.states import (
    AuthorAnonymity,
    AuthorCapacity,
    BlockKind,
    ChangeKind,
    LetterState,
    PermissionMethod,
)


class Letter(Base):
    """A letter with its metadata and settings. The text itself lies in its versions.

    Three counters serve three purposes. `page_version` counts every change to the letter's
    page and is part of its cache key (see page_versions). `record_version` detects two editors
    who change the metadata at the same time. `copy_revision` is the revision of the last
    working copy, so that an editor's stale page never matches a later copy.
    """

    __tablename__ = "letter"
    __table_args__ = (
        Index(None, "state", "published_at"),
        Index(None, "state", "scheduled_for"),
        Index(None, "state", "page_version"),  # covers the stamp of the lists of letters
        Index(None, "published_at"),
        Index(None, "language", "published_at"),  # covers the languages that the queue offers
        Index(None, "comments_open", "comments_close_at"),
        Index(None, "translation_of_id"),
        partial_index("ix_letter_comments_open_at", "comments_open_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[LetterState] = mapped_column(String(20), default=LetterState.DRAFT)
    page_version: Mapped[int] = mapped_column(default=1)
    record_version: Mapped[int] = mapped_column(default=1)
    copy_revision: Mapped[int] = mapped_column(default=0)  # never restarts
    version_number: Mapped[int] = mapped_column(default=1)  # of the current version
    title: Mapped[str] = mapped_column(String(300))
    standfirst: Mapped[str] = mapped_column(String(500), default="")
    editors_note: Mapped[str] = mapped_column(Text, default="")
    occasion: Mapped[str] = mapped_column(String(300), default="")
    addressee: Mapped[str] = mapped_column(String(300), default="")
    body_concerned: Mapped[str] = mapped_column(String(300), default="")
    source: Mapped[str] = mapped_column(String(500), default="")
    licence: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(20), default="en")
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    date_written: Mapped[date | None] = mapped_column(Date)
    date_received: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime]
    scheduled_for: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]  # the last change of what readers see of the letter itself
    # The id of the entry in feeds, where it is not derived from the id of the letter.
    feed_id: Mapped[str | None] = mapped_column(String(500))
    # Where letters need two people, this staff member cannot also publish the letter.
    sent_to_review_by_id: Mapped[int | None]
    comments_open: Mapped[bool] = mapped_column(default=True)
    comments_open_at: Mapped[datetime | None]
    comments_close_at: Mapped[datetime | None]
    # For so many hours after closing, comments are accepted and marked late.
    grace_hours: Mapped[int] = mapped_column(default=0)
    # Overrides of site settings. An empty string means the setting of the site.
    email_confirmation: Mapped[str] = mapped_column(String(20), default="")  # an EmailConfirmation
    moderation_mode: Mapped[str] = mapped_column(String(12), default="")  # a ModerationMode
    author_anonymity: Mapped[AuthorAnonymity] = mapped_column(
        "is_blind", String(3), default=AuthorAnonymity.AS_SITE
    )
    premoderation_policy: Mapped[str] = mapped_column(  # a PremoderationPolicy
        "intake", String(20), default=""
    )
    published_comment_count: Mapped[int] = mapped_column("published_comments", default=0)
    withdrawal_reason: Mapped[str] = mapped_column(String(500), default="")
    withdrawn_at: Mapped[datetime | None]
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"))
    translation_of_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"))
    translator: Mapped[str] = mapped_column(String(200), default="")
    # The comments of a page of another site (see EmbeddedPage). Lists of letters leave it out.
    is_page: Mapped[bool] = mapped_column(default=False)

    authors: Mapped[list["LetterAuthor"]] = relationship(
        lazy="raise", order_by="LetterAuthor.position", cascade="all, delete-orphan"
    )
    versions: Mapped[list["LetterVersion"]] = relationship(
        lazy="raise", order_by="LetterVersion.number", cascade="all, delete-orphan"
    )


class LetterAuthor(Base):
    __tablename__ = "letter_author"

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120), index=True)
    stakeholder_group: Mapped[str] = mapped_column(String(8), default="UND")
    capacity: Mapped[AuthorCapacity] = mapped_column(String(20), default=AuthorCapacity.PERSONAL)
    organisation: Mapped[str] = mapped_column(String(200), default="")


class EmbeddedPage(Base):
    """A page of another site whose comments are here. The first comment on it makes its letter.

    `url` is in its canonical form (see embedding.addresses).
    """

    __tablename__ = "embedded_page"

    url_hash: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256 in hex
    url: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(300), index=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), unique=True)
    created_at: Mapped[datetime] = mapped_column(index=True)


class LetterSlug(Base):
    """A former address of a letter. It redirects to the current address for ever."""

    __tablename__ = "letter_slug"

    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), index=True)
    until: Mapped[datetime]


class LetterVersion(Base):
    """The text of a letter from one publication to the next, with the file it was imported from.

    A published version never changes. A correction adds the next one.
    """

    __tablename__ = "letter_version"
    __table_args__ = (UniqueConstraint("letter_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    standfirst: Mapped[str] = mapped_column(String(500), default="")
    source_text: Mapped[str] = mapped_column(Text)  # Markdown, without front matter
    change: Mapped[ChangeKind] = mapped_column(String(20), default=ChangeKind.FIRST)
    change_note: Mapped[str] = mapped_column(String(500), default="")
    original: Mapped[bytes | None] = mapped_column(LargeBinary)  # as received, byte for byte
    original_name: Mapped[str] = mapped_column(String(200), default="")
    original_sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    blocks: Mapped[list["Block"]] = relationship(
        lazy="raise", order_by="Block.position", cascade="all, delete-orphan"
    )


class Block(Base):
    """One block of a version: a numbered paragraph with its permanent id, or a block without either."""

    __tablename__ = "letter_block"
    __table_args__ = (UniqueConstraint("version_id", "position"), Index(None, "pid"))

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("letter_version.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[BlockKind] = mapped_column(String(20))
    pid: Mapped[str | None] = mapped_column(String(12))
    number: Mapped[int | None]  # position among the paragraphs, from 1; for order and for programs
    label: Mapped[str | None] = mapped_column(String(20))  # the number that readers see
    language: Mapped[str] = mapped_column(String(20), default="")  # empty: that of the letter
    html: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)


class ParagraphLink(Base):
    """The fate of one paragraph of the previous version (see text.paragraph_ids).

    Readers of a comment see by it that the paragraph was edited, moved or deleted.
    """

    __tablename__ = "paragraph_link"

    version_id: Mapped[int] = mapped_column(
        ForeignKey("letter_version.id", ondelete="CASCADE"), primary_key=True
    )
    pid: Mapped[str] = mapped_column(String(12), primary_key=True)
    relation: Mapped[str] = mapped_column(String(10))  # a ParagraphRelation
    # The paragraph that holds the text now. None when the text was deleted.
    target_pid: Mapped[str | None] = mapped_column("now_at", String(12))
    score: Mapped[float]


class Citation(Base):
    """A document that a paragraph of a letter's current version cites."""

    __tablename__ = "citation"
    __table_args__ = (Index(None, "symbol"), Index(None, "letter_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"))
    pid: Mapped[str] = mapped_column(String(12))
    number: Mapped[int]  # position of the citing paragraph
    label: Mapped[str] = mapped_column(String(20))  # the number that readers see for it
    symbol: Mapped[str] = mapped_column(String(120))
    cited_paragraph: Mapped[str] = mapped_column("place", String(20), default="")
    citing_text: Mapped[str] = mapped_column("words", String(300))


class LetterPermission(Base):
    """The permission of a rights holder to publish, translate or archive a letter.

    The evidence is encrypted. Only staff who may see email addresses can open it.
    """

    __tablename__ = "letter_permission"

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), index=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)  # of PermissionScope
    given_by: Mapped[str] = mapped_column(String(200))
    method: Mapped[PermissionMethod] = mapped_column("how", String(20))
    given_on: Mapped[date | None] = mapped_column(Date)
    statement: Mapped[str] = mapped_column(String(500), default="")  # shown beside the letter
    evidence_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    evidence_name: Mapped[str] = mapped_column(String(200), default="")
    evidence_sha256: Mapped[str] = mapped_column(String(64), default="")
    recorded_by: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column("taken_back_at")


class WorkingCopy(Base):
    """The unpublished text that editors write, until it becomes a version.

    `revision` counts the times it was saved. `editor_*` name the editor who holds it: the hold
    ends when the editor's page has not been seen for editing.EDITOR_IDLE_TIMEOUT.
    """

    __tablename__ = "working_copy"

    letter_id: Mapped[int] = mapped_column(
        ForeignKey("letter.id", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(300))
    standfirst: Mapped[str] = mapped_column(String(500), default="")
    editors_note: Mapped[str] = mapped_column(Text, default="")
    source_text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(String(80), default="")
    editor_id: Mapped[int | None]
    editor_name: Mapped[str] = mapped_column(String(80), default="")
    editing_since: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]


class LetterImport(Base):
    """A file that the text of a letter was read from, with the remarks of the reader.

    `remarks` is a list of objects with the fields of an ImportRemark. It is for editors only.
    While no one has confirmed them, the text is not published.
    """

    __tablename__ = "letter_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), index=True)
    # The version that has the text. None: the text is in the working copy.
    version_number: Mapped[int | None]
    file_name: Mapped[str] = mapped_column(String(200))
    # As received, byte for byte. None: the version has it.
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    stated_language: Mapped[str] = mapped_column(String(20), default="")
    detected_language: Mapped[str] = mapped_column(String(20), default="")
    remarks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(String(80), default="")


class Media(Base):
    """A picture of a letter. The file is named by `sha256` and `extension` (see media.files).

    The text of the letter refers to it by the hash and holds its description.
    """

    __tablename__ = "media"
    __table_args__ = (UniqueConstraint("letter_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"))
    sha256: Mapped[str] = mapped_column(String(64), index=True)  # of the stored file
    extension: Mapped[str] = mapped_column(String(4))
    width: Mapped[int]  # in pixels
    height: Mapped[int]
    created_at: Mapped[datetime]
    # When a version with the picture was first published. None: only staff see it.
    published_at: Mapped[datetime | None]
