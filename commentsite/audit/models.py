"""Tables of the audit log: entries, signed tree heads (checkpoints), stored hashes, and the last verification."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class AuditEntry(Base):
    """One event. It holds codes and numbers, never names, addresses or text of a person. Rows never change."""

    __tablename__ = "audit_entry"
    # The filters of the desk read these from the newest entry on.
    __table_args__ = (Index(None, "action", "seq"), Index(None, "actor", "seq"))

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(60))
    object: Mapped[str] = mapped_column(String(60), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class PendingAuditEntry(Base):
    """An event that has no number yet. The worker numbers it within a second (see `sequencing`)."""

    __tablename__ = "pending_audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(60))
    object: Mapped[str] = mapped_column(String(60))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class PrivateAuditEntry(Base):
    """The content of an entry that is public as a commitment only (see `private_entries`), with its salt."""

    __tablename__ = "private_audit_entry"

    seq: Mapped[int] = mapped_column(
        ForeignKey("audit_entry.seq"), primary_key=True, autoincrement=False
    )
    actor: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(60))
    object: Mapped[str] = mapped_column(String(60))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    salt: Mapped[str] = mapped_column(String(64))


class TreeHead(Base):
    """A signed root of the Merkle tree over the first `size` entries."""

    __tablename__ = "log_head"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    root: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column("key", String(16))
    signature: Mapped[str] = mapped_column(String(128))


class TreeNode(Base):
    """The hash of a complete subtree: over 2^level entries, after the first position·2^level ones."""

    __tablename__ = "log_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))


class VerificationProgress(Base):
    """The checkpoint up to which a verification found everything in order. There is one row at most."""

    __tablename__ = "verification_progress"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[dict[str, Any]] = mapped_column(JSON)  # of a `verification.VerifiedLog`
    verified_at: Mapped[datetime]
    seal: Mapped[str] = mapped_column(String(64))  # a hash keyed with the secret key of the site
