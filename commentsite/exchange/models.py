"""Tables of imports and exports: the runs, and where each imported letter and comment comes from."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class ImportRun(Base):
    """One run of an import. It has no end while it waits or runs, and after it was interrupted.

    `problem` is the sentence with which it was refused.
    """

    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(20))  # a System
    started_by: Mapped[str] = mapped_column(String(80))  # the label of an actor
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    file_names: Mapped[list[str]] = mapped_column(JSON, default=list)
    options: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    is_dry_run: Mapped[bool] = mapped_column(default=False)
    stored: Mapped[int] = mapped_column(default=0)  # comments so far
    problem: Mapped[str] = mapped_column(Text, default="")


_ONE_TARGET = "(letter_id IS NULL) <> (page_id IS NULL)"


class ImportedLetter(Base):
    """The letter, or the page of the site, that a page of another system became.

    `source_key` is a hash of system, site, kind and id.
    """

    __tablename__ = "imported_letter"
    __table_args__ = (CheckConstraint(_ONE_TARGET, name="one_target"),)

    source_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    source_id: Mapped[str] = mapped_column(Text)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"))
    letter_id: Mapped[int | None] = mapped_column(
        ForeignKey("letter.id", ondelete="CASCADE"), index=True
    )
    page_id: Mapped[int | None] = mapped_column(
        ForeignKey("page.id", ondelete="CASCADE"), index=True
    )


class ImportedComment(Base):
    """Where an imported comment comes from. A second run skips it."""

    __tablename__ = "imported_comment"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    source_key: Mapped[str] = mapped_column(String(64), unique=True)
    source_id: Mapped[str] = mapped_column(Text)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"))
    #: Decisions, appeals, reports and notes of the other site, as own_format.records.HistoryEvent.
    history: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class OldAddress(Base):
    """The path, with its query, that a letter or page had in the other system. It redirects to what is here."""

    __tablename__ = "old_address"
    __table_args__ = (CheckConstraint(_ONE_TARGET, name="one_target"),)

    path: Mapped[str] = mapped_column(String(700), primary_key=True)
    letter_id: Mapped[int | None] = mapped_column(
        ForeignKey("letter.id", ondelete="CASCADE"), index=True
    )
    page_id: Mapped[int | None] = mapped_column(
        ForeignKey("page.id", ondelete="CASCADE"), index=True
    )


class ExportRun(Base):
    """One export that a steward asked for at the desk. It has no end while it waits or runs.

    The file is deleted at `expires_at`. `problem` is the sentence that ended an export without a file.
    """

    __tablename__ = "export_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_by: Mapped[str] = mapped_column(String(80))  # the label of an actor
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    has_email_addresses: Mapped[bool] = mapped_column(default=False)
    total: Mapped[int] = mapped_column(default=0)  # comments to write
    written: Mapped[int] = mapped_column(default=0)  # comments so far
    size: Mapped[int] = mapped_column(BigInteger, default=0)  # bytes
    problem: Mapped[str] = mapped_column(Text, default="")
