"""Table of the email addresses from which the authors of a letter write comments."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class AuthorRole(StrEnum):
    """The badge beside the name of a comment's author."""

    NONE = ""
    LETTER_AUTHOR = "author"
    STAFF = "staff"


class AuthorAddress(Base):
    """An email address of an author of a letter, stored as a keyed hash only."""

    __tablename__ = "author_address"
    __table_args__ = (UniqueConstraint("letter_id", "email_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"))
    email_hash: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
