"""Letters, who wrote them, and the words that stood in each version."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commentsite.db import Base
from commentsite.letters.states import LetterState


class Letter(Base):
    """A letter as a record: where it comes from, and which version is the current one.

    `page_version` counts everything that changes how its page looks; it is part of the
    page's cache key and entity tag, so a change is one number and nothing is ever purged.
    """

    __tablename__ = "letter"
    __table_args__ = (Index(None, "state", "published_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    state: Mapped[LetterState] = mapped_column(String(20), default=LetterState.DRAFT)
    page_version: Mapped[int] = mapped_column(default=1)
    version_number: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(300))
    standfirst: Mapped[str] = mapped_column(String(500), default="")
    editors_note: Mapped[str] = mapped_column(Text, default="")
    occasion: Mapped[str] = mapped_column(String(300), default="")
    addressee: Mapped[str] = mapped_column(String(300), default="")
    source: Mapped[str] = mapped_column(String(500), default="")
    licence: Mapped[str] = mapped_column(String(200), default="")
    permission: Mapped[str] = mapped_column(String(500), default="")
    language: Mapped[str] = mapped_column(String(20), default="en")
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    date_written: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    comments_open: Mapped[bool] = mapped_column(default=True)
    published_comments: Mapped[int] = mapped_column(default=0)
    withdrawal_reason: Mapped[str] = mapped_column(String(500), default="")

    authors: Mapped[list["LetterAuthor"]] = relationship(
        lazy="raise", order_by="LetterAuthor.position", cascade="all, delete-orphan"
    )
    versions: Mapped[list["LetterVersion"]] = relationship(
        lazy="raise", order_by="LetterVersion.number", cascade="all, delete-orphan"
    )


class LetterAuthor(Base):
    """One author, in the capacity in which they wrote."""

    __tablename__ = "letter_author"

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    stakeholder_group: Mapped[str] = mapped_column(String(8), default="UND")
    capacity: Mapped[str] = mapped_column(String(20), default="personal")
    organisation: Mapped[str] = mapped_column(String(200), default="")


class LetterVersion(Base):
    """The words of a letter as they stood from one moment on, and the file they came from."""

    __tablename__ = "letter_version"
    __table_args__ = (UniqueConstraint("letter_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"))
    number: Mapped[int]
    source_text: Mapped[str] = mapped_column(Text)  # Markdown, without front matter
    original: Mapped[bytes | None] = mapped_column(LargeBinary)  # as received, byte for byte
    original_sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]

    blocks: Mapped[list["Block"]] = relationship(
        lazy="raise", order_by="Block.position", cascade="all, delete-orphan"
    )


class Block(Base):
    """One piece of a version: a numbered paragraph with its permanent id, or what stands between."""

    __tablename__ = "letter_block"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("letter_version.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    pid: Mapped[str | None] = mapped_column(String(12))
    number: Mapped[int | None]
    html: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
