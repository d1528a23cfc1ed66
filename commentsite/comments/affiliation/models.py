"""TODO docstring of commentsite.comments.affiliation.models."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from commentsite.db.base import Base


class AuthorAddress(Base):
    """An address from which an author of a letter answers; kept only as a keyed hash."""

    __tablename__ = "author_address"
    __table_args__ = (UniqueConstraint("letter_id", "email_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"))
    email_hash: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
